"""The callers' requests are refused: 4XX, throttles of serverless endpoints included."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.traffic.error_ratio import excessive_errors
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Finding, Severity


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """4XX of a variant at or above the ratio, over enough calls."""
    for errors in excessive_errors(subject, "4XX", limits.client_error_ratio.fires, limits):
        yield Finding(
            id="errors-4xx",
            severity=Severity.WARNING,
            title=f"{errors.ratio:.0%} of requests are refused with 4XX",
            evidence=(errors.sentence,),
            since=errors.since,
            variant=errors.variant,
            next="Look at who calls and with what; on serverless, 4XX also means throttled at the concurrency limit.",
        )


RULE = Rule(
    id="errors-4xx",
    title="Requests refused with 4XX",
    severity=Severity.WARNING,
    check=check,
    reads=("Invocation4XXErrors.Sum", "Invocations.Sum"),
    limits=("client_error_ratio",),
    help="""\

""",
)
