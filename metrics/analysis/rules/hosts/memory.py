"""Memory is full: of the instances, or of an inference component's share of them."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.hosts.saturation import Resource, saturated
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.finding import Finding, Severity


def _one(_: str) -> int:
    return 1


_MEMORY = Resource(
    "memory-saturated",
    "memory",
    "MemoryUtilization",
    _one,
    "Take a type with more memory, or fewer models and workers on each instance.",
)


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Nearly all memory in use in two of the three newest settled minutes."""
    yield from saturated(subject, _MEMORY, limits)


RULE = Rule(
    id=_MEMORY.id,
    title="Memory full",
    severity=Severity.CRITICAL,
    check=check,
    reads=(_MEMORY.summed, _MEMORY.normalized),
    limits=("host_full", "host_exhausted"),
    help="""\
The memory of the instances, or what an inference component has reserved, is nearly all in use. What comes on top is
killed, and takes the requests with it that it was working on.

Two of the three newest settled minutes, on average over instances, must be at the threshold. It is a warning, and
critical once nearly all is in use and calls fail or p99 nears the limit of SageMaker. Where the baseline knows such a
use it is no news until nearly all of it is gone.

That of a serverless container is `serverless-memory`. A multi-model endpoint fills its memory with models on purpose,
and unloads some for others: see `cache-thrash`. Memory that grows from deployment to deployment, hour by hour, is a
leak.

Take a type with more memory, or run fewer workers or models on each instance. More instances help only where models are
spread over them.
""",
)
