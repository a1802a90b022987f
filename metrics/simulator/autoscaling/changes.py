"""Operations that change what scales: targets, policies, scheduled actions. Error texts are AWS's, where known."""

import re
from collections.abc import Mapping
from typing import Any

from smtop.metrics.simulator.autoscaling.alarms import tracking_alarms
from smtop.metrics.simulator.autoscaling.scaling import Key, Scaling, Target, key_of
from smtop.metrics.simulator.wire.credentials import ACCOUNT_ID
from smtop.metrics.simulator.wire.errors import ServiceError, invalid

Request = Mapping[str, Any]

_SCHEDULE = re.compile(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)|rate\(\d+ (minute|hour|day)s?\)|cron\((\S+ ){5}\S+\)")
_NOT_SUSPENDED = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}


def register_target(scaling: Scaling, request: Request, now: float) -> dict[str, Any]:
    """Registers a resource, or changes the members that are named; what lies outside of the bounds moves at once."""
    key = _supported(request)
    if scaling.capacity(key) is None:
        raise invalid(f"SageMaker resource doesn't exist: {key.resource}")
    known = scaling.existing(now).get(key)
    least, most = _bounds(request, known)
    target = known or Target(least, most, now, dict(_NOT_SUSPENDED))
    target.least, target.most = least, most
    target.suspended |= request.get("SuspendedState", {})
    scaling.keep(key, target)
    scaling.keep_within_bounds(key, now)
    return {"ScalableTargetARN": _arn(scaling, "scalable-target", scaling.new_id())}


def deregister_target(scaling: Scaling, request: Request, now: float) -> dict[str, Any]:
    """Takes policies and scheduled actions with it."""
    key = key_of(request)
    if key not in scaling.existing(now):
        raise _missing(f"No scalable target found for {_place(key)}")
    scaling.remove(key)
    return {}


def put_policy(scaling: Scaling, request: Request, now: float) -> dict[str, Any]:
    """Makes a policy, or changes the members that are named. Target tracking brings two alarms of its own."""
    key, target = _registered(scaling, request, now)
    name = request["PolicyName"]
    known = target.policies.get(name, {})
    policy = {"PolicyType": "StepScaling", "CreationTime": now, "PolicyARN": _policy_arn(scaling, key, name)}
    policy |= known | dict(request)
    _check_policy(policy)
    scaling.drop_alarms(known)
    alarms = tracking_alarms(scaling, key, policy) if policy["PolicyType"] == "TargetTrackingScaling" else []
    scaling.alarms += alarms
    policy["Alarms"] = [{"AlarmName": one["AlarmName"], "AlarmARN": _alarm_arn(scaling, one)} for one in alarms]
    target.policies[name] = policy
    return {"PolicyARN": policy["PolicyARN"], "Alarms": policy["Alarms"]}


def delete_policy(scaling: Scaling, request: Request, now: float) -> dict[str, Any]:
    """Takes the policy's alarms with it."""
    key, name = key_of(request), request["PolicyName"]
    target = scaling.existing(now).get(key)
    if target is None or name not in target.policies:
        raise _missing(f"No scaling policy found for {_place(key)}, policy name: {name}")
    scaling.drop_alarms(target.policies.pop(name))
    return {}


def put_action(scaling: Scaling, request: Request, now: float) -> dict[str, Any]:
    """Makes a scheduled action, or changes the members that are named; times that are not named are dropped."""
    _key, target = _registered(scaling, request, now)
    name = request["ScheduledActionName"]
    known = {part: value for part, value in target.actions.get(name, {}).items() if part not in _TIMES}
    action: dict[str, Any] = (
        {"CreationTime": now, "ScheduledActionARN": _arn(scaling, "scheduledAction", name)} | known | dict(request)
    )
    if not _SCHEDULE.fullmatch(action.get("Schedule", "")):
        raise invalid(
            "Schedule expression must have the following syntax: rate(<number>\\s?(minutes?|hours?|days?)), "
            "cron(<cron_expression>) or at(yyyy-MM-dd'T'HH:mm:ss)."
        )
    if not action.get("ScalableTargetAction"):
        raise invalid("Either the minimum or the maximum capacity must be specified.")
    target.actions[name] = action
    return {}


def delete_action(scaling: Scaling, request: Request, now: float) -> dict[str, Any]:
    """Forgets a scheduled action."""
    key, name = key_of(request), request["ScheduledActionName"]
    target = scaling.existing(now).get(key)
    if target is None or name not in target.actions:
        raise _missing(f"No scheduled action found for {_place(key)}, scheduled action name: {name}")
    del target.actions[name]
    return {}


_TIMES = {"StartTime", "EndTime"}


def _supported(request: Request) -> Key:
    if request["ServiceNamespace"] != "sagemaker":
        raise invalid("Unsupported service namespace, resource type or scalable dimension")
    return key_of(request)


def _bounds(request: Request, known: Target | None) -> tuple[int, int]:
    least = request.get("MinCapacity", known.least if known else None)
    most = request.get("MaxCapacity", known.most if known else None)
    if least is None or most is None:
        raise invalid("Both minimum and maximum capacity must be specified for a new scalable target.")
    if least > most:
        raise invalid("Maximum capacity cannot be less than minimum capacity")
    return int(least), int(most)


def _registered(scaling: Scaling, request: Request, now: float) -> tuple[Key, Target]:
    key = _supported(request)
    target = scaling.existing(now).get(key)
    if target is None:
        raise _missing(f"No scalable target registered for {_place(key)}")
    return key, target


def _check_policy(policy: Request) -> None:
    kind = policy["PolicyType"]
    if f"{kind}PolicyConfiguration" not in policy:
        raise invalid(f"{kind}PolicyConfiguration is required for policy type {kind}.")
    tracking = policy.get("TargetTrackingScalingPolicyConfiguration", {})
    if kind == "TargetTrackingScaling" and len(_METRICS & set(tracking)) != 1:
        raise invalid("Exactly one of a predefined and a customized metric must be specified.")


_METRICS = {"PredefinedMetricSpecification", "CustomizedMetricSpecification"}


def _missing(text: str) -> ServiceError:
    return ServiceError("ObjectNotFoundException", text)


def _place(key: Key) -> str:
    return f"service namespace: sagemaker, resource ID: {key.resource}, scalable dimension: {key.dimension}"


def _arn(scaling: Scaling, kind: str, name: str) -> str:
    return f"arn:aws:application-autoscaling:{scaling.account.region}:{ACCOUNT_ID}:{kind}/{name}"


def _policy_arn(scaling: Scaling, key: Key, name: str) -> str:
    place = f"{scaling.account.region}:{ACCOUNT_ID}"
    resource = f"{scaling.new_id()}:resource/sagemaker/{key.resource}"
    return f"arn:aws:autoscaling:{place}:scalingPolicy:{resource}:policyName/{name}"


def _alarm_arn(scaling: Scaling, alarm: Request) -> str:
    return f"arn:aws:cloudwatch:{scaling.account.region}:{ACCOUNT_ID}:alarm:{alarm['AlarmName']}"
