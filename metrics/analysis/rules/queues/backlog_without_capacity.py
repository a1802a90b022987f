"""Asynchronous requests wait and no instance is there to take them."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import DECIDING, Rule, holds
from smtop.metrics.analysis.rules.queues.capacity import coming_since, failure, first, is_coming, will_scale, worker
from smtop.metrics.analysis.rules.queues.queue import BACKLOG, OLDEST, has_happened
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Band, Thresholds
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import PERIOD_S

WAITING = "HasBacklogWithoutCapacity.Maximum"
_ID = "backlog-without-capacity"
_ANY = Band(1.0, 1.0)
_GROWN_MINUTES = 5


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """In two of the three newest settled minutes; critical when it lasts longer than a first instance takes."""
    if subject.endpoint.kind is not Kind.ASYNC or not lacks_capacity(subject):
        return
    since = subject.onset(subject.owner, WAITING, _ANY.is_bad)
    if since is None:
        return
    minutes = (subject.settled(subject.owner, WAITING)[-1].at - since) // PERIOD_S + 1
    severity = _severity(subject, minutes, limits)
    todo, change = first(subject, worker(subject))
    starts = severity is Severity.OK
    yield Finding(
        id=_ID,
        severity=severity,
        title=f"no instance for {minutes} min, and requests wait"
        if severity is Severity.CRITICAL
        else "requests wait for the first instance",
        evidence=tuple(_evidence(subject, minutes, limits)),
        since=since,
        next="Wait: scaling brings the first instance." if starts else todo,
        confidence=Confidence.HIGH if subject.around.scaled is not None else Confidence.MEDIUM,
        impact_per_minute=_arriving(subject),
        change=None if starts else change,
    )


def lacks_capacity(subject: Subject) -> bool:
    """Whether requests wait at an endpoint without instances: whatever else is wrong with the queue comes from that."""
    if not has_happened(subject, subject.owner, WAITING):
        return False
    newest = subject.newest(subject.owner, WAITING, DECIDING)
    return holds(newest, _ANY, is_open=subject.is_open(_ID, subject.owner))


def _severity(subject: Subject, minutes: int, limits: Thresholds) -> Severity:
    """As long as the first instance may still be starting, it is no more than a warning; none where it surely is."""
    variant, allowance = worker(subject), limits.start_allowance_minutes
    comes = variant is not None and is_coming(subject, variant)
    if variant and comes and subject.now - coming_since(subject, variant) < allowance * 60:
        return Severity.OK if minutes < allowance else Severity.WARNING
    if minutes >= allowance:
        return Severity.CRITICAL
    return Severity.OK if variant and (comes or will_scale(subject, variant)) else Severity.WARNING


def _evidence(subject: Subject, minutes: int, limits: Thresholds) -> Iterator[str]:
    yield f"requests and no instance for {minutes} min; {limits.start_allowance_minutes} are allowed for a start"
    waiting = subject.sample(subject.owner, BACKLOG).value
    oldest_s = subject.sample(subject.owner, OLDEST).value
    if waiting is not None:
        yield f"{waiting:,.0f} requests wait"
    if oldest_s is not None:
        yield f"the oldest waits for {oldest_s / 60:,.0f} min"
    variant = worker(subject)
    tried = failure(subject, variant) if variant else None
    if tried:
        yield f"scaling: {tried.status}: {tried.message or tried.description}"


def _arriving(subject: Subject) -> float | None:
    """Requests a minute that come: nobody takes any, so the backlog grows by them."""
    newest = subject.newest(subject.owner, BACKLOG, _GROWN_MINUTES)
    if len(newest) < 2:
        return None
    return max(newest[-1].value - newest[0].value, 0.0) * PERIOD_S / (newest[-1].at - newest[0].at)


RULE = Rule(
    id=_ID,
    title="Backlog without capacity",
    severity=Severity.CRITICAL,
    check=check,
    reads=(WAITING, BACKLOG, OLDEST, "scaling"),
    limits=("start_allowance_minutes",),
    minutes=60,
    help="""\
Requests are in the queue of an asynchronous endpoint, and it has no instance. Nothing is processed until there is one,
and requests expire when their time is over.

It is said when CloudWatch's HasBacklogWithoutCapacity is 1 in two of the three newest settled minutes. For as long as a
first instance may take to start it is a warning, or a mere note where one is on its way or a scaling policy is there
to bring it. After that it is critical.

An endpoint that rests at zero and is woken by a batch looks like this for some minutes, each time; that is normal.
Target tracking alone may never leave zero for a few requests: it needs a step policy on HasBacklogWithoutCapacity.

Set the instance count to 1, or resume scaling out where it is suspended. Where an instance was asked for and does not
come, the scaling activities say why: no capacity of that type, a quota, or a failing container.
""",
)
