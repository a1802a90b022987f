"""What an endpoint is made from and what scales it, in memory."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

from smtop.metrics.domain.configs import ConfigSummary, EndpointConfig
from smtop.metrics.domain.details import Deployed
from smtop.metrics.domain.scaling import (
    Scalable,
    ScalableTarget,
    ScalingActivity,
    ScalingPolicy,
    ScheduledAction,
)
from smtop.metrics.errors import AwsError, FaultKind

COUNT = "sagemaker:variant:DesiredInstanceCount"


def config(name: str, model: str = "fraud-1", *, created_at: float = 0.0, **members: Any) -> EndpointConfig:
    """A config of one variant AllTraffic; `members` are members of the variant."""
    variant = {"VariantName": "AllTraffic", "ModelName": model, "InstanceType": "ml.m5.large", **members}
    return EndpointConfig(name, created_at, {"EndpointConfigName": name, "ProductionVariants": [variant]})


def scalable(endpoint: str, variant: str = "AllTraffic") -> Scalable:
    return Scalable(f"endpoint/{endpoint}/variant/{variant}", COUNT)


def target(endpoint: str, least: int = 1, most: int = 4) -> ScalableTarget:
    return ScalableTarget(scalable(endpoint), least, most)


class Refusals:
    """Faults by operation; a port that is asked for one of these raises it. Counts what was asked."""

    def __init__(self) -> None:
        self.faults: dict[str, AwsError] = {}
        self.asked: Counter[str] = Counter()

    def refuse(self, operation: str, kind: FaultKind = FaultKind.PERMISSION) -> None:
        self.faults[operation] = AwsError(kind, operation, f"{operation} is denied; ask for this permission.")

    async def ask(self, operation: str, about: str = "") -> None:
        self.asked[f"{operation} {about}".strip()] += 1
        await asyncio.sleep(0)
        if operation in self.faults:
            raise self.faults[operation]


class FakeConfigs(Refusals):
    """The ConfigSource port over configs in a dictionary."""

    def __init__(self, *configs: EndpointConfig) -> None:
        super().__init__()
        self.configs = {config.name: config for config in configs}
        self.deployments: dict[str, Deployed] = {}
        self.parts: list[str] = []

    async def deployed(self, endpoint: str) -> Deployed:
        await self.ask("sagemaker:DescribeEndpoint", endpoint)
        if endpoint not in self.deployments:
            raise _missing("sagemaker:DescribeEndpoint", "endpoint", endpoint)
        return self.deployments[endpoint]

    async def config(self, name: str) -> EndpointConfig:
        await self.ask("sagemaker:DescribeEndpointConfig", name)
        if name not in self.configs:
            raise _missing("sagemaker:DescribeEndpointConfig", "endpoint configuration", name)
        return self.configs[name]

    async def configs_named(self, part: str, most: int) -> Sequence[ConfigSummary]:
        self.parts.append(part)
        await self.ask("sagemaker:ListEndpointConfigs")
        found = [one for one in self.configs.values() if part.lower() in one.name.lower()]
        newest_first = sorted(found, key=lambda one: -one.created_at)
        return [ConfigSummary(one.name, one.created_at) for one in newest_first[:most]]


def _missing(operation: str, what: str, name: str) -> AwsError:
    return AwsError(FaultKind.NOT_FOUND, operation, f"{operation} was refused: Could not find {what} {name}.")


class FakeScaling(Refusals):
    """The ScalingSource port over lists."""

    def __init__(self, *targets: ScalableTarget) -> None:
        super().__init__()
        self.registered = list(targets)
        self.known: list[ScalingPolicy | ScheduledAction | ScalingActivity] = []

    async def targets(self, resources: Sequence[str]) -> Sequence[ScalableTarget]:
        await self.ask("application-autoscaling:DescribeScalableTargets")
        return [one for one in self.registered if one.scalable.resource in resources]

    async def policies(self, target: ScalableTarget) -> Sequence[ScalingPolicy]:
        await self.ask("application-autoscaling:DescribeScalingPolicies")
        return [one for one in self.known if isinstance(one, ScalingPolicy) and one.scalable == target.scalable]

    async def schedules(self, target: ScalableTarget) -> Sequence[ScheduledAction]:
        await self.ask("application-autoscaling:DescribeScheduledActions")
        return [one for one in self.known if isinstance(one, ScheduledAction) and one.scalable == target.scalable]

    async def activities(self, target: ScalableTarget, most: int) -> Sequence[ScalingActivity]:
        await self.ask("application-autoscaling:DescribeScalingActivities")
        own = (one for one in self.known if isinstance(one, ScalingActivity) and one.scalable == target.scalable)
        return sorted(own, key=lambda one: -one.started_at)[:most]
