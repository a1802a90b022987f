"""A change of the endpoint that does not end."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.analysis.words import lasted, minutes_since, quoted
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.finding import Confidence, Finding, Severity

_NEXT = {
    "Creating": "Read the container's log: most never answer /ping. AWS lets it be deleted only once it has given up.",
    "Updating": "Read the log of the new instances and the deployment's steps; the old ones go on serving till then.",
    "SystemUpdating": "Wait: AWS changes it by itself and takes no other change. After hours, ask AWS's support.",
    "RollingBack": "Wait for AWS to end it: no other change is taken. Read the log of the new instances meanwhile.",
}


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Creating, Updating, SystemUpdating or RollingBack for longer than an update takes."""
    endpoint = subject.endpoint
    if endpoint.status not in _NEXT:
        return
    since = began(subject)
    minutes = minutes_since(since, subject.now)
    if minutes < limits.update_minutes:
        return
    yield Finding(
        id="update-stuck",
        severity=Severity.WARNING,
        title=f"{endpoint.status} for {lasted(minutes)}",
        evidence=(
            f"{endpoint.status} for {lasted(minutes)}, expected below {limits.update_minutes} min",
            *_under_way(endpoint),
            *((quoted(endpoint.status_reason),) if endpoint.status_reason else ()),
        ),
        since=int(since),
        next=_NEXT[endpoint.status],
        confidence=Confidence.MEDIUM,
    )


def began(subject: Subject) -> float:
    """When the change began, or at the latest did: AWS dates the last step of an update, not its first."""
    summary, seen = subject.endpoint.summary, subject.around.changing_since
    if subject.endpoint.status == "Creating":
        return summary.created_at.timestamp()
    return seen if seen is not None else summary.modified_at.timestamp()


def _under_way(endpoint: Endpoint) -> Iterator[str]:
    for variant in endpoint.variants:
        count = variant.instances.count if variant.instances else None
        if count and count.current is not None and count.desired is not None and count.current != count.desired:
            yield f"{variant.name} has {count.current} of {count.desired} instances"


RULE = Rule(
    id="update-stuck",
    title="A change of the endpoint does not end",
    severity=Severity.WARNING,
    check=check,
    reads=("changing_since",),
    limits=("update_minutes",),
    help="""\
The endpoint is being created, updated or rolled back for longer than that usually takes. As long as it is, AWS takes no
other change of it and does not delete it, and Application Auto Scaling cannot scale it.

It is said once the status has lasted for the threshold: since its creation, since smtop saw the change begin, or else
since AWS last modified it, which can be later than the beginning.

A deployment in canary or linear steps with long waits may take an hour and more and be well: AWS allows eight. Raise
the threshold of an endpoint that is deployed so. `SystemUpdating` is AWS's own maintenance.

Look into the log of the new instances: a container that does not answer /ping, a model that takes long to load, an
image that cannot be pulled. A wait for instances that the region does not have ends by itself, after up to hours.
""",
)
