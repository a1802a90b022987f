"""What UpdateEndpointWeightsAndCapacities may ask of the variants, and the variants that it leads to."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any

from smtop.metrics.simulator.sagemaker.config_rules import provisioned_complaints
from smtop.metrics.simulator.sagemaker.resources import Endpoint, Variant
from smtop.metrics.simulator.wire.errors import invalid

Wanted = Sequence[Mapping[str, Any]]


def check_capacity(endpoint: Endpoint, wanted: Wanted) -> None:
    """Raise ValidationException for the first rule that the request breaks."""
    for rule in RULES:
        for complaint in rule(endpoint, wanted):
            raise invalid(complaint)


def set_capacity(variants: Sequence[Variant], wanted: Wanted) -> list[Variant]:
    """The variants with new desires; what serves now is unchanged, and so is every member that is not named."""
    changes = {change["VariantName"]: change for change in wanted}
    return [_desire(variant, changes.get(variant.name, {})) for variant in variants]


def _desire(variant: Variant, change: Mapping[str, Any]) -> Variant:
    desired = copy(variant)
    desired.desired_weight = float(change.get("DesiredWeight", variant.desired_weight))
    desired.desired_count = int(change.get("DesiredInstanceCount", variant.desired_count))
    if variant.desired_serverless is not None:
        desired.desired_serverless = {**variant.desired_serverless, **change.get("ServerlessUpdateConfig", {})}
    return desired


def _names_are_unique(endpoint: Endpoint, wanted: Wanted) -> Iterator[str]:
    for name, times in Counter(change["VariantName"] for change in wanted).items():
        if times > 1:
            yield f'The variant name "{name}" was non-unique within the request.'


def _names_exist(endpoint: Endpoint, wanted: Wanted) -> Iterator[str]:
    known = {variant.name for variant in endpoint.variants}
    unknown = [change["VariantName"] for change in wanted if change["VariantName"] not in known]
    if unknown:
        names = ", ".join(unknown)
        yield (
            f'The variant name(s) "{names}" is/are not present within endpoint configuration "{endpoint.config_name}".'
        )


def _one_capacity_a_call(endpoint: Endpoint, wanted: Wanted) -> Iterator[str]:
    # API reference: the weights of one or more variants, or the capacity of one variant.
    resized = [change for change in wanted if "DesiredInstanceCount" in change or "ServerlessUpdateConfig" in change]
    if len(resized) > 1:
        yield "The capacity of only one variant can be updated in a request."


def _members_match_hosting(endpoint: Endpoint, wanted: Wanted) -> Iterator[str]:
    serverless = {variant.name for variant in endpoint.variants if variant.serverless is not None}
    for change in wanted:
        name = change["VariantName"]
        if name in serverless and "DesiredInstanceCount" in change:
            yield f"DesiredInstanceCount cannot be set for serverless variant {name}."
        if name not in serverless and "ServerlessUpdateConfig" in change:
            yield f"ServerlessUpdateConfig cannot be set for instance-based variant {name}."


def _zero_only_where_allowed(endpoint: Endpoint, wanted: Wanted) -> Iterator[str]:
    if "AsyncInferenceConfig" in endpoint.config:
        return
    settings = {variant.name: variant.settings for variant in endpoint.variants}
    for change in wanted:
        managed = settings[change["VariantName"]].get("ManagedInstanceScaling", {})
        if change.get("DesiredInstanceCount") == 0 and managed.get("MinInstanceCount") != 0:
            yield f"DesiredInstanceCount 0 is not supported for variant {change['VariantName']}."


def _provisioned_fits(endpoint: Endpoint, wanted: Wanted) -> Iterator[str]:
    for variant in set_capacity(endpoint.variants, wanted):
        yield from provisioned_complaints(variant.desired_serverless or {})


RULES: tuple[Callable[[Endpoint, Wanted], Iterator[str]], ...] = (
    _names_are_unique,
    _names_exist,
    _one_capacity_a_call,
    _members_match_hosting,
    _zero_only_where_allowed,
    _provisioned_fits,
)
