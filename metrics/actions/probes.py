"""Whether AWS has carried a call out, by its effect: for calls to which nobody has heard an answer."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from smtop.metrics.actions.ground import SCALING
from smtop.metrics.actions.live import variants_in
from smtop.metrics.actions.ports import ControlPlane, Document
from smtop.metrics.domain.plan import Call
from smtop.metrics.errors import AwsError, FaultKind

Probe = Callable[[ControlPlane, Mapping[str, Any]], Awaitable[bool]]


async def was_made(control: ControlPlane, call: Call) -> bool:
    """Whether the effect of a call is there. Raises AwsError where that cannot be asked."""
    return await _PROBES[call.operation](control, call.params)


async def described(control: ControlPlane, operation: str, **parameters: object) -> Document | None:
    """What AWS says of something, None where it does not exist."""
    try:
        return (await control.read("sagemaker", operation, **parameters)).document
    except AwsError as error:
        if error.kind is not FaultKind.NOT_FOUND:
            raise
        return None


def holds(document: Any, wanted: Any) -> bool:
    """Whether a document has all that is wanted; what it has beyond that does not matter."""
    if isinstance(wanted, Mapping):
        return isinstance(document, Mapping) and all(holds(document.get(name), wanted[name]) for name in wanted)
    if isinstance(wanted, list | tuple):
        return isinstance(document, list | tuple) and len(document) == len(wanted) and all(map(holds, document, wanted))
    return bool(document == wanted)


async def _capacity(control: ControlPlane, wanted: Mapping[str, Any]) -> bool:
    endpoint = await described(control, "DescribeEndpoint", EndpointName=wanted["EndpointName"])
    live = {variant["VariantName"]: variant for variant in variants_in(endpoint or {})}
    return all(_desires(live.get(one["VariantName"], {}), one) for one in wanted["DesiredWeightsAndCapacities"])


def _desires(variant: Document, wanted: Mapping[str, Any]) -> bool:
    settings = wanted.get("ServerlessUpdateConfig", {})
    desired = {name: value for name, value in wanted.items() if name.startswith("Desired")}
    return holds(variant, desired) and holds(variant.get("DesiredServerlessConfig") or {}, settings)


async def _config_is_live_or_coming(control: ControlPlane, wanted: Mapping[str, Any]) -> bool:
    endpoint = await described(control, "DescribeEndpoint", EndpointName=wanted["EndpointName"]) or {}
    coming = endpoint.get("PendingDeploymentSummary") or {}
    if endpoint.get("EndpointStatus") == "UpdateRollbackFailed":
        return False  # a part of its instances has another config than it says
    return wanted["EndpointConfigName"] in (endpoint.get("EndpointConfigName"), coming.get("EndpointConfigName"))


async def _copies(control: ControlPlane, wanted: Mapping[str, Any]) -> bool:
    name = wanted["InferenceComponentName"]
    component = await described(control, "DescribeInferenceComponent", InferenceComponentName=name) or {}
    desired = (component.get("RuntimeConfig") or {}).get("DesiredCopyCount")
    return bool(desired == wanted["DesiredRuntimeConfig"]["CopyCount"])


def _exists(what: str) -> Probe:
    async def probe(control: ControlPlane, wanted: Mapping[str, Any]) -> bool:
        name = f"{what}Name"
        return await described(control, f"Describe{what}", **{name: wanted[name]}) is not None

    return probe


def _is_gone(what: str, status: str = "") -> Probe:
    async def probe(control: ControlPlane, wanted: Mapping[str, Any]) -> bool:
        name = f"{what}Name"
        found = await described(control, f"Describe{what}", **{name: wanted[name]})
        return found is None or found.get(status) == "Deleting"

    return probe


def _scalable(kind: str, name: str = "", *, gone: bool = False) -> Probe:
    """Whether there is such a target, policy or action as was put, or none of its name where it was taken away."""

    async def probe(control: ControlPlane, wanted: Mapping[str, Any]) -> bool:
        where = {"ServiceNamespace": wanted["ServiceNamespace"], "ScalableDimension": wanted["ScalableDimension"]}
        of = {"ResourceIds": [wanted["ResourceId"]]} if not name else {"ResourceId": wanted["ResourceId"]}
        found = await control.entries(SCALING, f"Describe{kind}", kind, **where, **of)
        own = [entry for entry in found if not name or entry[name] == wanted[name]]
        return not own if gone else any(holds(entry, _lasting(wanted)) for entry in own)

    return probe


async def _has_alarm(control: ControlPlane, wanted: Mapping[str, Any]) -> bool:
    alarms = await control.entries("cloudwatch", "DescribeAlarms", "MetricAlarms", AlarmNames=[wanted["AlarmName"]])
    named = {name: wanted[name] for name in ("AlarmName", "MetricName", "Threshold")}
    return any(holds(alarm, named) for alarm in alarms)


async def _has_no_alarms(control: ControlPlane, wanted: Mapping[str, Any]) -> bool:
    names = list(wanted["AlarmNames"])
    return not await control.entries("cloudwatch", "DescribeAlarms", "MetricAlarms", AlarmNames=names)


def _lasting(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What can be read back: tags and the role are kept elsewhere, and times come back in another form."""
    return {name: wanted[name] for name in wanted if name not in ("Tags", "RoleARN", "StartTime", "EndTime")}


_TARGETS, _POLICIES, _ACTIONS = "ScalableTargets", "ScalingPolicies", "ScheduledActions"

_PROBES: Mapping[str, Probe] = {
    "UpdateEndpointWeightsAndCapacities": _capacity,
    "UpdateEndpoint": _config_is_live_or_coming,
    "UpdateInferenceComponentRuntimeConfig": _copies,
    "CreateModel": _exists("Model"),
    "CreateEndpointConfig": _exists("EndpointConfig"),
    "CreateEndpoint": _exists("Endpoint"),
    "CreateInferenceComponent": _exists("InferenceComponent"),
    "DeleteModel": _is_gone("Model"),
    "DeleteEndpointConfig": _is_gone("EndpointConfig"),
    "DeleteEndpoint": _is_gone("Endpoint", "EndpointStatus"),
    "DeleteInferenceComponent": _is_gone("InferenceComponent", "InferenceComponentStatus"),
    "PutMetricAlarm": _has_alarm,
    "DeleteAlarms": _has_no_alarms,
    "RegisterScalableTarget": _scalable(_TARGETS),
    "DeregisterScalableTarget": _scalable(_TARGETS, gone=True),
    "PutScalingPolicy": _scalable(_POLICIES, "PolicyName"),
    "DeleteScalingPolicy": _scalable(_POLICIES, "PolicyName", gone=True),
    "PutScheduledAction": _scalable(_ACTIONS, "ScheduledActionName"),
    "DeleteScheduledAction": _scalable(_ACTIONS, "ScheduledActionName", gone=True),
}
"""For every operation that changes something."""

OPERATIONS = frozenset(_PROBES)
