"""Requests of the last hour, a point a minute, of many endpoints at once: reading them one by one costs the most."""

from collections.abc import Iterator, Mapping, Sequence

from smtop.metrics.analysis.samples import last_settled_minute
from smtop.metrics.analysis.vitals import requests_label
from smtop.metrics.collect.plan import Ask
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.series import PERIOD_S, Points, SeriesKey, Track
from smtop.metrics.store import Store

TREND_MINUTES = 60


def trends(
    asked: Sequence[tuple[Endpoint, Sequence[Ask]]], store: Store, as_of: float, now: float
) -> Mapping[str, Points]:
    """By endpoint, the minutes that were settled when they were read; of its variants or else its components.

    Endpoints without a point in that hour are left out.
    """
    until = last_settled_minute(as_of)
    minutes = (until - last_settled_minute(now)) // PERIOD_S + TREND_MINUTES
    if minutes <= 0:
        return {}
    groups = [(endpoint, keys) for endpoint, asks in asked for keys in _request_keys(endpoint, asks) if keys]
    found: dict[str, Points] = {}
    totals = store.totals([keys for _, keys in groups], until, minutes)
    for (endpoint, _), total in zip(groups, totals, strict=True):
        own = since_created(endpoint, total)
        if own and endpoint.name not in found:
            found[endpoint.name] = own
    return found


def since_created(endpoint: Endpoint, points: Track) -> Track:
    """The points of this endpoint: those of an earlier one of the same name lie in minutes before it was created."""
    return points.since(endpoint.summary.created_at.timestamp())


def _request_keys(endpoint: Endpoint, asks: Sequence[Ask]) -> Iterator[list[SeriesKey]]:
    label = requests_label(endpoint.kind)
    shadows = {variant.name for variant in endpoint.variants if variant.shadow}
    own = [
        ask for ask in asks if ask.label == label and ask.owner.container is None and ask.owner.variant not in shadows
    ]
    yield [ask.key for ask in own if ask.owner.component is None]
    yield [ask.key for ask in own if ask.owner.component is not None]
