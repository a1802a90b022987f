"""One instance works itself to death while the average looks calm."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from smtop.metrics.analysis.failures import calls_per_minute
from smtop.metrics.analysis.rule import DECIDING, Rule
from smtop.metrics.analysis.slowness import slow
from smtop.metrics.analysis.subject import Subject, onset
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.clock import utc
from smtop.metrics.domain.endpoint import IN_SERVICE, Kind, Variant
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.instance_types import gpus, vcpus
from smtop.metrics.domain.series import PERIOD_S, Owner, Point

_ID = "hot-instance"


def _one(_: str) -> int:
    return 1


_SUMMED = (("GPU", "GPUUtilization", gpus), ("CPU", "CPUUtilization", vcpus))
_NORMALIZED = (("GPU", "GPUUtilizationNormalized", _one), ("CPU", "CPUUtilizationNormalized", _one))
_GOOD_MINUTES = 1


class _Pair(NamedTuple):
    """The hottest instance and the mean of all in one minute, as shares 0..1."""

    at: int
    hottest: float
    mean: float


class _Hot(NamedTuple):
    name: str
    worst: _Pair
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
    is_open, has_components = subject.is_open(_ID, owner), subject.endpoint.kind is Kind.INFERENCE_COMPONENT
    for name, metric, devices in _NORMALIZED if has_components else _SUMMED:
        shown = subject.sample(owner, f"{metric}.Maximum").value
        if shown is None or (shown < limits.hot_instance_least * 100.0 and not is_open):
            continue
        whole = 100.0 * (devices(_type(variant)) or 0)
        if not whole or (shown < limits.hot_instance_least * whole and not is_open):
            continue
        pairs = _pairs(subject, owner, metric, whole)
        since = pairs[-1].at - (limits.window_minutes - 1) * PERIOD_S if pairs else 0
        newest = [pair for pair in pairs if pair.at >= since]
        bad = sum(limits.hot_instance.is_bad(_ratio(pair, limits), is_open=is_open) for pair in newest)
        if bad >= (1 if is_open else limits.window_minutes - _GOOD_MINUTES):
            ratios = [Point(pair.at, _ratio(pair, limits)) for pair in pairs]
            worst = max(newest, key=lambda pair: pair.hottest)
            yield _Hot(name, worst, onset(ratios, lambda ratio: limits.hot_instance.is_bad(ratio, is_open=True)))


def _pairs(subject: Subject, owner: Owner, label: str, whole: float) -> list[_Pair]:
    """The minutes of which both are known, up to the newest settled one; nothing where that is not known."""
    means = {point.at: point.value for point in subject.settled(owner, f"{label}.Average") if point.value > 0}
    if not subject.newest(owner, f"{label}.Maximum", DECIDING):
        return []
    hottest = subject.settled(owner, f"{label}.Maximum")
    return [_Pair(at, value / whole, means[at] / whole) for at, value in hottest if at in means]


def _type(variant: Variant) -> str:
    return (variant.instances.type if variant.instances else None) or ""


def _ratio(pair: _Pair, limits: Thresholds) -> float:
    """Hottest per mean; 1 where the hottest has little to do, or all are busy."""
    counts = pair.hottest >= limits.hot_instance_least and pair.mean < limits.host_full.clears
    return pair.hottest / pair.mean if counts else 1.0


def _finding(subject: Subject, owner: Owner, hot: _Hot, count: int, limits: Thresholds) -> Finding:
    worst, felt = hot.worst, slow(subject, owner, limits)
    others = (worst.mean * count - worst.hottest) / (count - 1)
    calls = calls_per_minute(subject, owner, limits.window_minutes)
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"one of {count} instances at {worst.hottest:.0%} {hot.name}, the average at {worst.mean:.0%}",
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
    reads=tuple(f"{metric}.{stat}" for _, metric, _ in (*_SUMMED, *_NORMALIZED) for stat in ("Average", "Maximum")),
    limits=("hot_instance", "hot_instance_least", "host_full", "window_minutes"),
    help="""\
One of several instances is nearly full while the average of all looks calm. Its callers wait, and scaling by the
average sees no reason to do anything.

The largest and the mean value of CPU and GPU over instances are compared in each of the five newest settled minutes;
four of them must have a hottest instance far above the mean, and one with much to do. Short peaks of now this, now that
instance are nothing, nor is an instance that has just been started or an endpoint that has just been changed. It is
critical while it makes answers come near the limit of SageMaker.

If the mean is high as well, see `cpu-saturated` and `gpu-saturated`. A process that runs away, a large model that only
one instance has loaded, sessions that stick to an instance, and the rest of a deployment look like this.

AWS restarts no single instance. Look at its log stream; more instances and then fewer again replace some, and an update
replaces all. Routing by least outstanding requests takes load off the busy one.
""",
)
