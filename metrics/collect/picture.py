"""From the store to views: samples for every series, vitals, findings and severity of every endpoint."""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from smtop.metrics.analysis import triage
from smtop.metrics.analysis.samples import Reading, frontier, is_settled, newest_settled, sample
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


def draw(plan: Plan, ground: Ground) -> Picture:
    """The fleet as the store has it now."""
    keys = [ask.key for _, asks in plan for ask in asks]
    points = dict(zip(keys, ground.store.recent(keys, ground.now, RECENT_MINUTES), strict=True))
    trends = _trends(plan, ground)
    newest = _newest_minutes(points, ground.now)
    sight = Sight(ground, points, newest, _frontier(newest, ground.now))
    made = [_view(endpoint, asks, sight, trends[endpoint.name]) for endpoint, asks in plan]
    return Picture(tuple(sorted(made, key=triage.worst_first)), sight.frontier if newest else None)


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


def _newest_minutes(points: Mapping[SeriesKey, Sequence[Point]], now: float) -> dict[Source, int]:
    newest: dict[Source, int] = {}
    for key, own in points.items():
        point = newest_settled(own, now)
        if point is not None:
            newest[_source(key)] = max(point.at, newest.get(_source(key), 0))
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
    recent = ground.store.recent(keys, ground.now, RECENT_MINUTES)
    with_points = {key.metric.dimensions for key, points in zip(keys, recent, strict=True) if points}
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


def _trends(plan: Plan, ground: Ground) -> dict[str, Points]:
    """Requests of every endpoint's last hour, a settled point a minute, over variants or else over components."""
    sources = {endpoint.name: _request_keys(endpoint, asks) for endpoint, asks in plan}
    keys = [key for groups in sources.values() for group in groups for key in group]
    points = dict(zip(keys, ground.store.recent(keys, ground.now, TREND_MINUTES), strict=True))
    return {
        name: next((total for group in groups if (total := _summed([points[key] for key in group], ground.now))), ())
        for name, groups in sources.items()
    }


def _request_keys(endpoint: Endpoint, asks: Sequence[Ask]) -> tuple[list[SeriesKey], list[SeriesKey]]:
    label = requests_label(endpoint.kind)
    shadows = {variant.name for variant in endpoint.variants if variant.shadow}
    own = [
        ask for ask in asks if ask.label == label and ask.owner.container is None and ask.owner.variant not in shadows
    ]
    variants = [ask.key for ask in own if ask.owner.component is None]
    return variants, [ask.key for ask in own if ask.owner.component is not None]


def _summed(series: Sequence[Sequence[Point]], now: float) -> tuple[Point, ...]:
    totals: dict[int, float] = defaultdict(float)
    for points in series:
        for point in points:
            if is_settled(point, now):
                totals[point.at] += point.value
    return tuple(Point(at, totals[at]) for at in sorted(totals))
