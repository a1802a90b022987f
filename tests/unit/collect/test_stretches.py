"""Which history a baseline is taught, and what its values are."""

import pytest

from smtop.metrics.collect.baselines.stretches import COARSE_S, DAY_S, stretches, taught
from smtop.metrics.domain.series import MetricId, Point, SeriesKey
from smtop.metrics.ports import Answer, Completeness, Window

NOW = 1_700_006_430.0
END = 1_700_006_160
"""The end of the last minute that is older than five minutes."""

TURN = (END - DAY_S) // COARSE_S * COARSE_S
METRIC = MetricId("AWS/SageMaker", "Invocations", ())
SUM, P99 = SeriesKey(METRIC, "Sum"), SeriesKey(METRIC, "p99")
WINDOW = Window(9000, 9000 + 4 * COARSE_S, COARSE_S)


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (0.0, [Window(-(-(END - 14 * DAY_S) // COARSE_S) * COARSE_S, TURN, COARSE_S), Window(TURN, END)]),
        (TURN - 3 * COARSE_S - 5.0, [Window(TURN - 3 * COARSE_S, TURN, COARSE_S), Window(TURN, END)]),
        (END - 601.0, [Window(END - 600, END)]),
        (float(END), []),
        (NOW, []),
    ],
    ids=["two weeks", "since it was created", "a short gap", "nothing new", "just created"],
)
def test_two_weeks_in_quarters_of_an_hour_and_the_last_day_in_minutes(since: float, expected: list[Window]) -> None:
    assert stretches(since, NOW) == expected


def test_a_sum_counts_for_a_minute_and_a_percentile_as_it_is() -> None:
    answer = Answer.of(Completeness.COMPLETE, [Point(9000, 150.0)])
    assert taught(SUM, WINDOW, answer, counts=False, begun=False) == [Point(9000, 10.0)]
    assert taught(P99, WINDOW, answer, counts=False, begun=False) == [Point(9000, 150.0)]


@pytest.mark.parametrize(("begun", "first"), [(False, 1), (True, 0)])
def test_where_silence_is_a_zero_it_is_one_from_the_first_point_on(begun: bool, first: int) -> None:
    answer = Answer.of(Completeness.COMPLETE, [Point(9000 + COARSE_S, 15.0)])
    values = [0.0, 1.0, 0.0, 0.0]
    expected = [Point(9000 + place * COARSE_S, values[place]) for place in range(first, 4)]
    assert taught(SUM, WINDOW, answer, counts=True, begun=begun) == expected


def test_a_series_that_never_spoke_has_no_zeros() -> None:
    assert taught(SUM, WINDOW, Answer(Completeness.COMPLETE), counts=True, begun=False) == []
