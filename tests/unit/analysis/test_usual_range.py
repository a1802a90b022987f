"""The range of what is usual, as rules read it."""

import random

import pytest

from smtop.metrics.analysis.baseline import Baseline
from smtop.metrics.analysis.usual_range import usual_of
from smtop.metrics.domain.series import Point

STEP_S = 300
START = 1_700_006_400
DAYS = 3
END = START + DAYS * 86_400


def taught(level: float = 100.0, spread: float = 5.0) -> Baseline:
    made, baseline = random.Random(0), Baseline()
    for at in range(START, END, STEP_S):
        baseline.update(at, made.gauss(level, spread))
    return baseline


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return taught()


def test_before_a_day_has_passed_nothing_is_usual() -> None:
    young = Baseline()
    young.update(START, 1.0)
    assert usual_of(young, [Point(START, 1.0)], START) is None


def test_one_normal_value_in_a_thousand_is_outside(baseline: Baseline) -> None:
    usual = usual_of(baseline, [], END)
    assert usual is not None
    made = random.Random(1)
    outside = sum(not usual.low <= made.gauss(100, 5) <= usual.high for _ in range(100_000)) / 100_000
    assert usual.expected == pytest.approx(100, abs=2)
    assert outside == pytest.approx(0.001, abs=0.001)
    assert outside > 0


def test_the_newest_three_points_have_scores(baseline: Baseline) -> None:
    points = [Point(END + place * STEP_S, value) for place, value in enumerate((500, 100.0, 101.0, 160.0))]
    usual = usual_of(baseline, points, points[-1].at)
    assert usual is not None
    normal, also, strange = usual.scores
    assert max(normal, also) < 0.9 <= strange


def test_asking_teaches_nothing(baseline: Baseline) -> None:
    before = baseline.to_document()
    usual_of(baseline, [Point(END, 1000.0)], END)
    assert baseline.to_document() == before


def test_a_series_that_stands_still_has_a_range_and_none_goes_below_zero() -> None:
    still, sparse = usual_of(taught(7.0, 0.0), [], END), usual_of(taught(1.0, 1.0), [], END)
    assert still is not None
    assert still.low < still.expected < still.high
    assert sparse is not None
    assert sparse.low == 0
