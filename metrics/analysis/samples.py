"""What may be said of a series now: a value, no data, a zero, or not collected."""

from collections.abc import Sequence
from typing import NamedTuple

from smtop.metrics.domain.catalogue import MetricSpec, Missing
from smtop.metrics.domain.series import (
    NO_DATA,
    PERIOD_S,
    PROVISIONAL_S,
    Point,
    Sample,
    SampleState,
    newest_by,
    not_collected,
)


class Reading(NamedTuple):
    """All that is known of one series at `now`.

    `points` are recent, oldest first. `answered_at` is when CloudWatch last answered, `complete` whether it said so,
    `failure` what went wrong since. `published` says that this series, or one with the same dimensions, is known to
    exist; `in_service` that the endpoint serves. `frontier` is the newest minute that CloudWatch's data has reached.
    `unasked` says why the series is not asked at present, `unlisted` that CloudWatch does not have it.
    """

    points: Sequence[Point]
    answered_at: float | None
    complete: bool
    failure: str | None
    published: bool
    in_service: bool
    frontier: int
    unasked: str | None = None
    unlisted: bool = False


_NOT_LISTED = Sample(SampleState.NO_DATA, why="CloudWatch lists no such metric")


def sample(reading: Reading, spec: MetricSpec, now: float, cadence_s: float) -> Sample:
    """The newest value that may be shown; one that was still growing when it was read only if there is no other.

    A counter that is silent where CloudWatch's data has already arrived is zero there, however recent its last event.
    """
    if reading.unlisted or reading.answered_at is None:
        return unread(reading.failure or reading.unasked, unlisted=reading.unlisted)
    stale = now - reading.answered_at > 2 * cadence_s
    if stale and reading.unasked:
        return not_collected(reading.unasked)
    point = newest_settled(reading.points, reading.answered_at) or next(reversed(reading.points), None)
    if point is None or (point.at < reading.frontier and _may_fill(reading, spec) and not stale):
        return _without_points(reading, spec, stale=stale)
    if stale:
        return Sample(SampleState.STALE, point.value, point.at, reading.failure)
    state = SampleState.OK if is_settled(point, reading.answered_at) else SampleState.PROVISIONAL
    return Sample(state, point.value, point.at)


def unread(why: str | None, *, unlisted: bool) -> Sample:
    """Of a series that CloudWatch does not have, or that was never answered for a reason; without one it will be."""
    return _NOT_LISTED if unlisted else not_collected(why or "not asked yet")


def _without_points(reading: Reading, spec: MetricSpec, *, stale: bool) -> Sample:
    if reading.failure or stale:
        return not_collected(reading.failure or "the last answer is too old")
    if not _may_fill(reading, spec):
        return NO_DATA
    return Sample(SampleState.OK, 0.0, reading.frontier, filled=True)


def _may_fill(reading: Reading, spec: MetricSpec) -> bool:
    """Whether silence means zero: for a counter of a serving endpoint that is known to be published."""
    sure = reading.complete and reading.failure is None and reading.in_service and reading.published
    return sure and spec.missing is Missing.ZERO


def is_settled(point: Point, now: float) -> bool:
    return now - point.at >= PROVISIONAL_S


def newest_settled(points: Sequence[Point], now: float) -> Point | None:
    return newest_by(points, now - PROVISIONAL_S)


def last_settled_minute(now: float) -> int:
    """Start of the newest period that no longer counts as provisional."""
    return int((now - PROVISIONAL_S) // PERIOD_S) * PERIOD_S


def frontier(newest: Sequence[int], now: float) -> int:
    """The minute that CloudWatch's data has reached: a quarter of all that report have a settled point in it.

    `newest` holds the newest settled minute of every set of dimensions with points. Data that is late for the whole
    fleet moves the frontier back, so that a late minute is never read as a quiet one.
    """
    if not newest:
        return last_settled_minute(now)
    return sorted(newest, reverse=True)[(len(newest) - 1) // 4]
