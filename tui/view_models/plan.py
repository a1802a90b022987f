"""A plan in words, and what came of it as JSON."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from smtop.metrics.domain.plan import Confirm, Place, Plan, plan_document
from smtop.metrics.journal import Entry, State

_OUTCOMES = {State.PLANNED: "refused", State.DEFERRED: "in-progress", State.UNDER_WAY: "in-progress"}


def plan_lines(plan: Plan) -> Iterator[str]:
    """What the operator reads before saying yes."""
    yield f"{plan.change} {plan.endpoint} in {where(plan.place)}"
    yield from _rows(plan)
    yield from (f"  {line}" for line in plan.diff)
    busy = "unknown" if plan.requests_per_minute is None else f"{plan.requests_per_minute:,.0f}"
    yield f"  requests a minute now: {busy}"
    yield f"  cost: {cost(plan)}"
    for call in plan.calls:
        yield f"  call: {call.cli}"
        yield from (f"  if AWS refuses that: {other.cli}" for other in call.otherwise)
    for sentence in plan.warnings:
        yield f"  ~ {sentence}"
    for sentence in plan.blockers:
        yield f"  ! {sentence}"
    if not plan.blockers:
        yield f"  undo: {'can be taken back' if plan.undo is not None else 'there is no way back'}"


def where(place: Place) -> str:
    """An account and region in words."""
    return " ".join(filter(None, (place.kind_word, place.label, place.account, place.region)))


def _rows(plan: Plan) -> Iterator[str]:
    width = max((len(path) for path in plan.after), default=0)
    for path, value in plan.after.items():
        yield f"  {path:<{width}}  {value_text(plan.before.get(path))} -> {value_text(value)}"


def value_text(value: Any) -> str:
    """A field of an endpoint as text; `-` for what is not there."""
    if value is None:
        return "-"
    return f"{value:g}" if isinstance(value, float) else str(value)


def cost(plan: Plan) -> str:
    """What the endpoint costs before and after; `?` where a price is not known."""
    before, after = (f"${usd:,.3f}" if usd is not None else "?" for usd in plan.usd_per_hour)
    return f"{before} -> {after} an hour"


def confirmation(plan: Plan) -> str:
    """What the operator has to do, in a sentence."""
    if plan.confirm is Confirm.YES:
        return "Say yes."
    return f"Type {plan.confirm_text}."


def result_document(entry: Entry) -> dict[str, Any]:
    """A change and what came of it, as `--format json` prints it."""
    return {
        "schema": 1,
        "id": entry.id,
        "plan": plan_document(entry.plan),
        "outcome": _OUTCOMES.get(entry.state, entry.state.value),
        "request_ids": list(entry.request_ids),
        "status": entry.status,
        "error": entry.error,
    }


def left_over_line(entry: Entry) -> str:
    """What to do about a change that nobody carries out any longer."""
    named = f"Change {entry.id} ({entry.plan.change} {entry.plan.endpoint})"
    ways = f"smtop journal --finish {entry.id} or smtop undo {entry.id}"
    if entry.state is State.IN_PROGRESS:
        return f"{named} was not followed to its end: {ways}"
    why = f" ({entry.error.partition('. ')[0]})" if entry.error else ""
    return f"{named} was cut off{why}: {ways}"


def due_line(entry: Entry) -> str:
    """What to do about a change whose time has come or will come: to begin it, or to take it back."""
    place = entry.plan.place
    told = f"{entry.plan.change} {entry.plan.endpoint} in {place.account} {place.region}"
    moment = datetime.fromtimestamp(entry.due_at or 0, UTC)
    if entry.state is State.DEFERRED:
        return f"{told} is due to be made at {moment:%Y-%m-%d %H:%M}Z: smtop journal --finish {entry.id} --write"
    return f"{told} is due to be taken back at {moment:%Y-%m-%d %H:%M}Z: smtop undo {entry.id}"


def entry_document(entry: Entry) -> dict[str, Any]:
    """A line of the journal as JSON. Times are epoch seconds."""
    return {
        **result_document(entry),
        "state": entry.state.value,
        "planned_at": entry.planned_at,
        "ended_at": entry.ended_at,
        "by": entry.by,
        "undone_by": entry.undone_by,
        "due_at": entry.due_at,
    }
