"""From the store to views: samples for every series, vitals, findings and severity of every endpoint."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

from smtop.metrics.analysis import triage
from smtop.metrics.analysis.samples import Reading, frontier, last_settled_minute, sample
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.vitals import requests_label, vitals
from smtop.metrics.collect.plan import Ask
from smtop.metrics.collect.published import Dimensions
from smtop.metrics.collect.tiers import LASTS_S, Breadth
from smtop.metrics.domain.catalogue import INVOCATIONS_NAMESPACE
from smtop.metrics.domain.endpoint import IN_SERVICE, Endpoint
from smtop.metrics.domain.series import PERIOD_S, Owner, Point, Points, Sample, SampleState, SeriesKey
from smtop.metrics.domain.snapshot import EndpointView
from smtop.metrics.ports import Completeness
from smtop.metrics.store import Store

RECENT_MINUTES = 15
"""How far back a value still counts as the present one, and rules may look."""

TREND_MINUTES = 60

_ROW_MINUTES = RECENT_MINUTES + LASTS_S[Breadth.ROW] // PERIOD_S
"""How far back what a row reads rarely may have its newest value, and the window before it."""

_DRAWN_AT_ONCE = 20
"""Endpoints between two chances for the screen to answer a key."""

LAG_S = 180
"""How far one source may trail the fleet's data before its silence counts as a zero."""

Source = tuple[str, Dimensions]
"""A namespace and a set of dimensions: what is published together arrives together."""

Plan = Sequence[tuple[Endpoint, Sequence[Ask]]]


@dataclass(frozen=True)
class Terms:
    """How a series is read: the seconds between two readings, why it is not read, whether CloudWatch lacks it."""

    cadence_s: float
    unasked: str | None = None
    unlisted: bool = False


@dataclass(frozen=True)
class Ground:
    """What a picture is made from: points, dimensions known to be published, the time, and how each series is read."""

    store: Store
    published: Container[Dimensions]
    now: float
    terms: Callable[[Ask], Terms]


@dataclass(frozen=True)
class Picture:
    """Views of all planned endpoints, worst first, and the newest minute of their data; None without any data."""

    views: tuple[EndpointView, ...]
    reached: int | None


@dataclass(frozen=True)
class Visit:
    """Endpoints that were asked at about the same time: what came later than `as_of` is not known of them."""

    as_of: float
    plan: Plan


async def draw(plan: Plan, ground: Ground) -> Picture:
    """The fleet as the store has it now; gives way to others after every few endpoints."""
    visits = _visits(plan, ground)
    newest = [_newest_minutes(visit, ground.store) for visit in visits]
    latest = visits[0].as_of if visits else ground.now
    fresh = (found for visit, found in zip(visits, newest, strict=True) if visit.as_of >= latest - PERIOD_S)
    known = {source: minute for found in fresh for source, minute in found.items()}
    reached = _frontier(known, latest)
    views: list[EndpointView] = []
    for visit, found in zip(visits, newest, strict=True):
        for first in range(0, len(visit.plan), _DRAWN_AT_ONCE):
            some = visit.plan[first : first + _DRAWN_AT_ONCE]
            sight = Sight(ground, visit.as_of, _recent(some, ground.store, visit.as_of), found, reached)
            views += (_view(endpoint, asks, sight) for endpoint, asks in some)
            await asyncio.sleep(0)
    return Picture(tuple(sorted(views, key=triage.worst_first)), reached if known else None)


