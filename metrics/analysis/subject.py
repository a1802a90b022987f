"""One endpoint with its readings, as the rules and the vitals see it."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from smtop.metrics.analysis.samples import is_settled
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.series import (
    NO_DATA,
    PERIOD_S,
    SETTLED_S,
    Owner,
    Point,
    Points,
    Sample,
    Settling,
    Track,
    settling,
)
from smtop.metrics.domain.surroundings import NOTHING_AROUND, Surroundings

RECENT_MINUTES = 5
"""The window of rates, in minutes that are read."""


class Usual(NamedTuple):
    """What is normal for a series at this hour: the value to expect, and the range that it usually stays in.

    `scores` (0..1, 1 is certainly abnormal) are those of the newest settled points, oldest first, three at most.
    """

    expected: float
    low: float
    high: float
    scores: tuple[float, ...] = ()


Place = tuple[str, str | None, str | None]
"""Of a finding: its id, its variant, its component."""


@dataclass(frozen=True)
class Subject:
    """An endpoint, its samples, and its recent points by owner and `MetricName.Stat`.

    Windows end with `frontier`, the newest minute that CloudWatch's data has reached; those of a series that is read
    more rarely than the others end with its own minute in `reached`. `trend` are the requests of the last hour, a point
    a minute. `usual` has what is normal for a series, where enough is known. `open` are the places of the findings of
    the picture before. An `eager` subject takes points for settled that may still grow: good for hints only.
    """

    endpoint: Endpoint
    samples: Mapping[Owner, Mapping[str, Sample]]
    points: Mapping[Owner, Mapping[str, Points]]
    now: float
    frontier: int
    reached: Mapping[Owner, Mapping[str, int]] = field(default_factory=dict)
    trend: Points = ()
    around: Surroundings = NOTHING_AROUND
    usual: Mapping[Owner, Mapping[str, Usual]] = field(default_factory=dict)
    open: Set[Place] = frozenset()
    is_production: bool = False
    eager: bool = False
    _settled: dict[tuple[Owner, str], tuple[list[Point], int | None]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def hasty(self) -> "Subject":
        """The same, with points taken for settled that may still grow."""
        return replace(self, eager=True, _settled={})

    # What is shown

    def reach(self, owner: Owner, label: str) -> int:
        """The last minute of a series' windows."""
        return self.reached.get(owner, {}).get(label, self.frontier)

    def sample(self, owner: Owner, label: str) -> Sample:
        return self.samples.get(owner, {}).get(label, NO_DATA)

    def readable(
        self, owner: Owner, label: str, minutes: int = RECENT_MINUTES, *, beside: str | None = None
    ) -> list[Point]:
        """Points of the last `minutes` minutes of data that are old enough to be shown, oldest first; gaps stay gaps.

        `beside` is the series of the same owner whose window counts: what is compared must be of the same minutes.
        """
        until = self.reach(owner, beside or label)
        first, last = until - (minutes - 1) * PERIOD_S, until if until < self.frontier else self.now
        points = self._points(owner, label)
        recent = [point for point in points if first <= point.at <= last and is_settled(point, self.now)]
        return recent[-minutes:]

    def readable_total(
        self, owner: Owner, label: str, minutes: int = RECENT_MINUTES, *, beside: str | None = None
    ) -> float:
        """Sum over the readable minutes of the window; 0 without points."""
        return sum(point.value for point in self.readable(owner, label, minutes, beside=beside))

    # What is judged

    def settled(self, owner: Owner, label: str) -> list[Point]:
        """The points that grow no more, up to the first that may, oldest first; gaps stay gaps."""
        return self._settling(owner, label)[0]

    def settled_until(self, owner: Owner, *labels: str) -> int:
        """The newest minute of which all these series of one owner are settled: silence up to there is a zero.

        The newest settled point of any of them, or what is older than anything that still grows; but before any point
        that may still grow, and nothing that one of them, read more rarely, does not know of yet.
        """
        reached = self.reached.get(owner, {})
        tracks = [self._settling(owner, label) for label in labels]
        old = min(int((self.now - SETTLED_S) // PERIOD_S) * PERIOD_S, self.frontier)
        until = max((points[-1].at for points, _ in tracks if points), default=old)
        bounds = [growing - PERIOD_S for _, growing in tracks if growing is not None]
        bounds += [reached[label] for label in labels if label in reached]
        return min([max(until, old), *bounds])

    def _settling(self, owner: Owner, label: str) -> Settling:
        """The settled points, and the minute of the first point that may still grow."""
        known = self._settled.get((owner, label))
        if known is None:
            points = self._points(owner, label)
            known = (list(points), None) if self.eager else settling(points, self.now)
            self._settled[owner, label] = known
        return known

    def newest(self, owner: Owner, label: str, minutes: int, *, beside: str | None = None) -> list[Point]:
        """The settled points of the last `minutes` settled minutes, oldest first.

        `beside` is another series of the owner that tells how far its data is settled: the requests, for a counter that
        is silent where nothing happened.
        """
        until = self.settled_until(owner, label, *((beside,) if beside else ()))
        first = until - (minutes - 1) * PERIOD_S
        return [point for point in self.settled(owner, label) if first <= point.at <= until]

    def total(self, owner: Owner, label: str, minutes: int, *, beside: str | None = None) -> float:
        """Sum over the last `minutes` settled minutes; 0 without points."""
        return sum(point.value for point in self.newest(owner, label, minutes, beside=beside))

    def onset(self, owner: Owner, label: str, is_bad: Callable[[float], bool]) -> int | None:
        """Start of the run of bad points that reaches to now; a single good one within it does not end it.

        None if the two newest settled points are fine.
        """
        return onset(self.settled(owner, label), is_bad)

    def exceeds(self, owner: Owner, label: str, limit: float) -> bool:
        """Whether any recent point is above `limit`, settled or not: what rules may ask before they read points."""
        points = self._points(owner, label)
        return points.exceeds(limit) if isinstance(points, Track) else any(point.value > limit for point in points)

    def is_open(self, finding_id: str, owner: Owner) -> bool:
        """Whether the picture before had this finding."""
        return (finding_id, owner.variant, owner.component) in self.open

    def is_collected(self, owner: Owner, label: str) -> bool:
        """Whether the series was asked and answered: without it, a rule has nothing to say."""
        return label in self.samples.get(owner, {}) and self.sample(owner, label).state.is_told

    # Who

    @property
    def owner(self) -> Owner:
        """The endpoint itself as an owner."""
        return Owner(self.endpoint.name)

    def variant_owners(self) -> list[Owner]:
        """The production variants as owners."""
        return self._variant_owners

    def component_owners(self) -> list[Owner]:
        names = ((part.variant, part.name) for part in self.endpoint.components)
        return [Owner(self.endpoint.name, variant, component=name) for variant, name in names]

    @cached_property
    def _variant_owners(self) -> list[Owner]:
        return [Owner(self.endpoint.name, variant.name) for variant in self.endpoint.production]

    def _points(self, owner: Owner, label: str) -> Points:
        return self.points.get(owner, {}).get(label, ())


def onset(points: Points, is_bad: Callable[[float], bool]) -> int | None:
    """Start of the run of bad points at the end of `points`, in which single good ones may stand."""
    since, good = None, 0
    for point in reversed(points):
        good = 0 if is_bad(point.value) else good + 1
        if good == 2:
            break
        if not good:
            since = point.at
    return since
