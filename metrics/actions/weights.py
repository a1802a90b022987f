"""Plans other weights of production variants: one call, and what is not named stays as it is."""

from collections.abc import Iterator, Mapping

from smtop.metrics.actions.draft import Draft, blocked
from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.means import Means
from smtop.metrics.domain.change import Weights
from smtop.metrics.domain.plan import Call, Confirm, Until


async def plan_weights(change: Weights, ground: Ground, _: Means) -> Draft:
    before = {name: ground.fields.get(f"{name}.weight") for name in ground.production}
    complaints = tuple(_complaints(change.weights, before, ground))
    if complaints:
        return blocked(*complaints)
    wanted = {name: float(weight) for name, weight in change.weights.items()}
    after = {name: wanted.get(name, float(before[name] or 0)) for name in before}
    named = [{"VariantName": name, "DesiredWeight": weight} for name, weight in wanted.items()]
    params = {"EndpointName": ground.name, "DesiredWeightsAndCapacities": named}
    return Draft(
        {f"{name}.weight": weight for name, weight in wanted.items()},
        (Call("sagemaker", "UpdateEndpointWeightsAndCapacities", params, until=Until.IN_SERVICE),),
        Confirm.TYPE_NAME if _is_all_or_nothing(after) else Confirm.YES,
        tuple(_warnings(before, after)),
        undo=Weights(ground.name, {name: float(before[name] or 0) for name in wanted}),
        variant=next(iter(wanted)) if len(wanted) == 1 else None,
    )


def shares(weights: Mapping[str, float]) -> dict[str, float]:
    """Each variant's share of the traffic, 0..1; none of it where all weights are 0."""
    total = sum(weights.values())
    return {name: weight / total if total else 0.0 for name, weight in weights.items()}


def _complaints(wanted: Mapping[str, float], before: Mapping[str, float | None], ground: Ground) -> Iterator[str]:
    if not wanted:
        yield "No variant was named. Name some, like A=90 B=10."
    if ground.is_serverless:
        yield f"{ground.name} is serverless: it has one variant, and so no weights."
    elif len(before) < 2:
        yield f"{ground.name} has one production variant, which gets all of the traffic whatever its weight."
    unknown = [name for name in wanted if name not in before]
    if unknown:
        yield f"{ground.name} has no production variant {', '.join(unknown)}; it has {', '.join(before)}."
    if any(weight < 0 for weight in wanted.values()):
        yield "A weight cannot be below 0."
    after = {name: wanted.get(name, weight or 0) for name, weight in before.items()}
    if wanted and after and not unknown and sum(after.values()) == 0:
        yield "All weights would be 0, and no variant would answer. Give one of them more."
    if wanted and all(before.get(name) == weight for name, weight in wanted.items()):
        yield "The weights are so already."


def _is_all_or_nothing(after: Mapping[str, float]) -> bool:
    """Whether one variant gets everything, or the others nothing."""
    return max(shares(after).values()) == 1.0


def _warnings(before: Mapping[str, float | None], after: Mapping[str, float]) -> Iterator[str]:
    was, will_be = shares({name: weight or 0.0 for name, weight in before.items()}), shares(after)
    told = ", ".join(f"{name} {was[name]:.0%} to {share:.0%}" for name, share in will_be.items())
    yield f"Share of the traffic: {told}."
    emptied = [name for name, share in will_be.items() if share == 0 and was[name] > 0]
    if emptied:
        yield f"{', '.join(emptied)} will get no traffic, and goes on costing."
