"""A resource of the hosts, or of a component's share of them, that is full: shared by CPU, GPU and memory."""

from collections.abc import Callable, Iterator, Sequence
from math import ceil
from statistics import median
from typing import NamedTuple

from smtop.metrics.analysis.failures import Failures, bad_server_errors, failures
from smtop.metrics.analysis.rule import DECIDING, holds
from smtop.metrics.analysis.slowness import NearLimit, Slow, near_limit, slow
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Band, Thresholds
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.endpoint import Kind, Variant
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.scaling import Suspension
from smtop.metrics.domain.series import PERIOD_S, Owner, Point


class Resource(NamedTuple):
    """`devices` of an instance type share the percentage that CloudWatch sums up over them."""

    id: str
    name: str
    metric: str
    devices: Callable[[str], int | None]
    next: str

    @property
    def summed(self) -> str:
        return f"{self.metric}.Average"

    @property
    def normalized(self) -> str:
        """In percent of all devices of a component endpoint's instances, or of what a component has reserved."""
        return f"{self.metric}Normalized.Average"


class Full(NamedTuple):
    """A full resource of one owner; `share` (0..1) is that of the newest minutes. A component has no `variant`."""

    resource: Resource
    owner: Owner
    variant: Variant | None
    label: str
    share: float
    is_exhausted: bool
    since: int | None
    minutes: int


class Trouble(NamedTuple):
    """What its callers feel of it."""

    failing: Failures | None
    near: NearLimit | None
    slow: Slow | None

    @property
    def is_grave(self) -> bool:
        return self.failing is not None or (self.near is not None and not self.near.usual)

    @property
    def sentences(self) -> Sequence[str]:
        return tuple(one.sentence for one in (self.failing, self.near, self.slow) if one is not None)

    @property
    def per_minute(self) -> float | None:
        return max((one.per_minute for one in (self.failing, self.near, self.slow) if one is not None), default=None)


def saturated(subject: Subject, resource: Resource, limits: Thresholds) -> Iterator[Finding]:
    """A finding for each variant and component that is out of this resource."""
    for owner, variant, label, devices in _places(subject, resource, limits):
        full = _full(subject, resource, (owner, variant, label, devices), limits)
        if full is not None:
            yield from _judged(subject, full, limits)


Place = tuple[Owner, Variant | None, str, int]


def _places(subject: Subject, resource: Resource, limits: Thresholds) -> Iterator[Place]:
    """Who may be full, the series that says so, and over how many devices it is summed."""
    has_components = subject.endpoint.kind is Kind.INFERENCE_COMPONENT
    is_normalized = has_components and resource.metric != "MemoryUtilization"
    label = resource.normalized if is_normalized else resource.summed
    for owner, variant in zip(subject.variant_owners(), subject.endpoint.production, strict=True):
        if _may_be_full(subject, resource, owner, label, limits):
            devices = 1 if is_normalized else _devices(variant, resource)
            if devices:
                yield owner, variant, label, devices
    for owner in subject.component_owners() if has_components else ():
        if _may_be_full(subject, resource, owner, resource.normalized, limits):
            yield owner, None, resource.normalized, 1


def _may_be_full(subject: Subject, resource: Resource, owner: Owner, label: str, limits: Thresholds) -> bool:
    """Whether it is or was full, were it one device: what is more needs a closer look."""
    shown = subject.sample(owner, label).value
    return (shown is not None and shown >= limits.host_full.clears * 100.0) or subject.is_open(resource.id, owner)


def _devices(variant: Variant, resource: Resource) -> int | None:
    """None where the instance type is not known, and for a serverless variant, which has other rules."""
    return resource.devices(variant.instances.type or "") if variant.instances is not None else None


def _full(subject: Subject, resource: Resource, place: Place, limits: Thresholds) -> Full | None:
    owner, variant, label, devices = place
    whole = 100.0 * devices
    is_open = subject.is_open(resource.id, owner)
    shown = subject.sample(owner, label).value
    if not is_open and (shown is None or shown < limits.host_full.clears * whole):
        return None
    newest = subject.newest(owner, label, DECIDING)
    if not holds(newest, scaled(limits.host_full, whole), is_open=is_open):
        return None
    since = subject.onset(owner, label, lambda value: limits.host_full.is_bad(value / whole, is_open=True))
    minutes = (newest[-1].at - since) // PERIOD_S + 1 if since is not None else 1
    exhausted = holds(newest, scaled(limits.host_exhausted, whole), is_open=is_open)
    return Full(resource, owner, variant, label, _typical(newest) / whole, exhausted, since, minutes)


