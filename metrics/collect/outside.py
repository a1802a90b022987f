"""What polling reaches beyond itself."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from smtop.metrics.cache import CachedInventory
from smtop.metrics.domain.endpoint import Endpoint, Identity
from smtop.metrics.domain.snapshot import Spend
from smtop.metrics.ports import AroundSources, Insights, Inventory, MetricSource
from smtop.metrics.sightings import Sighting


@dataclass(frozen=True)
class Outside:
    """What the poller reaches AWS through, how it signs in again, and how far AWS is ahead of this clock.

    Without `insights` nothing is swept, and without `around` nothing is asked but what exists and how it fares. `seen`
    are the configs that were seen live on an endpoint before, the newest first. `known` is the inventory of who else
    watches as the same identity, and `together` adds what that costs.
    """

    inventory: Inventory
    source: MetricSource
    spend: Callable[[], Spend]
    renew: Callable[[], Awaitable[None]]
    insights: Insights | None = None
    skew_s: Callable[[], float] = lambda: 0.0
    around: AroundSources | None = None
    seen: Callable[[Endpoint], Sequence[Sighting]] = lambda _: ()
    known: Callable[[Identity], CachedInventory | None] = lambda _: None
    together: Callable[[Identity, Spend], Spend] = lambda _, spend: spend
