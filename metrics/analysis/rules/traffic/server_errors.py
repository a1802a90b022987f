"""The model answers 5XX to too many requests."""

from collections.abc import Iterator

from smtop.metrics.analysis.failures import Failures, bad_server_errors, failures
from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import Owner

_SEVERAL = 0.5


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """5XX of a variant at or above the ratio, and too many for an accident."""
    for owner in subject.variant_owners():
        told = failures(subject, owner, "5XX", bad_server_errors(limits), limits)
        if told is not None:
            yield _finding(owner, told)


def _finding(owner: Owner, told: Failures) -> Finding:
    return Finding(
        id="errors-5xx",
        severity=Severity.CRITICAL,
        title=f"{told.ratio:.0%} of requests fail with 5XX",
        evidence=(f"{owner.variant}: {told.sentence}",),
        since=told.since,
        variant=owner.variant,
        next="Read the container's log from the first bad minute on; roll back if a deployment came just before.",
        confidence=Confidence.HIGH if told.ratio >= _SEVERAL else Confidence.MEDIUM,
        impact_per_minute=told.per_minute,
    )


RULE = Rule(
    id="errors-5xx",
    title="Requests fail with 5XX",
    severity=Severity.CRITICAL,
    check=check,
    reads=("Invocation5XXErrors.Sum", "Invocations.Sum", "InvocationsProcessed.Sum"),
    limits=("server_error_ratio", "server_errors_least", "failures_chance", "window_minutes", "least_calls"),
    help="""\
The model's container, or SageMaker in front of it, fails to answer: callers get 5XX. An asynchronous endpoint fails
after its caller has gone; until its 5XX are read, `processing-failing` speaks of its failures.

Two of the three newest settled minutes with calls must have a ratio at the threshold, and so must the newest five
minutes together, or fifteen where five have few calls. A few failures, or so many as chance alone might bring, are
nothing. It lasts until three minutes in a row are clearly better.

If only the new one of several variants fails, see `bad-canary`. If the hosts are full while calls fail, the finding on
what is full says so. Refused calls are 4XX: see `errors-4xx` and, on serverless, `concurrency-limit`.

Read the log of the variant at the onset. If a deployment came shortly before, roll it back first and look afterwards.
""",
)
