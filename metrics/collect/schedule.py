"""What is due: the metrics of every endpoint, by its tier, the budget, and what CloudWatch is known to have."""

import asyncio
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import NamedTuple
from zlib import crc32

from smtop.metrics.clock import Clock
from smtop.metrics.collect.budget import SCREEN_IDLE_S, USUAL, Budget, Size, course, usd_per_hour
from smtop.metrics.collect.card import Card, Metric, renewed, tells_traffic
from smtop.metrics.collect.picture import Plan, Terms
from smtop.metrics.collect.plan import Ask
from smtop.metrics.collect.published import Published
from smtop.metrics.collect.seeds import LARGE_FLEET
from smtop.metrics.collect.silence import PENALTY_S, Silence
from smtop.metrics.collect.tiers import (
    HOT_S,
    LASTS_S,
    SERVICES,
    TICK_S,
    WARM_S,
    Breadth,
    Facts,
    Look,
    Service,
    Tier,
    Tiers,
    look_at,
    wanted,
)
from smtop.metrics.domain.billing import FIRST_LOOK, USD_PER_METRIC
from smtop.metrics.domain.catalogue import Bad, Missing
from smtop.metrics.domain.endpoint import IN_SERVICE, Endpoint
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import PERIOD_S, SeriesKey
from smtop.metrics.ports import Answer, Priority
from smtop.metrics.store import Store

UNLISTED_S = 1800
"""A metric of an endpoint that is younger, or changed since, may exist before CloudWatch lists it."""

_LEFT_OUT = {
    (tier, breadth): Terms(LASTS_S[breadth], unasked=f"not asked while {tier.value}")
    for tier in Tier
    for breadth in Breadth
}
_EACH_TICK = Terms(TICK_S)
_UNSEEN = replace(SERVICES[Tier.HOT], every_s=SERVICES[Tier.HOT].every_s[: Breadth.ROW])
_AT_ONCE = 50
_SLACK_S = TICK_S / 2
"""Answers come some seconds after the tick that asked for them."""

_SPREAD_S = 3600
"""What is asked no more often than this is asked of each endpoint in a minute of its own, not of all at once."""


class Due(NamedTuple):
    """A metric to ask now, how urgent it is, and for which tier; `brief` where the last minutes are enough."""

    metric: Metric
    priority: Priority
    payer: str
    brief: bool = False


