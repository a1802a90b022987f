"""The recipe of an endpoint: all that AWS says of it and of what it is made from, and the calls that make it anew."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.live import variants_in
from smtop.metrics.actions.ports import ControlPlane, Document, Reading
from smtop.metrics.domain.plan import Call, Until

Recipe = Mapping[str, Any]
"""`name`, `endpoint`, `config`, `models`, `components` (documents), `tags` (by ARN), `scaling`; JSON values."""

_NEVER_SENT = frozenset(
    {
        *("CreationTime", "LastModifiedTime", "EndpointConfigArn", "ModelArn", "DeploymentRecommendation"),
        *("InferenceComponentArn", "EndpointArn", "InferenceComponentStatus", "FailureReason", "LastDeploymentConfig"),
    }
)
_CONCURRENCY = ("MaxConcurrency", "ProvisionedConcurrency")
_COMPONENT = ("InferenceComponentName", "EndpointName", "VariantName")


async def write_recipe(control: ControlPlane, ground: Ground) -> tuple[Recipe, Sequence[Reading]]:
    """The recipe, and the readings that it stands on. Raises AwsError where a part of it cannot be read."""
    config = ground.config.document if ground.config else {}
    names = dict.fromkeys(
        [
            *(str(spec["ModelName"]) for spec in variants_in(config) if spec.get("ModelName")),
            *(str(one["Specification"]["ModelName"]) for one in ground.components if _has_model(one)),
        ]
    )
    models = await asyncio.gather(*(control.read("sagemaker", "DescribeModel", ModelName=name) for name in names))
    arns = [config.get("EndpointConfigArn"), *(model.document.get("ModelArn") for model in models)]
    arns += [one.get("InferenceComponentArn") for one in ground.components]
    tags = await asyncio.gather(*(_tags(control, str(arn)) for arn in arns if arn))
    recipe = {
        "name": ground.name,
        "endpoint": ground.endpoint,
        "config": config,
        "models": [model.document for model in models],
        "components": list(ground.components),
        "tags": {ground.arn: own_tags(ground.tags), **dict(tags)},
        "scaling": ground.scaling or {},
    }
    return recipe, [reading for reading in (ground.config, *models) if reading is not None]


def _has_model(component: Document) -> bool:
    return bool((component.get("Specification") or {}).get("ModelName"))


async def _tags(control: ControlPlane, arn: str) -> tuple[str, dict[str, str]]:
    found = await control.entries("sagemaker", "ListTags", "Tags", ResourceArn=arn)
    return arn, own_tags({tag["Key"]: tag["Value"] for tag in found})


def own_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Those that an operator may set: `aws:` is AWS's own."""
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """As every call that creates something takes them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def model_call(recipe: Recipe, model: Document) -> Call:
    return Call("sagemaker", "CreateModel", {**_sendable(model), **_tagged(recipe, model.get("ModelArn"))})


def config_call(recipe: Recipe) -> Call:
    config = recipe["config"]
    params = {**_sendable(config), **_tagged(recipe, config.get("EndpointConfigArn"))}
    return Call("sagemaker", "CreateEndpointConfig", params)


def endpoint_call(recipe: Recipe) -> Call:
    endpoint = recipe["endpoint"]
    named = {"EndpointName": recipe["name"], "EndpointConfigName": endpoint["EndpointConfigName"]}
    params = {**named, **_tagged(recipe, endpoint.get("EndpointArn"))}
    return Call("sagemaker", "CreateEndpoint", params, until=Until.IN_SERVICE)


def component_call(recipe: Recipe, component: Document) -> Call:
    params = {name: component[name] for name in _COMPONENT if component.get(name) is not None}
    params["Specification"] = _specification(component.get("Specification") or {})
    copies = (component.get("RuntimeConfig") or {}).get("DesiredCopyCount")
    if copies is not None:
        params["RuntimeConfig"] = {"CopyCount": copies}
    params |= _tagged(recipe, component.get("InferenceComponentArn"))
    return Call("sagemaker", "CreateInferenceComponent", params, until=Until.COMPONENTS_IN_SERVICE)


def capacity_calls(recipe: Recipe) -> Iterator[Call]:
    """What was live and is not what the config begins with: all weights at once, then capacities, a variant a call."""
    specs = {spec["VariantName"]: spec for spec in variants_in(recipe["config"])}
    pairs = [(variant, specs.get(variant["VariantName"], {})) for variant in variants_in(recipe["endpoint"])]
    moved = [_moved_weight(*pair) for pair in pairs if "ServerlessConfig" not in pair[1]]
    weights = [one for one in moved if one]
    capacities = [one for one in (_moved_capacity(*pair) for pair in pairs) if one]
    for members in ([weights] if weights else []) + [[one] for one in capacities]:
        params = {"EndpointName": recipe["name"], "DesiredWeightsAndCapacities": members}
        yield Call("sagemaker", "UpdateEndpointWeightsAndCapacities", params, until=Until.IN_SERVICE)


def _moved_weight(variant: Document, spec: Document) -> dict[str, Any] | None:
    weight = variant.get("DesiredWeight")
    if weight is None or weight == spec.get("InitialVariantWeight", 1.0):
        return None
    return {"VariantName": variant["VariantName"], "DesiredWeight": weight}


def _moved_capacity(variant: Document, spec: Document) -> dict[str, Any] | None:
    desired = variant.get("DesiredServerlessConfig") or variant.get("CurrentServerlessConfig") or {}
    begun = spec.get("ServerlessConfig") or {}
    moved = {name: desired[name] for name in _CONCURRENCY if desired.get(name) not in (None, begun.get(name))}
    if moved:
        return {"VariantName": variant["VariantName"], "ServerlessUpdateConfig": moved}
    count = variant.get("DesiredInstanceCount")
    if count is None or count == spec.get("InitialInstanceCount"):
        return None
    return {"VariantName": variant["VariantName"], "DesiredInstanceCount": count}


def _specification(described: Document) -> dict[str, Any]:
    """A description names the image that was deployed, a creation the one that is to be."""
    specification = dict(described)
    container = dict(specification.pop("Container", None) or {})
    if container:
        image = container.pop("DeployedImage", None) or {}
        specified = image.get("SpecifiedImage")
        specification["Container"] = {**container, **({"Image": specified} if specified else {})}
    return specification


def _sendable(document: Document) -> dict[str, Any]:
    """Without what AWS adds, and without empty members, which some answers have where nothing was given."""
    return {name: value for name, value in document.items() if name not in _NEVER_SENT and value not in ({}, [], None)}


def _tagged(recipe: Recipe, arn: object) -> dict[str, Any]:
    tags = recipe["tags"].get(arn) or {}
    return {"Tags": tag_list(tags)} if tags else {}
