"""A config that differs from the live one in a few values, and the update to it: what AWS does not change in place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from smtop.metrics.actions.clone import Clone, Config, Edit, clone
from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.live import variants_in
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.probes import described
from smtop.metrics.domain.plan import Call, Until
from smtop.metrics.errors import AwsError

_OF_THE_CLONE_ITSELF = frozenset({"EndpointConfigName", "EndpointConfigArn", "CreationTime", "Tags"})


@dataclass(frozen=True)
class Wanted:
    """`edit` makes the live config into the wanted one. With `counts` its counts are taken, else the live ones stay.

    `old` is a config that is taken where it says the same. `rolled_out` is UpdateEndpoint's DeploymentConfig.
    """

    edit: Edit
    counts: bool = False
    old: str | None = None
    rolled_out: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Reconfigured:
    """`made` is the call that creates the config, None where there is one already; `document` is what it says."""

    name: str
    document: Config
    made: Call | None
    update: Call
    notes: tuple[str, ...] = ()

    @property
    def calls(self) -> tuple[Call, ...]:
        return (self.update,) if self.made is None else (self.made, self.update)


async def reconfigured(wanted: Wanted, ground: Ground, means: Means) -> Reconfigured:
    """For an endpoint without `clone_blockers`. Live weights stay, and live counts unless the config's are wanted."""
    cloned = await clone(ground, means, wanted.edit)
    document = dict(cloned.call.params)
    if await _says_the_same(wanted, cloned, ground, means):
        name = str(wanted.old)
        return Reconfigured(name, document, None, _update(name, document, wanted, ground))
    update = _update(cloned.name, document, wanted, ground)
    return Reconfigured(cloned.name, document, cloned.call, update, cloned.notes)


def _update(name: str, document: Config, wanted: Wanted, ground: Ground) -> Call:
    params: dict[str, Any] = {
        "EndpointName": ground.name,
        "EndpointConfigName": name,
        "RetainAllVariantProperties": True,
    }
    if wanted.counts:
        params["ExcludeRetainedVariantProperties"] = [{"VariantPropertyType": "DesiredInstanceCount"}]
    if wanted.rolled_out is not None:
        params["DeploymentConfig"] = wanted.rolled_out
    return Call("sagemaker", "UpdateEndpoint", params, until=Until.IN_SERVICE, back=tuple(_back(document, ground)))


def _back(document: Config, ground: Ground) -> Iterator[Call]:
    """To the config of before, and then to the counts of before: an update back keeps those that it finds."""
    old = {"EndpointConfigName": ground.endpoint["EndpointConfigName"], "RetainAllVariantProperties": True}
    yield Call("sagemaker", "UpdateEndpoint", {"EndpointName": ground.name, **old}, until=Until.IN_SERVICE)
    for spec in variants_in(document):
        count = ground.fields.get(f"{spec['VariantName']}.count")
        if count and spec["InitialInstanceCount"] != count:
            yield capacity_call(ground.name, spec["VariantName"], {"DesiredInstanceCount": count})


def capacity_call(endpoint: str, variant: str, capacity: Mapping[str, Any]) -> Call:
    """Another capacity of one variant, in place: AWS takes that of one in a call."""
    wanted = [{"VariantName": variant, **capacity}]
    params = {"EndpointName": endpoint, "DesiredWeightsAndCapacities": wanted}
    return Call("sagemaker", "UpdateEndpointWeightsAndCapacities", params, until=Until.IN_SERVICE)


async def _says_the_same(wanted: Wanted, cloned: Clone, ground: Ground, means: Means) -> bool:
    """Whether the old config is there, and would do for what the clone was meant."""
    if wanted.old is None or wanted.old == ground.endpoint["EndpointConfigName"]:
        return False
    try:
        found = await described(means.control, "DescribeEndpointConfig", EndpointConfigName=wanted.old)
    except AwsError:
        return False
    return found is not None and _essence(found, wanted) == _essence(cloned.call.params, wanted)


def _essence(document: Mapping[str, Any], wanted: Wanted) -> dict[str, Any]:
    """What the config decides: live weights and counts stay, whatever it says of them."""
    kept = {"InitialVariantWeight"} if wanted.counts else {"InitialVariantWeight", "InitialInstanceCount"}
    variants = [{name: value for name, value in spec.items() if name not in kept} for spec in variants_in(document)]
    roles = {"ProductionVariants", "ShadowProductionVariants"}
    rest = {name: value for name, value in document.items() if name not in _OF_THE_CLONE_ITSELF | roles}
    return {**rest, "variants": variants}
