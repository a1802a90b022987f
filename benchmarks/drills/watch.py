"""smtop's engine over a feed, a look at a time: with default tiers and budget, or with everything read each time."""

from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, cast

from benchmarks.drills.clock import HandClock
from benchmarks.drills.feed import Feed
from benchmarks.drills.metrics import FeedMetrics
from benchmarks.drills.session import FeedSession
from smtop.metrics.analysis.shared import shared_causes
from smtop.metrics.aws.alarms import CloudWatchAlarms
from smtop.metrics.aws.inventory import SageMakerInventory
from smtop.metrics.aws.quotas import ServiceQuotas
from smtop.metrics.aws.scaling import ApplicationAutoScaling
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.aws.sizes import StoredSizes
from smtop.metrics.baseline_file import Kept
from smtop.metrics.collect.baselines.baselines import Baselines
from smtop.metrics.collect.discovery import Discovery
from smtop.metrics.collect.fetch import Fetcher
from smtop.metrics.collect.gallery import Gallery
from smtop.metrics.collect.outside import Outside
from smtop.metrics.collect.picture import Ground, Judging, Terms
from smtop.metrics.collect.plan import OVERLAP_S, Ask, asks, window
from smtop.metrics.collect.poller import Poller
from smtop.metrics.collect.published import Published
from smtop.metrics.collect.surroundings.lookout import Lookout, Ours
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.finding import SharedCause
from smtop.metrics.domain.quotas import usage_of
from smtop.metrics.domain.series import PERIOD_S, SeriesKey
from smtop.metrics.domain.snapshot import EndpointView, Problem, Spend
from smtop.metrics.errors import AwsError
from smtop.metrics.ports import AroundSources
from smtop.metrics.store import Store

FIRST_SPAN_S = 3600
_EACH_MINUTE = Terms(PERIOD_S)


class Look(NamedTuple):
    """What smtop says at a moment (epoch seconds)."""

    at: float
    views: Sequence[EndpointView]
    shared: Sequence[SharedCause]
    problems: Sequence[Problem] = ()


class Watch(Protocol):
    """An engine that looks when it is told to."""

    async def look(self, now: float) -> Look:
        """Time has come to `now`; what is due is asked, and a picture made."""


@dataclass(frozen=True)
class Aws:
    """A feed as smtop reaches it: by its own adapters where calls are few, and straight for metrics."""

    clock: HandClock
    metrics: FeedMetrics
    inventory: SageMakerInventory
    around: AroundSources


def aws(feed: Feed, clock: HandClock, metrics: FeedMetrics) -> Aws:
    """Everything that smtop asks, as of the time of the clock."""
    session = cast("AwsSession", FeedSession(feed, clock))
    inventory = SageMakerInventory(session, {})
    sources = AroundSources(
        ApplicationAutoScaling(session),
        CloudWatchAlarms(session),
        ServiceQuotas(session),
        inventory,
        StoredSizes(session),
    )
    return Aws(clock, metrics, inventory, sources)


class NoShelf:
    """Nothing was learned before, and nothing is kept: every fleet is read for the first time."""

    def load(self) -> dict[SeriesKey, Kept]:
        return {}

    def save(self, learned: Mapping[SeriesKey, Kept]) -> bool:
        return True


class Tiered:
    """The product's own poller, with default tiers and the default budget; it has read the histories of all.

    Somebody is there, who presses a key now and then, and has no row in sight.
    """

    def __init__(self, outside: Aws) -> None:
        self._clock = outside.clock
        ports = Outside(outside.inventory, outside.metrics, Spend, _renew, around=outside.around)
        self._poller = Poller(ports, outside.clock, shelf=NoShelf())

    async def look(self, now: float) -> Look:
        self._clock.move_to(now)
        self._poller.touched()
        async for _ in self._poller.cycle():
            pass
        await self._poller.look_around()
        await self._poller.recall_baselines([endpoint.name for endpoint in self._poller.endpoints])
        snapshot = await self._poller.snapshot()
        return Look(now, snapshot.endpoints, snapshot.shared, snapshot.problems)


