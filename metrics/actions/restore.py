"""Plans the way back to fields as they were: the config first, then weights and counts."""

from smtop.metrics.actions.draft import Draft, blocked
from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.update import plan_config
from smtop.metrics.domain.change import Deployment, Restore
from smtop.metrics.domain.plan import Call, Confirm, Until


async def plan_restore(change: Restore, ground: Ground, means: Means) -> Draft:
    fields = {path: value for path, value in change.fields.items() if ground.fields.get(path) != value}
    if not fields:
        return blocked(f"{ground.name} is as it was already.")
    calls: tuple[Call, ...] = ()
    draft = Draft(fields)
    if "config" in fields:
        draft = await plan_config(fields["config"], ground, means, Deployment(), retain=True)
        calls = draft.calls
    calls = (*calls, *_capacity_calls(ground, fields))
    return Draft(
        fields,
        calls,
        Confirm.TYPE_NAME if "config" in fields else Confirm.YES,
        draft.warnings,
        draft.blockers,
        draft.diff,
        Restore(ground.name, {path: ground.fields.get(path) for path in fields}),
    )


def _capacity_calls(ground: Ground, fields: dict[str, object]) -> list[Call]:
    """All weights go with one call; AWS takes the capacity of one variant in each."""
    weights = [
        {"VariantName": path.rpartition(".")[0], "DesiredWeight": value}
        for path, value in fields.items()
        if path.endswith(".weight") and value is not None
    ]
    counts = [
        [{"VariantName": path.rpartition(".")[0], "DesiredInstanceCount": value}]
        for path, value in fields.items()
        if path.endswith(".count") and value is not None
    ]
    return [_capacity(ground.name, wanted) for wanted in ([weights] if weights else []) + counts]


def _capacity(endpoint: str, wanted: list[dict[str, object]]) -> Call:
    params = {"EndpointName": endpoint, "DesiredWeightsAndCapacities": wanted}
    return Call("sagemaker", "UpdateEndpointWeightsAndCapacities", params, until=Until.IN_SERVICE)
