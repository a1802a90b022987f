"""Plans of scaling: its bounds, suspending it, and taking any of it away."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from smtop.metrics.actions.draft import Draft, blocked
from smtop.metrics.actions.ground import SCALING, Ground
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.part import Part, part
from smtop.metrics.actions.scalable import deregistrations
from smtop.metrics.actions.scaling_metrics import LEAST, MOST
from smtop.metrics.domain.change import Bounds, Restore, Suspend, Unscale
from smtop.metrics.domain.plan import Call, Confirm, Fields
from smtop.metrics.domain.scaling import COPIES, INSTANCES

_SUSPENSIONS = {
    "in": "DynamicScalingInSuspended",
    "out": "DynamicScalingOutSuspended",
    "scheduled": "ScheduledScalingSuspended",
}


async def plan_bounds(change: Bounds, ground: Ground, _: Means) -> Draft:
    meant = meant_part(change, ground)
    if isinstance(meant, str):
        return blocked(meant)
    least, most = bounds_of(meant, change.least, change.most)
    complaints = tuple(bound_complaints(meant, ground, least, most))
    if complaints:
        return blocked(*complaints)
    wanted = {meant.field("least"): least, meant.field("most"): most}
    after = {path: value for path, value in wanted.items() if ground.fields.get(path) != value}
    if not after:
        return blocked("The bounds are so already.")
    now = ground.fields.get(meant.capacity)
    call = register(meant, least, most)
    if now is not None and not least <= now <= most:
        after[meant.capacity] = min(max(now, least), most)
        call = replace(call, until=meant.at_rest)
    return Draft(
        after,
        (call,),
        Confirm.TYPE_NAME if least == 0 else Confirm.YES,
        tuple(bound_warnings(meant, ground, least, most)),
        undo=restored(ground, meant, after),
        variant=meant.name,
    )


def register(meant: Part, least: int, most: int) -> Call:
    """Registers a part, or gives a registered one other bounds; what is suspended stays so."""
    params = {**meant.place, "MinCapacity": least, "MaxCapacity": most}
    return Call(SCALING, "RegisterScalableTarget", params)


def bounds_of(meant: Part, least: int | None, most: int | None) -> tuple[int, int]:
    """What is named, else what is registered, else the usual bounds."""
    known = meant.target or {"MinCapacity": LEAST, "MaxCapacity": MOST}
    return known["MinCapacity"] if least is None else least, known["MaxCapacity"] if most is None else most


def bound_complaints(meant: Part, ground: Ground, least: int, most: int) -> Iterator[str]:
    if least > most:
        yield f"The least ({least}) is above the most ({most})."
    if least < 0:
        yield "The least cannot be below 0."
    if least == 0 and meant.dimension == INSTANCES and not ground.is_async:
        yield "Only asynchronous endpoints, and components, scale to 0."
    if least == 0 and meant.dimension not in (INSTANCES, COPIES):
        yield "Provisioned concurrency scales to 1 at least; without any it is taken away by smtop resize."


def bound_warnings(meant: Part, ground: Ground, least: int, most: int) -> Iterator[str]:
    now = ground.fields.get(meant.capacity)
    if now is not None and not least <= now <= most:
        yield f"{meant.capacity} is {now} and goes to {min(max(now, least), most)} at once, into the new bounds."
    if least == 0:
        yield "At 0 nothing answers until something scales it out; target tracking alone does not leave 0."


def registered_first(meant: Part) -> tuple[tuple[Call, ...], Fields]:
    """What a policy or a scheduled action needs: a target, with the usual bounds where there is none."""
    if meant.target is not None:
        return (), {}
    back = Call(SCALING, "DeregisterScalableTarget", meant.place)
    first = replace(register(meant, LEAST, MOST), back=(back,))
    return (first,), {meant.field("least"): LEAST, meant.field("most"): MOST}


async def plan_suspend(change: Suspend, ground: Ground, _: Means) -> Draft:
    meant = meant_part(change, ground)
    if isinstance(meant, str):
        return blocked(meant)
    if meant.target is None:
        return blocked(f"{meant.name} does not scale: there is nothing to suspend.")
    unknown = [word for word in change.what if word not in _SUSPENSIONS]
    if unknown:
        return blocked(f"There is no {unknown[0]} to suspend; there are {', '.join(_SUSPENSIONS)}.")
    state = dict(meant.target.get("SuspendedState") or {})
    state |= dict.fromkeys((_SUSPENSIONS[word] for word in change.what or _SUSPENSIONS), not change.resume)
    after = {meant.field("suspended"): sorted(name for name, on in state.items() if on)}
    if ground.fields.get(meant.field("suspended")) == after[meant.field("suspended")]:
        return blocked("It is so already.")
    call = Call(SCALING, "RegisterScalableTarget", {**meant.place, "SuspendedState": state})
    return Draft(after, (call,), Confirm.YES, undo=restored(ground, meant, after), variant=meant.name)


async def plan_unscale(change: Unscale, ground: Ground, _: Means) -> Draft:
    meant = meant_part(change, ground)
    if isinstance(meant, str):
        return blocked(meant)
    if meant.target is None:
        return blocked(f"{meant.name} does not scale.")
    if change.policy is None and change.schedule is None:
        return _deregistered(ground, meant)
    kinds = (
        ("policies", "policy", "PolicyName", change.policy, "DeleteScalingPolicy"),
        ("schedules", "schedule", "ScheduledActionName", change.schedule, "DeleteScheduledAction"),
    )
    calls: list[Call] = []
    after: dict[str, None] = {}
    for kind, word, member, name, operation in kinds:
        if name is None:
            continue
        if name not in [one[member] for one in ground.scaled(meant.name, kind)]:
            return blocked(f"{meant.name} has no {word} {name}.")
        calls.append(Call(SCALING, operation, {**meant.place, member: name}))
        after[meant.field(f"{word}.{name}")] = None
    return Draft(after, tuple(calls), Confirm.YES, undo=restored(ground, meant, after), variant=meant.name)


def _deregistered(ground: Ground, meant: Part) -> Draft:
    after = dict.fromkeys(path for path in ground.fields if path.startswith(f"{meant.name}.scaling."))
    now = ground.fields.get(meant.capacity)
    return Draft(
        after,
        deregistrations(ground.scaling or {}, meant.name),
        Confirm.TYPE_NAME,
        (f"{meant.capacity} stays at {now}, whatever the load. Its policies and scheduled actions go too.",),
        undo=restored(ground, meant, after),
        variant=meant.name,
    )


def restored(ground: Ground, meant: Part, after: Fields) -> Restore:
    """The way back of what touches these fields: as they were, from AWS's own documents."""
    fields = {path: ground.fields.get(path) for path in after}
    documents = {kind: ground.scaled(meant.name, kind) for kind in ("targets", "policies", "schedules")}
    return Restore(ground.name, fields, {**documents, "place": meant.place})


def meant_part(change: Any, ground: Ground) -> Part | str:
    if ground.scaling is None:
        return f"What scales {ground.name} cannot be asked, and so not be changed."
    return part(ground, change.variant, change.component)
