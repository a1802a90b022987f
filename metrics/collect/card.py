"""What one endpoint may be asked, and what is known of its traffic."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from smtop.metrics.collect.budget import Size
from smtop.metrics.collect.plan import Ask
from smtop.metrics.collect.tiers import TRAFFIC, Breadth
from smtop.metrics.domain.billing import statistics_billed
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.series import MetricId, SeriesKey


class Metric(NamedTuple):
    """All statistics that are read of one metric: what is billed together is asked together."""

    ask: Ask
    keys: tuple[SeriesKey, ...]
    billed: int

    @property
    def id(self) -> MetricId:
        return self.ask.key.metric


@dataclass
class Card:
    """The metrics of one endpoint, narrowest breadth first, with how many of them each breadth holds.

    `traffic_at` is the newest minute known to have had a request; `complete` says that all was answered once.
    `suspected_at` is when the sweep last pointed at it. Of a `brief` one only the last minutes were read so far.
    """

    endpoint: Endpoint
    asks: Sequence[Ask]
    metrics: tuple[Metric, ...]
    counts: tuple[int, ...]
    traffic_at: float | None = None
    complete: bool = False
    suspected_at: float = float("-inf")
    brief: bool = False
    size: tuple[Hashable, Size] | None = None

    def within(self, breadth: Breadth) -> Sequence[Metric]:
        return self.metrics[: self.counts[breadth]]

    @property
    def traffic_keys(self) -> Iterator[SeriesKey]:
        return (key for metric in self.metrics if tells_traffic(metric) for key in metric.keys)


def card(endpoint: Endpoint, asks: Sequence[Ask]) -> Card:
    """The card of an endpoint that was never asked."""
    groups: dict[MetricId, list[Ask]] = {}
    for ask in asks:
        groups.setdefault(ask.key.metric, []).append(ask)
    metrics = [_metric(group) for group in groups.values()]
    metrics.sort(key=lambda metric: metric.ask.breadth)
    counts = tuple(sum(metric.ask.breadth <= breadth for metric in metrics) for breadth in Breadth)
    return Card(endpoint, asks, tuple(metrics), counts)


def _metric(group: Sequence[Ask]) -> Metric:
    keys = tuple(ask.key for ask in group)
    return Metric(group[0], keys, statistics_billed(len(set(keys))))


def renewed(known: Card | None, endpoint: Endpoint, asks: Sequence[Ask]) -> Card:
    """The card of an endpoint as it stands now; what is known of its traffic stays, unless it was created anew."""
    if known is None or known.endpoint.summary.created_at != endpoint.summary.created_at:
        return card(endpoint, asks)
    if known.asks == asks:
        known.endpoint, known.asks = endpoint, asks
        return known
    return replace(card(endpoint, asks), traffic_at=known.traffic_at, brief=known.brief)


def tells_traffic(metric: Metric) -> bool:
    """Requests of a variant or component, or an asynchronous backlog."""
    return metric.ask.breadth < Breadth.ALL and metric.ask.spec.name in TRAFFIC
