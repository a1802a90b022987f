"""CPU is full: of the instances, or of an inference component's share of them."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.hosts.saturation import Resource, saturated
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.instance_types import vcpus

_CPU = Resource(
    "cpu-saturated", "CPU", "CPUUtilization", vcpus, "Add instances, take a larger type, or take load away."
)


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Nearly all cores busy in two of the three newest settled minutes."""
    if subject.endpoint.kind is not Kind.ASYNC:
        yield from saturated(subject, _CPU, limits)


RULE = Rule(
    id=_CPU.id,
    title="CPU full",
    severity=Severity.CRITICAL,
    check=check,
    reads=(_CPU.summed, _CPU.normalized),
    limits=("host_full", "host_exhausted", "start_allowance_minutes"),
    help="""\
The cores of the instances, or those that an inference component has reserved, are nearly all busy: requests queue up.
CloudWatch sums the percentage up over cores; smtop divides it by those of the instance type, and says nothing of a type
that it does not know.

Two of the three newest settled minutes, on average over instances, must be at the threshold. It is a warning, and
critical once calls fail or p99 nears the limit of SageMaker while all of it is in use. While no caller feels it, it is
no news where it is usual at this hour, where instances are on their way, or where scaling has had no time yet.

An asynchronous endpoint that works off its backlog is as busy as it can be, and is not judged. One busy instance among
calm ones is `hot-instance`. Slow answers beside free cores are `latency-high`.

Add instances or copies: the proposal brings the use down to 70 %. If it does not help, the model waits for something
else, or its threads fight for the cores: look at its number of workers.
""",
)
