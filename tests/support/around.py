"""What stands around endpoints, in memory."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from smtop.metrics.domain.scaling import ScalableTarget, ScalingActivity, ScalingPolicy
from smtop.metrics.domain.surroundings import ModelFacts, Quota
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import AroundSources, PlacedAlarm
from tests.support.details import Refusals

TARGETS = "application-autoscaling:DescribeScalableTargets"
POLICIES = "application-autoscaling:DescribeScalingPolicies"
ACTIVITIES = "application-autoscaling:DescribeScalingActivities"
ALARMS = "cloudwatch:DescribeAlarms"
QUOTAS = "servicequotas:ListServiceQuotas"
MODEL = "sagemaker:DescribeModel"
IMAGE = "ecr:DescribeImages"
ARTIFACT = "s3:HeadObject"

T = TypeVar("T")


class FakeRegion(Refusals):
    """All ports of AroundSources over what its members hold; what they do not hold is not found."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[ScalableTarget] = []
        self.policies: list[ScalingPolicy] = []
        self.activities: list[ScalingActivity] = []
        self.placed: list[PlacedAlarm] = []
        self.limits: dict[str, Quota] = {}
        self.models: dict[str, ModelFacts] = {}
        self.sizes: dict[str, int] = {}

    @property
    def sources(self) -> AroundSources:
        return AroundSources(self, self, self, self, self)

    async def all_targets(self) -> Sequence[ScalableTarget]:
        await self.ask(TARGETS)
        return list(self.targets)

    async def all_policies(self) -> Sequence[ScalingPolicy]:
        await self.ask(POLICIES)
        return list(self.policies)

    async def activities_since(self, since: float) -> Sequence[ScalingActivity]:
        await self.ask(ACTIVITIES)
        return [one for one in self.activities if one.started_at >= since]

    async def alarms(self) -> Sequence[PlacedAlarm]:
        await self.ask(ALARMS)
        return list(self.placed)

    async def quotas(self) -> Mapping[str, Quota]:
        await self.ask(QUOTAS)
        return dict(self.limits)

    async def facts(self, model: str) -> ModelFacts:
        await self.ask(MODEL)
        return _found(self.models, model, MODEL)

    async def image_bytes(self, uri: str, account: str) -> int:
        await self.ask(IMAGE)
        return _found(self.sizes, uri, IMAGE)

    async def artifact_bytes(self, url: str) -> int:
        await self.ask(ARTIFACT)
        return _found(self.sizes, url, ARTIFACT)


def _found(known: Mapping[str, T], name: str, operation: str) -> T:
    if name not in known:
        raise AwsError(FaultKind.NOT_FOUND, operation, f"There is no {name}.")
    return known[name]
