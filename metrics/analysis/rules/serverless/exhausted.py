"""Provisioned concurrency is used up: what comes on top pays for cold starts."""

from collections.abc import Iterator
from math import ceil

from smtop.metrics.analysis.rule import DECIDING, Rule
from smtop.metrics.analysis.rules.serverless.settings import serverless_variants
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.endpoint import Serverless
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import PERIOD_S, Owner

USE = "ServerlessProvisionedConcurrencyUtilization.Maximum"
SPILL = "ServerlessProvisionedConcurrencySpilloverInvocations.Sum"
CALLS = "Invocations.Sum"
_ID = "pc-exhausted"
_HEADROOM = 1.2


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Full and spilling over in two of the three newest settled minutes; it lasts as long as one of three does both."""
    for owner, settings in serverless_variants(subject):
        if is_exhausted(subject, owner, limits):
            yield _finding(subject, owner, settings, limits)


def is_exhausted(subject: Subject, owner: Owner, limits: Thresholds) -> bool:
    """Whether provisioned concurrency is used up, or was and has not recovered."""
    is_open = subject.is_open(_ID, owner)
    full = limits.provisioned_full
    used = {point.at: point.value for point in subject.newest(owner, USE, DECIDING, beside=CALLS)}
    spilled = {point.at for point in subject.newest(owner, SPILL, DECIDING, beside=CALLS) if point.value > 0}
    bad = sum(full.is_bad(value, is_open=is_open) and at in spilled for at, value in used.items())
    return bad >= (1 if is_open else 2)


def spilled_per_minute(subject: Subject, owner: Owner, limits: Thresholds) -> float:
    """Invocations a minute that leave provisioned concurrency, over the window."""
    return subject.total(owner, SPILL, limits.window_minutes, beside=CALLS) / limits.window_minutes


def _finding(subject: Subject, owner: Owner, settings: Serverless, limits: Thresholds) -> Finding:
    since = subject.onset(owner, USE, limits.provisioned_full.is_bad)
    newest = subject.settled(owner, USE)[-1]
    minutes = (newest.at - since) // PERIOD_S + 1 if since is not None else 1
    spilled = spilled_per_minute(subject, owner, limits)
    had = settings.provisioned_concurrency or 0
    enough = _enough(subject, owner, had, settings.max_concurrency, limits)
    return Finding(
        id=_ID,
        severity=Severity.CRITICAL,
        title="provisioned concurrency is used up",
        evidence=(
            f"utilisation {newest.value:.0%} for {minutes} min (provisioned concurrency {had})",
            f"{spilled:,.0f} invocations a minute spill over to on-demand capacity and its cold starts",
        ),
        since=since,
        variant=owner.variant,
        next=f"Raise provisioned concurrency from {had} to {enough}."
        if enough > had
        else f"Raise the maximum concurrency of {settings.max_concurrency} first: provisioned concurrency is there.",
        confidence=Confidence.HIGH,
        impact_per_minute=spilled,
        change=Resize(subject.endpoint.name, owner.variant, provisioned_concurrency=enough) if enough > had else None,
    )


def _enough(subject: Subject, owner: Owner, had: int, most: int, limits: Thresholds) -> int:
    """What would have held the window's calls: those that were served are to all calls as what there is to this."""
    calls = subject.total(owner, CALLS, limits.window_minutes)
    spilled = subject.total(owner, SPILL, limits.window_minutes, beside=CALLS)
    served = max(calls - spilled, 1.0)
    return min(max(ceil(had * max(calls, 1.0) / served * _HEADROOM), had + 1), most)


RULE = Rule(
    id=_ID,
    title="Provisioned concurrency exhausted",
    severity=Severity.CRITICAL,
    check=check,
    reads=(USE, SPILL, CALLS),
    limits=("provisioned_full",),
    help="""\
All provisioned concurrency is taken, and further requests go to on-demand capacity, where each may wait for a cold
start of seconds.

It is said when two of the three newest settled minutes had a utilisation at the threshold and spillover, and until
three in a row are better. The proposal is what would have held the calls of the last minutes, and a fifth more.

A short burst that spills over without filling whole minutes is `spillover`. Where on-demand capacity is used up as well
and callers get 429, see `concurrency-limit`.

Raise provisioned concurrency (it costs by the hour), let Application Auto Scaling track the utilisation, or take load
away. It cannot be above the maximum concurrency of the variant.
""",
)
