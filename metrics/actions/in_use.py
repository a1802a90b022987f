"""How much of its quotas on hosting an account uses: instances by type, and serverless concurrency."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping

from smtop.metrics.actions.live import live_fields
from smtop.metrics.actions.ports import ControlPlane
from smtop.metrics.domain.endpoint import Endpoint, Variant
from smtop.metrics.domain.plan import Fields
from smtop.metrics.errors import AwsError

SERVERLESS = "serverless"
MOST_DESCRIBED = 100
"""Endpoints that are described for one plan; two calls each."""

Usage = Mapping[str, int]
"""What the account has asked for: instances by type, and max concurrency of all serverless variants together."""


def usage_of(endpoints: Iterable[Endpoint]) -> Usage | None:
    """By an inventory that is there already; None where a part of it is not known."""
    used: Counter[str] = Counter()
    for endpoint in endpoints:
        if not endpoint.described or any(_is_unknown(variant) for variant in endpoint.variants):
            return None
        used.update(_taken(endpoint.variants))
    return used


async def listed_usage(control: ControlPlane) -> Usage | None:
    """By asking AWS; None above MOST_DESCRIBED endpoints, and where one of them cannot be described."""
    try:
        listed = await control.entries("sagemaker", "ListEndpoints", "Endpoints")
        if len(listed) > MOST_DESCRIBED:
            return None
        fields = await asyncio.gather(*(_described(control, one["EndpointName"]) for one in listed))
    except AwsError:
        return None
    used: Counter[str] = Counter()
    for one in fields:
        used.update(_taken_by(one))
    return used


async def _described(control: ControlPlane, name: str) -> Fields:
    endpoint = (await control.read("sagemaker", "DescribeEndpoint", EndpointName=name)).document
    config = endpoint["EndpointConfigName"]
    read = await control.read("sagemaker", "DescribeEndpointConfig", EndpointConfigName=config)
    return live_fields(endpoint, read.document)


def _taken_by(fields: Fields) -> Counter[str]:
    used: Counter[str] = Counter()
    for path, value in fields.items():
        variant, _, field = path.rpartition(".")
        if field == "count" and f"{variant}.type" in fields:
            used[fields[f"{variant}.type"]] += value
        elif field == "max_concurrency":
            used[SERVERLESS] += value
    return used


def _is_unknown(variant: Variant) -> bool:
    instances = variant.instances
    return instances is not None and (instances.type is None or instances.count.desired is None)


def _taken(variants: Iterable[Variant]) -> Counter[str]:
    used: Counter[str] = Counter()
    for variant in variants:
        if variant.serverless is not None:
            used[SERVERLESS] += variant.serverless.max_concurrency
        elif variant.instances is not None and variant.instances.type is not None:
            used[variant.instances.type] += variant.instances.count.desired or 0
    return used
