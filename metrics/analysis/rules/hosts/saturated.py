"""CPU, GPU or memory is full: of the instances, or of an inference component's share of them."""

from collections.abc import Callable, Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Variant
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.instance_types import gpus, vcpus
from smtop.metrics.domain.series import Owner


def _one(_: str) -> int:
    return 1


_RESOURCES: tuple[tuple[str, str, str, Callable[[str], int | None]], ...] = (
    ("cpu-saturated", "CPU", "CPUUtilization.Average", vcpus),
    ("gpu-saturated", "GPU", "GPUUtilization.Average", gpus),
    ("memory-saturated", "memory", "MemoryUtilization.Average", _one),
)
"""GPU memory is left out: servers of large models claim nearly all of it from the start."""

_SHARES = (
    ("cpu-saturated", "CPU", "CPUUtilizationNormalized.Average"),
    ("gpu-saturated", "GPU", "GPUUtilizationNormalized.Average"),
    ("memory-saturated", "memory", "MemoryUtilizationNormalized.Average"),
)


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """A share at or above the threshold in enough of the window's minutes."""
    for variant, owner in zip(subject.endpoint.production, subject.variant_owners(), strict=True):
        for finding_id, name, label, devices in _RESOURCES:
            count = _devices(variant, devices)
            if count:
                yield from _full(subject, owner, (finding_id, name, label), count, limits)
    for owner in subject.component_owners():
        for finding_id, name, label in _SHARES:
            yield from _full(subject, owner, (finding_id, name, label), 1, limits)


def _devices(variant: Variant, devices: Callable[[str], int | None]) -> int | None:
    """How many devices the percentage is summed over; serverless memory is a plain percentage."""
    if variant.instances is None:
        return 1 if devices is _one else None
    if devices is _one:
        return 1
    return devices(variant.instances.type) if variant.instances.type else None


def _full(
    subject: Subject, owner: Owner, resource: tuple[str, str, str], devices: int, limits: Thresholds
) -> Iterator[Finding]:
    finding_id, name, label = resource
    threshold = limits.host_full.fires * 100 * devices
    bad = [point for point in subject.newest(owner, label, limits.window_minutes) if point.value >= threshold]
    if len(bad) < 2:
        return
    share = bad[-1].value / devices / 100
    who = owner.component or owner.variant
    yield Finding(
        id=finding_id,
        severity=Severity.WARNING,
        title=f"{name} at {share:.0%}",
        evidence=(f"{who}: {limits.host_full.fires:.0%} or more in {len(bad)} of {limits.window_minutes} min",),
        since=subject.onset(owner, label, lambda value: value >= threshold),
        variant=owner.variant,
        next="Add copies, or give each more of the instance."
        if owner.component
        else "Add instances, or a larger type.",
    )


RULE = Rule(
    id="cpu-saturated",
    title="CPU, GPU or memory full",
    severity=Severity.WARNING,
    check=check,
    reads=("CPUUtilization.Average",),
    limits=("host_full",),
    help="""\

""",
)
