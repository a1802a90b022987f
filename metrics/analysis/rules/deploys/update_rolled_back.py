"""An update failed, and the endpoint is what it was before."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.deploys.update_stuck import began
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.analysis.words import lasted, minutes_since, quoted
from smtop.metrics.domain.endpoint import IN_SERVICE
from smtop.metrics.domain.finding import Confidence, Finding, Severity

_ROLLING_BACK = "RollingBack"

AFTER_S = 300
"""A config that is seen to become live this shortly after a roll-back is the old one coming back."""


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """It is rolling back, was seen to within the last hour, or serves with a reason why something failed."""
    at = rolled_back_at(subject)
    if at is None:
        return
    under_way = subject.endpoint.status == _ROLLING_BACK
    minutes = minutes_since(at, subject.now)
    if not under_way and minutes >= limits.rolled_back_minutes:
        return
    yield _finding(subject, at, minutes)


def rolled_back_at(subject: Subject) -> float | None:
    """When an update was rolled back, None where none was or a later one went well."""
    endpoint, seen = subject.endpoint, subject.around.rolled_back_at
    if endpoint.status == _ROLLING_BACK:
        return began(subject)
    if endpoint.status != IN_SERVICE:
        return None
    if seen is not None:
        later = any(deploy.at > seen + AFTER_S for deploy in subject.around.deploys)
        return None if later else seen
    return endpoint.summary.modified_at.timestamp() if endpoint.status_reason else None


def _finding(subject: Subject, at: float, minutes: int) -> Finding:
    endpoint = subject.endpoint
    under_way = endpoint.status == _ROLLING_BACK
    was_seen = under_way or subject.around.rolled_back_at is not None
    config = f"the config {endpoint.config}" if endpoint.config else "the config before"
    return Finding(
        id="update-rolled-back",
        severity=Severity.WARNING,
        title=f"an update is rolled back, for {lasted(minutes)} now"
        if under_way
        else f"an update was rolled back {lasted(minutes)} ago",
        evidence=(
            quoted(endpoint.status_reason),
            "the status is RollingBack" if under_way else f"{config} serves as before",
        ),
        since=int(at),
        next="Find out why the new version failed, in its log and in the alarms of the deployment, before it is tried "
        "again.",
        confidence=Confidence.HIGH if was_seen else Confidence.MEDIUM,
    )


RULE = Rule(
    id="update-rolled-back",
    title="An update was rolled back",
    severity=Severity.WARNING,
    check=check,
    reads=("rolled_back_at", "changing_since", "deploys"),
    limits=("rolled_back_minutes",),
    help="""\
An update failed or an alarm of the deployment fired, and AWS took the endpoint back to what served before. Callers get
answers; what was to be deployed is not there.

It is said while the status is RollingBack and for an hour after smtop saw that, or after the last change of an endpoint
that serves with AWS's reason for a failure. A later config that became live ends it.

Where the way back failed too, the endpoint is broken: `endpoint-failed`. A change that does not end is `update-stuck`.

Read AWS's reason, the log of the new instances (their streams stay), and the state of the deployment's alarms at that
time. The failed config still exists: compare it with the live one before it is deployed again.
""",
)
