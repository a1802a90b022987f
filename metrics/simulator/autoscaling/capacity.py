"""What can be scaled: how much of it there is, and how it is changed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from smtop.metrics.simulator.autoscaling.shapes import COMPONENT_COPIES, VARIANT_COUNT, VARIANT_PROVISIONED
from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.capacity import set_capacity
from smtop.metrics.simulator.sagemaker.components import resize_component
from smtop.metrics.simulator.sagemaker.resources import Endpoint, Variant
from smtop.metrics.simulator.sagemaker.rollout import begin_resize

_VARIANT = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")
_COMPONENT = re.compile(r"inference-component/([^/]+)")


@dataclass(frozen=True)
class Dimension:
    """A dimension in AWS's words; `read` is None where the resource has none of it, `write` changes what is wanted."""

    words: str
    read: Callable[[Account, str], int | None]
    write: Callable[[Account, str, int, float], bool]


def _variant(account: Account, resource: str) -> tuple[Endpoint, Variant] | None:
    found = _VARIANT.fullmatch(resource)
    endpoint = account.endpoints.get(found[1]) if found else None
    if found is None or endpoint is None:
        return None
    return next(((endpoint, one) for one in endpoint.variants if one.name == found[2]), None)


def _instances(account: Account, resource: str) -> int | None:
    found = _variant(account, resource)
    return found[1].desired_count if found and found[1].serverless is None else None


def _provisioned(account: Account, resource: str) -> int | None:
    found = _variant(account, resource)
    return (found[1].desired_serverless or {}).get("ProvisionedConcurrency") if found else None


def _resize(account: Account, resource: str, change: Mapping[str, object], now: float) -> bool:
    """Whether the change could be made: nothing scales while an endpoint is being updated."""
    found = _variant(account, resource)
    if found is None or found[0].status != "InService":
        return False
    endpoint, variant = found
    endpoint.variants = set_capacity(endpoint.variants, [{"VariantName": variant.name, **change}])
    begin_resize(account, endpoint, now)
    return True


def _set_instances(account: Account, resource: str, count: int, now: float) -> bool:
    return _resize(account, resource, {"DesiredInstanceCount": count}, now)


def _set_provisioned(account: Account, resource: str, count: int, now: float) -> bool:
    return _resize(account, resource, {"ServerlessUpdateConfig": {"ProvisionedConcurrency": count}}, now)


def _copies(account: Account, resource: str) -> int | None:
    found = _COMPONENT.fullmatch(resource)
    component = account.components.get(found[1]) if found else None
    return component.desired_copies if component else None


def _set_copies(account: Account, resource: str, count: int, now: float) -> bool:
    name = resource.partition("/")[2]
    if account.components[name].status != "InService":
        return False
    resize_component(account, {"InferenceComponentName": name, "DesiredRuntimeConfig": {"CopyCount": count}}, now)
    return True


DIMENSIONS: Mapping[str, Dimension] = {
    VARIANT_COUNT: Dimension("desired instance count", _instances, _set_instances),
    VARIANT_PROVISIONED: Dimension("desired provisioned concurrency", _provisioned, _set_provisioned),
    COMPONENT_COPIES: Dimension("desired copy count", _copies, _set_copies),
}
