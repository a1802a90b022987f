"""The benchmark's rules on cases that can be reckoned by hand."""

import math
from collections.abc import Sequence

import pytest

from benchmarks.nab.__main__ import report
from benchmarks.nab.scoring import (
    Series,
    best_threshold,
    left_out_thresholds,
    normalised,
    outcome,
    probation_rows,
    scaled_sigmoid,
)

ROWS = 200
WINDOW = (100, 119)
"""Twenty rows; the first thirty of the file are probation."""

FULL = 2 / (1 + math.exp(-5)) - 1


def series(*detections: int, windows: Sequence[tuple[int, int]] = (WINDOW,), name: str = "a") -> Series:
    """Score 1 in these rows, else 0."""
    return Series(name, [float(row in detections) for row in range(ROWS)], windows)


def raw(*detections: int, windows: Sequence[tuple[int, int]] = (WINDOW,)) -> float:
    return outcome(series(*detections, windows=windows), 1.0).raw


@pytest.mark.parametrize(
    ("position", "worth"), [(-1.0, 0.98661), (-0.5, 0.84828), (0.0, 0.0), (1.0, -0.98661), (3.01, -1.0)]
)
def test_the_published_points_of_the_sigmoid(position: float, worth: float) -> None:
    assert scaled_sigmoid(position) == pytest.approx(worth, abs=1e-5)


@pytest.mark.parametrize(("rows", "probation"), [(200, 30), (4032, 604), (5000, 750), (20_000, 750), (1243, 186)])
def test_fifteen_percent_are_probation_and_at_most_750_rows(rows: int, probation: int) -> None:
    assert probation_rows(rows) == probation


def test_saying_nothing_is_0_and_the_first_row_of_every_window_is_100() -> None:
    assert normalised([outcome(series(), 1.0)]) == 0
    assert normalised([outcome(series(100), 1.0)]) == pytest.approx(100)


@pytest.mark.parametrize(
    ("detections", "expected"),
    [
        ((), -1),
        ((109,), scaled_sigmoid(-11 / 20) / FULL),
        ((119,), scaled_sigmoid(-1 / 20) / FULL),
        ((119, 109), scaled_sigmoid(-11 / 20) / FULL),
        ((50,), -1 - 0.11),
        ((120,), -1 + 0.11 * scaled_sigmoid(1 / 19)),
        ((199,), -1 - 0.11),
        ((100, 50, 199), 1 - 2 * 0.11),
        ((29,), -1),
        ((30,), -1 - 0.11),
    ],
)
def test_what_detections_are_worth(detections: tuple[int, ...], expected: float) -> None:
    assert raw(*detections) == pytest.approx(expected)


def test_each_window_counts_by_itself() -> None:
    two = ((60, 69), (100, 119))
    assert raw(windows=two) == -2
    assert raw(60, 61, windows=two) == pytest.approx(0)
    assert outcome(series(60, 105, 90, windows=two), 1.0)[:3] == (2, 2, 1)


def test_a_window_within_probation_cannot_be_missed() -> None:
    assert outcome(series(windows=((5, 20),)), 1.0) == (0, 0, 0, 0.0)


def test_a_file_without_windows_can_only_lose() -> None:
    assert raw(50, 60, windows=()) == pytest.approx(-0.22)


def test_one_threshold_for_all_is_the_one_that_scores_most() -> None:
    loud = Series("loud", [0.9 if row == 100 else 0.5 if row % 2 else 0.0 for row in range(ROWS)], [WINDOW])
    quiet = Series("quiet", [0.7 if row == 100 else 0.1 for row in range(ROWS)], [WINDOW])
    assert best_threshold([loud, quiet]) == 0.7
    assert normalised([outcome(each, 0.7) for each in (loud, quiet)]) == pytest.approx(100)
    assert left_out_thresholds([loud, quiet]) == {"loud": 0.7, "quiet": 0.9}
    assert outcome(quiet, 0.9).raw == -1


def test_no_threshold_is_best_where_every_detection_is_false() -> None:
    assert best_threshold([series(50, windows=())]) == math.inf


def test_the_sweep_agrees_with_every_threshold_tried_one_by_one() -> None:
    many = [
        Series(str(seed), [(row * 7919 * seed % 101) / 101 for row in range(ROWS)], [(60, 69), (140, 159)])
        for seed in (1, 2, 3)
    ]
    tried = {score for each in many for score in each.scores}
    best = max(sum(outcome(each, threshold).raw for each in many) for threshold in (*tried, math.inf))
    assert sum(outcome(each, best_threshold(many)).raw for each in many) == pytest.approx(best)


def test_the_table_has_both_totals() -> None:
    lines = list(report([series(100, name="one.csv"), series(50, name="two.csv")]))
    assert lines[2].split() == ["one.csv", "1", "1", "0", "1.00", "0", "0", "-1.00"]
    assert lines[3].split() == ["two.csv", "1", "0", "1", "-1.11", "0", "1", "-1.11"]
    assert lines[-1].split() == ["normalised", "2", "47.2", "at", "1.0000", "-2.8"]
