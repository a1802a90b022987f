"""Causes of capacity: what there is of it, what scales it, and what keeps it from scaling."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from smtop.metrics.simulator import noise
from smtop.metrics.simulator.autoscaling.scaling import ROLE
from smtop.metrics.simulator.blueprint import Blueprint, calls_for
from smtop.metrics.simulator.causes.cause import MIN_S, Cause, Onset, busy_until, shifted
from smtop.metrics.simulator.resources import Event
from smtop.metrics.simulator.scaled import by_calls
from smtop.metrics.simulator.workload import Shift

_SCALED: Final = ("scaled",)
_OVERLOAD: Final = ("cpu-saturated", "latency-high", "latency-near-limit", "errors-5xx")
_RARE_TYPES: Final = ("ml.c5.9xlarge", "ml.m5.12xlarge", "ml.c6i.8xlarge", "ml.m6i.8xlarge", "ml.r5.4xlarge")
_NO_INSTANCES: Final = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry using a "
    "different ML instance type or after some time."
)
_NOT_ALLOWED: Final = (
    "User: {} is not authorized to perform: sagemaker:UpdateEndpointWeightsAndCapacities (Service: AmazonSageMaker; "
    "Status Code: 400; Error Code: AccessDeniedException)"
)


def resized(blueprint: Blueprint, at: float, count: int) -> Event:
    """Somebody sets the number of instances by hand."""
    wanted = [{"VariantName": blueprint.live[0].name, "DesiredInstanceCount": count}]
    request = {"EndpointName": blueprint.name, "DesiredWeightsAndCapacities": wanted}
    return Event(at, "sagemaker:UpdateEndpointWeightsAndCapacities", request)


def _no_instances(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """Scaled in to none by hand, and nothing brings them back. Mild: callers are few."""
    calls = blueprint.called(calls_per_min=blueprint.workload.traffic.calls_per_min * onset.either(0.25, 1.0))
    return _and_back(calls, onset, 0)


def _and_back(blueprint: Blueprint, onset: Onset, count: int) -> Blueprint:
    changed = blueprint.befallen(resized(blueprint, onset.began, count))
    if onset.until == float("inf"):
        return changed
    return changed.befallen(resized(blueprint, onset.until, blueprint.live[0].instances))


def _at_max(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """Calls outgrow what scaling may do. Mild: what there is still carries them."""
    most = blueprint.live[0].instances
    return busy_until(0.78, 1.3)(_bounded(blueprint, most), onset)


def _bounded(blueprint: Blueprint, most: int) -> Blueprint:
    """The same endpoint with another largest capacity."""
    return _registered(blueprint, {"MinCapacity": most, "MaxCapacity": most})


def _registered(blueprint: Blueprint, bounds: Mapping[str, int]) -> Blueprint:
    scaling = tuple(
        (operation, {**request, **bounds} if operation == "RegisterScalableTarget" else request)
        for operation, request in blueprint.scaling
    )
    return replace(blueprint, scaling=scaling)


def _stuck(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """Scaling out is not allowed any more, or waits for instances that do not come."""
    status, reason = ("Failed", _NOT_ALLOWED.format(ROLE)) if onset.severe else ("Unfulfilled", _NO_INSTANCES)
    where = {"EndpointName": blueprint.name}
    denied = Event(onset.began - MIN_S, "fate:DenyGrowth", {**where, "status": status, "reason": reason})
    changed = busy_until(0.78, 1.3)(blueprint.befallen(denied), onset)
    return changed if onset.until == float("inf") else changed.befallen(Event(onset.until, "fate:AllowGrowth", where))


def _fight(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """Again and again a hand takes instances away that the policy brings back."""
    every_s, times = onset.either(20.0, 12.0) * MIN_S, int(onset.either(5, 10))
    hand = (resized(blueprint, onset.began + every_s * again, 1) for again in range(times))
    return blueprint.befallen(*hand)


def _empty_component(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """Somebody takes all copies of a component away, of the smaller or the larger one."""
    component = blueprint.live[0].components[0 if onset.severe else 1]
    return blueprint.befallen(*_copies(component.name, onset, component.copies))


def _copies(component: str, onset: Onset, usual: int) -> Iterator[Event]:
    for at, copies in ((onset.began, 0), (onset.until, usual)):
        if at < float("inf"):
            wanted = {"InferenceComponentName": component, "DesiredRuntimeConfig": {"CopyCount": copies}}
            yield Event(at, "sagemaker:UpdateInferenceComponentRuntimeConfig", wanted)


def _near_quota(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """A hand takes nearly all, or all, that the account may have of an instance type, and scaling may take more."""
    kind = _RARE_TYPES[noise.key(blueprint.name) % len(_RARE_TYPES)]
    variant = replace(blueprint.live[0], instance_type=kind, instances=2)
    calls = calls_for(blueprint.workload.usual, kind, 8, 0.3)
    moved = replace(blueprint, revisions=(replace(blueprint.revisions[0], variants=(variant,)),), scaling=())
    moved = by_calls(moved.called(calls_per_min=calls / 4.0), 2, 16)
    allowed = replace(moved, quotas={f"{kind} for endpoint usage": 10}, scaling=_without_policy(moved))
    return _and_back(allowed, onset, int(onset.either(9, 10)))


def _without_policy(blueprint: Blueprint) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """What is registered, so that only a hand moves it."""
    return tuple(one for one in blueprint.scaling if one[0] == "RegisterScalableTarget")


def _to_zero(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """No more requests, and half an hour later no more instances."""
    calm = shifted(blueprint, Shift(onset.began, 0.0, MIN_S))
    return calm.befallen(resized(blueprint, onset.began + 30 * MIN_S, 0))


def _scale_out(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """Calls grow slowly, and the policy brings instances in time."""
    return shifted(blueprint, Shift(onset.began, onset.either(2.0, 2.4), 30 * MIN_S, onset.until))


CAUSES: Final = (
    Cause(
        "backlog-without-capacity",
        "requests wait, and there is no instance",
        _no_instances,
        ("async",),
        ("backlog-without-capacity",),
        ("backlog-growing", "backlog-never-drains", "requests-expiring", "metrics-missing"),
        variant=None,
        full_s=MIN_S,
    ),
    Cause(
        "scaling-at-max",
        "calls outgrow the largest capacity",
        _at_max,
        _SCALED,
        ("scaling-at-max",),
        (*_OVERLOAD, "alarm-firing"),
        full_s=4 * MIN_S,
        steady=True,
    ),
    Cause(
        "scaling-stuck",
        "scaling out comes to nothing",
        _stuck,
        _SCALED,
        ("scaling-stuck",),
        (*_OVERLOAD, "alarm-firing", "scaling-at-max"),
        full_s=20 * MIN_S,
        steady=True,
    ),
    Cause(
        "scaling-fight",
        "a hand takes away what the policy brings",
        _fight,
        _SCALED,
        ("scaling-fight",),
        (*_OVERLOAD, "alarm-firing", "single-instance"),
        full_s=30 * MIN_S,
        steady=True,
        lasting=True,
    ),
    Cause(
        "component-without-capacity",
        "a component has calls and no copies",
        _empty_component,
        ("components",),
        ("component-without-capacity",),
        ("errors-5xx", "traffic-gone"),
        full_s=MIN_S,
    ),
    Cause(
        "quota-near",
        "instances of a type are nearly, or all, used up",
        _near_quota,
        _SCALED,
        ("quota-near",),
        ("latency-high",),
        full_s=MIN_S,
    ),
    Cause("scale-out", "twice the calls, carried by a scale-out", _scale_out, _SCALED, full_s=40 * MIN_S, steady=True),
    Cause(
        "scaled-to-zero",
        "no instance, and nothing to do",
        _to_zero,
        ("async",),
        also=("traffic-gone", "idle"),
        full_s=30 * MIN_S,
        lasting=True,
    ),
)
