"""Endpoints that scale by themselves: what Application Auto Scaling was asked to do with them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from smtop.metrics.simulator.autoscaling.shapes import COMPONENT_COPIES, VARIANT_COUNT, VARIANT_PROVISIONED
from smtop.metrics.simulator.blueprint import Blueprint

Request = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Schedule:
    """New bounds at set times of a day, in a time zone."""

    name: str
    cron: str
    timezone: str
    least: int
    most: int


def by_calls(plain: Blueprint, least: int, most: int, *schedules: Schedule, room: float = 1.0) -> Blueprint:
    """Instances follow the calls per instance: `room` times as many as each had when there were as many as at first."""
    (variant,) = plain.live
    per_instance = round(room * plain.workload.traffic.calls_per_min / max(plain.revisions[0].variants[0].instances, 1))
    place = _variant(plain, variant.name, VARIANT_COUNT)
    metric = _predefined("SageMakerVariantInvocationsPerInstance")
    return _scaled(plain, place, (least, most), ("calls-per-instance", metric, per_instance), schedules)


def by_backlog(plain: Blueprint, least: int, most: int, *schedules: Schedule) -> Blueprint:
    """Instances follow the backlog of each, down to none."""
    (variant,) = plain.live
    custom = {
        "MetricName": "ApproximateBacklogSizePerInstance",
        "Namespace": "AWS/SageMaker",
        "Dimensions": [{"Name": "EndpointName", "Value": plain.name}],
        "Statistic": "Average",
    }
    place = _variant(plain, variant.name, VARIANT_COUNT)
    policy = ("backlog-per-instance", {"CustomizedMetricSpecification": custom}, 5.0)
    return _scaled(plain, place, (least, most), policy, schedules)


def by_provisioned_use(plain: Blueprint, least: int, most: int) -> Blueprint:
    """Provisioned concurrency follows how much of it is used."""
    (variant,) = plain.live
    place = _variant(plain, variant.name, VARIANT_PROVISIONED)
    metric = _predefined("SageMakerVariantProvisionedConcurrencyUtilization")
    return _scaled(plain, place, (least, most), ("provisioned-use", metric, 0.7), ())


def by_calls_per_copy(plain: Blueprint, component: str, least: int, most: int) -> Blueprint:
    """Copies of one component follow the calls of each."""
    copies = {"ResourceId": f"inference-component/{component}", "ScalableDimension": COMPONENT_COPIES}
    metric = _predefined("SageMakerInferenceComponentInvocationsPerCopy")
    return _scaled(plain, copies, (least, most), ("calls-per-copy", metric, 60.0), ())


def held_in(plain: Blueprint) -> Blueprint:
    """Scaling out is suspended, for whatever of the endpoint scales."""
    registered = [request for operation, request in plain.scaling if operation == "RegisterScalableTarget"]
    suspended = {"SuspendedState": {"DynamicScalingOutSuspended": True}}
    held = [("RegisterScalableTarget", {**_place_of(request), **suspended}) for request in registered]
    return replace(plain, scaling=(*plain.scaling, *held))


def _place_of(request: Mapping[str, Any]) -> dict[str, Any]:
    return {name: request[name] for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")}


_COOLDOWNS: Final = {"ScaleOutCooldown": 60, "ScaleInCooldown": 300}


def _variant(plain: Blueprint, variant: str, dimension: str) -> dict[str, str]:
    return {"ResourceId": f"endpoint/{plain.name}/variant/{variant}", "ScalableDimension": dimension}


def _predefined(name: str) -> dict[str, Any]:
    return {"PredefinedMetricSpecification": {"PredefinedMetricType": name}}


def _scaled(
    plain: Blueprint,
    place: Mapping[str, str],
    bounds: tuple[int, int],
    policy: tuple[str, Mapping[str, Any], float],
    schedules: tuple[Schedule, ...],
) -> Blueprint:
    where = {"ServiceNamespace": "sagemaker", **place}
    name, metric, target = policy
    tracking = {"TargetValue": float(target), **metric, **_COOLDOWNS}
    kept: tuple[Request, ...] = (
        ("RegisterScalableTarget", {**where, **_bounds(*bounds)}),
        (
            "PutScalingPolicy",
            {
                **where,
                "PolicyName": name,
                "PolicyType": "TargetTrackingScaling",
                "TargetTrackingScalingPolicyConfiguration": tracking,
            },
        ),
        *(("PutScheduledAction", {**where, **_action(schedule)}) for schedule in schedules),
    )
    return replace(plain, scaling=(*plain.scaling, *kept))


def _bounds(least: int, most: int) -> dict[str, int]:
    return {"MinCapacity": least, "MaxCapacity": most}


def _action(schedule: Schedule) -> dict[str, Any]:
    return {
        "ScheduledActionName": schedule.name,
        "Schedule": f"cron({schedule.cron})",
        "Timezone": schedule.timezone,
        "ScalableTargetAction": _bounds(schedule.least, schedule.most),
    }
