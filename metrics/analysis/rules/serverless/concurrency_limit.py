"""A serverless endpoint runs into its concurrency limit."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import DECIDING, Rule
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Finding, Severity

_USE = "ServerlessConcurrentExecutionsUtilization.Maximum"


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Concurrent executions at or near the maximum in one of the newest minutes: the next request is throttled."""
    for owner in subject.variant_owners():
        newest = subject.newest(owner, _USE, DECIDING)
        peak = max((point.value for point in newest), default=0.0)
        if peak < limits.concurrency_full.fires:
            continue
        yield Finding(
            id="concurrency-limit",
            severity=Severity.CRITICAL,
            title=f"concurrent executions at {peak:.0%} of the limit",
            evidence=(f"peak {peak:.0%} in the last {DECIDING} min; above the limit requests get 429",),
            since=subject.onset(owner, _USE, lambda value: value >= limits.concurrency_full.fires),
            variant=owner.variant,
            next="Raise the variant's maximum concurrency, or take load away.",
        )


RULE = Rule(
    id="concurrency-limit",
    title="Serverless concurrency at its limit",
    severity=Severity.CRITICAL,
    check=check,
    reads=("ServerlessConcurrentExecutionsUtilization.Maximum",),
    limits=("concurrency_full",),
    help="""\

""",
)
