"""A serverless endpoint runs into its maximum concurrency."""

from collections.abc import Iterator
from math import ceil

from smtop.metrics.analysis.rule import DECIDING, Rule, saturates
from smtop.metrics.analysis.rules.serverless.calm import is_calm
from smtop.metrics.analysis.rules.serverless.labels import CALLS, CLIENT_ERRORS, COLD_STARTS, CONCURRENCY
from smtop.metrics.analysis.rules.serverless.refused import REFUSED_MINUTES, Refusals, refusals
from smtop.metrics.analysis.rules.serverless.settings import MOST_CONCURRENCY, serverless_variants
from smtop.metrics.analysis.rules.serverless.slots import HEADROOM, Remedy
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.endpoint import Serverless
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import Owner

_ID = "concurrency-limit"


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Critical while callers are refused, a warning where they are in bursts, or soon may be."""
    for owner, settings in serverless_variants(subject):
        if is_calm(subject, owner, CONCURRENCY, below=limits.concurrency_full.clears):
            continue
        refused = refusals(subject, owner, limits)
        if len(refused.minutes) > 1:
            yield _refusing(subject, owner, settings, refused, limits)
        elif is_near(subject, owner, settings, limits):
            yield _near(subject, owner, settings, limits)


def is_near(subject: Subject, owner: Owner, settings: Serverless, limits: Thresholds) -> bool:
    """At the limit in two of the three newest settled minutes; of a few slots that alone says nothing."""
    if settings.max_concurrency < limits.least_slots:
        return False
    return saturates(subject, _ID, owner, CONCURRENCY, limits.concurrency_full, beside=CALLS)


def _refusing(subject: Subject, owner: Owner, settings: Serverless, refused: Refusals, limits: Thresholds) -> Finding:
    now = refused.newest()
    lasts = len(now) > (0 if subject.is_open(_ID, owner) else 1)
    told = now if lasts else refused.minutes
    turned_away, calls = sum(minute.refused for minute in told), sum(minute.calls for minute in told)
    remedy = raised(subject, settings, owner, max(minute.factor for minute in told))
    return Finding(
        id=_ID,
        severity=Severity.CRITICAL if lasts else Severity.WARNING,
        title=f"{turned_away / calls:.0%} of the callers are refused{'' if lasts else ' in bursts'}",
        evidence=tuple(_evidence(subject, owner, settings, refused, limits)),
        since=refused.minutes[0].at,
        variant=owner.variant,
        next=remedy.next,
        confidence=Confidence.MEDIUM if refused.usual is None else Confidence.HIGH,
        impact_per_minute=turned_away / (DECIDING if lasts else REFUSED_MINUTES),
        change=remedy.change,
    )


def _evidence(
    subject: Subject, owner: Owner, settings: Serverless, refused: Refusals, limits: Thresholds
) -> Iterator[str]:
    minutes = refused.minutes
    turned_away, calls = sum(minute.refused for minute in minutes), sum(minute.calls for minute in minutes)
    yield (
        f"{turned_away:,.0f} of {calls:,.0f} requests got 4XX in {len(minutes)} of the last {REFUSED_MINUTES} min, "
        f"each with {limits.concurrency_full.fires:.0%} or more of {settings.max_concurrency} at a time"
    )
    if refused.usual is not None:
        yield f"in the other minutes {refused.usual:.1%} of them did"
    full = {minute.at for minute in minutes}
    cold = sum(point.value for point in subject.settled(owner, COLD_STARTS) if point.at in full)
    if cold:
        yield f"{cold:,.0f} containers started in these minutes, and counted while they did"


def _near(subject: Subject, owner: Owner, settings: Serverless, limits: Thresholds) -> Finding:
    peak = max(point.value for point in subject.newest(owner, CONCURRENCY, DECIDING, beside=CALLS))
    unread = () if subject.is_collected(owner, CLIENT_ERRORS) else ("whether callers are refused is not read",)
    remedy = raised(subject, settings, owner, 1.0)
    return Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"concurrent executions at {peak:.0%} of the limit",
        evidence=(
            f"peak {peak:.0%} of {settings.max_concurrency} in the last {DECIDING} min; above it callers get 429",
            *unread,
        ),
        since=subject.onset(owner, CONCURRENCY, limits.concurrency_full.is_bad),
        variant=owner.variant,
        next=remedy.next,
        impact_per_minute=None if unread else 0.0,
        change=remedy.change,
    )


def raised(subject: Subject, settings: Serverless, owner: Owner, factor: float) -> Remedy:
    """A maximum that would hold `factor` times the calls, and a fifth more, where AWS and the account give it."""
    had = settings.max_concurrency
    wanted = min(max(ceil(had * factor * HEADROOM), had + 1), MOST_CONCURRENCY)
    if wanted <= had:
        return Remedy(f"{had} is the most that AWS gives one variant: take load away, or split it over two endpoints.")
    quota = (subject.around.quotas or {}).get("serverless")
    if quota is not None and quota.used is not None and quota.used + wanted - had > quota.limit:
        return Remedy(
            f"Ask AWS for more serverless concurrency first: {quota.used:,.0f} of {quota.limit:,.0f} are given away."
        )
    told = f"Raise the maximum concurrency from {had} to {wanted} (that alone costs nothing)."
    return Remedy(told, Resize(subject.endpoint.name, owner.variant, max_concurrency=wanted))


RULE = Rule(
    id=_ID,
    title="Serverless concurrency at its limit",
    severity=Severity.CRITICAL,
    check=check,
    reads=(CONCURRENCY, CLIENT_ERRORS, CALLS, COLD_STARTS, "quotas"),
    limits=("concurrency_full", "refused_ratio", "least_refused", "least_slots"),
    help="""\
A serverless variant runs at most so many requests at a time as its maximum concurrency says; further ones get 429.

There is no metric of those refusals: they are among the 4XX. Taken for refused are 4XX in minutes with full concurrency
beyond the share that other minutes have as well. It is critical when two of the three newest settled minutes had some
(one of three, once it is said), and a warning when two minutes of the last quarter of an hour had: bursts. Without
refusals it is a warning when the peak of two of the three newest minutes was at the threshold; of a few slots one
request is most of it, so that they are judged by refusals alone.

Callers with bad requests get 4XX at any load: `errors-4xx`. Where every minute of the quarter is full, the two cannot
be told apart, and the confidence is medium. Containers that start count as running, so that a storm of cold starts
fills the limit with few requests: see `cold-starts`.

Raise the maximum concurrency, at most 200 and within the account's quota; it costs nothing by itself. Let callers retry
with a pause.
""",
)
