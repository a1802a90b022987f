"""Answers come so late that SageMaker is about to give up on them."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.slowness import P99, NearLimit, near_limit
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import Owner


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """p99 near the limit in two of the three newest settled minutes."""
    for owner in (*subject.variant_owners(), *subject.component_owners()):
        told = near_limit(subject, owner, limits)
        if told is not None:
            yield _finding(owner, told)


def _finding(owner: Owner, told: NearLimit) -> Finding:
    always = ("it is as slow as that at this hour on other days too",) if told.usual else ()
    return Finding(
        id="latency-near-limit",
        severity=Severity.WARNING if told.usual else Severity.CRITICAL,
        title=f"p99 latency {told.p99_s:,.0f} s of {told.limit_s:,.0f} s",
        evidence=(f"{owner.component or owner.variant}: {told.sentence}", *always),
        since=told.since,
        variant=owner.variant,
        next="Take load away or add capacity; move answers that take so long to an asynchronous endpoint.",
        confidence=Confidence.MEDIUM,
        impact_per_minute=told.per_minute,
        component=owner.component,
    )


RULE = Rule(
    id="latency-near-limit",
    title="Latency near the limit of SageMaker",
    severity=Severity.CRITICAL,
    check=check,
    reads=(P99, "Invocations.Sum"),
    limits=("latency_limit_s", "least_calls"),
    help="""\
The slowest calls take nearly as long as SageMaker waits for a model: 60 seconds, or 8 minutes where the answer is
streamed. Beyond that callers get an error, and the model works on for nobody.

p99 must be near the limit in two of the three newest settled minutes, with enough calls to speak of a percentile. An
endpoint that has just answered later than 60 seconds streams its answers, and is held against 8 minutes. Where p99 is
no higher than usual at this hour it is a warning only. It lasts until three minutes in a row are clearly faster.

Asynchronous endpoints may take an hour and are not judged. If CPU, GPU or memory is full, the finding on that takes
this one in.

Add capacity or take load away now. Later: an asynchronous endpoint, a faster model, smaller requests.
""",
)
