"""Payloads of asynchronous requests cannot be fetched from S3, or results cannot be stored there."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.queues.failures import Failures, failures
from smtop.metrics.analysis.rules.queues.queue import PROCESSED
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import Owner

DOWNLOADS = "RequestDownloadFailures.Sum"
UPLOADS = "ResponseUploadFailures.Sum"
_ID = "payload-transfer-failing"


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Failed downloads and uploads per request; critical where most requests are lost to it."""
    if subject.endpoint.kind is not Kind.ASYNC:
        return
    for owner in subject.variant_owners():
        found = failed_transfers(subject, owner, limits)
        if found is not None:
            yield _finding(subject, owner, found, limits)


def failed_transfers(subject: Subject, owner: Owner, limits: Thresholds) -> Failures | None:
    """Downloads and uploads of a variant that failed, where they are too many."""
    return failures(subject, owner, (DOWNLOADS, UPLOADS), _ID, limits.delivery_failure_ratio, limits)


def _finding(subject: Subject, owner: Owner, found: Failures, limits: Thresholds) -> Finding:
    down = subject.total(owner, DOWNLOADS, found.minutes, beside=PROCESSED)
    up = subject.total(owner, UPLOADS, found.minutes, beside=PROCESSED)
    what, right = (
        ("requests cannot be fetched", "s3:GetObject") if down >= up else ("results cannot be stored", "s3:PutObject")
    )
    return Finding(
        id=_ID,
        severity=Severity.CRITICAL if found.ratio >= limits.transfers_down else Severity.WARNING,
        title=f"{found.ratio:.0%} of {what} in S3",
        evidence=(
            f"of {found.requests:,.0f} requests in {found.minutes} min, {down:,.0f} payloads could not be fetched "
            f"and {up:,.0f} results not stored",
        ),
        since=found.since,
        variant=owner.variant,
        next=f"Look at the bucket's policy and key, and at {right} of the endpoint's role.",
        impact_per_minute=found.per_minute,
    )


RULE = Rule(
    id=_ID,
    title="Payloads cannot be transferred",
    severity=Severity.CRITICAL,
    check=check,
    reads=(DOWNLOADS, UPLOADS, PROCESSED),
    limits=("delivery_failure_ratio", "transfers_down", "least_failures"),
    help="""\
An asynchronous endpoint reads each request from S3 and writes each result there. One of the two fails: the request is
never processed, or was processed for nothing.

It is said when the share of requests with a failed transfer was at the threshold in the window, and in two minutes of
it, and until it is clearly below. It is critical where most requests are lost to it.

One object that a caller has deleted too early is no finding. Requests that the model itself fails are `errors-5xx` or
`processing-failing`. AWS may count a failed transfer as a failed request too; it is said once, here.

Look at what the role of the endpoint may do with the bucket and its KMS key, at the bucket's policy, at a VPC endpoint
for S3, and at the output path of the config. Downloads alone may also be a caller that names what is not there.
""",
)