def _visits(plan: Plan, ground: Ground) -> list[Visit]:
    """The plan by the minute in which each endpoint was last answered, the newest first."""
    groups: dict[int, list[tuple[float, tuple[Endpoint, Sequence[Ask]]]]] = defaultdict(list)
    for endpoint, asks in plan:
        answers = (ground.store.asked(ask.key).answered_at for ask in asks)
        as_of = max((answered_at for answered_at in answers if answered_at is not None), default=ground.now)
        groups[int(as_of // PERIOD_S)].append((as_of, (endpoint, asks)))
    return [
        Visit(min(as_of for as_of, _ in group), [entry for _, entry in group])
        for _, group in sorted(groups.items(), reverse=True)
    ]


def _recent(plan: Plan, store: Store, as_of: float) -> dict[SeriesKey, Sequence[Point]]:
    points: dict[SeriesKey, Sequence[Point]] = {}
    for rarely, minutes in ((False, RECENT_MINUTES), (True, _ROW_MINUTES)):
        keys = [ask.key for _, asks in plan for ask in asks if (ask.breadth is Breadth.ROW) is rarely]
        points |= zip(keys, store.recent(keys, as_of, minutes), strict=True)
    return points


@dataclass(frozen=True)
class Sight:
    """The ground with the recent points of some endpoints, last asked at `as_of`.

    `newest` is the newest settled minute of each set of dimensions in each namespace, `reached` that of the fleet.
    """

    ground: Ground
    as_of: float
    points: Mapping[SeriesKey, Sequence[Point]]
    newest: Mapping[Source, int]
    reached: int

    @property
    def frontier(self) -> int:
        """The minute that these endpoints' data has reached: the fleet's, but none after they were asked."""
        return min(self.reached, last_settled_minute(self.as_of))

    def reached_by(self, key: SeriesKey, answered_at: float) -> int:
        """The minute that the data of a series has reached: its own siblings' where they keep up with the fleet."""
        own = self.newest.get(_source(key), 0)
        reached = own if own >= self.frontier - LAG_S else self.frontier
        return min(reached, last_settled_minute(answered_at))


def _newest_minutes(visit: Visit, store: Store) -> dict[Source, int]:
    """The newest settled minute of everything that is published together."""
    keys = [ask.key for _, asks in visit.plan for ask in asks]
    newest: dict[Source, int] = {}
    settled = store.newest(keys, last_settled_minute(visit.as_of), RECENT_MINUTES)
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


def _view(endpoint: Endpoint, asks: Sequence[Ask], sight: Sight) -> EndpointView:
    ground, points = sight.ground, {ask.key: _since_created(endpoint, sight.points[ask.key]) for ask in asks}
    alive = {ask.key.metric.dimensions for ask in asks if points[ask.key]}
    samples: dict[Owner, dict[str, Sample]] = defaultdict(dict)
    series: dict[Owner, dict[str, Points]] = defaultdict(dict)
    reached: dict[Owner, dict[str, int]] = defaultdict(dict)
    for ask in asks:
        own = points[ask.key]
        if not own and ask.label in samples[ask.owner]:
            continue  # an alias without points adds nothing to the name that came first
        dimensions = ask.key.metric.dimensions
        published = dimensions in alive or dimensions in ground.published
        terms = ground.terms(ask)
        reading = _reading(endpoint, ask, own, sight, terms, published=published)
        shown = samples[ask.owner][ask.label] = sample(reading, ask.spec, ground.now, terms.cadence_s)
        if terms.cadence_s > PERIOD_S and shown.state is SampleState.OK:
            reached[ask.owner][ask.label] = min(reading.frontier, sight.frontier)
        series[ask.owner][ask.label] = own
    subject = Subject(endpoint, samples, series, sight.as_of, sight.frontier, reached)
    found = triage.findings(subject)
    numbers = vitals(subject, _trend(endpoint, asks, sight))
    return EndpointView(endpoint, triage.severity(subject, numbers, found), numbers, found, dict(samples))


def _since_created(endpoint: Endpoint, points: Points) -> Points:
    """The points of this endpoint: those of an earlier one of the same name lie in minutes before it was created."""
    created_at = endpoint.summary.created_at.timestamp()
    oldest = next(iter(points), None)
    if oldest is None or oldest.at >= created_at:
        return points
    return tuple(point for point in points if point.at >= created_at)


def _reading(endpoint: Endpoint, ask: Ask, points: Points, sight: Sight, terms: Terms, *, published: bool) -> Reading:
    asked = sight.ground.store.asked(ask.key)
    answered_at = sight.as_of if asked.answered_at is None else asked.answered_at
    return Reading(
        points=points,
        answered_at=asked.answered_at,
        complete=asked.completeness is Completeness.COMPLETE,
        failure=asked.failure,
        published=published,
        in_service=endpoint.status == IN_SERVICE,
        frontier=sight.reached_by(ask.key, answered_at),
        unasked=terms.unasked,
        unlisted=terms.unlisted,
    )


def _trend(endpoint: Endpoint, asks: Sequence[Ask], sight: Sight) -> Points:
    """Requests of the last hour, a point a minute that was settled when it was read; of variants or else components."""
    until = last_settled_minute(sight.as_of)
    hour_ago = last_settled_minute(sight.ground.now) - (TREND_MINUTES - 1) * PERIOD_S
    first = max(hour_ago, -int(-endpoint.summary.created_at.timestamp() // PERIOD_S) * PERIOD_S)
    minutes = (until - first) // PERIOD_S + 1
    if minutes <= 0:
        return ()
    totals = (sight.ground.store.total(keys, until, minutes) for keys in _request_keys(endpoint, asks) if keys)
    return next((total for total in totals if total), ())


def _request_keys(endpoint: Endpoint, asks: Sequence[Ask]) -> tuple[list[SeriesKey], list[SeriesKey]]:
    label = requests_label(endpoint.kind)
    shadows = {variant.name for variant in endpoint.variants if variant.shadow}
    own = [
        ask for ask in asks if ask.label == label and ask.owner.container is None and ask.owner.variant not in shadows
    ]
    variants = [ask.key for ask in own if ask.owner.component is None]
    return variants, [ask.key for ask in own if ask.owner.component is not None]
