"""Answers take clearly longer than they usually do at this hour."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.slowness import P99, SLOWEST_SHARE, Slow, slow
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Confidence, Finding, Severity
from smtop.metrics.domain.series import Owner


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """p99 of a variant or component against its own usual; silent where nothing is known to be usual."""
    for owner in subject.usual:
        is_shadow = any(one.shadow and one.name == owner.variant for one in subject.endpoint.variants)
        told = None if is_shadow or owner.container else slow(subject, owner, limits)
        if told is not None:
            yield _finding(owner, told)


def _finding(owner: Owner, told: Slow) -> Finding:
    who = owner.component or owner.variant
    times = told.p99_ms * 1000 / told.usual.expected if told.usual.expected else 0.0
    slowed = "half of the calls or more" if told.share > SLOWEST_SHARE else "the slowest calls"
    return Finding(
        id="latency-high",
        severity=Severity.WARNING,
        title=f"p99 latency is {times:.1f} times the usual" if times else f"p99 latency is {told.p99_ms:,.0f} ms",
        evidence=(f"{who}: {told.sentence}", f"{slowed} are slowed, {told.per_minute:,.1f} a minute"),
        since=told.since,
        variant=owner.variant,
        next="Compare with what was changed just before; look for larger payloads and for what the model waits for.",
        confidence=Confidence.HIGH if told.share > SLOWEST_SHARE else Confidence.MEDIUM,
        impact_per_minute=told.per_minute,
        component=owner.component,
    )


RULE = Rule(
    id="latency-high",
    title="Latency above its usual",
    severity=Severity.WARNING,
    check=check,
    reads=(P99, "ModelLatency.p50", "Invocations.Sum", "InvocationsProcessed.Sum"),
    limits=("latency_spread", "latency_least_ms", "least_calls"),
    by_baseline=True,
    help="""\
The model takes clearly longer to answer than it usually does at this hour of the day, and nothing that smtop knows of
explains it: no full host, no model that is loaded first, no worse variant.

The baseline of the series says what is usual. Two of the three newest settled minutes must be beyond its upper end by
a factor, and by so many milliseconds that somebody notices. Without a baseline, or with few calls, nothing is said. It
lasts until three minutes in a row are back in the usual range. Where the median has risen too, half of the calls count
as slowed, and otherwise the hundredth that p99 speaks of.

What looks alike is told by its cause: `cpu-saturated`, `gpu-saturated`, `memory-saturated`, `hot-instance`,
`pc-exhausted`, `cold-start-storm`, `cache-thrash`, `container-skew`, `bad-canary`. Larger requests make slower answers,
too.

Look at what was changed before the onset, at the size of the requests, and at what the model itself calls.
""",
)
