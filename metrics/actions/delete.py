"""Plans the deletion of an endpoint: its recipe, then its scaling, its components, itself, and what only it used."""

from collections.abc import Iterator, Sequence

from smtop.metrics.actions.draft import Draft, blocked
from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.live import is_adapter
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.permissions import recreation_warnings
from smtop.metrics.actions.ports import Document, Reading
from smtop.metrics.actions.recipe import Recipe, write_recipe
from smtop.metrics.actions.scalable import deregistrations
from smtop.metrics.actions.usage import users_of_config, users_of_model
from smtop.metrics.domain.change import Delete, Recreate
from smtop.metrics.domain.plan import Call, Confirm, Until
from smtop.metrics.errors import AwsError


async def plan_delete(change: Delete, ground: Ground, means: Means) -> Draft:
    try:
        recipe, readings = await write_recipe(means.control, ground)
    except AwsError as error:
        return blocked(f"There would be no way back, since not all of {ground.name} can be read: {error}")
    blockers = (*_unreadable(change, ground, readings), *await _used_elsewhere(change, recipe, ground, means))
    calls = (
        *deregistrations(ground.scaling or {}),
        *_component_calls(ground.components),
        Call("sagemaker", "DeleteEndpoint", {"EndpointName": ground.name}, until=Until.GONE),
        *_rest_calls(change, recipe),
    )
    return Draft(
        {"endpoint": None},
        calls,
        Confirm.TYPE_NAME,
        (
            "The way back makes it anew under the same name, which takes minutes.",
            *await _losses(ground, means),
            *await recreation_warnings(means),
        ),
        blockers,
        undo=Recreate(ground.name, recipe),
    )


def _component_calls(components: Sequence[Document]) -> Iterator[Call]:
    """Adapters before what they stand on; the endpoint may go once all are gone."""
    adapters_first = sorted(components, key=lambda one: not is_adapter(one))
    for component in adapters_first:
        name = {"InferenceComponentName": component["InferenceComponentName"]}
        is_last = component is adapters_first[-1]
        yield Call("sagemaker", "DeleteInferenceComponent", name, until=Until.COMPONENTS_GONE if is_last else None)


def _rest_calls(change: Delete, recipe: Recipe) -> Iterator[Call]:
    if change.with_config:
        name = {"EndpointConfigName": recipe["config"]["EndpointConfigName"]}
        yield Call("sagemaker", "DeleteEndpointConfig", name)
    if change.with_models:
        for model in recipe["models"]:
            yield Call("sagemaker", "DeleteModel", {"ModelName": model["ModelName"]})


def _unreadable(change: Delete, ground: Ground, readings: Sequence[Reading]) -> Iterator[str]:
    """What could not be made anew from what this SDK can send."""
    if ground.config is None:
        yield f"The config of {ground.name} cannot be read, and without it there is no way back."
    if ground.scaling is None:
        yield f"Whether {ground.name} scales cannot be asked, and without that there is no way back."
    if "tags" in ground.unread:
        yield f"The tags of {ground.name} cannot be read, and without them there is no way back."
    if "components" in ground.unread and ground.is_component_based:
        yield f"The inference components of {ground.name} cannot all be read, and without them there is no way back."
    if not (change.with_config or change.with_models):
        return
    for reading in readings:
        if reading.unknown:
            fields = ", ".join(sorted(reading.unknown))
            yield f"A part that would be deleted has fields that this SDK cannot send again ({fields}). Keep it."


async def _used_elsewhere(change: Delete, recipe: Recipe, ground: Ground, means: Means) -> list[str]:
    """Why config and models must stay."""
    config = str(recipe["config"].get("EndpointConfigName", ""))
    told = []
    try:
        if change.with_config:
            users = await users_of_config(means.control, config, ground.name)
            told += [f"The config {config} is used by {users.told}, and stays."] if users.told else []
        for model in recipe["models"] if change.with_models else ():
            spared = config if change.with_config else ""
            users = await users_of_model(means.control, model["ModelName"], spared, ground.name)
            told += [f"The model {model['ModelName']} is used by {users.told}, and stays."] if users.told else []
    except AwsError as error:
        told.append(f"Whether something else uses its config or models cannot be proven: {error}")
    return told


async def _losses(ground: Ground, means: Means) -> list[str]:
    """What is lost for good, and who notices."""
    told = []
    if ground.is_async:
        queued = await means.queued(ground)
        many = "An unknown number of" if queued is None else f"{queued:,.0f}"
        told.append(f"{many} queued requests will be lost.")
    requests = await means.requests_per_minute(ground)
    if requests:
        told.append(f"It answers {requests:,.0f} requests a minute now, and they will fail.")
    return told
