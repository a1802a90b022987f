"""Provisioned concurrency is used up, or nearly."""

from collections.abc import Iterator

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import Owner

_USE = "ServerlessProvisionedConcurrencyUtilization.Maximum"
_SPILL = "ServerlessProvisionedConcurrencySpilloverInvocations.Sum"


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Full with spillover in enough minutes is critical; high in one of the newest minutes is a warning."""
    for owner in subject.variant_owners():
        if is_exhausted(subject, owner, limits):
            yield _exhausted(subject, owner, limits)
            continue
        newest = subject.settled(owner, _USE, limits.newest_minutes)
        peak = max((point.value for point in newest), default=0.0)
        if peak >= limits.provisioned_high:
            yield _high(subject, owner, peak, limits)


def is_exhausted(subject: Subject, owner: Owner, limits: Thresholds) -> bool:
    """Whether enough of the window's minutes were full and spilled."""
    return len(_full_minutes(subject, owner, limits)) >= limits.bad_minutes


def _full_minutes(subject: Subject, owner: Owner, limits: Thresholds) -> list[int]:
    spilling = {point.at for point in subject.settled(owner, _SPILL, limits.window_minutes) if point.value > 0}
    used = subject.settled(owner, _USE, limits.window_minutes, beside=_SPILL)
    return [point.at for point in used if point.value >= limits.provisioned_full and point.at in spilling]


def _exhausted(subject: Subject, owner: Owner, limits: Thresholds) -> Finding:
    minutes = len(_full_minutes(subject, owner, limits))
    spilled = subject.total(owner, _SPILL, limits.window_minutes) / limits.window_minutes
    return Finding(
        id="pc-exhausted",
        severity=Severity.CRITICAL,
        title="provisioned concurrency is used up",
        evidence=(
            f"utilisation {limits.provisioned_full:.0%} or more in {minutes} of {limits.window_minutes} min",
            f"{spilled:,.0f} invocations a minute spill over to on-demand capacity and its cold starts",
        ),
        since=subject.onset(owner, _USE, lambda value: value >= limits.provisioned_full),
        variant=owner.variant,
        next="Raise provisioned concurrency, or take load away.",
    )


def _high(subject: Subject, owner: Owner, peak: float, limits: Thresholds) -> Finding:
    return Finding(
        id="pc-high",
        severity=Severity.WARNING,
        title=f"provisioned concurrency at {peak:.0%}",
        evidence=(
            f"peak {peak:.0%} in the last {limits.newest_minutes} min, warning at {limits.provisioned_high:.0%}",
        ),
        since=subject.onset(owner, _USE, lambda value: value >= limits.provisioned_high),
        variant=owner.variant,
        next="Raise provisioned concurrency before requests spill over.",
    )
