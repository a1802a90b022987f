"""From the store to a view: samples for every series, vitals, findings and severity of one endpoint."""

from collections import defaultdict
from collections.abc import Callable, Container, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from smtop.metrics.analysis import triage
from smtop.metrics.analysis.impact import impact
from smtop.metrics.analysis.rulebook import STANDARD_RULES, Rulebook
from smtop.metrics.analysis.samples import Reading, last_settled_minute, sample, unread
from smtop.metrics.analysis.subject import Subject, Usual
from smtop.metrics.analysis.suspicion import stirs
from smtop.metrics.analysis.vitals import parts, vitals
from smtop.metrics.collect.plan import Ask
from smtop.metrics.domain.endpoint import IN_SERVICE, Endpoint
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.prices import Prices
from smtop.metrics.domain.series import (
    PERIOD_S,
    Dimensions,
    Owner,
    Points,
    Sample,
    SampleState,
    SeriesKey,
    Track,
    not_collected,
)
from smtop.metrics.domain.snapshot import EndpointView, Vitals
from smtop.metrics.domain.surroundings import NOTHING_AROUND, Surroundings
from smtop.metrics.ports import Completeness
from smtop.metrics.store import Asked, Store

RECENT_MINUTES = 15
"""How far back a value still counts as the present one, and rules may look."""

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


def _nothing_around(_: str) -> Surroundings:
    return NOTHING_AROUND


def _nothing_usual(_: SeriesKey) -> Usual | None:
    return None


def _none_missing(_: str) -> str | None:
    return None


