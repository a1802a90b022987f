"""The volume of the instances is full."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import DECIDING, Rule, holds, saturates
from smtop.metrics.analysis.rules.hosts.saturation import scaled
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import PERIOD_S, Owner

_ID = "disk-full"
_DISK = "DiskUtilization.Average"
_PERCENT = 100.0


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Much of the disk in use in two of the three newest settled minutes; of an endpoint for many models nearly all."""
    for owner in subject.variant_owners():
        shown = subject.sample(owner, _DISK).value
        if shown is None or shown < limits.disk_full.clears * _PERCENT or subject.endpoint.kind.is_serverless:
            continue
        holds_models = subject.endpoint.kind is Kind.MULTI_MODEL
        band = scaled(limits.disk_exhausted if holds_models else limits.disk_full, _PERCENT)
        if saturates(subject, _ID, owner, _DISK, band):
            yield _finding(subject, owner, limits, holds_models=holds_models)


def _finding(subject: Subject, owner: Owner, limits: Thresholds, *, holds_models: bool) -> Finding:
    newest = subject.newest(owner, _DISK, DECIDING)
    full = holds(newest, scaled(limits.disk_exhausted, _PERCENT), is_open=subject.is_open(_ID, owner))
    share = newest[-1].value / _PERCENT
    return Finding(
        id=_ID,
        severity=Severity.CRITICAL if full and not holds_models else Severity.WARNING,
        title=f"disk at {share:.0%}",
        evidence=(f"{owner.variant}: {share:.0%} of the volume in use{_growth(subject, owner)}",),
        since=subject.onset(owner, _DISK, lambda value: limits.disk_full.is_bad(value / _PERCENT, is_open=True)),
        variant=owner.variant,
        next="Find what writes to the disk (logs, caches, downloads); a new instance starts with an empty one.",
        confidence=Confidence.HIGH,
    )


def _growth(subject: Subject, owner: Owner) -> str:
    """How fast it fills, and when it would be full."""
    points = subject.settled(owner, _DISK)
    first, last = points[0], points[-1]
    minutes = (last.at - first.at) / PERIOD_S
    per_minute = (last.value - first.value) / minutes if minutes else 0.0
    if per_minute <= 0.01:
        return ""
    return f", growing by {per_minute * 60:.1f} points an hour: full in {(_PERCENT - last.value) / per_minute:.0f} min"


RULE = Rule(
    id=_ID,
    title="Disk full",
    severity=Severity.CRITICAL,
    check=check,
    reads=(_DISK,),
    limits=("disk_full", "disk_exhausted"),
    help="""\
The volume of the instances is filling up. A container that cannot write fails its requests, and may not start again.

Two of the three newest settled minutes, on average over instances, must be at the threshold: a warning, and critical
when nearly all of it is in use. It lasts until three minutes in a row are clearly below.

A multi-model endpoint keeps the models that it has downloaded, and deletes some when the disk is full: it is warned of
only when nearly all is in use, and that is never critical. Serverless endpoints report no disk.

Find out what writes: logs, temporary files, a cache of downloads. Instances that replace the old ones start empty, so
an update with the same config wins time. A larger volume needs a new config.
""",
)
