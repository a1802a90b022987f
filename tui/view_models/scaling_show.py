"""What scales an endpoint, in lines of text, from AWS's own documents."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from smtop.metrics.actions.scaling_schedule import told_twice
from smtop.metrics.domain.schedules import Bounds, next_firing

Documents = Mapping[str, Sequence[Mapping[str, Any]]]
"""`targets`, `policies`, `schedules` and `activities`."""


def scaling_lines(scaled: Documents, now: float) -> Iterator[str]:
    """Each target with what belongs to it."""
    if not scaled["targets"]:
        yield "Nothing of it is registered with Application Auto Scaling."
    for target in scaled["targets"]:
        suspended = [name for name, on in (target.get("SuspendedState") or {}).items() if on]
        told = f", suspended: {', '.join(suspended)}" if suspended else ""
        yield f"{target['ResourceId']}  {target['MinCapacity']} to {target['MaxCapacity']}{told}"
        own = {kind: _of(target, scaled[kind]) for kind in ("policies", "schedules", "activities")}
        yield from (f"  policy {_policy(policy)}" for policy in own["policies"])
        yield from (f"  schedule {_schedule(action, now)}" for action in own["schedules"])
        yield from (f"  {_activity(activity)}" for activity in own["activities"])


def _of(target: Mapping[str, Any], documents: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one for one in documents if one["ResourceId"] == target["ResourceId"]]


def _policy(policy: Mapping[str, Any]) -> str:
    tracking = policy.get("TargetTrackingScalingPolicyConfiguration")
    if not tracking:
        return f"{policy['PolicyName']}  {policy['PolicyType']}"
    predefined = (tracking.get("PredefinedMetricSpecification") or {}).get("PredefinedMetricType")
    metric = predefined or (tracking.get("CustomizedMetricSpecification") or {}).get("MetricName", "?")
    cooldowns = f"in {tracking.get('ScaleInCooldown', '?')} s, out {tracking.get('ScaleOutCooldown', '?')} s"
    return f"{policy['PolicyName']}  {metric} at {tracking['TargetValue']:g}, {cooldowns}"


def _schedule(action: Mapping[str, Any], now: float) -> str:
    zone = action.get("Timezone") or "UTC"
    limits = Bounds(action.get("StartTime"), action.get("EndTime"), action.get("CreationTime"))
    try:
        fires_at = next_firing(action["Schedule"], zone, now, limits)
    except ValueError as error:
        told = f"when it happens next is not known: {error}"
    else:
        told = f"next {told_twice(fires_at)}" if fires_at is not None else "never again"
    bounds = action.get("ScalableTargetAction") or {}
    wanted = f"{bounds.get('MinCapacity', '-')} to {bounds.get('MaxCapacity', '-')}"
    return f"{action['ScheduledActionName']}  {action['Schedule']} {zone}  {wanted}, {told}"


def _activity(activity: Mapping[str, Any]) -> str:
    moment = datetime.fromtimestamp(activity["StartTime"], UTC)
    return f"{moment:%Y-%m-%d %H:%MZ}  {activity['StatusCode']}  {activity.get('Description', '')}"
