"""One endpoint with its readings, as the rules and the vitals see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from smtop.metrics.analysis.samples import is_settled
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.series import NO_DATA, PERIOD_S, Owner, Point, Points, Sample

RECENT_MINUTES = 5
"""The window of rates and of most rules, in settled minutes."""


@dataclass(frozen=True)
class Subject:
    """An endpoint, its samples, and its recent points by owner and `MetricName.Stat`.

    Windows end with `frontier`, the newest minute that CloudWatch's data has reached; those of a series that is read
    more rarely than the others end with its own minute in `reached`.
    """

    endpoint: Endpoint
    samples: Mapping[Owner, Mapping[str, Sample]]
    points: Mapping[Owner, Mapping[str, Points]]
    now: float
    frontier: int
    reached: Mapping[Owner, Mapping[str, int]] = field(default_factory=dict)

    def reach(self, owner: Owner, label: str) -> int:
        """The last minute of a series' windows."""
        return self.reached.get(owner, {}).get(label, self.frontier)

    def sample(self, owner: Owner, label: str) -> Sample:
        return self.samples.get(owner, {}).get(label, NO_DATA)

    def settled(
        self, owner: Owner, label: str, minutes: int = RECENT_MINUTES, *, beside: str | None = None
    ) -> list[Point]:
        """Settled points of the last `minutes` minutes of data, oldest first; gaps stay gaps.

        `beside` is the series of the same owner whose window counts: what is compared must be of the same minutes.
        """
        until = self.reach(owner, beside or label)
        first, last = until - (minutes - 1) * PERIOD_S, until if until < self.frontier else self.now
        points = self.points.get(owner, {}).get(label, ())
        recent = [point for point in points if first <= point.at <= last and is_settled(point, self.now)]
        return recent[-minutes:]

    def total(self, owner: Owner, label: str, minutes: int = RECENT_MINUTES, *, beside: str | None = None) -> float:
        """Sum over the settled minutes of the window; 0 without points."""
        return sum(point.value for point in self.settled(owner, label, minutes, beside=beside))

    def onset(self, owner: Owner, label: str, is_bad: Callable[[float], bool]) -> int | None:
        """Start of the unbroken run of bad points that reaches to now; None if the newest settled point is fine."""
        since = None
        for point in reversed(self.points.get(owner, {}).get(label, ())):
            if not is_settled(point, self.now):
                continue
            if not is_bad(point.value):
                break
            since = point.at
        return since

    @property
    def owner(self) -> Owner:
        """The endpoint itself as an owner."""
        return Owner(self.endpoint.name)

    def variant_owners(self) -> list[Owner]:
        """The production variants as owners."""
        return [Owner(self.endpoint.name, variant.name) for variant in self.endpoint.production]

    def component_owners(self) -> list[Owner]:
        names = ((part.variant, part.name) for part in self.endpoint.components)
        return [Owner(self.endpoint.name, variant, component=name) for variant, name in names]
