"""Requests spill over from provisioned to on-demand concurrency."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.serverless.exhausted import is_exhausted
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Finding, Severity

_SPILL = "ServerlessProvisionedConcurrencySpilloverInvocations.Sum"


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Any spillover within the window; where provisioned concurrency is used up, that rule has said it already."""
    for owner in subject.variant_owners():
        spilled = subject.total(owner, _SPILL, limits.window_minutes)
        if spilled <= 0 or is_exhausted(subject, owner, limits):
            continue
        yield Finding(
            id="spillover",
            severity=Severity.WARNING,
            title=f"{spilled:,.0f} requests spilled over in {limits.window_minutes} min",
            evidence=("they left provisioned concurrency for on-demand capacity and its cold starts",),
            since=subject.onset(owner, _SPILL, lambda count: count > 0),
            variant=owner.variant,
            next="Raise provisioned concurrency if the spilled requests' cold starts matter.",
        )


RULE = Rule(
    id="spillover",
    title="Spillover",
    severity=Severity.WARNING,
    check=check,
    reads=("ServerlessProvisionedConcurrencySpilloverInvocations.Sum",),
    limits=(),
    help="""\

""",
)
