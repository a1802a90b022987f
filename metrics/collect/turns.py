"""Who is described first where many are due, and how much of it one cycle takes on."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set

from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.snapshot import EndpointView

DESCRIBED_AT_ONCE = 100
"""Endpoints that are described before their first numbers are asked, and the others are ranked anew."""

_GRAVE = frozenset({Severity.CRITICAL, Severity.WARNING, Severity.CHANGING})

Views = Mapping[str, EndpointView]


def turns(
    due: Sequence[str], views: Callable[[], Views], in_sight: Callable[[], Sequence[str]], is_late: Callable[[], bool]
) -> Iterator[Sequence[str]]:
    """The names a few at a time, those first that matter most by what is known then; at least one turn, maybe empty.

    What is left when it is late must be due again.
    """
    left = due
    while True:
        left = urgent_first(left, views(), frozenset(in_sight()))
        yield left[:DESCRIBED_AT_ONCE]
        left = left[DESCRIBED_AT_ONCE:]
        if not left or is_late():
            return


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