def scaled(band: Band, by: float) -> Band:
    return Band(band.fires * by, band.clears * by)


def _typical(points: Sequence[Point]) -> float:
    return median(point.value for point in points)


def _judged(subject: Subject, full: Full, limits: Thresholds) -> Iterator[Finding]:
    """A full host that is always so at this hour, or is just being helped, is no news while nobody feels it."""
    trouble = _trouble(subject, full, limits)
    if not trouble.sentences and (_is_usual(subject, full, limits) or _is_being_helped(subject, full, limits)):
        return
    yield _finding(subject, full, trouble)


def _trouble(subject: Subject, full: Full, limits: Thresholds) -> Trouble:
    """Failing calls are put down to it where all of the resource is in use, or where they have waited for so long."""
    variant = full.owner._replace(component=None)
    near = near_limit(subject, full.owner, limits)
    waits = full.is_exhausted or near is not None
    failing = failures(subject, variant, "5XX", bad_server_errors(limits), limits) if waits else None
    return Trouble(failing, near, slow(subject, full.owner, limits))


def _is_usual(subject: Subject, full: Full, limits: Thresholds) -> bool:
    """Whether the baseline knows it so; memory that is all in use is bad news all the same."""
    usual = subject.usual.get(full.owner, {}).get(full.label)
    newest = subject.newest(full.owner, full.label, DECIDING)
    if usual is None or (full.resource.metric == "MemoryUtilization" and full.is_exhausted):
        return False
    return _typical(newest) <= usual.high


def _is_being_helped(subject: Subject, full: Full, limits: Thresholds) -> bool:
    """Whether instances are on their way, or scaling has room and has not had the time yet."""
    count = full.variant.instances.count if full.variant and full.variant.instances else None
    if count is None or count.current is None or full.resource.metric == "MemoryUtilization":
        return False
    if count.desired is not None and count.desired > count.current:
        return True
    return full.minutes < limits.start_allowance_minutes and _may_grow(subject, full.owner, count.current)


def _may_grow(subject: Subject, owner: Owner, current: int) -> bool:
    """Whether a policy may scale this variant out from where it is."""
    wanted = f"endpoint/{owner.endpoint}/variant/{owner.variant}"
    return any(
        part.target.scalable.resource == wanted
        and part.target.most > current
        and part.policies
        and Suspension.SCALE_OUT not in part.target.suspended
        for part in subject.around.scaled or ()
    )


def _finding(subject: Subject, full: Full, trouble: Trouble) -> Finding:
    owner, resource = full.owner, full.resource
    enough, change = _more(subject, full, trouble)
    return Finding(
        id=resource.id,
        severity=Severity.CRITICAL if trouble.is_grave else Severity.WARNING,
        title=f"{resource.name} at {full.share:.0%}",
        evidence=(
            f"{owner.component or owner.variant}: {full.share:.0%} of {resource.name} in use, for {full.minutes} min",
            *trouble.sentences,
        ),
        since=full.since,
        variant=owner.variant,
        next=enough or resource.next,
        confidence=Confidence.HIGH if trouble.sentences else Confidence.MEDIUM,
        impact_per_minute=trouble.per_minute,
        change=change,
        component=owner.component,
    )


# What would be enough

_TARGET = 0.7
"""Use that is aimed at: what is left takes a daily peak."""


def _more(subject: Subject, full: Full, trouble: Trouble) -> tuple[str | None, Resize | None]:
    """In a sentence and as a change; without either where more of the same does not help."""
    name, variant = subject.endpoint.name, full.variant
    if full.resource.metric == "MemoryUtilization":
        return None, None
    failed = trouble.failing.ratio if trouble.failing else 0.0
    factor = full.share / max(1.0 - failed, 0.5) / _TARGET
    if variant is None:
        return _copies(subject, full.owner, factor)
    count = variant.instances.count.desired if variant.instances else None
    if not count:
        return None, None
    enough = max(ceil(count * factor), count + 1)
    return f"Raise the instances of {variant.name} from {count} to {enough}.", Resize(name, variant.name, count=enough)


def _copies(subject: Subject, owner: Owner, factor: float) -> tuple[str | None, Resize | None]:
    copies = next((one.copies.desired for one in subject.endpoint.components if one.name == owner.component), None)
    if not copies or subject.endpoint.kind is not Kind.INFERENCE_COMPONENT:
        return None, None
    enough = max(ceil(copies * factor), copies + 1)
    change = Resize(subject.endpoint.name, component=owner.component, copies=enough)
    return f"Raise the copies of {owner.component} from {copies} to {enough}.", change
