"""Plans an endpoint anew from its recipe: whatever of it is missing, in the order in which AWS needs it."""

from collections.abc import Iterator
from dataclasses import replace

from smtop.metrics.actions.draft import Draft
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.ports import Document
from smtop.metrics.actions.probes import described, was_made
from smtop.metrics.actions.recipe import (
    Recipe,
    capacity_calls,
    component_call,
    config_call,
    endpoint_call,
    model_call,
)
from smtop.metrics.actions.scalable import registrations
from smtop.metrics.domain.change import Delete, Recreate
from smtop.metrics.domain.endpoint import TRANSITIONAL
from smtop.metrics.domain.plan import Call, Confirm, Until


async def plan_recreate(change: Recreate, means: Means) -> Draft:
    """What exists is left as it is. Raises AwsError where that cannot be asked."""
    recipe = change.recipe
    there = await described(means.control, "DescribeEndpoint", EndpointName=change.endpoint)
    status = str((there or {}).get("EndpointStatus", ""))
    calls = [call for call in _calls(recipe) if not await _exists(call, there, means)]
    if there is None or status == "Deleting":
        calls += capacity_calls(recipe)
    calls += [call for call in registrations(recipe["scaling"]) if status == "Deleting" or not await _made(call, means)]
    blockers = _blockers(change.endpoint, status, calls)
    if status == "Deleting" and calls:
        calls[0] = replace(calls[0], once=Until.GONE)
    return Draft(
        {"endpoint": change.endpoint},
        tuple(calls),
        Confirm.YES,
        ("It begins with the config's own instances, and takes some minutes.",),
        tuple(blockers),
        undo=Delete(change.endpoint),
        before={"endpoint": change.endpoint if there is not None and status != "Deleting" else None},
    )


def _calls(recipe: Recipe) -> Iterator[Call]:
    yield from (model_call(recipe, model) for model in recipe["models"])
    yield config_call(recipe)
    yield endpoint_call(recipe)
    yield from (component_call(recipe, component) for component in _bases_first(recipe))


def _bases_first(recipe: Recipe) -> list[Document]:
    return sorted(recipe["components"], key=lambda one: bool((one.get("Specification") or {}).get(_BASE)))


_BASE = "BaseInferenceComponentName"


async def _exists(call: Call, endpoint: Document | None, means: Means) -> bool:
    """What is being deleted counts as gone."""
    is_going = (endpoint or {}).get("EndpointStatus") == "Deleting"
    if call.operation in ("CreateEndpoint", "CreateInferenceComponent") and is_going:
        return False
    return await was_made(means.control, call)


async def _made(call: Call, means: Means) -> bool:
    return await was_made(means.control, call)


def _blockers(name: str, status: str, calls: list[Call]) -> Iterator[str]:
    if not calls:
        yield f"{name} is there, with all that it had."
    elif status in TRANSITIONAL - {"Deleting"}:
        yield f"{name} is {status}, and AWS takes no change until that has ended. Wait for it."
