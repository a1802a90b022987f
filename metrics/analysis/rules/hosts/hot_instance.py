"""One instance works itself to death while the average looks calm."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from smtop.metrics.analysis.failures import calls_per_minute
from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.slowness import slow
from smtop.metrics.analysis.subject import Subject, onset
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.clock import utc
from smtop.metrics.domain.endpoint import IN_SERVICE, Kind, Variant
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.instance_types import gpus, vcpus
from smtop.metrics.domain.series import Owner, Point

_ID = "hot-instance"
_RESOURCES = (("GPU", "GPUUtilization", gpus), ("CPU", "CPUUtilization", vcpus))
_GOOD_MINUTES = 1


class _Hot(NamedTuple):
    """The hottest instance and the mean of all, as shares 0..1 of the newest minute."""

    name: str
    hottest: float
    mean: float
    since: int | None


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """The hottest of several instances far above a calm average in nearly all of the newest minutes."""
    if subject.endpoint.status != IN_SERVICE:
        return
    for owner, variant in zip(subject.variant_owners(), subject.endpoint.production, strict=True):
        count = _count(variant)
        hot = next(_hot(subject, owner, variant, limits), None) if count > 1 else None
        if hot is not None and not _just_changed(subject):
            yield _finding(subject, owner, hot, count, limits)


def _count(variant: Variant) -> int:
    """Instances, where none are coming or going; a new one is cold for a while."""
    count = variant.instances.count if variant.instances else None
    if count is None or count.current is None or count.desired not in (None, count.current):
        return 0
    return count.current


def _just_changed(subject: Subject) -> bool:
    return subject.endpoint.summary.modified_at > utc(subject.now) - timedelta(minutes=10)


def _hot(subject: Subject, owner: Owner, variant: Variant, limits: Thresholds) -> Iterator[_Hot]:
    for name, metric, devices in _RESOURCES:
        whole, label = _whole(subject, variant, metric, devices(_type(variant)))
        shown = subject.sample(owner, f"{label}.Maximum").value
        if not whole or shown is None or shown < limits.hot_instance_least * whole:
            continue
        means = {point.at: point.value for point in subject.settled(owner, f"{label}.Average") if point.value > 0}
        pairs = [(point, means[point.at]) for point in subject.settled(owner, f"{label}.Maximum") if point.at in means]
        newest = pairs[-limits.window_minutes :]
        if len(newest) < limits.window_minutes:
            continue
        is_open = subject.is_open(_ID, owner)
        ratios = [Point(at, _ratio(hottest / whole, mean / whole, limits)) for (at, hottest), mean in pairs]
        good = sum(not limits.hot_instance.is_bad(ratio.value, is_open=is_open) for ratio in ratios[-len(newest) :])
        if good <= (len(newest) - 1 if is_open else _GOOD_MINUTES):
            (_, hottest), mean = newest[-1]
            since = onset(ratios, lambda ratio: limits.hot_instance.is_bad(ratio, is_open=True))
            yield _Hot(name, hottest / whole, mean / whole, since)


def _type(variant: Variant) -> str:
    return (variant.instances.type if variant.instances else None) or ""


def _whole(subject: Subject, variant: Variant, metric: str, devices: int | None) -> tuple[float, str]:
    """The percentage of a fully used instance, and the series that has it."""
    if subject.endpoint.kind is Kind.INFERENCE_COMPONENT:
        return 100.0, f"{metric}Normalized"
    return 100.0 * (devices or 0), metric


def _ratio(hottest: float, mean: float, limits: Thresholds) -> float:
    """Hottest per mean; 1 where the hottest has little to do, or all are busy."""
    counts = hottest >= limits.hot_instance_least and mean < limits.host_full.clears
    return hottest / mean if counts else 1.0


def _finding(subject: Subject, owner: Owner, hot: _Hot, count: int, limits: Thresholds) -> Finding:
    felt = slow(subject, owner, limits)
    others = (hot.mean * count - hot.hottest) / (count - 1)
    calls = calls_per_minute(subject, owner, limits.window_minutes)
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"one of {count} instances at {hot.hottest:.0%} {hot.name}, the average at {hot.mean:.0%}",
        evidence=(
            f"{owner.variant}: the others have {max(others, 0.0):.0%} on average",
            *((felt.sentence,) if felt else ()),
        ),
        since=hot.since,
        variant=owner.variant,
        next="Look at that instance's log stream for what others do not have; add an instance if it must be taken out.",
        confidence=Confidence.MEDIUM,
        impact_per_minute=calls / count if felt else None,
    )


RULE = Rule(
    id=_ID,
    title="One hot instance behind a calm average",
    severity=Severity.WARNING,
    check=check,
    reads=tuple(
        f"{metric}{suffix}.{stat}"
        for _, metric, _ in _RESOURCES
        for suffix in ("", "Normalized")
        for stat in ("Average", "Maximum")
    ),
    limits=("hot_instance", "hot_instance_least", "host_full", "window_minutes"),
    help="""\
One of several instances is nearly full while the average of all looks calm. Its callers wait, and scaling by the
average sees no reason to do anything.

The largest and the mean value of CPU and GPU over instances are compared in each of the five newest settled minutes;
four of them must have a hottest instance far above the mean, and one with much to do. Short peaks of now this, now that
instance are nothing, nor is an instance that has just been started or an endpoint that has just been changed.

If the mean is high as well, see `cpu-saturated` and `gpu-saturated`. A process that runs away, a large model that only
one instance has loaded, sessions that stick to an instance, and the rest of a deployment look like this.

AWS restarts no single instance. Look at its log stream; more instances and then fewer again replace some, and an update
replaces all. Routing by least outstanding requests takes load off the busy one.
""",
)
