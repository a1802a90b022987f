"""The endpoint itself is broken: AWS says so."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.analysis.words import lasted, minutes_since, quoted
from smtop.metrics.domain.change import Rollback
from smtop.metrics.domain.finding import Finding, Severity

_FAILED, _OUT, _MIXED = "Failed", "OutOfService", "UpdateRollbackFailed"

_TITLES = {
    _FAILED: "status Failed: it answers nobody",
    _OUT: "status OutOfService: it answers nobody",
    _MIXED: "status UpdateRollbackFailed: old and new instances serve side by side",
}
_NEXT = {
    _FAILED: "Read the container's log, then delete it and create it again: AWS allows nothing else.",
    _OUT: "Read the container's log, then delete it and create it again; callers need another endpoint till then.",
    _MIXED: "Update it to a config that is known to be good.",
}


def check(subject: Subject, _: Thresholds) -> Iterator[Finding]:
    """Failed, OutOfService and UpdateRollbackFailed."""
    endpoint = subject.endpoint
    if not endpoint.is_broken:
        return
    since = endpoint.summary.modified_at.timestamp()
    good = earlier_config(subject) if endpoint.status == _MIXED else None
    yield Finding(
        id="endpoint-failed",
        severity=Severity.CRITICAL,
        title=_TITLES[endpoint.status],
        evidence=(
            quoted(endpoint.status_reason),
            f"{endpoint.status} for {lasted(minutes_since(since, subject.now))}",
        ),
        since=int(since),
        next=f"Roll back to the config {good}, which smtop saw live before." if good else _NEXT[endpoint.status],
        change=Rollback(endpoint.name, to=good) if good else None,
    )


def earlier_config(subject: Subject) -> str | None:
    """The newest config that was live and is not the one that AWS names now."""
    named = subject.endpoint.config
    return next((deploy.config for deploy in subject.around.deploys if named and deploy.config != named), None)


RULE = Rule(
    id="endpoint-failed",
    title="The endpoint is broken",
    severity=Severity.CRITICAL,
    check=check,
    reads=("deploys",),
    help="""\
AWS gives the endpoint the status Failed (it could not be created, or not be kept), OutOfService (it cannot take
requests), or UpdateRollbackFailed (an update failed, and so did the way back: some instances are new, some old).

The status alone decides, at once. The reason is AWS's own sentence; the time is that of AWS's last change of the
endpoint.

An update that failed and was rolled back well leaves the endpoint InService: that is `update-rolled-back`. One that
does not end is `update-stuck`.

A Failed endpoint can only be deleted and created again, with its config as it is. After UpdateRollbackFailed another
update is the way out: where smtop saw which config served before, the way back to it is prepared. Most reasons stand in
the container's log: it does not answer /ping in time, the image or the model cannot be read, the role lacks a right.
""",
)