def _nothing_muted(_: str, found: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(found)


@dataclass(frozen=True)
class Judging:
    """What rules know beside metrics: the operator's word, what stands around an endpoint, what is usual.

    `mute` marks the findings of an endpoint that somebody has acknowledged; `revision` is another one when it would
    mark others. `no_baseline` says why what is usual is not known of all that is worth it. `is_production` is the word
    of the account, where tags of an endpoint say nothing.
    """

    rulebook: Rulebook = STANDARD_RULES
    around: Callable[[str], Surroundings] = _nothing_around
    usual: Callable[[SeriesKey], Usual | None] = _nothing_usual
    no_baseline: Callable[[str], str | None] = _none_missing
    mute: Callable[[str, Sequence[Finding]], tuple[Finding, ...]] = _nothing_muted
    revision: Callable[[], Hashable] = lambda: None
    is_production: bool = False


@dataclass(frozen=True)
class Ground:
    """What a picture is made from: points, dimensions known to be published, the time, and how each series is read.

    `standing` is equal for an endpoint as long as its series are read on the same terms, but for what time changes.
    `judging` is what else the rules know.
    """

    store: Store
    published: Container[Dimensions]
    now: float
    terms: Callable[[Ask], Terms]
    standing: Callable[[str], Hashable]
    judging: Judging = field(default_factory=Judging)


@dataclass(frozen=True)
class Sight:
    """The ground with the recent points of some endpoints, last asked at `as_of`, and their requests of the last hour.

    `asked` says how asking for their series went; those that were never answered have no points.

    `newest` is the newest settled minute of each set of dimensions in each namespace, `reached` that of the fleet.
    """

    ground: Ground
    as_of: float
    asked: Mapping[SeriesKey, Asked]
    points: Mapping[SeriesKey, Track]
    trends: Mapping[str, Points]
    newest: Mapping[Source, int]
    reached: int

    @cached_property
    def frontier(self) -> int:
        """The minute that these endpoints' data has reached: the fleet's, but none after they were asked."""
        return min(self.reached, last_settled_minute(self.as_of))

    def reached_by(self, key: SeriesKey, answered_at: float) -> int:
        """The minute that the data of a series has reached: its own siblings' where they keep up with the fleet."""
        own = self.newest.get(source(key), 0)
        reached = own if own >= self.frontier - LAG_S else self.frontier
        return min(reached, last_settled_minute(answered_at))


def source(key: SeriesKey) -> Source:
    return key.metric.namespace, key.metric.dimensions


def is_silent(plan: Plan, ground: Ground) -> bool:
    """Whether some part of some endpoint has no points at all and is not known to be published."""
    keys = [ask.key for _, asks in plan for ask in asks]
    newest = ground.store.newest(keys, int(ground.now), RECENT_MINUTES)
    with_points = {key.metric.dimensions for key, minute in zip(keys, newest, strict=True) if minute is not None}
    asked = {key.metric.dimensions for key in keys}
    return any(dimensions not in ground.published for dimensions in asked - with_points)


def unasked(endpoint: Endpoint, judging: Judging) -> EndpointView | None:
    """An endpoint of which nothing was ever asked; None where a rule may have something to say all the same.

    Thousands of those are seen at the start of a large fleet.
    """
    around = judging.around(endpoint.name)
    if endpoint.status != IN_SERVICE or around.alarms or around.rolled_back_at is not None or around.uneven_since:
        return None
    yet = not_collected("not asked yet" if endpoint.described else "not described yet")
    numbers = Vitals(yet, yet, yet, yet, yet, None)
    return EndpointView(endpoint, Severity.UNKNOWN, numbers, no_baseline=judging.no_baseline(endpoint.name))


def view(endpoint: Endpoint, asks: Sequence[Ask], sight: Sight, was: Sequence[Finding] = ()) -> EndpointView:
    """One endpoint, as far as it can be seen; `was` is what was found before."""
    ground = sight.ground
    points = _points(endpoint, asks, sight)
    alive = {key.metric.dimensions for key in points}
    samples: dict[Owner, dict[str, Sample]] = defaultdict(dict)
    series: dict[Owner, dict[str, Points]] = defaultdict(dict)
    reached: dict[Owner, dict[str, int]] = defaultdict(dict)
    for ask in asks:
        own, label, known = points.get(ask.key), ask.label, samples[ask.owner]
        if own is None and label in known:
            continue  # an alias without points adds nothing to the name that came first
        terms, asked = ground.terms(ask), sight.asked.get(ask.key)
        if asked is None:
            known[label] = unread(terms.unasked, unlisted=terms.unlisted)
            continue
        dimensions = ask.key.metric.dimensions
        published = dimensions in alive or dimensions in ground.published
        reading = _reading(endpoint, ask.key, own or (), sight, asked, terms, published=published)
        shown = known[label] = sample(reading, ask.spec, ground.now, terms.cadence_s)
        if terms.cadence_s > PERIOD_S and shown.state is SampleState.OK:
            reached[ask.owner][label] = min(reading.frontier, sight.frontier)
        if own is not None:
            series[ask.owner][label] = own
    trend = sight.trends.get(endpoint.name, ())
    subject = Subject(
        endpoint,
        samples,
        series,
        sight.as_of,
        sight.frontier,
        reached,
        trend,
        ground.judging.around(endpoint.name),
        _usual(asks, ground.judging),
        frozenset(finding.place for finding in was),
        ground.judging.is_production,
    )
    return _judged(subject, vitals(subject, trend), ground.judging, was)


def _points(endpoint: Endpoint, asks: Sequence[Ask], sight: Sight) -> dict[SeriesKey, Track]:
    """Of the series that have any."""
    created_at = endpoint.summary.created_at.timestamp()
    recent = ((ask.key, sight.points[ask.key].since(created_at)) for ask in asks if ask.key in sight.points)
    return {key: track for key, track in recent if track}


def _judged(subject: Subject, numbers: Vitals, judging: Judging, was: Sequence[Finding]) -> EndpointView:
    terms = judging.rulebook.terms(subject.endpoint)
    found = judging.mute(subject.endpoint.name, triage.findings(subject, terms, was))
    return EndpointView(
        subject.endpoint,
        triage.severity(subject, found),
        numbers,
        found,
        dict(subject.samples),
        impact(subject, numbers, found),
        parts(subject),
        triage.hints(subject, found, terms),
        judging.no_baseline(subject.endpoint.name),
        _usd_per_hour(subject.endpoint) if found else None,
        stirs(subject),
    )


def _usd_per_hour(endpoint: Endpoint) -> float | None:
    """What it costs at rest, where its region's prices are known: what is wrong and dear comes before what is cheap."""
    return Prices.load().endpoint_usd_per_hour(endpoint.variants, endpoint.summary.region)


def _usual(asks: Sequence[Ask], judging: Judging) -> Mapping[Owner, Mapping[str, Usual]]:
    known: dict[Owner, dict[str, Usual]] = defaultdict(dict)
    for ask in asks:
        usual = judging.usual(ask.key)
        if usual is not None:
            known[ask.owner][ask.label] = usual
    return known


def _reading(
    endpoint: Endpoint, key: SeriesKey, points: Points, sight: Sight, asked: Asked, terms: Terms, *, published: bool
) -> Reading:
    return Reading(
        points,
        asked.answered_at,
        asked.completeness is Completeness.COMPLETE,
        asked.failure,
        published,
        endpoint.status == IN_SERVICE,
        sight.frontier if asked.answered_at is None else sight.reached_by(key, asked.answered_at),
        terms.unasked,
        terms.unlisted,
    )
