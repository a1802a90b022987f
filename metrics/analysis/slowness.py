"""Slow answers: against what is usual at this hour, and against the time after which SageMaker gives up."""

from collections.abc import Sequence
from typing import NamedTuple

from smtop.metrics.analysis.failures import SEEN_MINUTES, calls_of, calls_per_minute
from smtop.metrics.analysis.rule import DECIDING, holds
from smtop.metrics.analysis.subject import Subject, Usual, onset
from smtop.metrics.analysis.thresholds import Band, Thresholds
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.series import Owner, Point

P99 = "ModelLatency.p99"
_P50 = "ModelLatency.p50"
_US_PER_MS, _US_PER_S = 1e3, 1e6

SLOWEST_SHARE = 0.01
"""Calls that are as slow as p99, or slower."""

_LIMIT_S, _STREAM_LIMIT_S = 60.0, 480.0
_BEYOND = 1.1


class Slow(NamedTuple):
    """p99 above what is usual; `share` of the calls (0..1) are known to be slowed."""

    p99_ms: float
    usual: Usual
    share: float
    per_minute: float
    since: int | None

    @property
    def sentence(self) -> str:
        expected, high = self.usual.expected / _US_PER_MS, self.usual.high / _US_PER_MS
        return f"p99 {self.p99_ms:,.0f} ms, usually {expected:,.0f} ms and up to {high:,.0f} ms at this hour"


class NearLimit(NamedTuple):
    """p99 near the end of what SageMaker waits for; `usual` says that it always is at this hour."""

    p99_s: float
    limit_s: float
    usual: bool
    per_minute: float
    since: int | None

    @property
    def sentence(self) -> str:
        return f"p99 {self.p99_s:,.0f} s; SageMaker gives up after {self.limit_s:,.0f} s"


def slow(subject: Subject, owner: Owner, limits: Thresholds) -> Slow | None:
    """Two of the three newest minutes clearly above what is usual; None also where nothing is known to be usual."""
    usual = subject.usual.get(owner, {}).get(P99)
    if usual is None:
        return None
    is_open, shown = subject.is_open("latency-high", owner), subject.sample(owner, P99).value
    if not is_open and (shown is None or shown <= usual.high):
        return None
    band = _unusual(usual, limits)
    newest = subject.newest(owner, P99, DECIDING)
    if not holds(newest, band, is_open=is_open) or not _enough_calls(subject, owner, limits):
        return None
    share = _slowed_share(subject, owner, limits)
    per_minute = share * calls_per_minute(subject, owner, limits.window_minutes)
    since = onset(subject.settled(owner, P99), lambda value: band.is_bad(value, is_open=True))
    return Slow(_median(newest) / _US_PER_MS, usual, share, per_minute, since)


def near_limit(subject: Subject, owner: Owner, limits: Thresholds) -> NearLimit | None:
    """Two of the three newest minutes near the limit, for endpoints whose callers wait for the answer."""
    if subject.endpoint.kind is Kind.ASYNC:
        return None
    is_open = subject.is_open("latency-near-limit", owner)
    shown = subject.sample(owner, P99).value
    if not is_open and (shown is None or shown < limits.latency_limit_s.clears * _US_PER_S):
        return None
    points = subject.settled(owner, P99)
    limit_s = _STREAM_LIMIT_S if any(point.value > _BEYOND * _LIMIT_S * _US_PER_S for point in points) else _LIMIT_S
    scale = limit_s / _LIMIT_S * _US_PER_S
    band = Band(limits.latency_limit_s.fires * scale, limits.latency_limit_s.clears * scale)
    newest = subject.newest(owner, P99, DECIDING)
    if not holds(newest, band, is_open=is_open) or not _enough_calls(subject, owner, limits):
        return None
    usual = subject.usual.get(owner, {}).get(P99)
    is_usual = usual is not None and _median(newest) <= usual.high
    per_minute = SLOWEST_SHARE * calls_per_minute(subject, owner, limits.window_minutes)
    since = onset(points, lambda value: band.is_bad(value, is_open=True))
    return NearLimit(_median(newest) / _US_PER_S, limit_s, is_usual, per_minute, since)


def _unusual(usual: Usual, limits: Thresholds) -> Band:
    """Clearly above the usual range, and by so much that somebody notices."""
    least = limits.latency_least_ms * _US_PER_MS
    fires = max(usual.high * limits.latency_spread, usual.expected + least)
    return Band(fires, max(usual.high, usual.expected + least / 2))


def _slowed_share(subject: Subject, owner: Owner, limits: Thresholds) -> float:
    """Half of the calls where the median is unusual too; else only those that p99 speaks of."""
    usual = subject.usual.get(owner, {}).get(_P50)
    newest = subject.newest(owner, _P50, DECIDING)
    if usual is None or not holds(newest, _unusual(usual, limits), is_open=False):
        return SLOWEST_SHARE
    return 0.5


def _enough_calls(subject: Subject, owner: Owner, limits: Thresholds) -> bool:
    """A percentile of a few calls is the slowest of them, and says nothing of the endpoint."""
    return sum(point.value for point in calls_of(subject, owner)[-SEEN_MINUTES:]) >= limits.least_calls


def _median(points: Sequence[Point]) -> float:
    values = sorted(point.value for point in points)
    return values[len(values) // 2]
