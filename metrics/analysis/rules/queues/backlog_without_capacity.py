"""Asynchronous requests wait and no instance is there to take them."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import DECIDING, Rule
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import PERIOD_S

_LABEL = "HasBacklogWithoutCapacity.Maximum"


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """A backlog without capacity: a warning at once, critical when it lasts."""
    newest = subject.newest(subject.owner, _LABEL, DECIDING)
    since = subject.onset(subject.owner, _LABEL, lambda value: value > 0)
    if not newest or since is None:
        return
    minutes = (newest[-1].at - since) // PERIOD_S + 1
    stuck = minutes >= limits.start_allowance_minutes
    waiting = subject.sample(subject.owner, "ApproximateBacklogSize.Maximum").value
    oldest_s = subject.sample(subject.owner, "ApproximateAgeOfOldestRequest.Maximum").value
    evidence = [f"no capacity for {minutes} min or more"] if stuck else []
    evidence += [f"{waiting:.0f} requests wait"] if waiting is not None else []
    evidence += [f"the oldest waits for {oldest_s / 60:.0f} min"] if oldest_s is not None else []
    yield Finding(
        id="backlog-without-capacity",
        severity=Severity.CRITICAL if stuck else Severity.WARNING,
        title="requests wait and there is no instance" if stuck else "requests wait for the first instance",
        evidence=tuple(evidence),
        since=since,
        next="Set the desired instance count to 1 or more, and look at the scaling policy that should leave zero.",
    )


RULE = Rule(
    id="backlog-without-capacity",
    title="Backlog without capacity",
    severity=Severity.CRITICAL,
    check=check,
    reads=("HasBacklogWithoutCapacity.Maximum",),
    limits=("start_allowance_minutes",),
    help="""\

""",
)