class Schedule:
    """Decides what is asked when. It keeps what the screen looks at, and what the last cycles found out."""

    def __init__(self, store: Store, published: Published, clock: Clock, max_usd_per_hour: Budget) -> None:
        self._store = store
        self._published = published
        self._clock = clock
        self._max_usd_per_hour = max_usd_per_hour
        self._cards: dict[str, Card] = {}
        self._listening: dict[SeriesKey, Card] = {}
        self._tiers: dict[str, Tier] = {}
        self._holding = Tiers()
        self._silence = Silence()
        self._severities: Mapping[str, Severity] = {}
        self._suspects: frozenset[str] = frozenset()
        self._stirring: Set[str] = frozenset()
        self._look = Look()
        self._touched_at = clock.monotonic()
        self._interval_s = TICK_S
        self._course = USUAL

    # What the screen tells

    @property
    def looked_at(self) -> Hashable:
        """Changes whenever something is shown that may have to be asked at once."""
        return self._look if self._look.wanted else self._look.focused

    @property
    def in_sight(self) -> Sequence[str]:
        """The endpoints that the screen shows, the one under the cursor first."""
        return [*filter(None, [self._look.focused]), *self._look.visible]

    @property
    def is_watched(self) -> bool:
        """Whether a key was pressed lately."""
        return self._clock.monotonic() - self._touched_at < SCREEN_IDLE_S

    def ask_every(self, interval_s: int) -> None:
        """From the next cycle on nothing is asked more often than that."""
        self._interval_s = max(interval_s, TICK_S)

    def look(self, focused: str | None, visible: Sequence[str], wanted: Set[str] = frozenset()) -> None:
        """From now on these endpoints are asked as what is on the screen, with the wanted metrics of each."""
        self._look = look_at(focused, visible, wanted)

    def touch(self) -> None:
        self._touched_at = self._clock.monotonic()

    # What the poller tells

    def take(self, plan: Plan) -> None:
        """The fleet as it stands; endpoints that are asked as before keep their cards."""
        if len(plan) == len(self._cards) and all(self._is_known(endpoint, asks) for endpoint, asks in plan):
            return
        known, self._cards = self._cards, {}
        for endpoint, asks in plan:
            self._deal(known.pop(endpoint.name, None), endpoint, asks)
        for gone in known.values():
            self._listen(gone, None)

    def add(self, endpoint: Endpoint, asks: Sequence[Ask]) -> None:
        """One endpoint of the fleet as it stands now, before all are taken."""
        self._deal(self._cards.get(endpoint.name), endpoint, asks)

    def _deal(self, before: Card | None, endpoint: Endpoint, asks: Sequence[Ask]) -> None:
        one = self._cards[endpoint.name] = renewed(before, endpoint, asks)
        if one is not before:
            self._listen(before, one)

    def _listen(self, before: Card | None, one: Card | None) -> None:
        """Follows the traffic of an endpoint by its card of now, and no longer by the one before."""
        for key in before.traffic_keys if before else ():
            if self._listening.get(key) is before:  # a component may have moved, and its new host was first
                del self._listening[key]
        self._listening |= dict.fromkeys(one.traffic_keys, one) if one else {}

    def note(self, answers: Mapping[SeriesKey, Answer]) -> None:
        """What CloudWatch has just answered; the store has it already."""
        now = self._clock.wall()
        self._silence.note(answers, now)
        telling = [key for key in answers if key in self._listening]
        for key, track in zip(telling, self._store.recent(telling, now, WARM_S // PERIOD_S), strict=True):
            one = self._listening[key]
            at = next((point.at for point in reversed(track) if point.value > 0), None)
            if at is not None and at >= one.endpoint.summary.created_at.timestamp():
                one.traffic_at = max(at, one.traffic_at or 0)

    def judge(self, severities: Mapping[str, Severity], stirring: Set[str] = frozenset()) -> None:
        """How the endpoints fared in the newest picture, and of which something may be about to be wrong."""
        self._severities, self._stirring = severities, stirring

    def suspect(self, names: Iterable[str]) -> None:
        """These endpoints are asked everything in the next cycle; what is found then decides about the ones after."""
        self._suspects = frozenset(name for name in names if name in self._cards)
        for name in self._suspects:
            self._cards[name].suspected_at = self._clock.wall()
            self._silence.forgive(metric.id for metric in self._cards[name].metrics)

    def hears(self, name: str, metric: str) -> bool:
        """Whether this metric of an endpoint is asked each minute."""
        one = self._cards.get(name)
        if one is None:
            return False
        service, now = self._service(name), self._clock.wall()
        own = [each.ask for each in one.within(service.widest) if each.ask.spec.name == metric]
        return bool(own) and all(self._terms(one, ask, service, now) == _EACH_TICK for ask in own)

    def begin(self, sweep_usd_per_hour: float = 0.0) -> None:
        """A new cycle: every endpoint that was asked before gets its tier, every tier its cadence."""
        now = self._clock.wall()
        known = ((name, one) for name, one in self._cards.items() if self._was_asked(one))
        asked = {name: self._facts(name, one) for name, one in known}
        self._suspects = frozenset()
        before, self._tiers = self._tiers, self._holding.assign(asked, self._look, now)
        for name, tier in self._tiers.items():
            if tier.rank < before.get(name, tier).rank:
                self._silence.forgive(metric.id for metric in self._cards[name].metrics)
        sizes = self._sizes(anew=True)
        self._course = course(
            sizes,
            self._max_usd_per_hour(),
            watched=self.is_watched,
            sweep_usd=sweep_usd_per_hour,
            interval_s=self._interval_s,
        )

    # What is asked

    async def due(self, names: Iterable[str] | None = None, *, hurried: bool = False) -> list[Due]:
        """The metrics to ask now, the most urgent first: of these endpoints, or of all.

        `hurried` adds those of a moment ago, of rows asked most. All is asked once at first sight, or the headline
        alone where a budget would not bear more. Gives way to others after every few endpoints.
        """
        now = self._clock.wall()
        first = self._first_breadth()
        found: list[Due] = []
        for index, name in enumerate(list(self._cards if names is None else names)):
            if index % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)
            one = self._cards.get(name)
            if one is None:
                continue
            service = self._service(name)
            payer = self._tiers[name].value if name in self._tiers else FIRST_LOOK
            usual = self._due_of(one, service, now, hurried=hurried)
            found += (Due(metric, service.priority, payer) for metric in usual)
            if not one.complete:
                missing = self._never_answered(one, first, now)
                one.complete = not missing and first is Breadth.ALL
                beyond = (metric for metric in missing if metric.ask.breadth > service.widest)
                found += (Due(metric, service.priority, FIRST_LOOK) for metric in beyond)
            one.brief = False
        return sorted(found, key=lambda due: due.priority)

    def due_to_rank(self) -> list[Due]:
        """The headline of all endpoints that were never asked, of the last minutes, what is in sight first.

        That is enough to rank by. Whatever else is read at first sight follows, the longer past of requests too. Few
        endpoints are read whole as soon.
        """
        new = [(name, one) for name, one in self._cards.items() if one.metrics and not self._was_asked(one)]
        found: list[Due] = []
        if len(new) > LARGE_FLEET:
            for name, one in new:
                one.brief = True
                seen = name == self._look.focused or name in self._look.visible
                priority = Priority.VISIBLE if seen else Priority.HOT
                found += [Due(metric, priority, FIRST_LOOK, brief=True) for metric in one.within(Breadth.HEADLINE)]
        return sorted(found, key=lambda due: due.priority)

    def due_of_look(self) -> list[Due]:
        """What the endpoint under the cursor lacks, and what the rows in sight lack of the metrics that are wanted."""
        now = self._clock.wall()
        found: list[Due] = []
        one = self._cards.get(self._look.focused or "")
        if one is not None:
            found += self._lacking(one, Tier.FOCUS, now)
        if self._look.wanted:
            visible = (self._cards[name] for name in sorted(self._look.visible) if name in self._tiers)
            lacking = (due for one in visible for due in self._lacking(one, Tier.VISIBLE, now))
            found += (due for due in lacking if due.metric.ask.spec.name in self._look.wanted)
        return found

    def _lacking(self, one: Card, tier: Tier, now: float) -> Iterator[Due]:
        service = self._course.services[tier]
        return (Due(metric, service.priority, tier.value) for metric in self._due_of(one, service, now))

    def terms(self, ask: Ask) -> Terms:
        """How a series is read at present."""
        name = ask.owner.endpoint
        tier = self._tiers.get(name)
        if tier is None:
            return _EACH_TICK
        one, service, now = self._cards[name], self._course.services[tier], self._clock.wall()
        if self._cadence_of(ask, service) is None and not self._is_unlisted(one, ask, now):
            return _LEFT_OUT[tier, ask.breadth]
        return self._terms(one, ask, service, now)

    def standing(self, name: str) -> Hashable:
        """Equal for as long as the series of an endpoint are read on the same terms, but for what time changes."""
        tier = self._tiers.get(name)
        wanted = self._look.wanted if name in self._look.visible else frozenset()
        return tier, tier and self._course.services[tier], self._published.revision, wanted

    def _due_of(self, one: Card, service: Service, now: float, *, hurried: bool = False) -> Iterator[Metric]:
        for metric in self._shared(one, service):
            answered_at = self._answered_at(metric)
            terms = self._terms(one, metric.ask, service, now)
            late = answered_at is None or _is_late(one, answered_at, now, terms.cadence_s)
            late = late or (one.brief and one.traffic_at is None and tells_traffic(metric))
            again = hurried and self._cadence_of(metric.ask, service) == self._interval_s
            if not terms.unlisted and (late or again):
                yield metric

    def _shared(self, one: Card, service: Service) -> Sequence[Metric]:
        """The metrics that an endpoint is asked: those of its service, and what the screen shows of it."""
        own, name = one.within(service.widest), one.endpoint.name
        if not self._look.wanted or name not in self._look.visible:
            return own
        return [*own, *(metric for metric in one.metrics[len(own) :] if metric.ask.spec.name in self._look.wanted)]

    def _cadence_of(self, ask: Ask, service: Service) -> int | None:
        """Seconds between two readings, None where it is not read; what the screen wants goes with the headline."""
        if self._look.wants(ask.owner.endpoint, ask.spec.name):
            return service.cadence_s
        return service.cadence_of(ask.breadth)

    def _never_answered(self, one: Card, breadth: Breadth, now: float) -> list[Metric]:
        return [
            metric
            for metric in one.within(breadth)
            if self._answered_at(metric) is None and not self._is_unlisted(one, metric.ask, now)
        ]

    def _terms(self, one: Card, ask: Ask, service: Service, now: float) -> Terms:
        if self._is_unlisted(one, ask, now):
            return Terms(PENALTY_S, unlisted=True)
        cadence_s = self._cadence_of(ask, service) or service.cadence_s
        if self._silence.is_long(ask.key.metric, now) and not _must_be_heard(one, ask, now):
            return Terms(max(cadence_s, PENALTY_S))
        return Terms(cadence_s)

    def _is_unlisted(self, one: Card, ask: Ask, now: float) -> bool:
        """Whether a metric can be spared because CloudWatch does not list it. A headline never is."""
        if ask.breadth <= Breadth.HEADLINE or not self._published.lacks(ask.key.metric):
            return False
        is_new = now - max(one.endpoint.summary.modified_at.timestamp(), one.suspected_at) < UNLISTED_S
        return not (is_new or _must_be_heard(one, ask, now) or self._silence.has_spoken(ask.key.metric))

    def spares(self, ask: Ask) -> bool:
        """Whether a series is left out on purpose."""
        terms = self.terms(ask)
        return terms.unlisted or terms.unasked is not None

    def _is_known(self, endpoint: Endpoint, asks: Sequence[Ask]) -> bool:
        one = self._cards.get(endpoint.name)
        return one is not None and one.endpoint is endpoint and one.asks is asks

    def _service(self, name: str) -> Service:
        """What an endpoint gets; before it was asked for the first time, the headline at least."""
        tier = self._tiers.get(name)
        if tier is not None:
            return self._course.services[tier]
        in_service = self._cards[name].endpoint.status == IN_SERVICE
        return _UNSEEN if in_service else SERVICES[Tier.UNHEALTHY]

    def _first_breadth(self) -> Breadth:
        """A first look at everything must not cost more than an hour may."""
        most = self._max_usd_per_hour()
        if most is None:
            return Breadth.ALL
        billed = sum(metric.billed for one in self._cards.values() for metric in one.metrics)
        return Breadth.ALL if billed * USD_PER_METRIC <= most else Breadth.HEADLINE

    def _answered_at(self, metric: Metric) -> float | None:
        """When one of the statistics last came: a refused percentile does not make the others due."""
        for key in reversed(metric.keys):
            answered_at = self._store.answered_when(key)
            if answered_at is not None:
                return answered_at
        return None

    def _was_asked(self, one: Card) -> bool:
        return any(self._answered_at(metric) is not None for metric in one.within(Breadth.PULSE))

    # What it costs

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences on what is asked less often than usual, and why."""
        return self._course.notices

    @property
    def sweep_usd_per_hour(self) -> float:
        """What the sweep costs; 0 where it does not take place."""
        return self._course.sweep_usd

    def usd_by_tier(self) -> dict[Tier, float]:
        """Dollars an hour by tier, of the plan in force."""
        return usd_per_hour(self._sizes(), self._course.services)

    def _sizes(self, *, anew: bool = False) -> dict[Tier, Size]:
        """What each tier holds; endpoints asked for the first time count as they will be."""
        now = self._clock.wall()
        billed: Counter[tuple[Tier, Breadth]] = Counter()
        for name, one in self._cards.items():
            tier = self._tiers.get(name) or wanted(self._facts(name, one), now)
            for breadth, metrics in zip(Breadth, self._size(one, tier, now, anew=anew), strict=True):
                billed[tier, breadth] += metrics
        return {tier: Size(*(billed[tier, breadth] for breadth in Breadth)) for tier in Tier}

    def _size(self, one: Card, tier: Tier, now: float, *, anew: bool) -> Size:
        """What one endpoint costs in a tier; counted anew once a cycle and where its terms are others."""
        name, service = one.endpoint.name, self._course.services[tier]
        terms = service, self._published.revision, self._look.wanted if name in self._look.visible else None
        if anew or one.size is None or one.size[0] != terms:
            billed: Counter[Breadth] = Counter()
            for metric in self._shared(one, service):
                if not self._is_unlisted(one, metric.ask, now):
                    is_wanted = self._look.wants(name, metric.ask.spec.name)
                    billed[Breadth.PULSE if is_wanted else metric.ask.breadth] += metric.billed
            one.size = terms, Size(*(billed[breadth] for breadth in Breadth))
        return one.size[1]

    def _facts(self, name: str, one: Card) -> Facts:
        return Facts(
            one.traffic_at,
            one.endpoint.summary.modified_at.timestamp(),
            one.endpoint.status == IN_SERVICE,
            self._severities.get(name, Severity.UNKNOWN),
            suspected=name in self._suspects,
            stirs=name in self._stirring,
        )


def _is_late(one: Card, answered_at: float, now: float, cadence_s: float) -> bool:
    """Whether a metric is due again."""
    if cadence_s < _SPREAD_S:
        return now - answered_at >= cadence_s - _SLACK_S
    own_s = crc32(one.endpoint.name.encode()) % cadence_s
    return (now + own_s) // cadence_s > (answered_at + own_s) // cadence_s


def _must_be_heard(one: Card, ask: Ask, now: float) -> bool:
    """The pulse always; where there are requests, a silent error counter may speak any minute."""
    if ask.breadth is Breadth.PULSE:
        return True
    counts_errors = ask.spec.missing is Missing.ZERO and ask.spec.bad is Bad.UP
    return counts_errors and one.traffic_at is not None and now - one.traffic_at <= HOT_S
