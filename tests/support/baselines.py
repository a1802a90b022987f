"""Baselines without AWS and without a disk: histories that are quick to learn, and a shelf in memory."""

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta

from smtop.metrics.baseline_file import Kept
from smtop.metrics.collect.plan import asks
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.series import PERIOD_S, Point, SeriesKey
from tests.support.engine import MINUTE, ScriptedMetrics, hosted

AGE = timedelta(days=2)
"""A history that is long enough and quick to learn."""

P99, CALLS = "ModelLatency.p99", "Invocations.Sum"


class MemoryShelf:
    """What was saved last, and how often that was."""

    def __init__(self, kept: Mapping[SeriesKey, Kept] | None = None) -> None:
        self.kept = dict(kept or {})
        self.saves = 0

    def load(self) -> dict[SeriesKey, Kept]:
        return dict(self.kept)

    def save(self, learned: Mapping[SeriesKey, Kept]) -> bool:
        self.kept = dict(learned)
        self.saves += 1
        return True


def aged(name: str = "fraud", age: timedelta = AGE) -> Endpoint:
    return hosted(name, age=age)


def key(endpoint: Endpoint, label: str) -> SeriesKey:
    return next(ask.key for ask in asks(endpoint) if ask.label == label)


def tell(source: ScriptedMetrics, endpoint: Endpoint, *, calls: float = 100.0, minutes: int = 2 * 1440) -> None:
    """CloudWatch has had calls and latencies of an endpoint in each of the last minutes, but for the newest."""
    source.tell(key(endpoint, CALLS), *noisy(calls, minutes))
    source.tell(key(endpoint, P99), *noisy(200_000.0, minutes))


def noisy(level: float, minutes: int, seed: int = 0) -> Sequence[Point]:
    """Five percent about a level."""
    made = random.Random(seed)
    first = MINUTE - minutes * PERIOD_S
    return [Point(first + place * PERIOD_S, made.gauss(level, level / 20)) for place in range(minutes)]
