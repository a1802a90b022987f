"""From the store to views: samples for every series, vitals, findings and severity of every endpoint."""

import asyncio
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from smtop.metrics.analysis import triage
from smtop.metrics.analysis.samples import Reading, frontier, last_settled_minute, sample
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.vitals import requests_label, vitals
from smtop.metrics.collect.plan import Ask
from smtop.metrics.collect.published import Dimensions
from smtop.metrics.domain.catalogue import INVOCATIONS_NAMESPACE
from smtop.metrics.domain.endpoint import IN_SERVICE, Endpoint
from smtop.metrics.domain.series import Owner, Point, Points, Sample, SeriesKey
from smtop.metrics.domain.snapshot import EndpointView
from smtop.metrics.ports import Completeness
from smtop.metrics.store import Store

RECENT_MINUTES = 15
"""How far back a value still counts as the present one, and rules may look."""

TREND_MINUTES = 60

_DRAWN_AT_ONCE = 20
"""Endpoints between two chances for the screen to answer a key."""

LAG_S = 180
"""How far one source may trail the fleet's data before its silence counts as a zero."""

Source = tuple[str, Dimensions]
"""A namespace and a set of dimensions: what is published together arrives together."""

Plan = Sequence[tuple[Endpoint, Sequence[Ask]]]


@dataclass(frozen=True)
class Ground:
    """What a picture is made from: the points, the dimensions known to be published, the time and the cadence."""

    store: Store
    published: Container[Dimensions]
    now: float
    cadence_s: float


@dataclass(frozen=True)
class Picture:
    """Views of all planned endpoints, worst first, and the newest minute of their data; None without any data."""

    views: tuple[EndpointView, ...]
    reached: int | None


async def draw(plan: Plan, ground: Ground) -> Picture:
    """The fleet as the store has it now; gives way to others after every few endpoints."""
    newest = _newest_minutes(plan, ground)
    reached = _frontier(newest, ground.now)
    views: list[EndpointView] = []
    for first in range(0, len(plan), _DRAWN_AT_ONCE):
        some = plan[first : first + _DRAWN_AT_ONCE]
        sight = Sight(ground, _recent(some, ground), newest, reached)
        views += (_view(endpoint, asks, sight, _trend(endpoint, asks, ground)) for endpoint, asks in some)
        await asyncio.sleep(0)
    return Picture(tuple(sorted(views, key=triage.worst_first)), reached if newest else None)


def _recent(plan: Plan, ground: Ground) -> dict[SeriesKey, Sequence[Point]]:
    keys = [ask.key for _, asks in plan for ask in asks]
    return dict(zip(keys, ground.store.recent(keys, ground.now, RECENT_MINUTES), strict=True))


@dataclass(frozen=True)
class Sight:
    """The ground with the recent points of all series.

    `newest` is the newest settled minute of each set of dimensions in each namespace, `frontier` that of the fleet.
    """

    ground: Ground
    points: Mapping[SeriesKey, Sequence[Point]]
    newest: Mapping[Source, int]
    frontier: int

    def reached(self, key: SeriesKey) -> int:
        """The minute that the data of a series has reached: its own siblings' where they keep up with the fleet."""
        own = self.newest.get(_source(key), 0)
        return own if own >= self.frontier - LAG_S else self.frontier


def _newest_minutes(plan: Plan, ground: Ground) -> dict[Source, int]:
    """The newest settled minute of everything that is published together."""
    keys = [ask.key for _, asks in plan for ask in asks]
    newest: dict[Source, int] = {}
    settled = ground.store.newest(keys, last_settled_minute(ground.now), RECENT_MINUTES)
    for key, minute in zip(keys, settled, strict=True):
        if minute is not None:
            newest[_source(key)] = max(minute, newest.get(_source(key), 0))
    return newest


def _source(key: SeriesKey) -> Source:
    return key.metric.namespace, key.metric.dimensions


def _frontier(newest: Mapping[Source, int], now: float) -> int:
    """The fleet's frontier by its invocation metrics, or by all metrics where there are none of these."""
    invocations = [minute for (namespace, _), minute in newest.items() if namespace == INVOCATIONS_NAMESPACE]
    return frontier(invocations or list(newest.values()), now)


def is_silent(plan: Plan, ground: Ground) -> bool:
    """Whether some part of some endpoint has no points at all and is not known to be published."""
    keys = [ask.key for _, asks in plan for ask in asks]
    newest = ground.store.newest(keys, int(ground.now), RECENT_MINUTES)
    with_points = {key.metric.dimensions for key, minute in zip(keys, newest, strict=True) if minute is not None}
    asked = {key.metric.dimensions for key in keys}
    return any(dimensions not in ground.published for dimensions in asked - with_points)


def _view(endpoint: Endpoint, asks: Sequence[Ask], sight: Sight, trend: Points) -> EndpointView:
    ground, points = sight.ground, sight.points
    alive = {ask.key.metric.dimensions for ask in asks if points[ask.key]}
    samples: dict[Owner, dict[str, Sample]] = defaultdict(dict)
    series: dict[Owner, dict[str, Points]] = defaultdict(dict)
    for ask in asks:
        own = points[ask.key]
        if not own and ask.label in samples[ask.owner]:
            continue  # an alias without points adds nothing to the name that came first
        dimensions = ask.key.metric.dimensions
        published = dimensions in alive or dimensions in ground.published
        reading = _reading(endpoint, ask, sight, published=published)
        samples[ask.owner][ask.label] = sample(reading, ask.spec, ground.now, ground.cadence_s)
        series[ask.owner][ask.label] = own
    subject = Subject(endpoint, samples, series, ground.now, sight.frontier)
    found = triage.findings(subject)
    numbers = vitals(subject, trend)
    return EndpointView(endpoint, triage.severity(subject, numbers, found), numbers, found, dict(samples))


def _reading(endpoint: Endpoint, ask: Ask, sight: Sight, *, published: bool) -> Reading:
    asked = sight.ground.store.asked(ask.key)
    return Reading(
        points=sight.points[ask.key],
        answered_at=asked.answered_at,
        complete=asked.completeness is Completeness.COMPLETE,
        failure=asked.failure,
        published=published,
        in_service=endpoint.status == IN_SERVICE,
        frontier=sight.reached(ask.key),
    )


def _trend(endpoint: Endpoint, asks: Sequence[Ask], ground: Ground) -> Points:
    """Requests of the last hour, a settled point a minute, over variants or else over components."""
    totals = (
        ground.store.total(keys, last_settled_minute(ground.now), TREND_MINUTES)
        for keys in _request_keys(endpoint, asks)
        if keys
    )
    return next((total for total in totals if total), ())


def _request_keys(endpoint: Endpoint, asks: Sequence[Ask]) -> tuple[list[SeriesKey], list[SeriesKey]]:
    label = requests_label(endpoint.kind)
    shadows = {variant.name for variant in endpoint.variants if variant.shadow}
    own = [
        ask for ask in asks if ask.label == label and ask.owner.container is None and ask.owner.variant not in shadows
    ]
    variants = [ask.key for ask in own if ask.owner.component is None]
    return variants, [ask.key for ask in own if ask.owner.component is not None]
