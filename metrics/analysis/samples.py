"""What may be said of a series now: a value, no data, a zero, or not collected."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtop.metrics.domain.catalogue import MetricSpec, Missing
from smtop.metrics.domain.series import (
    NO_DATA,
    PERIOD_S,
    PROVISIONAL_S,
    Point,
    Sample,
    SampleState,
    not_collected,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that is known of one series at `now`.

    `points` are recent, oldest first. `answered_at` is when CloudWatch last answered, `complete` whether it said so,
    `failure` what went wrong since. `published` says that this series, or one with the same dimensions, is known to
    exist; `in_service` that the endpoint serves.
    """

    points: Sequence[Point]
    answered_at: float | None
    complete: bool
    failure: str | None
    published: bool
    in_service: bool


def sample(reading: Reading, spec: MetricSpec, now: float, cadence_s: float) -> Sample:
    """The newest value that may be shown; one that is still growing only if there is no other."""
    if reading.answered_at is None:
        return not_collected(reading.failure or "not asked yet")
    stale = now - reading.answered_at > 2 * cadence_s
    if not reading.points:
        return _without_points(reading, spec, now, stale=stale)
    point = newest_settled(reading.points, now) or reading.points[-1]
    if stale:
        return Sample(SampleState.STALE, point.value, point.at, reading.failure)
    state = SampleState.OK if is_settled(point, now) else SampleState.PROVISIONAL
    return Sample(state, point.value, point.at)


def _without_points(reading: Reading, spec: MetricSpec, now: float, *, stale: bool) -> Sample:
    if reading.failure or stale:
        return not_collected(reading.failure or "the last answer is too old")
    may_fill = spec.missing is Missing.ZERO and reading.in_service and reading.complete and reading.published
    if not may_fill:
        return NO_DATA
    return Sample(SampleState.OK, 0.0, last_settled_minute(now), filled=True)


def is_settled(point: Point, now: float) -> bool:
    return now - point.at >= PROVISIONAL_S


def newest_settled(points: Sequence[Point], now: float) -> Point | None:
    return next((point for point in reversed(points) if is_settled(point, now)), None)


def last_settled_minute(now: float) -> int:
    """Start of the newest period that no longer counts as provisional."""
    return int((now - PROVISIONAL_S) // PERIOD_S) * PERIOD_S
