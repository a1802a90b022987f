"""What can be shown of several fleets before AWS has answered."""

from collections.abc import Iterable

from smtop.metrics.analysis.remembered import remembered
from smtop.metrics.cache import InventoryCache
from smtop.metrics.config import Settings
from smtop.metrics.domain.snapshot import FleetSnapshot, Source
from smtop.metrics.federation.merging import Part, merged, without_twins


def remembered_of(each: Iterable[Settings]) -> FleetSnapshot | None:
    """The inventories of the last runs in these places; None where there are none."""
    parts = []
    for settings in each:
        cached = InventoryCache(settings).load()
        if cached is not None:
            parts.append(Part(Source(cached.identity.region, cached.identity.profile)))
            parts[-1].take(remembered(cached))
    kept, _ = without_twins(parts)
    return merged(kept, min(part.snapshot.generated_at for part in kept if part.snapshot)) if kept else None
