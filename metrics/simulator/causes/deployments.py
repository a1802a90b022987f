"""Causes that are deployments: what was rolled out, what could not be, and weights that are not as they were asked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from smtop.metrics.simulator.ailments import Ail, Ailment, Course
from smtop.metrics.simulator.blueprint import Blueprint
from smtop.metrics.simulator.causes.cause import MIN_S, Cause, Onset
from smtop.metrics.simulator.resources import Event, LiveVariant
from smtop.metrics.simulator.workload import ServiceProfile

_INSTANCES: Final = ("cpu", "gpu", "several", "unhurried")
_HOUR_S: Final = 3600.0
ROLLED_OUT_S: Final = 20.0
"""How long a plain update takes here."""


def update(
    blueprint: Blueprint, at: float, variants: tuple[LiveVariant, ...], deployment: Mapping[str, Any] | None = None
) -> Blueprint:
    """Somebody makes a config of these variants and updates the endpoint to it."""
    number = (
        len(blueprint.revisions) + 1 + sum(event.action == "sagemaker:UpdateEndpoint" for event in blueprint.events)
    )
    request: dict[str, Any] = {"EndpointName": blueprint.name, "EndpointConfigName": blueprint.config_name(number)}
    if deployment is not None:
        request["DeploymentConfig"] = deployment
    return blueprint.befallen(
        Event(at - MIN_S, "sagemaker:CreateEndpointConfig", blueprint.config(number, variants)),
        Event(at, "sagemaker:UpdateEndpoint", request),
    )


def with_model(blueprint: Blueprint, suffix: str, profile: ServiceProfile) -> tuple[Blueprint, str]:
    """The same endpoint with one more model to deploy, and the model's name."""
    model = replace(blueprint.models[0], name=f"{blueprint.models[0].name}-{suffix}")
    profiles = {**blueprint.workload.profiles, model.name: profile}
    workload = replace(blueprint.workload, profiles=profiles)
    return replace(blueprint, models=(*blueprint.models, model), workload=workload), model.name


def doomed(blueprint: Blueprint, at: float, **wish: Any) -> Blueprint:
    """The next rollout fails."""
    return blueprint.befallen(Event(at - 1.0, "fate:Doom", {"EndpointName": blueprint.name, **wish}))


def _bad_canary(blueprint: Blueprint, onset: Onset) -> Blueprint:
    (variant,) = blueprint.live
    usual = blueprint.workload.usual
    worse = replace(usual, rate_5xx=0.4) if onset.severe else replace(usual, rate_4xx=0.2)
    changed, model = with_model(blueprint, "next", worse)
    canary = replace(variant, name="canary", model=model, weight=0.15, instances=1)
    changed = update(changed, onset.began, (replace(variant, weight=0.85), canary))
    return update(changed, onset.until, (variant,)) if onset.until < float("inf") else changed


def _update_stuck(blueprint: Blueprint, onset: Onset) -> Blueprint:
    changed, model = with_model(blueprint, "next", blueprint.workload.usual)
    lasts_s = onset.either(2.0, 8.0) * _HOUR_S
    changed = doomed(changed, onset.began, fails="capacity", provision_s=lasts_s)
    return update(changed, onset.began, _moved_to(blueprint, model))


def _rolled_back(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """Once, or again and again."""
    changed, model = with_model(blueprint, "next", blueprint.workload.usual)
    for again in range(int(onset.either(1, 3))):
        at = onset.began + again * 15 * MIN_S
        changed = doomed(changed, at, fails="image-pull" if onset.severe else "health-check")
        changed = update(changed, at, _moved_to(blueprint, model))
    return changed


def _no_way_back(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """Mild: a new endpoint that never came up. Severe: an update that failed, as did its rollback."""
    if onset.severe:
        changed, model = with_model(blueprint, "next", blueprint.workload.usual)
        changed = doomed(changed, onset.began, fails="capacity", rollback_fails=True)
        return update(changed, onset.began, _moved_to(blueprint, model))
    absent = doomed(replace(blueprint, absent=True), onset.began, fails="health-check")
    tags = [{"Key": key, "Value": value} for key, value in blueprint.every_tag.items()]
    request = {"EndpointName": blueprint.name, "EndpointConfigName": blueprint.config_name(1), "Tags": tags}
    return absent.befallen(Event(onset.began, "sagemaker:CreateEndpoint", request))


def _weights_adrift(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """Mild: callers name one of two variants themselves. Severe: new weights were asked for and never arrived."""
    first, second = blueprint.live
    if not onset.severe:
        return blueprint.ailing(Ailment(Ail.PINNED, 0.6, onset.course(), second.name))
    wanted = [
        {"VariantName": first.name, "DesiredWeight": second.weight},
        {"VariantName": second.name, "DesiredWeight": first.weight},
    ]
    request = {"EndpointName": blueprint.name, "DesiredWeightsAndCapacities": wanted}
    return blueprint.befallen(Event(onset.began, "fate:StallWeights", request))


def _clean(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """A new model, as good as the old one; for two minutes it is slow, as everything is new to it."""
    changed, model = with_model(blueprint, "next", blueprint.workload.usual)
    bake_s = onset.either(300.0, 600.0)
    policy = {
        "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": int(bake_s)},
        "TerminationWaitInSeconds": 120,
    }
    serves = onset.began + bake_s + 120.0 + ROLLED_OUT_S
    warming = Ailment(Ail.SLOWER, 0.6, Course(serves, 0.0, serves + 2 * MIN_S), model)
    return update(changed.ailing(warming), onset.began, _moved_to(blueprint, model), {"BlueGreenUpdatePolicy": policy})


def _moved_to(blueprint: Blueprint, model: str) -> tuple[LiveVariant, ...]:
    (variant,) = blueprint.live
    return (replace(variant, model=model),)


CAUSES: Final = (
    Cause(
        "bad-canary",
        "a new model at 15 % of the calls answers worse",
        _bad_canary,
        ("cpu", "gpu", "several"),
        ("bad-canary",),
        ("errors-5xx", "errors-4xx", "single-instance"),
        variant="canary",
        full_s=ROLLED_OUT_S,
    ),
    Cause(
        "update-stuck",
        "an update waits for instances that do not come",
        _update_stuck,
        _INSTANCES,
        ("update-stuck",),
        ("update-rolled-back",),
        variant=None,
        full_s=45 * MIN_S,
        lasting=True,
    ),
    Cause(
        "endpoint-failed",
        "a creation, or an update and its rollback, has failed",
        _no_way_back,
        _INSTANCES,
        ("endpoint-failed",),
        ("update-rolled-back",),
        variant=None,
        full_s=MIN_S,
        lasting=True,
    ),
    Cause(
        "update-rolled-back",
        "an update did not come up and was rolled back",
        _rolled_back,
        _INSTANCES,
        ("update-rolled-back",),
        variant=None,
        full_s=MIN_S,
        lasting=True,
    ),
    Cause(
        "weights-drift",
        "the calls are not shared as it was asked",
        _weights_adrift,
        ("two-variants",),
        ("weights-drift",),
        variant=None,
        lasting=True,
    ),
    Cause("clean-deploy", "a new model as good as the old one", _clean, _INSTANCES, full_s=15 * MIN_S, lasting=True),
)
