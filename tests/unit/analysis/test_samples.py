"""What may be said of a series: the five states, and when silence is a zero."""

import pytest

from smtop.metrics.analysis.samples import Reading, frontier, is_settled, newest_settled, sample
from smtop.metrics.domain.catalogue import METRICS, MetricSpec
from smtop.metrics.domain.series import NO_DATA, Point, Sample, SampleState
from tests.support.engine import at, minutes
from tests.support.fleet import NOW_S

SPECS = {(spec.name, spec.unit): spec for spec in METRICS}
COUNTER = SPECS["Invocations", "None"]
LATENCY = SPECS["ModelLatency", "Microseconds"]
BACKLOG = SPECS["ApproximateBacklogSize", "Count"]
CPU = SPECS["CPUUtilization", "Percent"]

QUIET = Reading(
    points=(),
    answered_at=NOW_S,
    complete=True,
    failure=None,
    published=True,
    in_service=True,
    frontier=at(2),
)
"""A counter that CloudWatch knows and has nothing to say about."""


def read(reading: Reading, spec: MetricSpec = COUNTER, now: float = NOW_S) -> Sample:
    return sample(reading, spec, now, cadence_s=60.0)


def test_the_newest_settled_minute_is_shown_and_not_the_one_that_still_grows() -> None:
    shown = read(QUIET._replace(points=minutes(70.0, 120.0, 40.0, 3.0, newest=0)))
    assert shown == Sample(SampleState.OK, 120.0, at(2))


def test_a_growing_minute_is_shown_as_provisional_where_there_is_no_other() -> None:
    shown = read(QUIET._replace(points=minutes(40.0, newest=1)))
    assert shown == Sample(SampleState.PROVISIONAL, 40.0, at(1))


def test_a_growing_minute_settles_at_its_last_value() -> None:
    early = read(QUIET._replace(points=minutes(70.0, newest=1)))
    late = read(QUIET._replace(points=minutes(120.0, newest=1), answered_at=NOW_S + 60), now=NOW_S + 60)
    assert (early.state, early.value) == (SampleState.PROVISIONAL, 70.0)
    assert (late.state, late.value) == (SampleState.OK, 120.0)


def test_a_minute_that_grew_when_it_was_read_is_not_settled_by_waiting() -> None:
    growing = QUIET._replace(points=minutes(70.0, newest=1))
    assert sample(growing, COUNTER, NOW_S + 240, cadence_s=300.0) == Sample(SampleState.PROVISIONAL, 70.0, at(1))


def test_what_is_not_asked_at_present_keeps_its_value_for_two_cadences_and_then_says_why() -> None:
    reading = QUIET._replace(points=minutes(5.0), unasked="not asked while idle")
    assert read(reading, CPU, now=NOW_S + 120) == Sample(SampleState.OK, 5.0, at(2))
    late = read(reading, CPU, now=NOW_S + 121)
    assert late == Sample(SampleState.NOT_COLLECTED, why="not asked while idle")
    never = read(reading._replace(points=(), answered_at=None))
    assert never == Sample(SampleState.NOT_COLLECTED, why="not asked while idle")


def test_what_cloudwatch_does_not_list_has_no_data() -> None:
    shown = read(QUIET._replace(answered_at=None, unlisted=True))
    assert (shown.state, shown.value, shown.why) == (SampleState.NO_DATA, None, "CloudWatch lists no such metric")


@pytest.mark.parametrize(("age_s", "settled"), [(0, False), (119.9, False), (120, True), (600, True)])
def test_a_minute_settles_two_periods_after_it_began(age_s: float, settled: bool) -> None:
    assert is_settled(Point(at(0), 1.0), at(0) + age_s) is settled


def test_the_newest_settled_point_is_none_without_one() -> None:
    assert newest_settled(minutes(1.0, 2.0, newest=0), NOW_S) is None
    assert newest_settled((), NOW_S) is None


def test_what_was_never_asked_says_so() -> None:
    shown = read(QUIET._replace(answered_at=None))
    assert (shown.state, shown.value, shown.why) == (SampleState.NOT_COLLECTED, None, "not asked yet")


