"""GPUs are full: of the instances, or of an inference component's share of them."""

from collections.abc import Iterator

from smtop.metrics.analysis.rule import Rule
from smtop.metrics.analysis.rules.hosts.saturation import Resource, saturated
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.instance_types import gpus

_GPU = Resource("gpu-saturated", "GPU", "GPUUtilization", gpus, "Add instances, take a larger type, or take load away.")


def check(subject: Subject, limits: Thresholds) -> Iterator[Finding]:
    """Nearly all GPUs busy in two of the three newest settled minutes."""
    if subject.endpoint.kind is not Kind.ASYNC:
        yield from saturated(subject, _GPU, limits)


RULE = Rule(
    id=_GPU.id,
    title="GPU full",
    severity=Severity.CRITICAL,
    check=check,
    reads=(_GPU.summed, _GPU.normalized),
    limits=("host_full", "host_exhausted", "start_allowance_minutes"),
    help="""\
The GPUs of the instances, or those that an inference component has reserved, are busy nearly all of the time: requests
queue up in the container, wait, and in the end time out.

CloudWatch sums the percentage up over GPUs; smtop divides it by those of the instance type. Two of the three newest
settled minutes, on average over instances, must be at the threshold. It is a warning, and critical once calls fail or
p99 nears the limit of SageMaker while all of it is in use. While no caller feels it, it is no news where it is usual at
this hour, where instances are on their way, or where scaling has had no time yet.

A GPU counts as busy while any kernel runs: servers that batch requests may show 100 % and have room left. Where latency
is as usual, raise the threshold of such an endpoint. GPU memory is not judged: servers of large models claim nearly all
of it from the start. Nor is an asynchronous endpoint, which is as busy as it can be while it works off its backlog.

Add instances or copies: the proposal brings the use down to 70 %.
""",
)
