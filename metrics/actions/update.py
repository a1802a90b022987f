"""Plans another config, an earlier one, or the live one with another model: UpdateEndpoint in all cases."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from smtop.metrics.actions.clone import Config, clone, clone_blockers
from smtop.metrics.actions.deployment import roll_out
from smtop.metrics.actions.draft import Draft, blocked
from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.live import live_fields, variants_in
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.ports import Document
from smtop.metrics.actions.probes import described
from smtop.metrics.domain.change import Deployment, Restore, Update
from smtop.metrics.domain.configs import Difference, EndpointConfig, differences
from smtop.metrics.domain.plan import Call, Confirm, Fields, Until

_CAPACITY = {"weight": "InitialVariantWeight", "count": "InitialInstanceCount"}


async def plan_update(change: Update, ground: Ground, means: Means) -> Draft:
    if (change.config is None) == (change.model is None):
        return blocked("Name either a config or a model.")
    if change.config is not None:
        return await plan_config(change.config, ground, means, change.deployment, retain=change.retain)
    return await _plan_model(change, str(change.model), ground, means)


async def plan_config(
    name: str, ground: Ground, means: Means, deployment: Deployment, *, retain: bool, before: Sequence[Call] = ()
) -> Draft:
    """Another config, which must exist by now, unless the calls `before` make it."""
    if name == ground.fields.get("config"):
        return blocked(f"{ground.name} has the config {name} already.")
    document = await _document(name, means, before)
    if document is None:
        return blocked(f"There is no config {name}.")
    way = await roll_out(deployment, ground, means)
    blockers = (*way.blockers, *await _missing_models(document, means), *_mismatches(document, ground, deployment))
    after = _after(name, document, ground, retain=retain)
    touched = {path: value for path, value in after.items() if ground.fields.get(path) != value}
    params: dict[str, Any] = {"EndpointName": ground.name, "EndpointConfigName": name}
    if retain:
        params["RetainAllVariantProperties"] = True
    if way.config is not None:
        params["DeploymentConfig"] = way.config
    return Draft(
        touched,
        (*before, Call("sagemaker", "UpdateEndpoint", params, until=Until.IN_SERVICE)),
        Confirm.TYPE_NAME,
        (*way.warnings, *_warnings(document, ground, retain=retain)),
        blockers,
        diff_lines(ground, document),
        Restore(ground.name, {path: ground.fields.get(path) for path in touched}),
    )


async def _plan_model(change: Update, model: str, ground: Ground, means: Means) -> Draft:
    """The live config with another model in its only variant."""
    blockers = clone_blockers(ground)
    if blockers:
        return blocked(*blockers)
    if len(ground.production) != 1 or ground.is_component_based:
        return blocked(f"{ground.name} has several variants or components: make a config, and update to that.")

    def edit(config: Config) -> None:
        config["ProductionVariants"][0]["ModelName"] = model

    made = await clone(ground, means, edit)
    draft = await plan_config(made.name, ground, means, change.deployment, retain=change.retain, before=(made.call,))
    draft = replace(draft, warnings=(*draft.warnings, *made.notes))
    same = ground.fields.get(f"{ground.production[0]}.model") == model
    return draft if not same else blocked(f"{ground.name} has the model {model} already.")


async def _document(name: str, means: Means, before: Sequence[Call]) -> Config | None:
    """A config as it is, or as a call will make it."""
    made = next((call.params for call in before if call.params.get("EndpointConfigName") == name), None)
    found = made or await described(means.control, "DescribeEndpointConfig", EndpointConfigName=name)
    return dict(found) if found is not None else None


async def _missing_models(document: Config, means: Means) -> list[str]:
    names = dict.fromkeys(spec["ModelName"] for spec in variants_in(document) if spec.get("ModelName"))
    found = {name: await described(means.control, "DescribeModel", ModelName=name) for name in names}
    return [
        f"The model {name} of that config does not exist any more." for name, model in found.items() if model is None
    ]


def _mismatches(document: Config, ground: Ground, deployment: Deployment) -> Iterator[str]:
    """What AWS refuses, said before it does."""
    specs = {spec["VariantName"]: spec for spec in variants_in(document)}
    serverless = any("ServerlessConfig" in spec for spec in specs.values())
    if serverless and not ground.is_serverless:
        yield "AWS does not turn an endpoint of instances into a serverless one. Make a new endpoint."
    if bool(document.get("AsyncInferenceConfig")) != ground.is_async:
        yield "AWS does not turn an asynchronous endpoint into another, or back. Make a new endpoint."
    if deployment.policy and set(specs) != {variant["VariantName"] for variant in variants_in(ground.endpoint)}:
        yield "With a policy the variants must keep their names, and that config names others."
    for name in ground.production:
        kept = specs.get(name, {}).get("InstanceType") == ground.fields.get(f"{name}.type")
        if ground.scaled(name) and not kept:
            yield (
                f"{name} is a scalable target, and AWS refuses to take it away or to change its instance type. "
                f"First: smtop scaling {ground.name} remove --variant {name}"
            )


def _warnings(document: Config, ground: Ground, *, retain: bool) -> Iterator[str]:
    if ground.is_serverless and not any("ServerlessConfig" in spec for spec in variants_in(document)):
        yield "A serverless endpoint becomes one of instances: AWS does not take that back."
    if retain and not ground.is_serverless:
        counts = ", ".join(f"{name} {ground.fields.get(f'{name}.count')}" for name in ground.production)
        yield f"Live weights and instance counts are kept ({counts})."
    elif not retain:
        yield "Weights and instance counts fall back to what the config begins with."


def _after(name: str, document: Config, ground: Ground, *, retain: bool) -> Fields:
    """The fields as they will be: what a variant keeps is its live weight and count, where that is wanted."""
    variants = [_arriving(spec, ground, retain=retain) for spec in variants_in(document)]
    endpoint = {**ground.endpoint, "EndpointConfigName": name, "ProductionVariants": variants}
    for member in ("ShadowProductionVariants", "PendingDeploymentSummary"):
        endpoint.pop(member, None)
    after = live_fields(endpoint, document, ground.components, ground.scaling)
    return {**dict.fromkeys(ground.fields), **after}


def _arriving(spec: Document, ground: Ground, *, retain: bool) -> Config:
    """A variant of a config as DescribeEndpoint will tell it."""
    name = spec["VariantName"]
    live: Config = {"VariantName": name, "DesiredServerlessConfig": spec.get("ServerlessConfig")}
    for field, initial in _CAPACITY.items():
        kept = ground.fields.get(f"{name}.{field}") if retain else None
        value = spec.get(initial) if kept is None else kept
        live["DesiredWeight" if field == "weight" else "DesiredInstanceCount"] = value
    return live


def diff_lines(ground: Ground, document: Config) -> tuple[str, ...]:
    """What differs between the live config and another, a line each: `~ variant A InstanceType: ml.m5.large -> …`."""
    if ground.config is None:
        return ("? The live config cannot be read: what differs is not known.",)
    before, after = (EndpointConfig("", 0.0, one) for one in (ground.config.document, document))
    found = [one for one in differences(before, after) if one.mark != " " and not _is_incidental(one)]
    return tuple(_told(one) for one in found) or ("= Both configs say the same.",)


def _is_incidental(difference: Difference) -> bool:
    return difference.name.startswith("Tags")


def _told(difference: Difference) -> str:
    values = f"{difference.before or '-'} -> {difference.after or '-'}"
    return f"{difference.mark} {difference.part} {difference.name}: {values}"
