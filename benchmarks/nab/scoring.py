"""How the Numenta Anomaly Benchmark scores detections, profile "standard".

Lavin and Ahmad, "Evaluating Real-time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark" (ICMLA 2015), with
the details of the benchmark's own scorer: positions count in rows, the first rows are never scored, and one threshold
serves all files.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

TP_WEIGHT, FP_WEIGHT, FN_WEIGHT = 1.0, 0.11, 1.0
PROBATION_SHARE, PROBATION_ROWS = 0.15, 750
_FAR_BEHIND = 3.0
"""Window widths behind a window from where a false detection costs its full weight."""

Window = tuple[int, int]
"""The first and the last row of a labelled anomaly."""


class Series(NamedTuple):
    """A detector's scores on one file, a score per row, and the labelled windows, ascending and apart."""

    name: str
    scores: Sequence[float]
    windows: Sequence[Window]


class Point(NamedTuple):
    """A row that is scored: what a detection there is worth; `window` is None outside, else its number."""

    score: float
    worth: float
    window: int | None


class Outcome(NamedTuple):
    """One file at one threshold; `raw` is -`windows` for a detector that says nothing."""

    windows: int
    detected: int
    false_detections: int
    raw: float


def scaled_sigmoid(position: float) -> float:
    """1 far ahead, 0 at a window's right edge, -1 far behind it; `position` is in window widths."""
    return -1.0 if position > _FAR_BEHIND else 2 / (1 + math.exp(5 * position)) - 1


def probation_rows(rows: int) -> float:
    """How many rows at the beginning are never scored."""
    return min(math.floor(PROBATION_SHARE * rows), PROBATION_ROWS)


def points(series: Series) -> Iterator[Point]:
    """The scored rows of a file."""
    first = probation_rows(len(series.scores))
    for row, score in enumerate(series.scores):
        if row < first:
            continue
        window = next((number for number, (left, right) in enumerate(series.windows) if left <= row <= right), None)
        worth = _outside(row, series.windows) if window is None else _inside(row, series.windows[window])
        yield Point(score, worth, window)


def _inside(row: int, window: Window) -> float:
    left, right = window
    return TP_WEIGHT * scaled_sigmoid(-(right - row + 1) / (right - left + 1)) / scaled_sigmoid(-1.0)


def _outside(row: int, windows: Sequence[Window]) -> float:
    behind = [(left, right) for left, right in windows if right < row]
    if not behind:
        return -FP_WEIGHT
    left, right = behind[-1]
    width = right - left
    return FP_WEIGHT * scaled_sigmoid((row - right) / width if width else math.inf)


def outcome(series: Series, threshold: float) -> Outcome:
    """Every row with at least this score is a detection; of those in a window the one worth most counts."""
    scored = list(points(series))
    detections = [point for point in scored if point.score >= threshold]
    best = {point.window: -FN_WEIGHT for point in scored if point.window is not None}
    detected = {point.window for point in detections if point.window is not None}
    for point in detections:
        if point.window is not None:
            best[point.window] = max(best[point.window], point.worth)
    false = [point.worth for point in detections if point.window is None]
    return Outcome(len(best), len(detected), len(false), sum(best.values()) + sum(false))


def normalised(outcomes: Iterable[Outcome]) -> float:
    """0 for a detector that says nothing, 100 for a perfect one; nan without any window."""
    done = list(outcomes)
    windows = sum(each.windows for each in done)
    null = -FN_WEIGHT * windows
    return 100 * (sum(each.raw for each in done) - null) / (TP_WEIGHT * windows - null) if windows else math.nan


def best_threshold(all_series: Iterable[Series]) -> float:
    """The threshold that scores most on all files together; the highest of equals."""
    ranked = sorted(
        ((point, name) for name, series in enumerate(all_series) for point in points(series)),
        key=lambda ranked: -ranked[0].score,
    )
    total, best, threshold, taken = 0.0, 0.0, math.inf, dict[tuple[int, int], float]()
    for place, (point, name) in enumerate(ranked):
        if point.window is None:
            total += point.worth
        else:
            before = taken.get((name, point.window), -FN_WEIGHT)
            taken[name, point.window] = max(before, point.worth)
            total += taken[name, point.window] - before
        is_last_of_equals = place + 1 == len(ranked) or ranked[place + 1][0].score < point.score
        if is_last_of_equals and total > best:
            best, threshold = total, point.score
    return threshold


def left_out_thresholds(all_series: Sequence[Series]) -> Mapping[str, float]:
    """For each file the threshold that is best on the others."""
    return {
        left.name: best_threshold(series for series in all_series if series.name != left.name) for left in all_series
    }
