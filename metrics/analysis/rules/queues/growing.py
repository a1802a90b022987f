"""More asynchronous requests come than are processed."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.queues.backlog_without_capacity import lacks_capacity
from smtop.metrics.analysis.rules.queues.capacity import coming_since, is_coming, more, worker
from smtop.metrics.analysis.rules.queues.expiring import expires
from smtop.metrics.analysis.rules.queues.never_drains import never_drains
from smtop.metrics.analysis.rules.queues.queue import BACKLOG, OLDEST, PROCESSED, Queue, queue_of, waiting
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Finding, Severity

_ID = "backlog-growing"


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Steadily over the window, by a share of what is processed; where that is not the lesser half of the truth."""
    if subject.endpoint.kind is not Kind.ASYNC or waiting(subject) < limits.backlog_least:
        return
    queue = queue_of(subject, limits.backlog_minutes)
    if queue is None or not _grows(subject, queue, limits) or _is_said(subject, limits):
        return
    todo, change = more(subject, worker(subject), queue)
    yield Finding(
        id=_ID,
        severity=Severity.WARNING,
        title=f"backlog of {queue.waiting:,.0f} requests grows by {queue.growth:,.0f} a minute",
        evidence=(
            f"{queue.pace}; {queue.processed + queue.growth:,.1f} a minute come",
            f"{queue.waiting + 60 * queue.growth:,.0f} will wait in an hour",
            *queue.ages,
        ),
        since=queue.rising_since,
        next=todo,
        impact_per_minute=queue.growth,
        change=change,
    )


def _grows(subject: Subject, queue: Queue, limits: Thresholds) -> bool:
    """Once it grows, it does until it hardly grows any more."""
    is_open = subject.is_open(_ID, subject.owner)
    if not limits.backlog_growth.is_bad(_growth_share(queue), is_open=is_open):
        return False
    if is_open:
        return True
    return len(queue.points) >= limits.backlog_minutes - 1 and queue.rises and not _is_helped(subject, limits)


def _growth_share(queue: Queue) -> float:
    if queue.growth <= 0:
        return 0.0
    return queue.growth / queue.processed if queue.processed else float("inf")


def _is_helped(subject: Subject, limits: Thresholds) -> bool:
    """Whether instances were asked for so recently that they may still be starting."""
    variant = worker(subject)
    if variant is None or not is_coming(subject, variant):
        return False
    return subject.now - coming_since(subject, variant) < limits.start_allowance_minutes * 60


def _is_said(subject: Subject, limits: Thresholds) -> bool:
    """Whether a graver rule says it."""
    if lacks_capacity(subject) or never_drains(subject, limits) is not None:
        return True
    return any(expires(subject, owner, limits) for owner in subject.variant_owners())


RULE = Rule(
    id=_ID,
    title="Backlog is growing",
    severity=Severity.WARNING,
    check=check,
    reads=(BACKLOG, PROCESSED, OLDEST, "scaling"),
    limits=("backlog_growth", "backlog_minutes", "backlog_least"),
    help="""\
More requests come to an asynchronous endpoint than its instances process. Nothing is lost yet; waits get longer.

It is said when the backlog rose all along the window, by a share of what is processed that is at the threshold, and
until it hardly grows any more. Growth is the mean of the middle half of the steps from minute to minute.

A batch that comes at once and is worked off is what such endpoints are for: one jump is no growth. Nothing is said
either while more instances are on their way. After a long wait it is `backlog-never-drains`.

Raise the instances, or the most that scaling may use, or see why scaling does not act; the proposal is what would hold
the requests that come now, and a fifth more.
""",
)
