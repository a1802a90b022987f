"""A fleet that a screen can be measured with: whose numbers change every minute, and a clock that stands."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.fleet import NEWEST_S
from smtop.metrics.clock import utc
from smtop.metrics.domain.endpoint import Endpoint, EndpointSummary, Identity, Kind, Moving, Variant
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import PERIOD_S, Point, Sample, SampleState
from smtop.metrics.domain.snapshot import (
    EndpointView,
    FleetSnapshot,
    Saturation,
    SaturationKind,
    Spend,
    Vitals,
    worst_first,
)

BEGIN_S = float(NEWEST_S)
HOUR = 60
_BROKEN_EVERY = 20
_KINDS = (Kind.REALTIME, Kind.SERVERLESS_PROVISIONED, Kind.ASYNC, Kind.SERVERLESS, Kind.MULTI_MODEL)
_FULL_OF = (SaturationKind.CPU, SaturationKind.PROVISIONED, SaturationKind.BACKLOG, SaturationKind.MEMORY)


@dataclass
class HeldClock:
    """Time as it is set by hand; whoever sleeps does not wake."""

    now: float = BEGIN_S

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


def wave(index: int, minute: int, low: float, high: float) -> float:
    """A number between two others, of its own course for every endpoint."""
    return low + (high - low) * (1 + math.sin(index * 1.7 + minute * (0.3 + index % 7 / 10))) / 2


def snapshot(rows: int, minute: int) -> FleetSnapshot:
    """So many endpoints in the order of their severity, `minute` minutes after the beginning."""
    views = sorted((_view(index, minute) for index in range(rows)), key=worst_first)
    at = utc(BEGIN_S + minute * PERIOD_S)
    return FleetSnapshot(
        at,
        Identity("123456789012", "eu-west-1", "arn:aws:sts::123456789012:assumed-role/oncall/ana", label="ml-prod"),
        tuple(views),
        spend=Spend(400 * minute, {"GetMetricData": minute}, 0.004 * minute, 0.24),
        listed_at=at,
        measured_at=at,
        data_until=at - timedelta(seconds=2 * PERIOD_S),
        next_poll_at=at + timedelta(seconds=PERIOD_S),
        complete=True,
    )


def _view(index: int, minute: int) -> EndpointView:
    name = f"endpoint-{index:04d}-prod"
    created = utc(BEGIN_S) - timedelta(days=index % 90 + 1)
    summary = EndpointSummary(
        name, f"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/{name}", "InService", *[created] * 2
    )
    variants = (Variant("AllTraffic", weight=Moving(1.0, 1.0), model=f"{name}-model"),)
    endpoint = Endpoint(summary, _KINDS[index % len(_KINDS)], described=True, config=f"{name}-v1", variants=variants)
    findings = _findings(index, minute)
    severity = findings[0].severity if findings else Severity.OK
    return EndpointView(endpoint, severity, _vitals(index, minute), findings)


def _findings(index: int, minute: int) -> tuple[Finding, ...]:
    if index % _BROKEN_EVERY:
        return ()
    evidence = f"{wave(index, minute, 2, 9):.1f} % of requests fail with 5XX"
    since = int(BEGIN_S) - 9 * PERIOD_S
    return (Finding("5xx-ratio", Severity.CRITICAL, "Requests fail", (evidence,), since, next="Look at the logs."),)


def _vitals(index: int, minute: int) -> Vitals:
    kind = _FULL_OF[index % len(_FULL_OF)]
    return Vitals(
        _sample(wave(index, minute, 20, 3000), minute),
        _sample(0.0 if index % _BROKEN_EVERY else wave(index, minute, 0.02, 0.09), minute),
        _sample(0.0 if index % 3 else wave(index, minute, 0, 0.02), minute),
        _sample(wave(index, minute, 20, 200), minute),
        _sample(wave(index, minute, 200, 2400), minute),
        Saturation(kind, _sample(wave(index, minute, 0, 1), minute)),
        _trend(index, minute),
    )


def _sample(value: float, minute: int) -> Sample:
    return Sample(SampleState.OK, value, NEWEST_S + (minute - 3) * PERIOD_S)


def _trend(index: int, minute: int) -> Sequence[Point]:
    minutes = range(minute - HOUR - 2, minute - 2)
    return tuple(Point(NEWEST_S + at * PERIOD_S, wave(index, at, 20, 3000)) for at in minutes)
