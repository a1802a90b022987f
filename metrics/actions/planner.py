"""Makes plans: describes what is live, lets the planner of a change say what it takes, and adds what all plans have."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from smtop.metrics.actions.apply import UNDO
from smtop.metrics.actions.cost import usd_per_hour
from smtop.metrics.actions.delete import plan_delete
from smtop.metrics.actions.draft import Draft
from smtop.metrics.actions.drift import managed_by
from smtop.metrics.actions.ground import Ground, survey
from smtop.metrics.actions.live import live_fields
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.moved import moved_fields
from smtop.metrics.actions.probes import was_made
from smtop.metrics.actions.recreate import plan_recreate
from smtop.metrics.actions.resize import plan_resize
from smtop.metrics.actions.restore import plan_restore
from smtop.metrics.actions.rollback import plan_rollback
from smtop.metrics.actions.scaling import plan_bounds, plan_suspend, plan_unscale
from smtop.metrics.actions.scaling_policy import plan_policy
from smtop.metrics.actions.scaling_schedule import plan_schedule
from smtop.metrics.actions.update import plan_update
from smtop.metrics.actions.weights import plan_weights
from smtop.metrics.domain.change import (
    Bounds,
    Change,
    Delete,
    Policy,
    Recreate,
    Resize,
    Restore,
    Rollback,
    Schedule,
    Suspend,
    Undo,
    Unscale,
    Update,
    Weights,
    as_document,
    from_document,
)
from smtop.metrics.domain.endpoint import BROKEN, TRANSITIONAL
from smtop.metrics.domain.names import name_complaint
from smtop.metrics.domain.plan import Call, Confirm, Fields, Place, Plan, Until
from smtop.metrics.errors import RefusedError
from smtop.metrics.journal import Entry, State

_UPDATABLE_BROKEN = frozenset({"UpdateRollbackFailed"})


async def plan(change: Change, means: Means) -> Plan:
    """The plan of a change; what stands against it is in its blockers.

    Raises AwsError where the endpoint cannot be described, and RefusedError for an undo that there is none of.
    """
    if isinstance(change, Undo):
        return await _plan_undo(change, means)
    malformed = name_complaint("an endpoint", change.endpoint)
    if malformed is not None:
        raise RefusedError(malformed)
    ground = await survey(means.control, change.endpoint)
    draft = await _draft(change, ground, means)
    blockers = (*_status_blockers(ground, change), *draft.blockers)
    return await _completed(change, replace(draft, blockers=blockers), ground, means)


async def _draft(change: Change, ground: Ground, means: Means) -> Draft:
    planner = _PLANNERS.get(type(change))
    if planner is None:
        raise RefusedError(f"smtop cannot do {change.word} yet.")
    return await planner(change, ground, means)


async def _completed(change: Change, draft: Draft, ground: Ground, means: Means) -> Plan:
    """What all plans have in common."""
    requests = await means.requests_per_minute(ground)
    before = {path: ground.fields.get(path) for path in draft.after} if draft.before is None else draft.before
    undo = as_document(draft.undo) if draft.undo is not None else None
    return Plan(
        id=means.new_id(),
        change=change.word,
        place=means.place,
        endpoint=ground.name,
        arn=ground.arn,
        variant=draft.variant,
        before=before,
        after=draft.after,
        calls=draft.calls if not draft.blockers else (),
        confirm=draft.confirm,
        confirm_text=_confirm_text(draft.confirm, ground.name, means.place),
        warnings=(*draft.warnings, *_drift(ground), *ground.notes),
        blockers=draft.blockers,
        diff=draft.diff,
        requests_per_minute=requests,
        usd_per_hour=(
            usd_per_hour(ground.fields, means.place.region),
            usd_per_hour({**ground.fields, **draft.after}, means.place.region),
        ),
        fingerprint=ground.fingerprint(before),
        undo=undo,
        wanted=as_document(change),
    )


def _drift(ground: Ground) -> Iterator[str]:
    keeper = managed_by(ground.tags)
    if keeper is not None:
        yield keeper.warning(ground.name)


def _confirm_text(confirm: Confirm, name: str, place: Place) -> str | None:
    """What has to be typed: on an account for production the word that says so, too."""
    return f"{name} {place.kind_word}".rstrip() if confirm is Confirm.TYPE_NAME else None


def _status_blockers(ground: Ground, change: Change) -> Iterator[str]:
    if ground.status in TRANSITIONAL:
        yield f"{ground.name} is {ground.status}, and AWS takes no change until that has ended. Wait for it."
    elif ground.status in BROKEN - _UPDATABLE_BROKEN and not isinstance(change, Delete):
        yield f"{ground.name} is {ground.status}: AWS lets it be deleted, and nothing else."


async def _plan_undo(change: Undo, means: Means) -> Plan:
    entry = _undoable(change, means)
    if entry.state is State.DEFERRED:
        return await _calling_off(change, entry, means)
    inverse = from_document(entry.plan.undo or {})
    if isinstance(inverse, Recreate):
        made = await _plan_recreation(inverse, entry, means)
    else:
        made = await _plan_inverse(inverse, entry, means)
    wanted = {**as_document(change), "change_id": entry.id}
    return replace(made, change=UNDO, wanted=wanted, undo=_again(entry))


async def _plan_inverse(inverse: Change, entry: Entry, means: Means) -> Plan:
    ground = await survey(means.control, entry.plan.endpoint)
    draft = await _draft(inverse, ground, means)
    draft = _with_tidying(draft, await _made_on_the_way(entry, means), ground)
    moved = moved_fields(ground.fields, _left_by(entry))
    if moved:
        why = f"{ground.name} is no longer what change {entry.id} left: {'; '.join(moved)}."
        draft = replace(draft, blockers=(why, *draft.blockers))
    if ground.status not in TRANSITIONAL:
        blockers = (*_status_blockers(ground, inverse), *draft.blockers)
        return await _completed(inverse, replace(draft, blockers=blockers), ground, means)
    # What AWS is still doing moves the ground: then only what the change itself left must still be there.
    made = await _completed(inverse, _queued(draft, ground), ground, means)
    return replace(made, fingerprint="", expects=entry.plan.after)


async def _made_on_the_way(entry: Entry, means: Means) -> list[Call]:
    """Configs that the change made for itself and that are still there."""
    made = [call for call in entry.plan.every_call if call.operation == "CreateEndpointConfig"]
    return [call for call in made if await was_made(means.control, call)]


def _with_tidying(draft: Draft, made: Sequence[Call], ground: Ground) -> Draft:
    """What was made on the way is deleted once it no longer serves."""
    moves_away = any(call.operation == "UpdateEndpoint" for call in draft.calls)
    spare = [call for call in made if moves_away or call.params["EndpointConfigName"] != ground.fields.get("config")]
    deletions = tuple(back for call in spare for back in call.back)
    if deletions and not draft.after:  # nothing else is left to be taken back
        return Draft({}, deletions)
    return replace(draft, calls=(*draft.calls, *deletions))


async def _plan_recreation(inverse: Recreate, entry: Entry, means: Means) -> Plan:
    """There is no endpoint to describe: what the deletion saw is the ground."""
    draft = await plan_recreate(inverse, means)
    fields = live_fields(inverse.recipe["endpoint"], inverse.recipe["config"])
    return replace(
        entry.plan,
        id=means.new_id(),
        before=draft.before or {},
        after=draft.after,
        calls=draft.calls if not draft.blockers else (),
        confirm=draft.confirm,
        confirm_text=None,
        warnings=draft.warnings,
        blockers=draft.blockers,
        requests_per_minute=0.0,
        usd_per_hour=(0.0, usd_per_hour(fields, means.place.region)),
        fingerprint="",
    )


async def _calling_off(change: Undo, entry: Entry, means: Means) -> Plan:
    """Nothing was sent yet: that it will not be only has to stand in the journal."""
    ground = await survey(means.control, entry.plan.endpoint)
    draft = Draft({}, warnings=(f"Nothing of change {entry.id} was sent; it is called off.",))
    made = await _completed(change, draft, ground, means)
    return replace(made, wanted={**as_document(change), "change_id": entry.id})


def _again(entry: Entry) -> Mapping[str, Any] | None:
    """The way back of an undo is what it took back; that of such a one again is the undo itself."""
    return entry.plan.wanted if entry.plan.change != UNDO else entry.plan.undo


def _left_by(entry: Entry) -> Fields:
    """What the change left; of one that was cut off nobody can say."""
    return (entry.left or entry.plan.after) if entry.state in (State.APPLIED, State.IN_PROGRESS) else {}


def _queued(draft: Draft, ground: Ground) -> Draft:
    """The same, made as soon as AWS has ended what it is doing."""
    first, *rest = draft.calls or (None,)
    calls: tuple[Call, ...] = (replace(first, once=Until.IN_SERVICE), *rest) if first else ()
    warning = f"{ground.name} is {ground.status}: the undo waits until that has ended, and is made then."
    return replace(draft, calls=calls, warnings=(warning, *draft.warnings))


def _undoable(change: Undo, means: Means) -> Entry:
    """The journalled change that is to be taken back. Raises RefusedError where there is none."""
    if change.change_id is None:
        here = (one for one in means.journal.entries() if is_here(one.plan.place, means.place))
        entry = next((one for one in here if one.plan.change != UNDO and _can_be_undone(one)), None)
        if entry is None:
            raise RefusedError("There is no change of this user that could be taken back here.")
        return entry
    entry = means.journal.entry(change.change_id)
    if not is_here(entry.plan.place, means.place):
        where = f"{entry.plan.place.account} / {entry.plan.place.region}"
        raise RefusedError(f"Change {entry.id} was made in {where}, and is taken back only there.")
    if entry.undone_by is not None:
        raise RefusedError(f"Change {entry.id} was taken back already, by {entry.undone_by}.")
    if entry.plan.undo is None:
        raise RefusedError(f"There is no way back from change {entry.id} ({entry.plan.change}).")
    if entry.state is not State.IN_PROGRESS and means.journal.is_held(entry.id):
        raise RefusedError(f"Change {entry.id} is being carried out. Wait until it has ended.")
    if not _can_be_undone(entry):
        raise RefusedError(f"Change {entry.id} was {entry.state.value}: there is nothing to take back.")
    return entry


def _can_be_undone(entry: Entry) -> bool:
    if entry.state is State.DEFERRED:
        return entry.undone_by is None
    was_begun = bool(entry.calls)
    # A change that failed has taken back what it could; of a deletion only a recreation brings anything back.
    states = {State.APPLIED, State.IN_PROGRESS, State.UNDER_WAY, *((State.FAILED,) if _is_deletion(entry) else ())}
    return was_begun and entry.state in states and entry.undone_by is None and entry.plan.undo is not None


def _is_deletion(entry: Entry) -> bool:
    return (entry.plan.undo or {}).get("change") == Recreate.word


def is_here(one: Place, other: Place) -> bool:
    """Whether both are the same account, region and AWS."""
    return (one.account, one.region, one.endpoint_url) == (other.account, other.region, other.endpoint_url)


Planner: TypeAlias = Callable[[Any, Ground, Means], Awaitable[Draft]]

_PLANNERS: Mapping[type, Planner] = {
    Weights: plan_weights,
    Bounds: plan_bounds,
    Policy: plan_policy,
    Schedule: plan_schedule,
    Suspend: plan_suspend,
    Unscale: plan_unscale,
    Delete: plan_delete,
    Resize: plan_resize,
    Update: plan_update,
    Rollback: plan_rollback,
    Restore: plan_restore,
}
