"""Changes on a simulated AWS inside the test's process, whose time leaps instead of passing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from smtop.metrics.domain.change import Change
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
        client, scaling = self.sagemaker, self.scaling
        names = [one["EndpointName"] for one in client.list_endpoints(SortBy="Name")["Endpoints"]]
        endpoints = [client.describe_endpoint(EndpointName=name) for name in names]
        parts = ("EndpointName", "EndpointConfigName", "EndpointStatus")
        variants = ("VariantName", "DesiredWeight", "DesiredInstanceCount", "DesiredServerlessConfig")
        targets = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
        policies = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
        return {
            **{
                one["EndpointName"]: [one.get(part) for part in parts]
                + [[variant.get(part) for part in variants] for variant in one.get("ProductionVariants", ())]
                for one in endpoints
            },
            "configs": sorted(one["EndpointConfigName"] for one in client.list_endpoint_configs()["EndpointConfigs"]),
            "models": sorted(one["ModelName"] for one in client.list_models(MaxResults=100)["Models"]),
            "components": sorted(
                one["InferenceComponentName"] for one in client.list_inference_components()["InferenceComponents"]
            ),
            "targets": [(one["ResourceId"], one["MinCapacity"], one["MaxCapacity"]) for one in targets],
            "policies": sorted(one["PolicyName"] for one in policies),
        }
