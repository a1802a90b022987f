"""Provisioned concurrency is nearly used up."""

from collections.abc import Iterator
from math import ceil

from smtop.metrics.analysis.rule import DECIDING, Rule, saturates
from smtop.metrics.analysis.rules.serverless.exhausted import CALLS, USE, is_exhausted
from smtop.metrics.analysis.rules.serverless.settings import serverless_variants
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.endpoint import Serverless
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import Owner

_ID = "pc-high"


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """High in two of the three newest settled minutes, where it is not used up."""
    for owner, settings in serverless_variants(subject):
        high = saturates(subject, _ID, owner, USE, limits.provisioned_high, beside=CALLS)
        if high and not is_exhausted(subject, owner, limits):
            yield _finding(subject, owner, settings, limits)


def _finding(subject: Subject, owner: Owner, settings: Serverless, limits: Thresholds) -> Finding:
    had = settings.provisioned_concurrency or 0
    peak = max(point.value for point in subject.newest(owner, USE, DECIDING, beside=CALLS))
    enough = min(max(ceil(had * peak / limits.provisioned_high.clears), had + 1), settings.max_concurrency)
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"provisioned concurrency at {peak:.0%}",
        evidence=(
            f"peak {peak:.0%} of {had} in the last {DECIDING} min, warning at {limits.provisioned_high.fires:.0%}",
        ),
        since=subject.onset(owner, USE, limits.provisioned_high.is_bad),
        variant=owner.variant,
        next="Raise provisioned concurrency before requests spill over.",
        change=Resize(subject.endpoint.name, owner.variant, provisioned_concurrency=enough) if enough > had else None,
    )


RULE = Rule(
    id=_ID,
    title="Provisioned concurrency nearly used up",
    severity=Severity.WARNING,
    check=check,
    reads=(USE, CALLS),
    limits=("provisioned_high",),
    help="""\
Provisioned concurrency will soon be used up; nothing is slower yet.

It is said when the peak utilisation of two of the three newest settled minutes was at the threshold, and until three in
a row are clearly below it. Once requests spill over in full minutes, `pc-exhausted` says so instead.

A daily peak that always stays below 100 % is no trouble: raise the threshold of this endpoint in the configuration.

Raise provisioned concurrency, or let Application Auto Scaling track its utilisation.
""",
)
