"""The sweep: CloudWatch's own engine ranks a large fleet by what rows that are polled slowly are not asked.

It only points at endpoints. What is wrong with one is found out by asking it everything.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from smtop.metrics.analysis.thresholds import STANDARD
from smtop.metrics.clock import Clock
from smtop.metrics.collect.published import Published
from smtop.metrics.collect.tiers import TICK_S, most_unhealthy
from smtop.metrics.domain.billing import USD_PER_METRIC_ANALYSED
from smtop.metrics.domain.catalogue import INVOCATIONS_NAMESPACE, METRICS, Scope
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.snapshot import CUT_OFF
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.limiter import priority
from smtop.metrics.ports import Insights, Priority, Ranking, RankingQuery, Window

LARGE_FLEET = 500
"""A sweep is for fleets of more endpoints than this: smaller ones are polled nearly as fast for less."""

SWEEP_S = 300
MOST_ANALYSED = 10_000
MOST_SERIES = 500
"""Quotas of one Metrics Insights query: metrics it goes through, series it returns."""

AGAIN_S = 900
"""An endpoint that was looked at is left alone for so long: errors too few to matter would bring it back each time."""

PATIENCE_S = 20.0
_BUCKET_S = 300
_BUCKETS = 3
"""Two whole buckets and the one under way: points come up to four minutes late."""

_GROUP = "EndpointName"
_FINAL = frozenset({FaultKind.PERMISSION, FaultKind.INVALID})


@dataclass(frozen=True)
class Question:
    """A metric of the whole fleet, and from which value on in a bucket an endpoint is looked at.

    Average is the share of failed requests for error metrics, which count 1 for a failure and 0 for any other request.
    A maximum would be 1 for a single failure among thousands.
    """

    metric: str
    stat: str
    scope: Scope
    least: float


QUESTIONS = (
    Question("Invocation5XXErrors", "Average", Scope.VARIANT, STANDARD.server_error_ratio.fires / 2),
    Question("HasBacklogWithoutCapacity", "Sum", Scope.ENDPOINT, 1.0),
    Question("ServerlessProvisionedConcurrencySpilloverInvocations", "Sum", Scope.VARIANT, 1.0),
    Question("Invocation4XXErrors", "Average", Scope.VARIANT, STANDARD.client_error_ratio.fires / 2),
)
"""The worst first; each has a rule that can judge it. Error shares are half of the rule's, whose five minutes may lie
across two buckets. Latency is left out: no rule judges it, and an average says little of it."""

Hears = Callable[[str, str], bool]
"""Whether a metric of an endpoint is asked each minute anyway."""


@dataclass(frozen=True)
class Planned:
    """A question with how many metrics of this account it concerns."""

    question: Question
    metrics: int

    @property
    def analysed(self) -> int:
        return min(self.metrics, MOST_ANALYSED)

    @property
    def query(self) -> RankingQuery:
        one = self.question
        return RankingQuery(
            one.metric, one.stat, INVOCATIONS_NAMESPACE, one.scope.value, _GROUP, _BUCKET_S, self.analysed
        )


def planned(endpoints: Sequence[Endpoint], published: Published | None = None) -> tuple[Planned, ...]:
    """The questions that concern a fleet: none for a small one, and none about what it cannot have.

    Metrics are counted by what CloudWatch lists, or else by the fleet itself.
    """
    if len(endpoints) <= LARGE_FLEET:
        return ()
    found = []
    for question in QUESTIONS:
        metrics = _of_fleet(question, endpoints)
        listed = published.count(INVOCATIONS_NAMESPACE, question.metric, question.scope.value) if published else None
        if metrics:
            found.append(Planned(question, metrics if listed is None else listed))
    return tuple(found)


def usd_per_hour(plan: Iterable[Planned]) -> float:
    """What sweeping costs an hour, at a price that is not verified."""
    return sum(one.analysed for one in plan) * 3600 / SWEEP_S * USD_PER_METRIC_ANALYSED


def _of_fleet(question: Question, endpoints: Iterable[Endpoint]) -> int:
    kinds = _KINDS[question]
    of_variants = question.scope is Scope.VARIANT
    return sum(len(endpoint.variants) if of_variants else 1 for endpoint in endpoints if endpoint.kind in kinds)


def _kinds(question: Question) -> frozenset[Kind]:
    """The kinds that have the metric; what is not told apart yet is asked as real-time."""
    kinds = next(spec.scopes[question.scope] for spec in METRICS if spec.name == question.metric)
    return kinds | {Kind.UNKNOWN} if Kind.REALTIME in kinds else kinds


_KINDS: Mapping[Question, frozenset[Kind]] = {question: _kinds(question) for question in QUESTIONS}


class Sweep:
    """Sweeps one account every SWEEP_S, if it may (`insights`) and the fleet is large enough.

    A refusal is remembered: there are no more sweeps after it. `errors` and `notices` are what the last one has to say.
    """

    def __init__(self, insights: Insights | None, published: Published, clock: Clock) -> None:
        self._insights = insights
        self._published = published
        self._clock = clock
        self._plan: tuple[Planned, ...] = ()
        self._names: frozenset[str] = frozenset()
        self._due_at: float | None = None
        self._looked_at: dict[str, float] = {}
        self._refused = False
        self.errors: list[AwsError] = []
        self.notices: tuple[str, ...] = ()

    @property
    def usd_per_hour(self) -> float:
        return usd_per_hour(self._plan)

    def take(self, endpoints: Sequence[Endpoint]) -> None:
        """The fleet as it stands. The first sweep comes later: at first sight everything is asked anyway."""
        allowed = self._insights is not None and not self._refused
        self._plan = planned(endpoints, self._published) if allowed else ()
        self._names = frozenset(endpoint.name for endpoint in endpoints)
        if not self._plan:
            self._due_at, self.notices = None, ()
            self.errors = self.errors if self._refused else []
        elif self._due_at is None:
            self._due_at = self._clock.monotonic() + SWEEP_S

    async def run(self, hears: Hears) -> Sequence[str]:
        """The endpoints to ask everything now, the worst first; none while no sweep is due."""
        now = self._clock.monotonic()
        if self._insights is None or self._due_at is None or now < self._due_at - TICK_S / 2:
            return ()
        self._due_at = now + SWEEP_S
        try:
            rankings = await self._ask(self._insights)
        except AwsError as error:
            self._fail(error, now)
            return ()
        self.errors = []
        return self._chosen(rankings, hears, now)

    async def _ask(self, insights: Insights) -> list[tuple[Planned, Ranking]]:
        """One query after the other: together they would only wait at the gate."""
        token = priority.set(Priority.IDLE)
        try:
            async with asyncio.timeout(PATIENCE_S):
                return [(one, await insights.rank(one.query, self._window())) for one in self._plan]
        except TimeoutError:
            operation = "cloudwatch:GetMetricData"
            message = f"Metrics Insights took more than {PATIENCE_S:.0f} s."
            raise AwsError(FaultKind.SERVICE, operation, message) from None
        finally:
            priority.reset(token)

    def _window(self) -> Window:
        end = int(self._clock.wall() // _BUCKET_S + 1) * _BUCKET_S
        return Window(end - _BUCKETS * _BUCKET_S, end)

    def _fail(self, error: AwsError, now: float) -> None:
        """Where AWS cannot be asked at all the ordinary polls say so; the sweep waits for them."""
        if error.kind in CUT_OFF:
            self._due_at = now
            return
        self._refused = error.kind in _FINAL
        rest = "It is not tried again in this run." if self._refused else "The next one follows in 5 min."
        self.errors = [AwsError(error.kind, error.operation, f"The sweep of the fleet failed: {error} {rest}")]
        self.notices = ()

    def _chosen(self, rankings: Sequence[tuple[Planned, Ranking]], hears: Hears, now: float) -> Sequence[str]:
        """The worst that nobody else looks at, no more than can be looked at."""
        self._looked_at = {name: at for name, at in self._looked_at.items() if now - at < AGAIN_S - TICK_S / 2}
        named = [(name, one.question.metric) for one, ranking in rankings for name in _offenders(one, ranking)]
        unheard = [name for name, metric in named if name in self._names and not hears(name, metric)]
        waiting = [name for name in dict.fromkeys(unheard) if name not in self._looked_at]
        chosen = waiting[: most_unhealthy(len(self._names))]
        self._looked_at |= dict.fromkeys(chosen, now)
        self.notices = tuple(_limits(rankings)) + tuple(_rest(len(chosen), len(waiting)))
        return chosen


def _offenders(one: Planned, ranking: Ranking) -> list[str]:
    bad = {name: value for name, value in ranking.values.items() if value >= one.question.least}
    return sorted(bad, key=lambda name: -bad[name])


def _limits(rankings: Sequence[tuple[Planned, Ranking]]) -> Iterable[str]:
    """Sentences about what Metrics Insights has left out."""
    for one, ranking in rankings:
        metric = one.question.metric
        if one.metrics > MOST_ANALYSED:
            yield f"The sweep sees {MOST_ANALYSED:,} of {one.metrics:,} {metric}: Metrics Insights takes no more."
        elif ranking.messages or not ranking.complete:
            yield f"The sweep saw only a part of {metric}: {' '.join(ranking.messages) or 'CloudWatch says so'}."
        if len(ranking.values) >= MOST_SERIES and len(_offenders(one, ranking)) == len(ranking.values):
            yield f"The sweep got the {MOST_SERIES} worst endpoints by {metric} and no more: there may be others."


def _rest(chosen: int, waiting: int) -> Iterable[str]:
    if waiting > chosen:
        yield f"The sweep points at {waiting} endpoints: the worst {chosen} are asked everything, the rest by and by."
