"""Callers of an asynchronous endpoint are not told that their results are there."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.queues.failures import failures
from smtop.metrics.analysis.rules.queues.queue import PROCESSED
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Finding, Severity

NOTIFICATIONS = "NotificationFailures.Sum"
_ID = "notifications-failing"


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Failed notifications per request."""
    if subject.endpoint.kind is not Kind.ASYNC:
        return
    for owner in subject.variant_owners():
        found = failures(subject, owner, (NOTIFICATIONS,), _ID, limits.delivery_failure_ratio, limits)
        if found is None:
            continue
        yield Finding(
            id=_ID,
            severity=Severity.WARNING,
            title=f"{found.ratio:.0%} of notifications fail",
            evidence=(f"{found.failed:,.0f} of {found.requests:,.0f} requests in {found.minutes} min told nobody",),
            since=found.since,
            variant=owner.variant,
            next="Look at the config's topics, their policies and keys, and at sns:Publish of the endpoint's role.",
            impact_per_minute=found.per_minute,
        )


RULE = Rule(
    id=_ID,
    title="Notifications fail",
    severity=Severity.WARNING,
    check=check,
    reads=(NOTIFICATIONS, PROCESSED),
    limits=("delivery_failure_ratio", "least_failures"),
    help="""\
An asynchronous endpoint tells an SNS topic of each result and of each error. It cannot: results are stored in S3, and
nobody hears of them.

It is said when the share of requests whose notification failed was at the threshold in the window, and in two minutes
of it, and until it is clearly below.

A topic that throttles for a moment is no finding. Where results themselves are missing, see `payload-transfer-failing`.

Look at whether the topics of the config still exist, at their policies and KMS keys, and at what the role of the
endpoint may publish. Callers that poll S3 are not affected; those that wait for a message wait for ever.
""",
)
