"""A minute of 1,000 endpoints, judged by all rules: `python -m benchmarks.triage` prints its figures as JSON."""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from benchmarks.fleet import NEWEST_S
from benchmarks.rows import part
from smtop.metrics.analysis.rulebook import Rulebook
from smtop.metrics.analysis.rules import BY_ID
from smtop.metrics.collect import gallery
from smtop.metrics.collect.gallery import Gallery
from smtop.metrics.collect.picture import Ground, Judging, Plan, Terms
from smtop.metrics.collect.plan import Ask, asks
from smtop.metrics.domain.endpoint import (
    Endpoint,
    EndpointSummary,
    Instances,
    Kind,
    Moving,
    Serverless,
    Variant,
)
from smtop.metrics.domain.series import PERIOD_S
from smtop.metrics.ports import Answers, Completeness
from smtop.metrics.store import Store

ENDPOINTS = 1000
ROUNDS = 7
_POINTS = 16
_KINDS = (*[Kind.REALTIME] * 5, *[Kind.SERVERLESS] * 2, Kind.SERVERLESS_PROVISIONED, Kind.ASYNC, Kind.MULTI_MODEL)
_VALUES = {"Invocations": 100.0, "ModelLatency": 50_000.0, "CPUUtilization": 40.0, "MemoryUtilization": 30.0}


class Watched:
    """A fleet of which everything is answered each minute, drawn by one gallery under these rules."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.store = Store()
        self.gallery = Gallery(self.store)
        self.judging = Judging(rulebook)
        self.now = float(NEWEST_S)
        self.plan: Plan = [(one, asks(one)) for one in map(_endpoint, range(ENDPOINTS))]
        self._asks = [ask for _, own in self.plan for ask in own]
        self._keys = tuple(ask.key for ask in self._asks)

    def draw(self) -> float:
        """Milliseconds of CPU that a picture takes after a minute in which all was answered anew."""
        self.now += PERIOD_S
        newest = int(self.now) // PERIOD_S * PERIOD_S - 2 * PERIOD_S
        times = [newest - PERIOD_S * ago for ago in reversed(range(_POINTS))]
        values = [[_value(ask)] * _POINTS for ask in self._asks]
        completeness = [Completeness.COMPLETE] * len(self._keys)
        self.store.record(Answers(self._keys, completeness, [times] * len(self._keys), values), self.now)
        ground = Ground(self.store, (), self.now, _each_minute, lambda _: None, self.judging)
        began = time.process_time()
        asyncio.run(self._drawn(ground))
        return (time.process_time() - began) * 1000

    async def _drawn(self, ground: Ground) -> None:
        """Gives nothing back: asyncio.run describes the result of what it has run in words."""
        await self.gallery.draw(self.plan, ground)


def measure() -> dict[str, float]:
    """CPU of a picture with all rules and with none, and the longest of its steps, in milliseconds."""
    steps: list[float] = []
    judged, bare = Watched(Rulebook()), Watched(Rulebook({"off": tuple(BY_ID)}))
    figures: dict[str, list[float]] = {"judged": [], "bare": []}
    reading, painting = _timed(Gallery._sight, steps), _timed(gallery._paint, steps)
    with patch.object(Gallery, "_sight", reading), patch.object(gallery, "_paint", painting):
        for _ in range(ROUNDS):
            figures["judged"].append(judged.draw())
    for _ in range(ROUNDS):
        figures["bare"].append(bare.draw())
    assert len(steps) >= ENDPOINTS // gallery._AT_ONCE
    return {
        "judged_ms": _median(figures["judged"]),
        "bare_ms": _median(figures["bare"]),
        "step_ms": part(sorted(steps), 0.99),
        "rules": len(BY_ID),
    }


def _timed(step: Callable[..., Any], steps: list[float]) -> Callable[..., Any]:
    def timed(*arguments: Any) -> Any:
        began = time.process_time()
        done = step(*arguments)
        steps.append((time.process_time() - began) * 1000)
        return done

    return timed


def _median(figures: Sequence[float]) -> float:
    return part(sorted(figures), 0.5)


def _value(ask: Ask) -> float:
    return _VALUES.get(ask.spec.name, 0.0 if ask.key.stat == "Sum" else 0.3)


def _each_minute(_: Ask) -> Terms:
    return Terms(60.0)


def _endpoint(number: int) -> Endpoint:
    kind = _KINDS[number % len(_KINDS)]
    made_at = datetime.fromtimestamp(NEWEST_S, UTC) - timedelta(days=30)
    summary = EndpointSummary(f"endpoint-{number}", f"arn:{number}", "InService", made_at, made_at)
    if kind.is_serverless:
        slots = 5 if kind is Kind.SERVERLESS_PROVISIONED else None
        variant = Variant("AllTraffic", serverless=Serverless(2048, 20, slots))
    else:
        variant = Variant("AllTraffic", instances=Instances(Moving(2, 2), "ml.m5.xlarge"), weight=Moving(1.0, 1.0))
    return Endpoint(summary, kind, described=True, config=f"config-{number}", variants=(variant,))


if __name__ == "__main__":
    json.dump(measure(), sys.stdout)
