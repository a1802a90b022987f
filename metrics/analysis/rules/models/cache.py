"""What calls of a multi-model endpoint find in its cache of models, shared by the rules on it."""

from collections.abc import Iterator
from math import sqrt
from typing import NamedTuple

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Kind, Variant
from smtop.metrics.domain.series import Owner, Point

HITS = "ModelCacheHit.Average"
LOOKS = "ModelCacheHit.SampleCount"
CALLS = "Invocations.Sum"
UNLOADED = "ModelUnloadingTime.SampleCount"

_DEVIATIONS = 2.0
_MANY = 0.5


class Looks(NamedTuple):
    """How many calls looked for their model in the window, and how many did not find it loaded.

    `unloaded` are models that made room for others meanwhile, None where that is not read.
    """

    calls: float
    misses: float
    unloaded: float | None = None

    @property
    def hit_ratio(self) -> float:
        return 1 - self.misses / self.calls if self.calls else 1.0

    @property
    def is_full(self) -> bool:
        """Whether most models that are loaded push another out: an empty cache fills without that."""
        return bool(self.unloaded) and (self.unloaded or 0.0) >= _MANY * self.misses

    def is_beyond_chance(self, hit_ratio: float) -> bool:
        """Whether so many misses are no accident where `hit_ratio` is the rule (two standard deviations)."""
        usual = (1 - hit_ratio) * self.calls
        return self.misses - usual > _DEVIATIONS * sqrt(usual * hit_ratio)


def multi_model_variants(subject: Subject) -> Iterator[tuple[Owner, Variant]]:
    """Each production variant of a multi-model endpoint."""
    if subject.endpoint.kind is Kind.MULTI_MODEL:
        yield from zip(subject.variant_owners(), subject.endpoint.production, strict=True)


def misses_by_minute(subject: Subject, owner: Owner, minutes: int) -> list[Point]:
    """Calls that did not find their model loaded, in each of the last settled minutes that had calls."""
    looks = {point.at: point.value for point in subject.newest(owner, LOOKS, minutes, beside=CALLS)}
    hits = subject.newest(owner, HITS, minutes, beside=CALLS)
    return [Point(point.at, (1 - point.value) * looks[point.at]) for point in hits if point.at in looks]


def looks(subject: Subject, owner: Owner, limits: Thresholds) -> Looks:
    """Of the window."""
    minutes = limits.window_minutes
    calls = subject.total(owner, LOOKS, minutes, beside=CALLS)
    misses = sum(point.value for point in misses_by_minute(subject, owner, minutes))
    unloaded = subject.total(owner, UNLOADED, minutes, beside=CALLS) if subject.is_collected(owner, UNLOADED) else None
    return Looks(calls, misses, unloaded)


def is_warming(subject: Subject, variant: Variant, limits: Thresholds) -> bool:
    """Whether instances are so new that their caches must be empty: after an update or a scale-out."""
    count = variant.instances.count if variant.instances else None
    if subject.endpoint.is_changing or (count and count.current != count.desired):
        return True
    return subject.now - _changed_at(subject, variant) < limits.cache_warm_minutes * 60


def _changed_at(subject: Subject, variant: Variant) -> float:
    """When it last got instances, as far as anybody says."""
    resource = f"endpoint/{subject.endpoint.name}/variant/{variant.name}"
    scaled = [part for part in subject.around.scaled or () if part.target.scalable.resource == resource]
    moments = [activity.ended_at or activity.started_at for part in scaled for activity in part.activities or ()]
    moments += [deploy.at for deploy in subject.around.deploys]
    return max([subject.endpoint.summary.modified_at.timestamp(), *moments])
