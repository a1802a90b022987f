"""Some requests spill over from provisioned to on-demand concurrency: in bursts, or a few of many."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.serverless.calm import is_silent
from smtop.metrics.analysis.rules.serverless.exhausted import is_exhausted
from smtop.metrics.analysis.rules.serverless.labels import CALLS, SPILL
from smtop.metrics.analysis.rules.serverless.settings import provisioned_variants
from smtop.metrics.analysis.rules.serverless.slots import enough, grown
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Serverless
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import Owner

_ID = "spillover"

BURSTS_MINUTES = 15
"""The window that two bursts fall into."""


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Enough of the calls spilled over in two minutes at least; where it is used up, that rule has said it already."""
    for owner, settings, had in provisioned_variants(subject):
        minutes = spilling_minutes(subject, owner, limits)
        if minutes and not is_exhausted(subject, owner, limits):
            yield _finding(subject, owner, settings, had, minutes)


def spilling_minutes(subject: Subject, owner: Owner, limits: Thresholds) -> int | None:
    """The shortest window in which enough of the calls spilled over; None where they did not.

    Once it is told, the last quarter of an hour decides: bursts are a few minutes apart.
    """
    if is_silent(subject, owner, SPILL):
        return None
    is_open = subject.is_open(_ID, owner)
    windows = (BURSTS_MINUTES,) if is_open else (limits.window_minutes, BURSTS_MINUTES)
    return next((minutes for minutes in windows if _spills(subject, owner, minutes, limits, is_open=is_open)), None)


def _spills(subject: Subject, owner: Owner, minutes: int, limits: Thresholds, *, is_open: bool) -> bool:
    counts = [point.value for point in subject.newest(owner, SPILL, minutes, beside=CALLS) if point.value > 0]
    if len(counts) < (1 if is_open else 2) or sum(counts) < limits.least_spilled:
        return False
    calls = subject.total(owner, CALLS, minutes, beside=SPILL)
    return calls > 0 and limits.spill_ratio.is_bad(sum(counts) / calls, is_open=is_open)


def _finding(subject: Subject, owner: Owner, settings: Serverless, had: int, minutes: int) -> Finding:
    spilling = [point for point in subject.newest(owner, SPILL, minutes, beside=CALLS) if point.value > 0]
    spilled = sum(point.value for point in spilling)
    calls = subject.total(owner, CALLS, minutes, beside=SPILL)
    remedy = grown(subject, owner, settings, enough(subject, owner, had, minutes))
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"{spilled / calls:.1%} of the requests spill over",
        evidence=(
            f"{spilled:,.0f} of {calls:,.0f} requests in {minutes} min, in {len(spilling)} of them",
            f"they left the provisioned concurrency of {had} for on-demand capacity and its cold starts",
        ),
        since=subject.onset(owner, SPILL, lambda count: count > 0) or spilling[0].at,
        variant=owner.variant,
        next=f"{remedy.next} Leave it where callers bear an occasional cold start.",
        impact_per_minute=spilled / minutes,
        change=remedy.change,
    )


RULE = Rule(
    id=_ID,
    title="Spillover",
    severity=Severity.WARNING,
    check=check,
    reads=(SPILL, CALLS),
    limits=("spill_ratio", "least_spilled", "window_minutes"),
    help=f"""\
Some requests find all provisioned concurrency taken and go to on-demand capacity, where they may wait for a cold start.

It is said when, in two minutes at least of the last few or of the last {BURSTS_MINUTES}, requests spilled over that are
enough by number and by share of the calls. It lasts until the share of the last {BURSTS_MINUTES} minutes is well below:
bursts that come every few minutes are one finding.

One request that spills over now and then is no news, and no one minute is. Where provisioned concurrency stays full and
spills over minute by minute, `pc-exhausted` says so instead.

Raise provisioned concurrency to what the bursts need, plan it for the hours of the bursts (scheduled scaling; target
tracking is too slow for bursts below ten minutes), or accept the cold starts.
""",
)
