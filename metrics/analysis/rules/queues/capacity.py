"""Instances behind an asynchronous endpoint: whether some are on their way, and the change that brings more."""

from math import ceil

from smtop.metrics.analysis.rules.queues.queue import Queue
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.change import Bounds, Change, Resize, Suspend
from smtop.metrics.domain.endpoint import Variant
from smtop.metrics.domain.scaling import ScaledPart, ScalingActivity, Suspension

_SPARE = 1.2
_DONE = ("Successful", "Pending", "InProgress")


def worker(subject: Subject) -> Variant | None:
    """The variant whose instances do the work: the first with instances."""
    return next((variant for variant in subject.endpoint.production if variant.instances), None)


def scaled_part(subject: Subject, variant: Variant) -> ScaledPart | None:
    """What scales a variant; None where nothing does, or nobody could be asked."""
    resource = f"endpoint/{subject.endpoint.name}/variant/{variant.name}"
    return next((part for part in subject.around.scaled or () if part.target.scalable.resource == resource), None)


def is_coming(subject: Subject, variant: Variant) -> bool:
    """Whether instances were asked for and are not there yet."""
    count = variant.instances.count if variant.instances else None
    return bool(count and (count.desired or 0) > (count.current or 0))


def coming_since(subject: Subject, variant: Variant) -> float:
    """When the last instances were asked for, as far as anybody says (epoch seconds)."""
    part = scaled_part(subject, variant)
    started = [activity.started_at for activity in (part.activities if part else None) or ()]
    return max([subject.endpoint.summary.modified_at.timestamp(), *started])


def will_scale(subject: Subject, variant: Variant) -> bool:
    """Whether scaling may be trusted to bring an instance: registered with room, not suspended, by some policy."""
    part = scaled_part(subject, variant)
    if part is None or Suspension.SCALE_OUT in part.target.suspended:
        return False
    desired = variant.instances.count.desired if variant.instances else None
    return part.target.most > (desired or 0) and part.policies != ()


def failure(subject: Subject, variant: Variant) -> ScalingActivity | None:
    """The newest thing that scaling tried, where it did not succeed."""
    part = scaled_part(subject, variant)
    newest = max((part.activities if part else None) or (), key=lambda activity: activity.started_at, default=None)
    return newest if newest and newest.status not in _DONE else None


def more(subject: Subject, variant: Variant | None, queue: Queue) -> tuple[str, Change | None]:
    """What to do about a backlog that is not worked off, in words and as a change.

    What processes as much as comes, and a fifth more, by what the instances process now.
    """
    if variant is None or variant.instances is None or not variant.instances.count.desired:
        return "Give the endpoint instances, and look at the scaling policy that should.", None
    desired = variant.instances.count.desired
    ratio = (queue.processed + max(queue.growth, 0.0)) / queue.processed if queue.processed else 1.0
    enough = max(ceil(desired * ratio * _SPARE), desired + 1)
    part = scaled_part(subject, variant)
    if part is None:
        change: Change = Resize(subject.endpoint.name, variant.name, count=enough)
        return f"Raise the instances from {desired} to {enough}, or let them scale with the backlog.", change
    return _with_scaling(subject, variant, part, enough)


def _with_scaling(subject: Subject, variant: Variant, part: ScaledPart, enough: int) -> tuple[str, Change | None]:
    name = subject.endpoint.name
    if Suspension.SCALE_OUT in part.target.suspended:
        return "Scaling out is suspended: resume it.", Suspend(name, variant.name, what=("out",), resume=True)
    if part.target.most < enough:
        return f"Raise the most that scaling may use from {part.target.most} to {enough}.", Bounds(
            name, variant.name, most=enough
        )
    return "Scaling has room and does not use it: look at the target of its policy and at its last activities.", None


def first(subject: Subject, variant: Variant | None) -> tuple[str, Change | None]:
    """What to do where there is no instance at all."""
    if variant is None:
        return "Look at the scaling policy that should leave zero.", None
    name, part = subject.endpoint.name, scaled_part(subject, variant)
    if is_coming(subject, variant):
        return "An instance was asked for and does not come: look at the scaling activities, for capacity errors.", None
    if part and Suspension.SCALE_OUT in part.target.suspended:
        return "Scaling out is suspended: resume it.", Suspend(name, variant.name, what=("out",), resume=True)
    if part and part.target.most < 1:
        return "Scaling may use no instance at all: raise its most to 1.", Bounds(name, variant.name, most=1)
    return (
        "Set the instances to 1, and look at the scaling policy that should leave zero.",
        Resize(name, variant.name, count=1),
    )
