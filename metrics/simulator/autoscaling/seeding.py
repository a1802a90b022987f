"""Scaling that has been there for a while: the requests of a seed, and what it has done to the endpoint since."""

from collections.abc import Iterator
from itertools import pairwise

from smtop.metrics.simulator.autoscaling.operations import HANDLERS
from smtop.metrics.simulator.autoscaling.scaling import Key, Scaling, Target
from smtop.metrics.simulator.autoscaling.shapes import VARIANT_COUNT
from smtop.metrics.simulator.resources import EndpointSeed, LiveVariant

_LASTED_S = 240.0
"""How long instances took to come or go."""


def plant_scaling(scaling: Scaling, seed: EndpointSeed, now: float) -> None:
    """Make what the seed asks for, then note every resize in its past that fits a policy."""
    for operation, request in seed.scaling:
        HANDLERS[operation](scaling, request, now - seed.created_ago_s)
    for at, before, after in _resizes(seed):
        key = Key(f"endpoint/{seed.name}/variant/{after.name}", VARIANT_COUNT)
        target = scaling.targets.get(key)
        cause = _cause(target, "High" if after.instances > before.instances else "Low") if target else None
        if cause is not None:
            scaling.note(key, after.instances, cause, at, _LASTED_S)


def _resizes(seed: EndpointSeed) -> Iterator[tuple[float, LiveVariant, LiveVariant]]:
    """Moments at which a variant got another number of the same instances with the same model."""
    for older, newer in pairwise(seed.history):
        before = {variant.name: variant for variant in older.variants}
        for variant in newer.variants:
            old = before.get(variant.name)
            same = old is not None and (old.model, old.instance_type) == (variant.model, variant.instance_type)
            if old is not None and same and old.instances != variant.instances:
                yield newer.since, old, variant


def _cause(target: Target, side: str) -> str | None:
    """The policy whose alarm of that side it was; None where it was somebody's hand."""
    for name, policy in target.policies.items():
        for alarm in policy.get("Alarms", ()):
            if f"-Alarm{side}-" in alarm["AlarmName"]:
                return f"monitor alarm {alarm['AlarmName']} in state ALARM triggered policy {name}"
    return None
