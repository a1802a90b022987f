"""The alarms of target tracking: AWS makes two for every policy.

As documented: one is in ALARM above the target for 3 minutes, the other below nine tenths of it for 15. High-resolution
metrics, which need 10-second periods, and metric math have none here.
"""

from collections.abc import Mapping
from typing import Any

from smtop.metrics.simulator.autoscaling.scaling import Key, Scaling

Words = Mapping[str, Any]

_PREDEFINED = {
    "SageMakerVariantInvocationsPerInstance": ("AWS/SageMaker", "InvocationsPerInstance", "Sum"),
    "SageMakerVariantProvisionedConcurrencyUtilization": (
        "AWS/SageMaker",
        "ServerlessProvisionedConcurrencyUtilization",
        "Maximum",
    ),
    "SageMakerInferenceComponentInvocationsPerCopy": ("AWS/SageMaker", "InvocationsPerCopy", "Sum"),
}


def tracking_alarms(scaling: Scaling, key: Key, policy: Words) -> list[dict[str, Any]]:
    """AlarmHigh and AlarmLow of one policy, as PutMetricAlarm would take them."""
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    metric = _metric(scaling, key, tracking)
    if metric is None:
        return []
    target = float(tracking["TargetValue"])
    high = _alarm(scaling, key, "High", 3, target, "GreaterThanThreshold")
    low = _alarm(scaling, key, "Low", 15, target * 0.9, "LessThanThreshold")
    alarms = [high] if tracking.get("DisableScaleIn") else [high, low]
    return [alarm | metric for alarm in alarms]


def _alarm(scaling: Scaling, key: Key, side: str, minutes: int, threshold: float, comparison: str) -> dict[str, Any]:
    return {
        "AlarmName": f"TargetTracking-{key.resource}-Alarm{side}-{scaling.new_id()}",
        "Period": 60,
        "EvaluationPeriods": minutes,
        "Threshold": threshold,
        "ComparisonOperator": comparison,
    }


def _metric(scaling: Scaling, key: Key, tracking: Words) -> dict[str, Any] | None:
    custom = tracking.get("CustomizedMetricSpecification")
    if custom is not None:
        members = ("Namespace", "MetricName", "Statistic")
        known = all(member in custom for member in members)
        return (
            {member: custom[member] for member in members} | {"Dimensions": custom.get("Dimensions", [])}
            if known
            else None
        )
    found = _PREDEFINED.get(tracking["PredefinedMetricSpecification"]["PredefinedMetricType"])
    if found is None:
        return None
    namespace, name, statistic = found
    return {"Namespace": namespace, "MetricName": name, "Statistic": statistic, "Dimensions": _dimensions(key)}


def _dimensions(key: Key) -> list[dict[str, str]]:
    kind, name, *variant = key.resource.split("/")
    if kind == "inference-component":
        return [{"Name": "InferenceComponentName", "Value": name}]
    return [{"Name": "EndpointName", "Value": name}, {"Name": "VariantName", "Value": variant[-1]}]
