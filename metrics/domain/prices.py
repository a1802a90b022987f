"""What hosting costs an hour, by list prices that smtop ships.

The table is `metrics/data/prices.json`: dated, with a source for each group, for the regions that it names. A price
that is not in it is None, never 0, and so is every sum that needs it. Savings plans and discounts are not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from smtop.metrics.domain.endpoint import Instances, Serverless, Variant
from smtop.metrics.domain.shipped import shipped

_MB_PER_GB = 1024
_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class Rates:
    """A region's prices of what is not billed by the instance, in USD.

    Serverless inference costs `on_demand` for each GB of memory and second of a request; with provisioned concurrency
    `provisioned` for each GB and second that a slot is kept, used or not, and `provisioned_duration` for each GB and
    second of a request in such a slot. Data is what requests and answers carry, storage is an instance's volume.
    """

    on_demand_usd_per_gb_second: float
    provisioned_usd_per_gb_second: float
    provisioned_duration_usd_per_gb_second: float
    data_usd_per_gb: float
    storage_usd_per_gb_month: float


@dataclass(frozen=True, eq=False)
class Prices:
    """Prices of some regions, and when and where they are from. Instances by region and type, in USD an hour."""

    dated: str
    source: str
    instances: Mapping[str, Mapping[str, float]]
    rates: Mapping[str, Rates]

    @staticmethod
    def load() -> Prices:
        """The table that is shipped with smtop; it is read when it is first asked for."""
        return _shipped_prices()

    def instance_usd_per_hour(self, instance_type: str, region: str) -> float | None:
        """One instance that hosts, in real time or asynchronously; its volume comes on top."""
        return self.instances.get(region, {}).get(instance_type)

    def provisioned_usd_per_hour(self, memory_mb: int, concurrency: int, region: str) -> float | None:
        """Provisioned concurrency that is kept and not used; requests come on top."""
        rates = self.rates.get(region)
        if rates is None:
            return None
        gb_seconds = memory_mb / _MB_PER_GB * concurrency * _SECONDS_PER_HOUR
        return gb_seconds * rates.provisioned_usd_per_gb_second

    def endpoint_usd_per_hour(self, variants: Iterable[Variant], region: str) -> float | None:
        """What variants cost without a single request: current instances, shadows too, and provisioned concurrency.

        On-demand serverless costs nothing then. None as soon as a part is not known, and where there are no variants.
        """
        parts = [self.variant_usd_per_hour(variant, region) for variant in variants]
        known = [part for part in parts if part is not None]
        return sum(known) if known and len(known) == len(parts) else None

    def variant_usd_per_hour(self, variant: Variant, region: str) -> float | None:
        """The part of one variant."""
        if variant.serverless is not None:
            return self._kept_warm(variant.serverless, region)
        return self._instances(variant.instances, region) if variant.instances is not None else None

    def _kept_warm(self, serverless: Serverless, region: str) -> float | None:
        if not serverless.provisioned_concurrency:
            return 0.0
        return self.provisioned_usd_per_hour(serverless.memory_mb, serverless.provisioned_concurrency, region)

    def _instances(self, instances: Instances, region: str) -> float | None:
        count = instances.count.current
        if count == 0:
            return 0.0
        price = self.instance_usd_per_hour(instances.type, region) if instances.type is not None else None
        return None if count is None or price is None else count * price


@cache
def _shipped_prices() -> Prices:
    table = shipped("prices")
    instances: dict[str, dict[str, float]] = {}
    for group in table["instances"]:
        instances.setdefault(group["region"], {}).update(group["usd_per_hour"])
    rates = {group["region"]: Rates(**group["usd"]) for group in table["rates"]}
    return Prices(table["dated"], table["source"], instances, rates)
