"""Asynchronous requests wait for long, and at this rate the backlog is never worked off."""

from collections.abc import Iterator
from math import isinf

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.queues.backlog_without_capacity import lacks_capacity
from smtop.metrics.analysis.rules.queues.capacity import more, worker
from smtop.metrics.analysis.rules.queues.expiring import expires
from smtop.metrics.analysis.rules.queues.queue import BACKLOG, OLDEST, PROCESSED, Queue, queue_of, waiting
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import PERIOD_S

_ID = "backlog-never-drains"
_KNOWN_MINUTES = 8


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """A long wait and no end of it over a quarter of an hour; where requests expire, that is the graver word for it."""
    if subject.endpoint.kind is not Kind.ASYNC or waiting(subject) < limits.backlog_least:
        return
    queue = never_drains(subject, limits)
    if queue is not None:
        yield _finding(subject, queue, limits)


def never_drains(subject: Subject, limits: Thresholds) -> Queue | None:
    """The queue, where it is one that is not worked off though there are instances."""
    if lacks_capacity(subject) or any(expires(subject, owner, limits) for owner in subject.variant_owners()):
        return None
    queue = queue_of(subject)
    if queue is None or len(queue.points) < _KNOWN_MINUTES:
        return None
    is_open = subject.is_open(_ID, subject.owner)
    waits = limits.backlog_wait_s.is_bad(queue.wait_s, is_open=is_open)
    stays = limits.backlog_drain_minutes.is_bad(queue.drain_minutes, is_open=is_open)
    return queue if waits and stays and (is_open or _has_lasted(queue, limits)) else None


def _has_lasted(queue: Queue, limits: Thresholds) -> bool:
    """Whether waits were long when the window began, and the last minutes alone do not say that it drains."""
    if queue.drains_lately(limits.window_minutes) < limits.backlog_drain_minutes.clears:
        return False
    return not queue.processed or queue.began_with_s >= limits.backlog_wait_s.clears


def _finding(subject: Subject, queue: Queue, limits: Thresholds) -> Finding:
    todo, change = more(subject, worker(subject), queue)
    never = isinf(queue.drain_minutes)
    drains = "never drains" if never else f"takes {queue.drain_minutes / 60:,.0f} h to drain"
    oldest_at = int(queue.points[-1].at - (queue.oldest_s or 0.0)) // PERIOD_S * PERIOD_S
    return Finding(
        id=_ID,
        severity=Severity.CRITICAL,
        title=f"a backlog of {queue.waiting:,.0f} requests {drains} at this rate",
        evidence=(
            f"{queue.pace}; {max(queue.processed + queue.growth, 0.0):,.1f} a minute come",
            *queue.ages,
            f"critical from {limits.backlog_wait_s.fires / 60:,.0f} min of waiting on",
        ),
        since=min(queue.points[0].at, oldest_at),
        next=todo,
        confidence=Confidence.HIGH if queue.oldest_s is not None else Confidence.MEDIUM,
        impact_per_minute=queue.processed + max(queue.growth, 0.0),
        change=change,
    )


RULE = Rule(
    id=_ID,
    title="Backlog never drains",
    severity=Severity.CRITICAL,
    check=check,
    reads=(BACKLOG, OLDEST, PROCESSED, "scaling"),
    limits=("backlog_wait_s", "backlog_drain_minutes", "backlog_least"),
    help="""\
An asynchronous endpoint has instances, and they do not catch up: every request waits for long, and the backlog grows
or stays. In the end requests expire.

It is said when the oldest request waits, or one that comes now will wait, for as long as the threshold, and the backlog
over the last quarter of an hour grew, stayed, or shrank so slowly that it would take hours to work it off; and when it
was already long at the start of that. It is over when waits are clearly shorter or the end is in sight.

A batch that was queued at once waits too, and shrinks steadily: it drains, and nothing is said. The jump of its
arrival counts as no growth. Without instances see `backlog-without-capacity`; when requests expire, that is said.

Raise the instances or the most that scaling may use; the proposal is what would hold the requests that come now, and a
fifth more. To get rid of the backlog itself takes more than that for a while.
""",
)
