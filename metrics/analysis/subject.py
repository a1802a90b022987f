"""One endpoint with its readings, as the rules and the vitals see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from smtop.metrics.analysis.samples import is_settled
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.series import NO_DATA, PERIOD_S, Owner, Point, Points, Sample

RECENT_MINUTES = 5
"""The window of rates and of most rules, in settled minutes."""


@dataclass(frozen=True)
class Subject:
    """An endpoint, its samples, and its recent points by owner and `MetricName.Stat`.

    Windows end with `frontier`, the newest minute that CloudWatch's data has reached.
    """

    endpoint: Endpoint
    samples: Mapping[Owner, Mapping[str, Sample]]
    points: Mapping[Owner, Mapping[str, Points]]
    now: float
    frontier: int

    def sample(self, owner: Owner, label: str) -> Sample:
        return self.samples.get(owner, {}).get(label, NO_DATA)

    def settled(self, owner: Owner, label: str, minutes: int = RECENT_MINUTES) -> list[Point]:
        """Settled points of the last `minutes` minutes of data, oldest first; gaps stay gaps."""
        first = self.frontier - (minutes - 1) * PERIOD_S
        points = self.points.get(owner, {}).get(label, ())
        recent = [point for point in points if point.at >= first and is_settled(point, self.now)]
        return recent[-minutes:]

    def total(self, owner: Owner, label: str, minutes: int = RECENT_MINUTES) -> float:
        """Sum over the settled minutes of the window; 0 without points."""
        return sum(point.value for point in self.settled(owner, label, minutes))

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
