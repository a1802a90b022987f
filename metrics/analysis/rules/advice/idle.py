"""Nobody asks the endpoint anything."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.analysis.vitals import requests_per_minute
from smtop.metrics.analysis.words import lasted
from smtop.metrics.domain.endpoint import IN_SERVICE, Variant
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import PERIOD_S

_ID = "idle"
_BACKLOG = "ApproximateBacklogSize.Maximum"
_READ_MINUTES = 60
"""How far back requests are read, whatever the threshold."""


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """In service, no request for long enough, nothing queued, and old enough to have had some."""
    trend, minutes = subject.trend, limits.idle_minutes
    if (trend and trend[-1].value) or subject.endpoint.status != IN_SERVICE:
        return
    if not _is_idle(subject, minutes):
        return
    costs = [cost for variant in subject.endpoint.variants if (cost := _cost(variant))]
    read = min(minutes, _READ_MINUTES)
    yield Finding(
        id=_ID,
        severity=Severity.IDLE,
        title=f"no request for {lasted(read)}",
        evidence=(
            f"no request in the last {read} min that were read",
            f"it costs all the same: {', '.join(costs)}" if costs else "it costs nothing meanwhile: nothing is running",
        ),
        since=subject.frontier - (read - 1) * PERIOD_S,
        next="Ask its owner whether it is needed; what it is for may call it once a day."
        if costs
        else "Nothing to do; delete it if nobody needs it.",
        confidence=Confidence.HIGH if minutes <= _READ_MINUTES else Confidence.LOW,
    )


def _is_idle(subject: Subject, minutes: int) -> bool:
    """Not told of any request, told of none now, and told of nothing in the queue."""
    if subject.now - subject.endpoint.summary.created_at.timestamp() <= minutes * PERIOD_S:
        return False
    first = subject.frontier - (minutes - 1) * PERIOD_S
    if any(point.value for point in subject.trend if point.at >= first):
        return False
    return requests_per_minute(subject).value == 0 and not subject.sample(subject.owner, _BACKLOG).value


def _cost(variant: Variant) -> str:
    """What of a variant is paid for by the hour."""
    instances, serverless = variant.instances, variant.serverless
    if instances is not None and instances.count.current:
        return f"{instances.count.current} x {instances.type or 'an unknown type'} ({variant.name})"
    if serverless is not None and serverless.provisioned_concurrency:
        return f"provisioned concurrency {serverless.provisioned_concurrency} ({variant.name})"
    return ""


RULE = Rule(
    id=_ID,
    title="Nobody asks it anything",
    severity=Severity.IDLE,
    check=check,
    reads=("Invocations.Sum", "InvocationsProcessed.Sum", _BACKLOG),
    limits=("idle_minutes",),
    help="""\
No request has come for an hour. Instances and provisioned concurrency cost by the hour, with and without requests.

It is said when CloudWatch has no request of any production variant or component in the last hour that was read, the
newest value is a zero and not merely missing, no asynchronous request waits, and the endpoint is older than that. It
ends with the first request. Requests are read an hour back, whatever the threshold.

An endpoint that was always busy at this hour and is not now may be cut off from its callers: that is `traffic-gone`.
One that is called once a day is idle most of the time and may well be needed. On-demand serverless endpoints, and
asynchronous ones at zero instances, cost nothing while idle.

Ask whoever owns it. Delete it, scale it in, or make it serverless or asynchronous if calls are rare.
""",
)
