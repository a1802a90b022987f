"""What can be shown of a fleet before AWS has answered: the inventory of the last run, without a single number."""

from smtop.metrics.analysis import triage
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.cache import CachedInventory
from smtop.metrics.clock import utc
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.series import not_collected
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot, Vitals

_NOT_YET = not_collected("not asked yet")
_NO_VITALS = Vitals(_NOT_YET, _NOT_YET, _NOT_YET, _NOT_YET, _NOT_YET, None)


def remembered(cached: CachedInventory) -> FleetSnapshot:
    """The cached inventory as a snapshot of the time at which it was saved."""
    views = sorted((_view(endpoint, cached.saved_at) for endpoint in cached.endpoints), key=triage.worst_first)
    return FleetSnapshot(utc(cached.saved_at), cached.identity, tuple(views))


def _view(endpoint: Endpoint, saved_at: float) -> EndpointView:
    subject = Subject(endpoint, {}, {}, saved_at, int(saved_at))
    found = triage.findings(subject)
    return EndpointView(endpoint, triage.severity(subject, _NO_VITALS, found), _NO_VITALS, found)
