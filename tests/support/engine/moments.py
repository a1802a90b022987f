"""Minutes around NOW, and values for them."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from statistics import mean

from smtop.metrics.domain.series import PERIOD_S, Point
from tests.support.fleet import NOW_S

MINUTE = int(NOW_S) // PERIOD_S * PERIOD_S
"""The minute that is under way at NOW."""

NEWEST_SETTLED = 2
"""How many minutes ago the newest settled minute began, at NOW."""

Values = Sequence[float | None]
"""A value a minute, oldest first, up to the newest settled minute; None is a gap."""


def at(ago: int) -> int:
    """The start of the minute `ago` minutes before the one under way."""
    return MINUTE - ago * PERIOD_S


def minutes(*values: float | None, newest: int = NEWEST_SETTLED) -> tuple[Point, ...]:
    """One point a minute, the last one `newest` minutes ago; None leaves a gap."""
    first = newest + len(values) - 1
    return tuple(Point(at(first - index), value) for index, value in enumerate(values) if value is not None)


def in_periods(points: Sequence[Point], stat: str, period_s: int) -> list[Point]:
    """Minutes as CloudWatch sums them up over a longer period; a percentile is here the largest of the period."""
    periods: defaultdict[int, list[float]] = defaultdict(list)
    for point in points:
        periods[point.at // period_s * period_s].append(point.value)
    merge = _MERGES.get(stat, max)
    return [Point(start, merge(values)) for start, values in sorted(periods.items())]


_MERGES: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum,
    "SampleCount": sum,
    "Minimum": min,
    "Average": mean,
}
