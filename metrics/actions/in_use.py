"""How much of its quotas on hosting an account uses, where no inventory tells."""

import asyncio
from collections import Counter

from smtop.metrics.actions.live import live_fields
from smtop.metrics.actions.ports import ControlPlane
from smtop.metrics.domain.plan import Fields
from smtop.metrics.domain.quotas import SERVERLESS, Usage
from smtop.metrics.errors import AwsError

MOST_DESCRIBED = 100
"""Endpoints that are described for one plan; two calls each."""


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
