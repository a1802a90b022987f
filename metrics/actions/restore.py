"""Plans the way back to fields as they were: the config first, then weights and counts."""

from collections.abc import Mapping
from typing import Any

from smtop.metrics.actions.draft import Draft, blocked
from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.live import part_of
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.restore_scaling import is_scaling, scaling_calls
from smtop.metrics.actions.update import plan_config
from smtop.metrics.domain.change import Deployment, Restore
from smtop.metrics.domain.plan import Call, Confirm, Fields, Until


async def plan_restore(change: Restore, ground: Ground, means: Means) -> Draft:
    fields = {path: value for path, value in change.fields.items() if ground.fields.get(path) != value}
    if not fields:
        return blocked(f"{ground.name} is as it was already.")
    calls: tuple[Call, ...] = ()
    draft = Draft(fields)
    if "config" in fields:
        draft = await plan_config(fields["config"], ground, means, Deployment(), retain=True)
        calls = draft.calls
    scaling = {path: value for path, value in fields.items() if is_scaling(path)}
    if scaling:
        calls = (*calls, *scaling_calls(scaling, change.documents))
    calls = (*calls, *_capacity_calls(ground, fields))
    return Draft(
        fields,
        calls,
        Confirm.TYPE_NAME if "config" in fields else Confirm.YES,
        draft.warnings,
        draft.blockers,
        draft.diff,
        _back(ground, fields, change.documents),
    )


def _back(ground: Ground, fields: Fields, documents: Mapping[str, Any]) -> Restore:
    """The same the other way round, with what scales as it is now."""
    before = {path: ground.fields.get(path) for path in fields}
    if "place" not in documents:
        return Restore(ground.name, before)
    part = part_of(documents["place"]["ResourceId"])
    now = {kind: ground.scaled(part, kind) for kind in ("targets", "policies", "schedules")}
    return Restore(ground.name, before, {**now, "place": documents["place"]})


def _capacity_calls(ground: Ground, fields: Fields) -> list[Call]:
    """All weights go with one call; AWS takes the capacity of one variant, or the copies of one component, in each."""
    weights = [{"VariantName": part, "DesiredWeight": value} for part, value in _wanted(fields, "weight")]
    counts = [{"VariantName": part, "DesiredInstanceCount": value} for part, value in _wanted(fields, "count")]
    kept_warm = [
        {"VariantName": part, "ServerlessUpdateConfig": {"ProvisionedConcurrency": value}}
        for part, value in _wanted(fields, "provisioned_concurrency")
        if "config" not in fields
    ]
    changes = ([weights] if weights else []) + [[one] for one in (*counts, *kept_warm)]
    copies = [_copies(part, value) for part, value in _wanted(fields, "copies")]
    return [*(_capacity(ground.name, wanted) for wanted in changes), *copies]


def _wanted(fields: Fields, capacity: str) -> list[tuple[str, Any]]:
    """The parts of which a capacity is to be restored, with its value."""
    ending = f".{capacity}"
    return [
        (path.removesuffix(ending), value)
        for path, value in fields.items()
        if path.endswith(ending) and value is not None
    ]


def _copies(component: str, count: int) -> Call:
    params = {"InferenceComponentName": component, "DesiredRuntimeConfig": {"CopyCount": count}}
    operation = "UpdateInferenceComponentRuntimeConfig"
    return Call("sagemaker", operation, params, until=Until.COMPONENTS_IN_SERVICE)


def _capacity(endpoint: str, wanted: list[dict[str, Any]]) -> Call:
    params = {"EndpointName": endpoint, "DesiredWeightsAndCapacities": wanted}
    return Call("sagemaker", "UpdateEndpointWeightsAndCapacities", params, until=Until.IN_SERVICE)
