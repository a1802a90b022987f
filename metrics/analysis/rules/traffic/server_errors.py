"""The model answers 5XX to too many requests."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.traffic.error_ratio import excessive_errors
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Finding, Severity


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """5XX of a variant at or above the ratio, over enough calls."""
    for errors in excessive_errors(subject, "5XX", limits.server_error_ratio.fires, limits):
        yield Finding(
            id="errors-5xx",
            severity=Severity.CRITICAL,
            title=f"{errors.ratio:.0%} of requests fail with 5XX",
            evidence=(errors.sentence,),
            since=errors.since,
            variant=errors.variant,
            next="Read the container's log; if a deployment came just before, take its traffic away.",
        )


RULE = Rule(
    id="errors-5xx",
    title="Requests fail with 5XX",
    severity=Severity.CRITICAL,
    check=check,
    reads=("Invocation5XXErrors.Sum", "Invocations.Sum"),
    limits=("server_error_ratio",),
    help="""\

""",
)