async def _renew() -> None:
    """There is nothing to sign in to."""


@dataclass
class Untiered:
    """The same parts without a schedule: every series is read at every look, and every view drawn by the gallery.

    With `again_s` all is read once more so long before each look, as if smtop had been polling between them: points
    are settled when two readings of them agree.
    """

    aws: Aws
    again_s: int = 0
    baselines: bool = True
    _plan: dict[str, tuple[Endpoint, Sequence[Ask]]] = field(default_factory=dict)
    _read_at: float | None = None
    _series: tuple[SeriesKey, ...] = ()

    def __post_init__(self) -> None:
        clock = self.aws.clock
        self._store = Store()
        self._gallery = Gallery(self._store)
        self._discovery = Discovery(self.aws.inventory, clock)
        self._published = Published(self.aws.metrics, clock)
        ours = Ours(lambda _: (), lambda: usage_of(self._discovery.endpoints))
        self._lookout = Lookout(self.aws.around, ours, clock)
        self._baselines = Baselines(Fetcher(self.aws.metrics, clock), self._store, clock, NoShelf())
        self._judging = Judging(around=self._lookout.of, usual=self._baselines.usual)

    async def look(self, now: float) -> Look:
        if self.again_s and self._read_at is not None:
            self.aws.clock.move_to(now - self.again_s)
            self._read(now - self.again_s)
        self.aws.clock.move_to(now)
        await self._look_around(now)
        self._read(now)
        if self.baselines:
            await self._baselines.recall(self._plan)
        picture = await self._gallery.draw(list(self._plan.values()), self._ground(now))
        return Look(now, picture.views, shared_causes(picture.views, self._lookout.of))

    async def _look_around(self, now: float) -> None:
        await self._discovery.list_all()
        async for _ in self._discovery.describe(self._discovery.due()):
            pass
        async for _ in self._discovery.read_tags(self._discovery.untagged):
            pass
        self._lookout.take(self._discovery.endpoints)
        await self._lookout.ask_all("123456789012")
        if self._published.is_due:
            with suppress(AwsError):
                await self._published.refresh()
        self._make_plan()

    def _make_plan(self) -> None:
        before, self._plan = self._plan, {}
        for endpoint in self._discovery.endpoints:
            known = before.get(endpoint.name)
            self._plan[endpoint.name] = known if known and known[0] is endpoint else self._planned(endpoint)
        series = tuple(dict.fromkeys(ask.key for _, own in self._plan.values() for ask in own))
        if series != self._series:
            self._series = series

    def _planned(self, endpoint: Endpoint) -> tuple[Endpoint, Sequence[Ask]]:
        wanted = asks(endpoint)
        self._baselines.enrol(endpoint, wanted)
        return endpoint, wanted

    def _read(self, now: float) -> None:
        """New series an hour back, the others as far as the product goes back: five minutes beyond the last answer."""
        behind_s = now - (self._read_at or now) + OVERLAP_S
        span_s = -int(-behind_s // OVERLAP_S) * OVERLAP_S
        known = [self._store.asked(key).answered_at is not None for key in self._series]
        if all(known):
            self._read_back(self._series, now, span_s)
        else:
            pairs = list(zip(self._series, known, strict=True))
            self._read_back(tuple(key for key, is_known in pairs if not is_known), now, FIRST_SPAN_S)
            old = tuple(key for key, is_known in pairs if is_known)
            self._read_back(old, now, span_s)
        self._read_at = now

    def _read_back(self, series: tuple[SeriesKey, ...], now: float, span_s: int) -> None:
        if series:
            over = window(now, span_s)
            self._store.record(self.aws.metrics.read(series, over), now, over.start)

    def _ground(self, now: float) -> Ground:
        return Ground(self._store, self._published, now, _terms, _standing, self._judging)


def _terms(_: Ask) -> Terms:
    return _EACH_MINUTE


def _standing(_: str) -> Hashable:
    return None
