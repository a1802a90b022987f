"""What an endpoint costs an hour as its fields say: before a change, and after it."""

from collections.abc import Iterator

from smtop.metrics.domain.endpoint import Instances, Moving, Serverless, Variant
from smtop.metrics.domain.plan import Fields
from smtop.metrics.domain.prices import Prices


def usd_per_hour(fields: Fields, region: str) -> float | None:
    """At rest, by the list prices that smtop ships; None where one of them, or a part of the endpoint, is unknown.

    An endpoint that is not there costs nothing.
    """
    if fields.get("endpoint", "") is None:
        return 0.0
    return Prices.load().endpoint_usd_per_hour(_variants(fields), region)


def _variants(fields: Fields) -> Iterator[Variant]:
    """A variant is what has a weight, or serverless settings."""
    names = {path.rpartition(".")[0] for path in fields if path.endswith((".weight", ".max_concurrency"))}
    for name in sorted(names):
        memory_mb, most = fields.get(f"{name}.memory_mb"), fields.get(f"{name}.max_concurrency")
        if most is not None:
            provisioned = fields.get(f"{name}.provisioned_concurrency")
            yield Variant(name, serverless=Serverless(memory_mb or 0, most, provisioned or None))
        else:
            count = fields.get(f"{name}.count")
            yield Variant(name, instances=Instances(Moving(count, count), fields.get(f"{name}.type")))
