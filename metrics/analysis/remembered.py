"""What can be shown of a fleet before AWS has answered: the inventory of the last run, without a single number."""

from smtop.metrics.cache import CachedInventory
from smtop.metrics.clock import utc
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import not_collected
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot, Vitals, worst_first

_NOT_YET = not_collected("not asked yet")
_NO_VITALS = Vitals(_NOT_YET, _NOT_YET, _NOT_YET, _NOT_YET, _NOT_YET, None)


def remembered(cached: CachedInventory) -> FleetSnapshot:
    """The cached inventory as a snapshot of the time at which it was saved; only its states say how it fares."""
    views = [EndpointView(endpoint, _severity(endpoint), _NO_VITALS) for endpoint in cached.endpoints]
    views.sort(key=worst_first)
    saved_at = utc(cached.saved_at)
    return FleetSnapshot(saved_at, cached.identity, tuple(views), remembered_at=saved_at)


def _severity(endpoint: Endpoint) -> Severity:
    if endpoint.is_broken:
        return Severity.CRITICAL
    return Severity.CHANGING if endpoint.is_changing else Severity.UNKNOWN
