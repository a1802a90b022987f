"""What scales: targets, policies, scheduled actions and activities, read from Application Auto Scaling."""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from smtop.metrics.aws.descriptions import Raw
from smtop.metrics.aws.faults import translated, understood
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.domain.scaling import (
    Scalable,
    ScalableTarget,
    ScalingActivity,
    ScalingPolicy,
    ScheduledAction,
    Step,
    Suspension,
)

V = TypeVar("V")
Read: TypeAlias = Callable[[Raw], V]

SERVICE = "application-autoscaling"
_NAMESPACE = "sagemaker"
_RESOURCES_AT_ONCE = 50
"""The default page of DescribeScalableTargets: so many ids are answered in one."""

_MOST_ACTIVITIES = 500
"""Of a whole region at once: ten pages."""


class ApplicationAutoScaling:
    """The ports ScalingSource and FleetScaling over one session. Its client is opened when it is first asked."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    async def targets(self, resources: Sequence[str]) -> Sequence[ScalableTarget]:
        found: list[ScalableTarget] = []
        for first in range(0, len(resources), _RESOURCES_AT_ONCE):
            some = list(resources[first : first + _RESOURCES_AT_ONCE])
            found += await self._entries(target, "DescribeScalableTargets", "ScalableTargets", ResourceIds=some)
        return sorted(found, key=lambda one: (resources.index(one.scalable.resource), one.scalable.dimension))

    async def policies(self, target: ScalableTarget) -> Sequence[ScalingPolicy]:
        return await self._entries(policy, "DescribeScalingPolicies", "ScalingPolicies", **_of(target))

    async def schedules(self, target: ScalableTarget) -> Sequence[ScheduledAction]:
        return await self._entries(scheduled_action, "DescribeScheduledActions", "ScheduledActions", **_of(target))

    async def activities(self, target: ScalableTarget, most: int) -> Sequence[ScalingActivity]:
        where = "DescribeScalingActivities", "ScalingActivities"
        found = await self._entries(activity, *where, most, **_of(target))
        return sorted(found, key=lambda one: -one.started_at)[:most]

    async def all_targets(self) -> Sequence[ScalableTarget]:
        return await self._entries(target, "DescribeScalableTargets", "ScalableTargets")

    async def all_policies(self) -> Sequence[ScalingPolicy]:
        return await self._entries(policy, "DescribeScalingPolicies", "ScalingPolicies")

    async def activities_since(self, since: float) -> Sequence[ScalingActivity]:
        found: list[ScalingActivity] = []
        where = "DescribeScalingActivities", "ScalingActivities"
        async with aclosing(self._pages(activity, *where, {"MaxItems": _MOST_ACTIVITIES})) as pages:
            async for some in pages:
                found += [one for one in some if one.started_at >= since]
                if any(one.started_at < since for one in some):
                    break
        return sorted(found, key=lambda one: -one.started_at)

    async def _entries(
        self, read: Read[V], operation: str, member: str, most: int | None = None, **parameters: Any
    ) -> list[V]:
        """All entries, or `most` of them."""
        paging = {"MaxItems": most, "PageSize": most} if most else {}
        entries: list[V] = []
        async for page in self._pages(read, operation, member, paging, **parameters):
            entries += page
        return entries

    async def _pages(
        self, read: Read[V], operation: str, member: str, paging: Mapping[str, int], **parameters: Any
    ) -> AsyncGenerator[list[V], None]:
        client = await self._session.opened(SERVICE)
        paginator = client.get_paginator(_METHODS[operation])
        with translated(f"{SERVICE}:{operation}", self._session.profile):
            async for page in paginator.paginate(ServiceNamespace=_NAMESPACE, PaginationConfig=paging, **parameters):
                with understood():
                    entries = [read(entry) for entry in page.get(member, ())]
                yield entries


_METHODS = {
    "DescribeScalableTargets": "describe_scalable_targets",
    "DescribeScalingPolicies": "describe_scaling_policies",
    "DescribeScheduledActions": "describe_scheduled_actions",
    "DescribeScalingActivities": "describe_scaling_activities",
}


def _of(target: ScalableTarget) -> dict[str, Any]:
    return {"ResourceId": target.scalable.resource, "ScalableDimension": target.scalable.dimension}


def _scalable(raw: Raw) -> Scalable:
    return Scalable(str(raw["ResourceId"]), str(raw["ScalableDimension"]))


def _epoch_s(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def target(raw: Raw) -> ScalableTarget:
    """One entry of DescribeScalableTargets."""
    suspended = raw.get("SuspendedState", {})
    return ScalableTarget(
        _scalable(raw),
        int(raw["MinCapacity"]),
        int(raw["MaxCapacity"]),
        frozenset(kind for kind in Suspension if suspended.get(kind.value)),
        _epoch_s(raw.get("CreationTime")),
    )


def policy(raw: Raw) -> ScalingPolicy:
    """One entry of DescribeScalingPolicies."""
    tracking = raw.get("TargetTrackingScalingPolicyConfiguration", {})
    stepping = raw.get("StepScalingPolicyConfiguration", {})
    cooldown_s = stepping.get("Cooldown")
    return ScalingPolicy(
        _scalable(raw),
        str(raw["PolicyName"]),
        str(raw.get("PolicyType", "")),
        metric=_metric(tracking),
        target=tracking.get("TargetValue"),
        scale_out_cooldown_s=tracking.get("ScaleOutCooldown", cooldown_s),
        scale_in_cooldown_s=tracking.get("ScaleInCooldown", cooldown_s),
        never_in=bool(tracking.get("DisableScaleIn", False)),
        adjustment=str(stepping.get("AdjustmentType", "")),
        steps=tuple(_steps(stepping.get("StepAdjustments", ()))),
        alarms=tuple(str(alarm["AlarmName"]) for alarm in raw.get("Alarms", ())),
    )


def _metric(tracking: Raw) -> str:
    predefined = tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    if predefined:
        return str(predefined)
    custom = tracking.get("CustomizedMetricSpecification", {})
    if not custom.get("MetricName"):
        return "metric math" if custom.get("Metrics") else ""
    return f"{custom['MetricName']} {custom.get('Statistic', '')}".strip()


def _steps(raw: Iterable[Any]) -> Iterable[Step]:
    for step in raw:
        bounds = step.get("MetricIntervalLowerBound"), step.get("MetricIntervalUpperBound")
        yield Step(*bounds, int(step["ScalingAdjustment"]))


def scheduled_action(raw: Raw) -> ScheduledAction:
    """One entry of DescribeScheduledActions."""
    bounds = raw.get("ScalableTargetAction", {})
    return ScheduledAction(
        _scalable(raw),
        str(raw["ScheduledActionName"]),
        str(raw["Schedule"]),
        str(raw.get("Timezone") or "UTC"),
        bounds.get("MinCapacity"),
        bounds.get("MaxCapacity"),
        _epoch_s(raw.get("StartTime")),
        _epoch_s(raw.get("EndTime")),
        _epoch_s(raw.get("CreationTime")),
    )


def activity(raw: Raw) -> ScalingActivity:
    """One entry of DescribeScalingActivities."""
    return ScalingActivity(
        _scalable(raw),
        raw["StartTime"].timestamp(),
        str(raw.get("StatusCode", "")),
        str(raw.get("Description", "")),
        str(raw.get("Cause", "")),
        _epoch_s(raw.get("EndTime")),
        str(raw.get("StatusMessage") or ""),
    )
