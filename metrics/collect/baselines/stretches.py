"""Which history a baseline is taught, and what its values are as a minute has them.

Two weeks tell the hours of the day and of the week; that is read in quarters of an hour. The last day is read in
minutes, since the spread of minutes is not that of longer periods. Sums count for a minute in both; percentiles are
CloudWatch's own over the period: that of a quarter of an hour differs somewhat from those of its minutes, which the
last day makes good. It is two requests for a metric, and CloudWatch bills metrics, not datapoints.
"""

from collections.abc import Iterator, Sequence

from smtop.metrics.domain.series import PERIOD_S, SETTLED_S, Point, SeriesKey
from smtop.metrics.ports import Answer, Window

DAY_S = 86_400
HISTORY_S = 14 * DAY_S
MINUTES_S = DAY_S
COARSE_S = 900


def stretches(since: float, now: float) -> list[Window]:
    """What is to be read of a series of which nothing from `since` on is known, oldest first; whole periods only.

    It ends with the last minute that grows no more.
    """
    end = settled_end(now)
    since = max(since, end - HISTORY_S)
    turn = int((end - MINUTES_S) // COARSE_S) * COARSE_S
    coarse = Window(_aligned(since, COARSE_S), turn, COARSE_S)
    fine = Window(max(turn, _aligned(since, PERIOD_S)), end)
    return [window for window in (coarse, fine) if window.start < window.end]


def settled_end(now: float) -> int:
    """The end of the last minute that grows no more, whatever two readings of it say."""
    return int((now - SETTLED_S) // PERIOD_S + 1) * PERIOD_S


def taught(key: SeriesKey, window: Window, answer: Answer, *, counts: bool, begun: bool) -> list[Point]:
    """The points of an answer, as a baseline learns them.

    Where `counts`, a period without a point is one in which nothing happened, from the first point on; from the start
    of the window on where the series has `begun` before.
    """
    minutes = window.period_s / PERIOD_S if key.stat == "Sum" else 1
    pairs = zip(answer.times, answer.values, strict=True)
    points = [Point(at, value / minutes) for at, value in pairs if window.start <= at < window.end]
    if not counts or not (points or begun):
        return points
    return list(filled(points, window.start if begun else points[0].at, window.end, window.period_s))


def filled(points: Sequence[Point], start: int, end: int, period_s: int = PERIOD_S) -> Iterator[Point]:
    """A zero for every period without a point; `end` is exclusive."""
    known = {point.at: point for point in points}
    return (known.get(at) or Point(at, 0.0) for at in range(start, end, period_s))


def _aligned(since: float, period_s: int) -> int:
    return -int(-since // period_s) * period_s
