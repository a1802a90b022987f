"""Series and their points: what was asked, what came back, and how far it can be trusted.

Points and keys are named tuples: a fleet has hundreds of thousands, and tuples are made and hashed several times as
fast as frozen dataclasses.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import compress
from operator import eq
from typing import NamedTuple, TypeAlias, overload

PERIOD_S = 60
"""The period that smtop asks for; endpoints publish once a minute unless configured otherwise."""

PROVISIONAL_S = 2 * PERIOD_S
"""A bucket that began less than this long ago may still grow."""

SETTLED_S = 5 * PERIOD_S
"""A bucket that began longer ago than this grows no more; a younger one is settled when two readings of it agree."""


Dimensions: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values, sorted by name."""


class MetricId(NamedTuple):
    """One CloudWatch metric. Dimensions must match exactly: a subset finds nothing."""

    namespace: str
    name: str
    dimensions: Dimensions


class SeriesKey(NamedTuple):
    """One statistic of one metric."""

    metric: MetricId
    stat: str


class Owner(NamedTuple):
    """The part of an endpoint that a series describes; all None means the endpoint itself."""

    endpoint: str
    variant: str | None = None
    container: str | None = None
    component: str | None = None


class Point(NamedTuple):
    """A value of the period that begins at `at` (epoch seconds, UTC)."""

    at: int
    value: float


Points: TypeAlias = Sequence[Point]
"""Oldest first; a gap is a missing point, never a zero."""


class Track(Sequence[Point]):
    """Points over a stretch of minutes with NaN for gaps; a point is made when somebody looks at it.

    Points are kept only for who looks at some of them by their places: of a large fleet they would take more than
    everything else that is known of it.

    `agreed` says of the last of the minutes whether two readings of them agree (1.0).
    """

    __slots__ = ("_agreed", "_points", "_starts", "_values")

    def __init__(self, starts: Sequence[int], values: Sequence[float], agreed: Sequence[float] = ()) -> None:
        self._starts = starts
        self._values = values
        self._agreed = agreed
        self._points: tuple[Point, ...] | None = None

    @property
    def first_at(self) -> int | None:
        """The minute of the first point."""
        return next(compress(self._starts, self._told()), None)

    def since(self, at: float) -> "Track":
        """The same without what came before a time (epoch seconds)."""
        first = bisect_left(self._starts, at)
        if not first:
            return self
        return Track(
            self._starts[first:],
            self._values[first:],
            self._agreed[max(first - len(self._starts) + len(self._agreed), 0) :],
        )

    def settling(self, now: float) -> "Settling":
        """The points up to the first that may still grow at `now`, and the minute of that one."""
        settled: list[Point] = []
        untold = len(self._starts) - len(self._agreed)
        for place, (at, value) in enumerate(zip(self._starts, self._values, strict=True)):
            if value != value:  # noqa: PLR0124
                continue
            if now - at < SETTLED_S and (place < untold or self._agreed[place - untold] != 1.0):
                return settled, at
            settled.append(Point(at, value))
        return settled, None

    def newest_by(self, at: float) -> Point | None:
        """The last point whose minute began by then."""
        for place in range(bisect_right(self._starts, at) - 1, -1, -1):
            value = self._values[place]
            if value == value:  # noqa: PLR0124
                return Point(self._starts[place], value)
        return None

    def exceeds(self, limit: float) -> bool:
        """Whether any value is above `limit`, settled or not; no point is made for it."""
        return any(value > limit for value in self._values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._all() == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # compared by its points, like the tuple that it stands for

    def __bool__(self) -> bool:
        return any(self._told())

    def __reversed__(self) -> Iterator[Point]:
        for at, value in zip(reversed(self._starts), reversed(self._values), strict=True):
            if value == value:  # noqa: PLR0124
                yield Point(at, value)

    def __iter__(self) -> Iterator[Point]:
        return self._made() if self._points is None else iter(self._points)

    def __len__(self) -> int:
        return sum(self._told())

    @overload
    def __getitem__(self, index: int) -> Point: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Point, ...]: ...

    def __getitem__(self, index: int | slice) -> Point | tuple[Point, ...]:
        if index == -1:
            return self._last()
        return self._all()[index]

    def _last(self) -> Point:
        for point in reversed(self):
            return point
        raise IndexError("there is no point")

    def _told(self) -> Iterator[bool]:
        """Whether there is a point, minute by minute: only NaN differs from itself."""
        return map(eq, self._values, self._values)

    def _all(self) -> tuple[Point, ...]:
        if self._points is None:
            self._points = tuple(self._made())
        return self._points

    def _made(self) -> Iterator[Point]:
        return map(Point._make, compress(zip(self._starts, self._values, strict=True), self._told()))


Settling: TypeAlias = tuple[list[Point], int | None]
"""Settled points, and the minute of the first that may still grow."""


def first_at(points: Points) -> int | None:
    """The minute of the first point; of a Track without making any."""
    if isinstance(points, Track):
        return points.first_at
    return points[0].at if points else None


def newest_by(points: Points, at: float) -> Point | None:
    """The last point whose minute began by then; of a Track without making any other."""
    if isinstance(points, Track):
        return points.newest_by(at)
    return next((point for point in reversed(points) if point.at <= at), None)


def settling(points: Points, now: float) -> Settling:
    """The points up to the first that may still grow; without a word about two readings, age decides."""
    if isinstance(points, Track):
        return points.settling(now)
    settled = [point for point in points if now - point.at >= SETTLED_S]
    return settled, points[len(settled)].at if len(settled) < len(points) else None


class SampleState(StrEnum):
    """What a shown value is."""

    OK = "ok"
    PROVISIONAL = "provisional"
    STALE = "stale"
    NO_DATA = "no-data"
    NOT_COLLECTED = "not-collected"

    @property
    def is_told(self) -> bool:
        """Whether CloudWatch has answered, be it that there is nothing."""
        return self is not SampleState.NOT_COLLECTED


class Sample(NamedTuple):
    """The newest value of a series, in CloudWatch's own unit.

    `at` is the start of its period (epoch seconds), None without a value; `why` explains a missing or kept value;
    `filled` marks a zero that stands for an event counter without datapoints.
    """

    state: SampleState
    value: float | None = None
    at: int | None = None
    why: str | None = None
    filled: bool = False


@lru_cache(maxsize=1024)
def not_collected(why: str) -> Sample:
    """The same one for the same reason: most of a large fleet has but a few."""
    return Sample(SampleState.NOT_COLLECTED, why=why)


NO_DATA = Sample(SampleState.NO_DATA)

_TRUST = (SampleState.OK, SampleState.PROVISIONAL, SampleState.STALE)
"""States that carry a value, the most trustworthy first."""


def merged(samples: Sequence[Sample], merge: Callable[[Iterable[float]], float]) -> Sample:
    """One sample of several: as trustworthy as the least trustworthy value in it."""
    valued = [sample for sample in samples if sample.value is not None]
    if not valued:
        refused = (sample for sample in samples if sample.state is SampleState.NOT_COLLECTED)
        return next(refused, next(iter(samples), NO_DATA))
    state = max((sample.state for sample in valued), key=_TRUST.index)
    value = merge(sample.value for sample in valued if sample.value is not None)
    at = max((sample.at for sample in valued if sample.at is not None), default=None)
    return Sample(state, value, at, filled=all(sample.filled for sample in valued))
