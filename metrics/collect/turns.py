"""Who is described first where many are due, and how many wait for it."""

from collections.abc import Iterator, Mapping, Sequence, Set

from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.snapshot import EndpointView

_GRAVE = frozenset({Severity.CRITICAL, Severity.WARNING, Severity.CHANGING})

Views = Mapping[str, EndpointView]


def urgent_first(names: Sequence[str], views: Views, in_sight: Set[str]) -> Sequence[str]:
    """The worst and what is in sight, then those of which nothing can be known before, then the busiest.

    Names that nothing tells apart keep their order.
    """
    return sorted(names, key=lambda name: _urgency(views.get(name), name in in_sight))


def _urgency(view: EndpointView | None, is_in_sight: bool) -> tuple[int, int, float]:
    if view is None:
        return int(not is_in_sight), 0, 0.0
    if is_in_sight or view.severity in _GRAVE:
        return 0, *view.urgency[:2]
    if view.endpoint.kind is Kind.INFERENCE_COMPONENT:
        return 1, 0, 0.0
    return 2, 0, -(view.vitals.requests_per_minute.value or 0.0)


def awaited(views: Sequence[EndpointView], silent: int) -> Iterator[str]:
    """A sentence about those that are ranked before they are described; none where there are few."""
    waiting = sum(not view.endpoint.described and bool(view.metrics) for view in views)
    if waiting or silent:
        yield (
            f"{waiting + silent:,} endpoints wait to be described, the worst first. Until then they are ranked by "
            "requests, errors and latency alone."
            + (f" {silent:,} of them have published nothing in the last three hours." if silent else "")
        )