def test_what_was_refused_says_why() -> None:
    shown = read(QUIET._replace(answered_at=None, failure="denied"))
    assert (shown.state, shown.value, shown.why) == (SampleState.NOT_COLLECTED, None, "denied")


def test_a_value_goes_stale_two_cadences_after_the_last_answer_and_is_kept() -> None:
    reading = QUIET._replace(points=minutes(5.0), failure="throttled")
    assert read(reading, now=NOW_S + 120).state is SampleState.OK
    assert read(reading, now=NOW_S + 121) == Sample(SampleState.STALE, 5.0, at(2), "throttled")


def test_a_slower_cadence_makes_values_stale_later() -> None:
    reading = QUIET._replace(points=minutes(5.0))
    assert sample(reading, LATENCY, NOW_S + 500, cadence_s=300.0).state is SampleState.OK
    assert sample(reading, LATENCY, NOW_S + 601, cadence_s=300.0).state is SampleState.STALE


def test_an_old_answer_without_points_is_no_answer() -> None:
    shown = read(QUIET, now=NOW_S + 300)
    assert (shown.state, shown.value) == (SampleState.NOT_COLLECTED, None)


def test_a_silent_counter_that_is_published_is_zero_at_the_frontier() -> None:
    assert read(QUIET) == Sample(SampleState.OK, 0.0, at(2), filled=True)


@pytest.mark.parametrize(
    "reading",
    [
        pytest.param(QUIET._replace(complete=False), id="only part of the data came"),
        pytest.param(QUIET._replace(published=False), id="the dimensions are not known: perhaps they are wrong"),
        pytest.param(QUIET._replace(in_service=False), id="the endpoint does not serve"),
    ],
)
def test_a_silent_counter_is_no_data_where_anything_is_unsure(reading: Reading) -> None:
    assert read(reading) == NO_DATA


def test_a_silent_counter_whose_last_request_failed_is_not_collected() -> None:
    shown = read(QUIET._replace(failure="InternalError"))
    assert (shown.state, shown.value, shown.why) == (SampleState.NOT_COLLECTED, None, "InternalError")


@pytest.mark.parametrize("spec", [LATENCY, BACKLOG, CPU], ids=lambda spec: spec.name)
def test_a_silent_latency_backlog_or_utilisation_is_never_zero(spec: MetricSpec) -> None:
    assert read(QUIET, spec) == NO_DATA


def test_a_sparse_counter_becomes_zero_once_the_data_has_moved_on() -> None:
    burst = minutes(9.0, newest=5)
    assert read(QUIET._replace(points=burst, frontier=at(5))) == Sample(SampleState.OK, 9.0, at(5))
    assert read(QUIET._replace(points=burst, frontier=at(4))) == Sample(SampleState.OK, 0.0, at(4), filled=True)


def test_a_sparse_latency_keeps_its_last_value() -> None:
    shown = read(QUIET._replace(points=minutes(9.0, newest=5)), LATENCY)
    assert shown == Sample(SampleState.OK, 9.0, at(5))


def test_data_that_is_late_everywhere_is_not_read_as_a_quiet_minute() -> None:
    late = QUIET._replace(points=minutes(50.0, 60.0, newest=6), frontier=at(6))
    assert read(late) == Sample(SampleState.OK, 60.0, at(6))


@pytest.mark.parametrize(
    ("newest", "reached"),
    [
        ([], at(2)),
        ([at(6)], at(6)),
        ([at(6), at(6), at(6), at(6)], at(6)),
        ([at(2), at(6), at(6), at(6)], at(2)),
        ([at(2), at(6), at(6), at(6), at(6)], at(6)),
        ([at(2), at(2), *[at(6)] * 6], at(2)),
        ([at(2), *[at(6)] * 7], at(6)),
        ([at(9), at(2), at(2), at(9)], at(2)),
    ],
)
def test_the_frontier_is_where_a_quarter_of_the_fleet_has_arrived(newest: list[int], reached: int) -> None:
    assert frontier(newest, NOW_S) == reached
