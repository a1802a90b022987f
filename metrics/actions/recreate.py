"""Plans an endpoint anew from its recipe: whatever of it is missing, in the order in which AWS needs it."""

from collections.abc import Iterator
from dataclasses import replace

from smtop.metrics.actions.draft import Draft
from smtop.metrics.actions.live import is_adapter
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
    """What exists is left as it is, and what is being deleted counts as gone. Raises AwsError where nobody can tell."""
    recipe = change.recipe
    there = await described(means.control, "DescribeEndpoint", EndpointName=change.endpoint)
    status = str((there or {}).get("EndpointStatus", ""))
    is_gone = there is None or status == _GOING
    going = await _going_components(change.endpoint, means) if recipe["components"] else set()
    calls = [call for call in _calls(recipe) if not await _is_there(call, is_gone, going, means)]
    calls += capacity_calls(recipe) if is_gone else ()
    calls += [one for one in registrations(recipe["scaling"]) if is_gone or not await was_made(means.control, one)]
    return Draft(
        {"endpoint": change.endpoint},
        tuple(_once_it_is_gone(calls, status, going)),
        Confirm.YES,
        ("It begins with the config's own instances, and takes some minutes.",),
        tuple(_blockers(change.endpoint, status, calls)),
        undo=Delete(change.endpoint),
        before={"endpoint": None if is_gone else change.endpoint},
    )


_GOING = "Deleting"


async def _going_components(endpoint: str, means: Means) -> set[str]:
    listed = await means.control.entries(
        "sagemaker", "ListInferenceComponents", "InferenceComponents", EndpointNameEquals=endpoint
    )
    return {one["InferenceComponentName"] for one in listed if one["InferenceComponentStatus"] == _GOING}


def _once_it_is_gone(calls: list[Call], status: str, going: set[str]) -> Iterator[Call]:
    """Names are free once what had them is gone for good."""
    for place, call in enumerate(calls):
        if place == 0 and status == _GOING:
            yield replace(call, once=Until.GONE)
        elif call.params.get("InferenceComponentName") in going and status != _GOING:
            yield replace(call, once=Until.COMPONENTS_SETTLED)
        else:
            yield call


def _calls(recipe: Recipe) -> Iterator[Call]:
    yield from (model_call(recipe, model) for model in recipe["models"])
    yield config_call(recipe)
    yield endpoint_call(recipe)
    yield from (component_call(recipe, component) for component in _bases_first(recipe))


def _bases_first(recipe: Recipe) -> list[Document]:
    return sorted(recipe["components"], key=is_adapter)


async def _is_there(call: Call, is_gone: bool, going: set[str], means: Means) -> bool:
    if call.operation in ("CreateEndpoint", "CreateInferenceComponent") and is_gone:
        return False
    return call.params.get("InferenceComponentName") not in going and await was_made(means.control, call)


def _blockers(name: str, status: str, calls: list[Call]) -> Iterator[str]:
    if not calls:
        yield f"{name} is there, with all that it had."
    elif status in TRANSITIONAL - {_GOING}:
        yield f"{name} is {status}, and AWS takes no change until that has ended. Wait for it."
