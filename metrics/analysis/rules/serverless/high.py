"""Provisioned concurrency is nearly used up."""

from collections.abc import Iterator
from math import ceil

from smtop.metrics.analysis.rule import DECIDING, Rule, saturates
from smtop.metrics.analysis.rules.serverless.calm import is_calm
from smtop.metrics.analysis.rules.serverless.exhausted import is_exhausted
from smtop.metrics.analysis.rules.serverless.labels import CALLS, USE
from smtop.metrics.analysis.rules.serverless.settings import provisioned_variants, will_grow
from smtop.metrics.analysis.rules.serverless.slots import grown
from smtop.metrics.analysis.rules.serverless.spillover import spilling_minutes
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Serverless
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import Owner

_ID = "pc-high"


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """High in two of the three newest settled minutes, where nothing spills over and nothing will raise it."""
    for owner, settings, had in provisioned_variants(subject):
        if had < limits.least_slots or is_calm(subject, owner, USE, below=limits.provisioned_high.clears):
            continue
        if not saturates(subject, _ID, owner, USE, limits.provisioned_high, beside=CALLS):
            continue
        spills = is_exhausted(subject, owner, limits) or spilling_minutes(subject, owner, limits)
        if not spills and not will_grow(subject, owner, had):
            yield _finding(subject, owner, settings, had, limits)


def _finding(subject: Subject, owner: Owner, settings: Serverless, had: int, limits: Thresholds) -> Finding:
    peak = max(point.value for point in subject.newest(owner, USE, DECIDING, beside=CALLS))
    slots = max(ceil(had * peak / limits.provisioned_high.clears), had + 1)
    remedy = grown(subject, owner, settings, slots)
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"provisioned concurrency at {peak:.0%}",
        evidence=(
            f"peak {peak:.0%} of {had} in the last {DECIDING} min, warning at {limits.provisioned_high.fires:.0%}",
        ),
        since=subject.onset(owner, USE, limits.provisioned_high.is_bad),
        variant=owner.variant,
        next=f"Before requests spill over: {remedy.next}",
        impact_per_minute=0.0,
        change=remedy.change,
    )


RULE = Rule(
    id=_ID,
    title="Provisioned concurrency nearly used up",
    severity=Severity.WARNING,
    check=check,
    reads=(USE, CALLS, "scaled"),
    limits=("provisioned_high", "least_slots"),
    help="""\
Provisioned concurrency will soon be used up; nothing is slower yet.

It is said when the peak utilisation of two of the three newest settled minutes was at the threshold, and until three in
a row are clearly below it. Of a few slots one request more or less is most of it, so that they are judged by spillover
alone.

Once requests spill over, `spillover` or `pc-exhausted` says so instead. Where Application Auto Scaling tracks the
utilisation and has room, raising it is its own business, and nothing is said. A daily peak that always stays below
100 % is no trouble: raise the threshold of this endpoint in the configuration.

Raise provisioned concurrency, or let Application Auto Scaling track its utilisation.
""",
)
