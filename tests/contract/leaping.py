"""Changes on a simulated AWS inside the test's process, whose time leaps instead of passing."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from smtop.metrics.actions.apply import Hands
from smtop.metrics.actions.ports import ControlPlane, Document, Reading, Receipt
from smtop.metrics.domain.change import Change
from smtop.metrics.domain.endpoint import Identity
from smtop.metrics.domain.plan import Call
from smtop.metrics.journal import Entry, State
from smtop.metrics.operator import Operator
from tests.simulator.small_fleet import LocalAws

PATIENCE_S = 10_000.0
DONE_S = 25.0
"""What the simulated AWS takes for anything at most."""


class LeapingClock:
    """A clock on which nobody waits: the simulated AWS's time goes on instead, so far that it is done with anything.

    `sleeping` is told of each wait.
    """

    def __init__(self, aws: LocalAws, sleeping: Callable[[], None] = lambda: None) -> None:
        self._aws = aws
        self._sleeping = sleeping

    def wall(self) -> float:
        return self._aws.now

    def monotonic(self) -> float:
        return self._aws.now

    async def sleep(self, seconds: float) -> None:
        self._sleeping()
        self._aws.pass_time(max(seconds, DONE_S))


@dataclass(frozen=True)
class Local:
    """The simulated AWS, an operator on it, and unmodified boto3 clients that say what became of it."""

    aws: LocalAws
    operator: Operator
    sagemaker: Any
    scaling: Any

    async def go(self, change: Change) -> Entry:
        """Plans a change and carries it out; nothing may stand against it."""
        made = await self.operator.plan(change)
        assert made.blockers == ()
        entry = await self.operator.go_on(self.operator.journal.begin(made).id, PATIENCE_S)
        assert (entry.state, entry.error) == (State.APPLIED, None)
        return entry

    def described(self) -> Any:
        """All endpoints with their configs' names, what is wanted of them, components and scaling, without times."""
        read = self.aws.read
        names = [one["EndpointName"] for one in read("ListEndpoints", SortBy="Name")["Endpoints"]]
        endpoints = [read("DescribeEndpoint", EndpointName=name) for name in names]
        parts = ("EndpointName", "EndpointConfigName", "EndpointStatus")
        variants = ("VariantName", "DesiredWeight", "DesiredInstanceCount", "DesiredServerlessConfig")
        targets = read("DescribeScalableTargets", ServiceNamespace="sagemaker")["ScalableTargets"]
        policies = read("DescribeScalingPolicies", ServiceNamespace="sagemaker")["ScalingPolicies"]
        components = read("ListInferenceComponents")["InferenceComponents"]
        return {
            **{
                one["EndpointName"]: [one.get(part) for part in parts]
                + [[variant.get(part) for part in variants] for variant in one.get("ProductionVariants", ())]
                for one in endpoints
            },
            "configs": sorted(one["EndpointConfigName"] for one in read("ListEndpointConfigs")["EndpointConfigs"]),
            "models": sorted(one["ModelName"] for one in read("ListModels", MaxResults=100)["Models"]),
            "components": sorted(one["InferenceComponentName"] for one in components),
            "targets": [(one["ResourceId"], one["MinCapacity"], one["MaxCapacity"]) for one in targets],
            "policies": sorted(one["PolicyName"] for one in policies),
        }


def hands(local: Local, control: ControlPlane) -> Hands:
    """What it takes to change something, over another control plane."""
    return Hands(control, local.operator.journal, local.operator.gate, LeapingClock(local.aws))


class Meddled:
    """A control plane behind which something happens right before the nth write, counted from 1."""

    def __init__(self, control: ControlPlane, before: dict[int, Callable[[], Awaitable[None]]]) -> None:
        self._control = control
        self._before = before
        self._sent = 0

    async def identity(self) -> Identity:
        return await self._control.identity()

    async def read(self, service: str, operation: str, **parameters: object) -> Reading:
        return await self._control.read(service, operation, **parameters)

    async def entries(self, service: str, operation: str, member: str, **parameters: object) -> Sequence[Document]:
        return await self._control.entries(service, operation, member, **parameters)

    async def send(self, call: Call) -> Receipt:
        self._sent += 1
        if self._sent in self._before:
            await self._before[self._sent]()
        return await self._control.send(call)
