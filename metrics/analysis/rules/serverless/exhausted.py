"""Provisioned concurrency is used up: what comes on top pays for cold starts."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import DECIDING, Rule
from smtop.metrics.analysis.rules.serverless.calm import is_calm
from smtop.metrics.analysis.rules.serverless.labels import CALLS, SPILL, USE
from smtop.metrics.analysis.rules.serverless.settings import provisioned_variants, will_grow
from smtop.metrics.analysis.rules.serverless.slots import enough, grown
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Serverless
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import PERIOD_S, Owner

_ID = "pc-exhausted"


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Full and spilling over in two of the three newest settled minutes; it lasts as long as one of three does both."""
    for owner, settings, had in provisioned_variants(subject):
        if is_exhausted(subject, owner, limits):
            yield _finding(subject, owner, settings, had, limits)


def is_exhausted(subject: Subject, owner: Owner, limits: Thresholds) -> bool:
    """Whether provisioned concurrency is used up, or was and has not recovered."""
    if is_calm(subject, owner, USE, below=limits.provisioned_full.clears):
        return False
    is_open = subject.is_open(_ID, owner)
    used = subject.newest(owner, USE, DECIDING, beside=CALLS)
    full = {point.at for point in used if limits.provisioned_full.is_bad(point.value, is_open=is_open)}
    if not full:
        return False
    calls = {point.at: point.value for point in subject.newest(owner, CALLS, DECIDING, beside=SPILL)}
    spilled = subject.newest(owner, SPILL, DECIDING, beside=CALLS)
    shares = [count / max(calls[at], 1.0) for at, count in spilled if at in full and at in calls and count > 0]
    bad = sum(limits.exhausted_ratio.is_bad(share, is_open=is_open) for share in shares)
    return bad >= (1 if is_open else _needed(subject, owner))


def _needed(subject: Subject, owner: Owner) -> int:
    """How many of three minutes: all, where it is known for bursts, of which two minutes are no news."""
    return DECIDING if subject.is_open("spillover", owner) else 2


def spilled_per_minute(subject: Subject, owner: Owner, minutes: int) -> float:
    """Invocations a minute that leave provisioned concurrency, over the last minutes."""
    return subject.total(owner, SPILL, minutes, beside=CALLS) / minutes


def _finding(subject: Subject, owner: Owner, settings: Serverless, had: int, limits: Thresholds) -> Finding:
    since = subject.onset(owner, USE, limits.provisioned_full.is_bad)
    newest = subject.settled(owner, USE)[-1]
    minutes = (newest.at - since) // PERIOD_S + 1 if since is not None else 1
    spilled = spilled_per_minute(subject, owner, DECIDING)
    remedy = grown(subject, owner, settings, enough(subject, owner, had, limits.window_minutes))
    scaled = ("Application Auto Scaling may still raise it",) if will_grow(subject, owner, had) else ()
    return Finding(
        id=_ID,
        severity=Severity.CRITICAL,
        title=f"provisioned concurrency of {had} is used up",
        evidence=(
            f"utilisation {newest.value:.0%} for {minutes} min (provisioned concurrency {had})",
            f"{spilled:,.0f} invocations a minute spill over to on-demand capacity and its cold starts",
            *scaled,
        ),
        since=since,
        variant=owner.variant,
        next=remedy.next,
        confidence=Confidence.HIGH,
        impact_per_minute=spilled,
        change=remedy.change,
    )


RULE = Rule(
    id=_ID,
    title="Provisioned concurrency exhausted",
    severity=Severity.CRITICAL,
    check=check,
    reads=(USE, SPILL, CALLS),
    limits=("provisioned_full", "exhausted_ratio", "window_minutes"),
    help="""\
All provisioned concurrency is taken, and a good part of the requests goes to on-demand capacity, where each may wait
for a cold start of seconds.

It is said when two of the three newest settled minutes had a utilisation at the threshold and that share of the calls
spilled over (all three, while `spillover` tells of bursts), and until three in a row are better. The proposal is what
would have held the worst of the last minutes, and a fifth more.

Bursts that are over before that, and few requests that spill over beside many that do not, are `spillover`. Where
on-demand capacity is used up as well and callers get 429, `concurrency-limit` says so too. Cold starts that come with
it are not told apart.

Raise provisioned concurrency (it costs by the hour), let Application Auto Scaling track the utilisation, or take load
away. It cannot be above the maximum concurrency of the variant, nor stay above the maximum of its scaling.
""",
)
