"""Asynchronous requests outlive their time in the queue and are lost."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule, saturates
from smtop.metrics.analysis.rules.queues.backlog_without_capacity import lacks_capacity
from smtop.metrics.analysis.rules.queues.capacity import more, worker
from smtop.metrics.analysis.rules.queues.queue import BACKLOG, OLDEST, PROCESSED, has_happened, queue_of
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import Owner

EXPIRED = "ExpiredRequests.Sum"
_ID = "requests-expiring"


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """In two of the three newest settled minutes, where there are instances at all."""
    if subject.endpoint.kind is not Kind.ASYNC:
        return
    for owner in subject.variant_owners():
        if expires(subject, owner, limits) and not lacks_capacity(subject):
            yield _finding(subject, owner, limits)


def expires(subject: Subject, owner: Owner, limits: Thresholds) -> bool:
    """Whether requests for a variant expire minute after minute."""
    if not has_happened(subject, owner, EXPIRED):
        return False
    return saturates(subject, _ID, owner, EXPIRED, limits.expired_per_minute, beside=PROCESSED)


def _finding(subject: Subject, owner: Owner, limits: Thresholds) -> Finding:
    minutes = limits.window_minutes
    lost = subject.total(owner, EXPIRED, minutes, beside=PROCESSED)
    queue = queue_of(subject)
    todo, change = more(subject, worker(subject), queue) if queue else ("Give the endpoint more instances.", None)
    return Finding(
        id=_ID,
        severity=Severity.CRITICAL,
        title=f"{lost / minutes:,.1f} requests a minute expire in the queue",
        evidence=(
            f"{lost:,.0f} requests expired in {minutes} min: nobody will answer them",
            *((queue.pace, *queue.ages) if queue else ()),
        ),
        since=subject.onset(owner, EXPIRED, limits.expired_per_minute.is_bad),
        variant=owner.variant,
        next=todo,
        impact_per_minute=lost / minutes,
        change=change,
    )


RULE = Rule(
    id=_ID,
    title="Requests expire in the queue",
    severity=Severity.CRITICAL,
    check=check,
    reads=(EXPIRED, PROCESSED, BACKLOG, OLDEST, "scaling"),
    limits=("expired_per_minute",),
    help="""\
Requests wait in the queue of an asynchronous endpoint for longer than they may (six hours, or what their callers ask
for), and are dropped. Nobody answers them; a caller that is not told of errors waits for ever.

It is said when requests expired in two of the three newest settled minutes, and until three minutes in a row are
better. The evidence has the backlog, and how fast it is worked off.

Where there is no instance at all, `backlog-without-capacity` is the cause and speaks alone. A backlog that waits for
long and does not expire yet is `backlog-never-drains`. One late request of a caller in a hurry is no finding.

More instances, or more requests at once for each, if the model can; see whether scaling has room and is not suspended.
Then let the callers send again what was lost: CloudWatch has no names, the error topic and the callers do.
""",
)
