"""When minutes were first seen, and when they stopped growing."""

from smtop.metrics.collect.lag import QUIET_S, Lateness, Sightings
from smtop.metrics.domain.series import PERIOD_S, Point
from smtop.metrics.ports import Answer, Completeness
from tests.support.engine import series

KEY = series("Invocations", "Sum")
FIRST = 1_795_000_020
END = FIRST + PERIOD_S
"""The end of the minute that begins at FIRST."""


def read(sightings: Sightings, after_s: float, *points: Point, verdict: Completeness = Completeness.COMPLETE) -> None:
    """An answer with these points, so many seconds after the minute's end."""
    sightings.note({KEY: Answer.of(verdict, points)}, END + after_s)


def test_a_minute_is_as_late_as_it_is_first_seen_after_its_end() -> None:
    sightings = Sightings()
    read(sightings, 10)
    read(sightings, 70, Point(FIRST, 5.0))
    read(sightings, 85, Point(FIRST, 5.0))
    assert sightings.lateness() == {KEY: [Lateness(70, None)]}


def test_what_the_first_answer_has_tells_nothing() -> None:
    sightings = Sightings()
    read(sightings, 10, Point(FIRST, 5.0))
    read(sightings, 100, Point(FIRST, 6.0), Point(FIRST + PERIOD_S, 7.0))
    assert sightings.lateness() == {KEY: [Lateness(40, None)]}


def test_a_value_has_settled_when_it_last_changed_once_it_was_read_unchanged_for_long_enough() -> None:
    sightings = Sightings()
    read(sightings, 0)
    for after_s, value in ((60, 70.0), (90, 107.0), (150, 120.0), (150 + QUIET_S - 1, 120.0)):
        read(sightings, after_s, Point(FIRST, value))
    assert sightings.lateness() == {KEY: [Lateness(60, None)]}
    read(sightings, 150 + QUIET_S, Point(FIRST, 120.0))
    assert sightings.lateness() == {KEY: [Lateness(60, 150)]}


def test_a_value_that_is_no_longer_read_is_not_taken_as_settled() -> None:
    sightings = Sightings()
    read(sightings, 0)
    read(sightings, 60, Point(FIRST, 1.0))
    read(sightings, 600)
    assert sightings.lateness() == {KEY: [Lateness(60, None)]}


def test_a_refused_answer_is_neither_empty_nor_a_beginning() -> None:
    sightings = Sightings()
    read(sightings, 10, verdict=Completeness.ERROR)
    read(sightings, 20, Point(FIRST, 1.0))
    assert sightings.lateness() == {}
    read(sightings, 30, verdict=Completeness.FORBIDDEN)
    read(sightings, 90, Point(FIRST, 1.0), Point(FIRST + PERIOD_S, 1.0))
    assert sightings.lateness() == {KEY: [Lateness(30, None)]}


def test_a_minute_may_be_seen_before_it_has_ended() -> None:
    sightings = Sightings()
    read(sightings, -40)
    read(sightings, -20, Point(FIRST, 1.0))
    assert sightings.lateness() == {KEY: [Lateness(-20, None)]}
