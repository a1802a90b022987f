"""What the account's quotas on hosting bound, and how much of it a fleet takes: instances by type, and serverless."""

from collections import Counter
from collections.abc import Iterable, Mapping

from smtop.metrics.domain.endpoint import Endpoint, Variant

SERVERLESS = "serverless"
"""Stands for the max concurrency of all serverless variants together, where other keys are instance types."""

Usage = Mapping[str, int]
"""What the account has asked for: instances by type, and SERVERLESS."""

_OF_INSTANCES = " for endpoint usage"


def bounded_by(quota: str) -> str | None:
    """The instance type, or SERVERLESS, that a quota of Service Quotas' name bounds; None for any other quota.

    AWS has worded the one on serverless in more than one way.
    """
    if quota.endswith(_OF_INSTANCES):
        return quota.removesuffix(_OF_INSTANCES)
    words = quota.lower()
    return SERVERLESS if "total concurrency" in words and "serverless" in words else None


def usage_of(endpoints: Iterable[Endpoint]) -> Usage | None:
    """By an inventory that is there already; None where a part of it is not known."""
    used: Counter[str] = Counter()
    for endpoint in endpoints:
        if not endpoint.described or any(_is_unknown(variant) for variant in endpoint.variants):
            return None
        used.update(_taken(endpoint.variants))
    return used


def needs_of(endpoint: Endpoint) -> tuple[str, ...]:
    """What an endpoint takes more of when it grows."""
    kinds = (SERVERLESS if one.serverless else one.instances and one.instances.type for one in endpoint.variants)
    return tuple(dict.fromkeys(kind for kind in kinds if kind))


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
