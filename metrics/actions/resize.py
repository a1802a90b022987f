"""Plans another capacity of a variant: in place where AWS can, else by a config like the live one."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from smtop.metrics.actions.clone import Config, Edit, clone_blockers
from smtop.metrics.actions.copies import plan_copies
from smtop.metrics.actions.deployment import RollOut, roll_out
from smtop.metrics.actions.draft import Draft, blocked
from smtop.metrics.actions.fights import fights
from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.growth import confirm_for
from smtop.metrics.actions.live import SCALED, variants_in
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.quotas import room_for
from smtop.metrics.actions.reconfigure import Reconfigured, Wanted, capacity_call, reconfigured
from smtop.metrics.actions.registration import Registration, registration
from smtop.metrics.actions.sizes import becoming, chosen_variant, complaints
from smtop.metrics.actions.update import diff_lines
from smtop.metrics.actions.window import window_complaints, window_warnings
from smtop.metrics.domain.change import Change, Deployment, Resize, Restore
from smtop.metrics.domain.instance_types import hardware
from smtop.metrics.domain.plan import Call, Fields
from smtop.metrics.domain.scaling import PROVISIONED

_SERVERLESS = {"memory_mb": "MemorySizeInMB", "max_concurrency": "MaxConcurrency"}
_PROVISIONED = "ProvisionedConcurrency"


@dataclass(frozen=True)
class _Step:
    """What is to become of which variant; `after` are the fields that will be others."""

    change: Resize
    ground: Ground
    variant: str
    after: Fields

    def becomes(self, field: str) -> bool:
        return f"{self.variant}.{field}" in self.after

    def value(self, field: str) -> Any:
        """What a field of the variant will be, changed or not."""
        path = f"{self.variant}.{field}"
        return self.after[path] if path in self.after else self.ground.fields.get(path)

    @property
    def needs_config(self) -> bool:
        """AWS changes counts, max and provisioned concurrency in place, but takes no 0 for the last.

        Where an old config is named, the config itself has to be what it was.
        """
        removes = self.becomes("provisioned_concurrency") and self.value("provisioned_concurrency") is None
        by_config = self.becomes("type") or self.becomes("memory_mb") or "async_concurrency" in self.after
        return removes or by_config or self.change.config is not None


async def plan_resize(change: Resize, ground: Ground, means: Means) -> Draft:
    untimely = tuple(window_complaints(change, means.clock.wall()))
    if change.component is not None or change.copies is not None:
        return blocked(*untimely) if untimely else plan_copies(change, ground)
    why = (*complaints(change, ground), *untimely)
    if why:
        return blocked(*why)
    step = _Step(change, ground, chosen_variant(change, ground) or "", becoming(change, ground))
    if not step.after:
        return blocked(f"{ground.name} is so already.")
    draft = await (_by_config(step, means) if step.needs_config else _in_place(step, means))
    room = await room_for(step.variant, step.after, ground, means)
    return replace(
        draft,
        confirm=confirm_for(ground.fields, step.after),
        warnings=(*_warnings(step), *draft.warnings, *room.warnings, *window_warnings(change, means.clock.wall())),
        blockers=(*draft.blockers, *room.blockers),
        variant=step.variant or None,
    )


# In place


async def _in_place(step: _Step, means: Means) -> Draft:
    if step.becomes("count"):
        call = capacity_call(step.ground.name, step.variant, {"DesiredInstanceCount": step.value("count")})
        return Draft(step.after, (call,), warnings=tuple(_idle_policy(step)), undo=_way_back(step))
    settings = {"MaxConcurrency": step.value("max_concurrency")}
    provisioned = step.value("provisioned_concurrency")
    if provisioned:
        settings[_PROVISIONED] = provisioned
    call = capacity_call(step.ground.name, step.variant, {"ServerlessUpdateConfig": settings})
    otherwise, warnings = await _instead(step, means)
    return Draft(
        step.after,
        (replace(call, otherwise=otherwise),),
        warnings=(*_idle_policy(step), *warnings),
        undo=_way_back(step),
    )


async def _instead(step: _Step, means: Means) -> tuple[tuple[Call, ...], tuple[str, ...]]:
    """The same by a config, for an AWS that refuses it in place; its guide describes that way alone."""
    why = clone_blockers(step.ground)
    if why:
        return (), ("Should AWS refuse it in place, there is no other way.", *why)
    made = await reconfigured(Wanted(_edit(step)), step.ground, means)
    return made.calls, ("Should AWS refuse it in place, a new config is made: expect cold starts then.", *made.notes)


def _idle_policy(step: _Step) -> Iterator[str]:
    if step.change.deployment != Deployment():
        yield "It is changed in place: the policy and the alarms have nothing to do."


# By a config


async def _by_config(step: _Step, means: Means) -> Draft:
    way = await roll_out(step.change.deployment, step.ground, means)
    why = (*clone_blockers(step.ground), *_resting(step), *way.blockers)
    if why:
        return blocked(*why)
    counts = step.becomes("count")
    made = await reconfigured(Wanted(_edit(step), counts, step.change.config, way.config), step.ground, means)
    away = await registration(step.variant, step.ground, means) if step.becomes("type") else Registration()
    *before, update = made.calls
    return Draft(
        {**step.after, "config": made.name},
        (*before, *away.leaving, update, *away.returning),
        warnings=tuple(_config_warnings(step, made, way, away)),
        diff=diff_lines(step.ground, made.document),
        undo=_way_back(step),
    )


def _resting(step: _Step) -> Iterator[str]:
    """A config begins with one instance at least: a count that it decides cannot be 0."""
    if not step.becomes("count"):
        return
    counts = {name: step.ground.fields.get(f"{name}.count") for name in step.ground.production}
    if 0 in {**counts, step.variant: step.value("count")}.values():
        yield "A new config begins with one instance at least: change the count in a step of its own."


def _edit(step: _Step) -> Edit:
    def edit(config: Config) -> None:
        if "async_concurrency" in step.after:
            asynchronous = config["AsyncInferenceConfig"]
            client = {**asynchronous.get("ClientConfig", {})}
            client["MaxConcurrentInvocationsPerInstance"] = step.after["async_concurrency"]
            config["AsyncInferenceConfig"] = {**asynchronous, "ClientConfig": client}
        for spec in variants_in(config):
            if spec["VariantName"] == step.variant:
                _set(step, spec)

    return edit


def _set(step: _Step, spec: Any) -> None:
    """Writes what becomes other into a variant of a config."""
    if step.becomes("type"):
        spec["InstanceType"] = step.value("type")
    if step.becomes("count"):
        spec["InitialInstanceCount"] = step.value("count")
    if "ServerlessConfig" not in spec:
        return
    settings = copy.copy(spec["ServerlessConfig"])
    settings |= {member: step.value(field) for field, member in _SERVERLESS.items()}
    settings.pop(_PROVISIONED, None)
    if step.value("provisioned_concurrency"):
        settings[_PROVISIONED] = step.value("provisioned_concurrency")
    spec["ServerlessConfig"] = settings


def _way_back(step: _Step) -> Change:
    """The old numbers; a new config goes back to the old one, where that still says the same."""
    fields = step.ground.fields
    if "async_concurrency" in step.after and fields.get("async_concurrency") is None:
        return Restore(step.ground.name, {path: fields.get(path) for path in ("config", *step.after)})
    before: dict[str, Any] = {path.rpartition(".")[2]: fields.get(path) for path in step.after}
    if "provisioned_concurrency" in before:
        before["provisioned_concurrency"] = before["provisioned_concurrency"] or 0
    config = str(step.ground.endpoint["EndpointConfigName"]) if step.needs_config else None
    return Resize(step.ground.name, variant=step.variant or None, config=config, **before)


# What the operator should know


def _warnings(step: _Step) -> Iterator[str]:
    wanted = {dimension: step.value(field) for dimension, field in SCALED.items() if step.becomes(field)}
    yield from fights(
        step.variant, {dimension: size for dimension, size in wanted.items() if size is not None}, step.ground
    )
    if step.becomes("count") and step.value("count") == 0 and not step.ground.scaled(step.variant, "policies"):
        yield f"{step.variant} has no scaling policy: only you can bring it back from 0, and requests wait till then."
    if step.becomes("provisioned_concurrency") and step.value("provisioned_concurrency") is None:
        yield from _without_provisioned(step)
    if step.becomes("type") and hardware(step.value("type")) is None:
        yield f"smtop does not know the instance type {step.value('type')}; whether it is there, AWS will tell."


def _without_provisioned(step: _Step) -> Iterator[str]:
    yield "Without provisioned concurrency every request may meet a cold start."
    if any(target["ScalableDimension"] == PROVISIONED for target in step.ground.scaled(step.variant)):
        yield (
            f"{step.variant} stays registered with Application Auto Scaling, which has nothing left to scale. "
            f"First: smtop scaling {step.ground.name} remove --variant {step.variant} --write"
        )


def _config_warnings(step: _Step, made: Reconfigured, way: RollOut, away: Registration) -> Iterator[str]:
    yield from (*way.warnings, *made.notes)
    if made.made is not None:
        yield f"It makes the config {made.name}, a copy of the live one with what is live now; the old one stays."
    if away.leaving:
        yield (
            f"AWS refuses another instance type for a scalable target: {step.variant} is taken out of Application Auto "
            "Scaling and put back afterwards, without the tags of the target. Should that fail, put it back with:"
        )
        yield from (call.cli for call in away.returning)
    elif step.becomes("type") and step.ground.scaling is None:
        yield f"Whether {step.variant} is a scalable target is not known; AWS refuses another instance type for one."
    yield from away.notes
