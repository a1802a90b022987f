"""The endpoint itself is broken: AWS says so."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Finding, Severity

_NEXT = {
    "Failed": "Read the reason and the container's log; a failed endpoint can only be deleted and created again.",
    "OutOfService": "Update the endpoint to a config that works.",
    "UpdateRollbackFailed": "Update the endpoint to its last good config; old and new instances serve side by side.",
}


def check(subject: Subject, _: Thresholds) -> Iterator[Finding]:
    """Failed, OutOfService and UpdateRollbackFailed."""
    endpoint = subject.endpoint
    if not endpoint.is_broken:
        return
    yield Finding(
        id="endpoint-failed",
        severity=Severity.CRITICAL,
        title=f"status {endpoint.status}",
        evidence=(endpoint.status_reason,) if endpoint.status_reason else (),
        since=int(endpoint.summary.modified_at.timestamp()),
        next=_NEXT[endpoint.status],
    )


RULE = Rule(
    id="endpoint-failed",
    title="The endpoint is broken",
    severity=Severity.CRITICAL,
    check=check,
    reads=(),
    limits=(),
    help="""\

""",
)
