"""Asynchronous requests fail, and nothing more precise is known."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.queues.failures import Failures, failures
from smtop.metrics.analysis.rules.queues.queue import PROCESSED
from smtop.metrics.analysis.rules.queues.transfers_failing import DOWNLOADS, UPLOADS, failed_transfers
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import Owner

FAILED = "InvocationFailures.Sum"
ERRORS = "Invocation5XXErrors.Sum"
_ID = "processing-failing"
_MOST = 0.5


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Failed requests, where they are neither transfers nor answers of the model."""
    if subject.endpoint.kind is not Kind.ASYNC:
        return
    for owner in subject.variant_owners():
        found = failures(subject, owner, (FAILED,), _ID, limits.processing_failure_ratio, limits)
        if found is not None and not _is_explained(subject, owner, found, limits):
            yield _finding(subject, owner, found)


def _is_explained(subject: Subject, owner: Owner, found: Failures, limits: Thresholds) -> bool:
    """Whether most of them are failed transfers, or 5XX that `errors-5xx` is bound to speak of."""
    transfers = failed_transfers(subject, owner, limits)
    if transfers is not None and transfers.failed >= _MOST * found.failed:
        return True
    errors = subject.total(owner, ERRORS, found.minutes, beside=PROCESSED)
    calls = subject.total(owner, PROCESSED, found.minutes)
    is_told = calls >= limits.least_calls and errors >= limits.server_error_ratio.fires * calls
    return is_told and errors >= _MOST * found.failed


def _finding(subject: Subject, owner: Owner, found: Failures) -> Finding:
    errors = subject.total(owner, ERRORS, found.minutes, beside=PROCESSED)
    is_known = subject.is_collected(owner, ERRORS)
    return Finding(
        id=_ID,
        severity=Severity.CRITICAL,
        title=f"{found.ratio:.0%} of asynchronous requests fail",
        evidence=(
            f"{found.failed:,.0f} of {found.requests:,.0f} requests failed in {found.minutes} min",
            *((f"{errors:,.0f} of them by a 5XX of the model",) if is_known else ()),
        ),
        since=found.since,
        variant=owner.variant,
        next="Read the endpoint's data log (it has a line for each request) and the container's.",
        confidence=Confidence.MEDIUM if is_known else Confidence.LOW,
        impact_per_minute=found.per_minute,
    )


RULE = Rule(
    id=_ID,
    title="Asynchronous requests fail",
    severity=Severity.CRITICAL,
    check=check,
    reads=(FAILED, PROCESSED, ERRORS, DOWNLOADS, UPLOADS),
    limits=("processing_failure_ratio", "least_failures"),
    help="""\
Requests of an asynchronous endpoint end in failure. Their callers went away long ago, so that no client notices.

It is said when the share of failed requests was at the threshold in the window, and in two minutes of it, and until it
is clearly below. AWS counts every kind of failure here.

Where most of them are failed transfers, `payload-transfer-failing` speaks instead, and `errors-5xx` where the model
itself answers most of them with 5XX. What is left are time-outs, answers that are no answers, and containers that went
away. A few bad requests of one caller are no finding.

Read the log of the endpoint for the requests that fail, then the container's log. If a deployment came just before,
go back. The failed requests have to be sent again: the error topic and the callers know them.
""",
)
