"""The one polling loop: it lists, describes, asks, and publishes snapshots; nothing else writes the store."""

import asyncio
from collections.abc import AsyncIterator, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime

from smtop.metrics.analysis.shared import shared_causes
from smtop.metrics.clock import Clock, utc
from smtop.metrics.collect.agenda import Agenda
from smtop.metrics.collect.asking import Asker
from smtop.metrics.collect.baselines.baselines import Baselines
from smtop.metrics.collect.baselines.memory import Shelf
from smtop.metrics.collect.beside import Beside, calls_per_minute
from smtop.metrics.collect.budget import Budget, unbounded
from smtop.metrics.collect.complaints import Complaints
from smtop.metrics.collect.describer import AT_ONCE, Describer
from smtop.metrics.collect.discovery import Discovery, merge_problems
from smtop.metrics.collect.fetch import Fetcher
from smtop.metrics.collect.gallery import Gallery
from smtop.metrics.collect.library import Library
from smtop.metrics.collect.lookup import Lookup
from smtop.metrics.collect.notices import UNPRUNED, clock_notices
from smtop.metrics.collect.outside import Outside
from smtop.metrics.collect.pacing import paced
from smtop.metrics.collect.picture import Ground, Judging, Plan, is_silent
from smtop.metrics.collect.published import Published
from smtop.metrics.collect.ranking import FirstRanking
from smtop.metrics.collect.schedule import Schedule
from smtop.metrics.collect.seeds import LARGE_FLEET, Seeds
from smtop.metrics.collect.shift import Shift
from smtop.metrics.collect.surroundings.lookout import Lookout, Ours
from smtop.metrics.collect.sweep import Sweep
from smtop.metrics.collect.tiers import TICK_S, Tier
from smtop.metrics.collect.turns import awaited
from smtop.metrics.domain.catalogue import STANDARD, Catalogue
from smtop.metrics.domain.endpoint import Endpoint, Identity
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.quotas import Usage, usage_of
from smtop.metrics.domain.series import PERIOD_S, SeriesKey
from smtop.metrics.domain.snapshot import CUT_OFF, EndpointView, FleetSnapshot, Problem, Spend
from smtop.metrics.errors import AwsError
from smtop.metrics.store import Store

RETRY_S = 15.0
"""How soon to try again while AWS cannot be asked at all; nothing is billed meanwhile."""

_BREATH_S = 1.0
"""Between two cycles of which the first was cut short."""

_PLANNED_AT_ONCE = 25

_AILING = frozenset({Severity.CRITICAL, Severity.WARNING})


class Poller:
    """Polls one account and region. `max_usd_per_hour` slows it down until the list price fits.

    What is usual is learned where there is a `shelf` to keep it on.
    """

    def __init__(
        self,
        outside: Outside,
        clock: Clock,
        *,
        max_usd_per_hour: Budget = unbounded,
        catalogue: Catalogue = STANDARD,
        judging: Judging | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        self._outside = outside
        self._clock = clock
        self._catalogue = catalogue
        self._discovery = Discovery(outside.inventory, clock)
        self._fetcher = Fetcher(outside.source, clock)
        self._published = Published(outside.source, clock, catalogue)
        self._store = Store()
        self._complaints = Complaints()
        self._lookup = Lookup(self._published, self._complaints)
        self._stirred = asyncio.Event()
        lookout = Lookout(outside.around, Ours(outside.seen, lambda: self.used), clock, self._stirred.set)
        self._beside = Beside(lookout, self._learning(shelf, max_usd_per_hour) if shelf else None)
        self._seeds = Seeds(outside.source, catalogue)
        self._agenda = Agenda(catalogue, self._seeds, self._beside.enrol)
        self._library = Library(self._fetcher, self._store, clock, self._agenda.planned)
        self._gallery = Gallery(self._store)
        self._schedule = Schedule(self._store, self._published, clock, max_usd_per_hour)
        self._shift = Shift(clock)
        self._asker = Asker(self._fetcher, self._store, self._schedule, clock, self._shift)
        self._describer = Describer(self._discovery, self._shift, lambda: self._views, lambda: self._schedule.in_sight)
        self._ranking = FirstRanking(self._seeds, self._agenda, self._schedule, self._asker, self._plan_ahead)
        self._sweep = Sweep(outside.insights, self._published, clock)
        self._judging = self._beside.known_to(judging or Judging())
        self._views: Mapping[str, EndpointView] = {}
        self._ailing: frozenset[str] = frozenset()
        self._identity: Identity | None = None
        self._listed_at: float | None = None
        self._remembered_at: float | None = None
        self._next_at: float | None = None
        self._glanced: Hashable = None
        self._drawn_beside = self._beside.revision
        self._hurried = False

    def _learning(self, shelf: Shelf, max_usd_per_hour: Budget) -> Baselines:
        told = self._stirred.set
        return Baselines(self._fetcher, self._store, self._clock, shelf, max_usd_per_hour=max_usd_per_hour, told=told)

    @property
    def identity(self) -> Identity | None:
        return self._identity

    @property
    def endpoints(self) -> list[Endpoint]:
        return self._discovery.endpoints

    @property
    def used(self) -> Usage | None:
        """What the account uses of its quotas; None unless all that exists is known."""
        if not self.inventory_was_read or self._discovery.is_narrow:
            return None
        return usage_of(self._discovery.endpoints)

    @property
    def inventory_was_read(self) -> bool:
        return self._listed_at is not None

    def recall(self, endpoints: Sequence[Endpoint], saved_at: float) -> None:
        """Starts from an earlier run's inventory."""
        self._discovery.recall(endpoints, saved_at)
        self._beside.recall(self._discovery.endpoints, saved_at)
        self._remembered_at = saved_at

    def narrow(self, only: str | None) -> None:
        """Only this endpoint is described and measured; all with None."""
        self._discovery.narrow(only)

    def refresh(self) -> None:
        """Ends the wait before the next cycle, which asks again what is asked every minute, however new."""
        self._hurried = True
        self._stirred.set()

    def reconsider(self) -> None:
        """Something else than AWS has said something new: a picture is made at once."""
        self._glanced = None
        self._stirred.set()

    def look(self, focused: str | None, visible: Sequence[str], wanted: Set[str] = frozenset()) -> None:
        """What is on the screen; what is newly looked at is asked at once."""
        self._schedule.look(focused, visible, wanted)
        self._stirred.set()

    def ask_every(self, interval_s: int) -> None:
        """Nothing is asked more often than that; whatever is due by it is asked in the next cycle."""
        self._schedule.ask_every(interval_s)

    def touched(self) -> None:
        """A key was pressed: somebody is there."""
        if not self._schedule.is_watched:
            self._stirred.set()
            self._hurried = True
        self._schedule.touch()

    @property
    def library(self) -> Library:
        """The histories of the endpoints that are polled."""
        return self._library

    async def run(self) -> AsyncIterator[FleetSnapshot]:
        """Cycles for ever, yielding a snapshot whenever there is something new to see."""
        try:
            while True:
                began = self._clock.monotonic()
                self._shift.begin()
                self._next_at = None
                async for _ in paced(self.cycle(), self._clock):
                    yield await self.snapshot()
                pause_s = self._pause_s(began)
                self._next_at = self._clock.wall() + pause_s
                yield await self.snapshot()
                self._work_beside()
                async for _ in self._rest(pause_s):
                    yield await self.snapshot()
        finally:
            self._seeds.close()
            await self._describer.close()
            await self._lookup.close()
            await self._beside.close()

    def _work_beside(self) -> None:
        """Begins to ask what is due of what stands around the endpoints, and to learn what is usual."""
        if self._may_look_around and self._identity is not None:
            urgent = self._schedule.is_watched or bool(self._ailing)
            self._beside.look_around(self._identity, urgent=urgent, first=self._ailing)
            self._beside.learn(self._calls_per_minute, sum(self._polling_costs().values()))

    def _calls_per_minute(self, name: str) -> float:
        return calls_per_minute(self._views.get(name))

    async def look_around(self) -> None:
        """Asks all that is due of it, for who asks only once."""
        if self._may_look_around and self._identity is not None:
            await self._beside.ask_all(self._identity)

    async def recall_baselines(self, read: Iterable[str] = ()) -> None:
        """What is known of what is usual, for who asks only once; the history of the endpoints in `read` is read."""
        if self._may_look_around:
            await self._beside.recall_baselines(read)

    @property
    def _may_look_around(self) -> bool:
        return self.inventory_was_read and not self._complaints.is_cut_off

    async def cycle(self) -> AsyncIterator[bool]:
        """One round: who, what exists, what is known of it, how it fares; yields whenever something is new.

        True is given where a picture is worth its time: when a large fleet has just been ranked.

        Problems are kept for the snapshot, never raised. After a sign-in what is still due is asked again at once.
        """
        hurried, self._hurried = self._hurried, False
        try:
            async for is_telling in self._attempt(hurried=hurried):
                yield is_telling
            if self._complaints.wants_sign_in and await self._signs_in_again():
                async for is_telling in self._attempt(hurried=hurried):
                    yield is_telling
        finally:
            if not self._shift.is_watched:
                await self._describer.close()

    async def _attempt(self, *, hurried: bool) -> AsyncIterator[bool]:
        try:
            await self._identify()
            async for is_telling in self._list_and_rank():
                yield is_telling
            async for _ in self._round(hurried=hurried):
                yield False
        except AwsError as error:
            self._complaints.settle("cycle", [error])
        else:
            self._complaints.settle("cycle")

    async def survey(self) -> Sequence[Problem]:
        """Lists and describes, without a metric; returns what could not be described. Raises AwsError."""
        await self._identify()
        await self._list()
        async for _ in self._discovery.describe(self._discovery.due()):
            pass
        return self._discovery.problems

    async def snapshot(self) -> FleetSnapshot:
        """The picture as it stands."""
        now = self._clock.wall()
        self._complaints.settle("around", self._beside.errors)
        problems = tuple(merge_problems([*self._complaints.all, *self._discovery.problems]))
        picture = await self._gallery.draw(self._current_plan(), self._ground(now))
        stirring = {view.endpoint.name for view in picture.views if view.stirs or view.hints}
        self._schedule.judge({view.endpoint.name: view.severity for view in picture.views}, stirring)
        self._views = {view.endpoint.name: view for view in picture.views}
        self._ailing = frozenset(view.endpoint.name for view in picture.views if view.severity in _AILING)
        return FleetSnapshot(
            generated_at=utc(now),
            identity=self._identity,
            endpoints=picture.views,
            problems=problems,
            spend=self._spend(),
            listed_at=_utc(self._listed_at),
            remembered_at=_utc(self._remembered_at),
            measured_at=_utc(self._asker.measured_at),
            data_until=_utc(picture.reached + PERIOD_S if picture.reached is not None else None),
            next_poll_at=_utc(self._next_at),
            notices=tuple(self._notices()),
            complete=self._is_complete(problems),
            shared=shared_causes(picture.views, self._judging.around),
        )

    async def _identify(self) -> None:
        if self._identity is None:
            self._identity = await self._outside.inventory.identity()
            known = self._outside.known(self._identity) if self._remembered_at is None else None
            if known is not None:
                self.recall(known.endpoints, known.saved_at)
            self._judging = replace(self._judging, is_production=self._identity.is_production)

    async def _round(self, *, hurried: bool) -> AsyncIterator[None]:
        """Describes and measures side by side: the first numbers need not wait for the last description."""
        yield
        self._current_plan()
        self._sweep.take(self._discovery.endpoints)
        self._schedule.begin(self._sweep.usd_per_hour)
        asked: set[SeriesKey] = set()
        errors: list[AwsError] = []
        if self._describer.begin(self._discovery.due()):
            async for _ in self._describer.first():
                yield
        self._current_plan()
        async for _ in self._asker.ask_in_time(await self._schedule.due(hurried=hurried), asked, errors):
            yield
        async for names in self._describer.described():
            self._current_plan()
            async for _ in self._asker.ask_in_time(await self._schedule.due(names), asked, errors):
                yield
        self._complaints.settle("metrics", errors)
        self._complaints.settle("glance")
        if not any(error.kind in CUT_OFF for error in errors):
            await self._sweep_fleet()
            await self._look_up()
            if self._agenda.respell(self._published.components):
                self._current_plan()
                async for _ in self._asker.ask_in_time(await self._schedule.due(), asked, errors):
                    yield
                self._complaints.settle("metrics", errors)
        yield
        async for _ in self._read_tags():
            yield

    async def _list_and_rank(self) -> AsyncIterator[bool]:
        if not self._shift.is_watched:  # who asks only once asks everything at once
            await self._list()
            return
        errors: list[AwsError] = []
        async for is_ranked in self._ranking.beside(self._list(), errors):
            yield is_ranked
            if self._ranking.is_done and self.inventory_was_read:
                self._describer.begin(self._discovery.due())
        self._complaints.settle("rank", errors)
        self._shift.begin()  # the first ranking may have taken long, and describing has not begun

    async def _read_tags(self) -> AsyncIterator[None]:
        names = self._discovery.untagged
        for first in range(0, len(names), AT_ONCE):
            if first and self._shift.is_over():
                return
            async for _ in self._discovery.read_tags(names[first : first + AT_ONCE]):
                yield

    async def _list(self) -> None:
        """A list that fails leaves the last good inventory, which is still worth measuring."""
        try:
            await self._discovery.list_all(self._seeds.expect if self._shift.is_watched else _nothing_expected)
        except AwsError as error:
            if error.kind in CUT_OFF or self._listed_at is None:
                raise
            self._complaints.settle("list", [error])
        else:
            self._listed_at = self._clock.wall()
            self._complaints.settle("list")

    async def _glance(self) -> None:
        """Asks what is newly looked at and not known, without waiting for the next cycle."""
        errors: list[AwsError] = []
        async for _ in self._asker.ask(self._schedule.due_of_look(), set(), errors):
            pass
        self._complaints.settle("glance", errors)

    async def _sweep_fleet(self) -> None:
        """Lets CloudWatch point at endpoints that are asked too rarely to be found out soon."""
        if self._schedule.sweep_usd_per_hour:
            self._schedule.suspect(await self._sweep.run(self._schedule.hears))
        self._complaints.settle("sweep", self._sweep.errors)

    async def _look_up(self) -> None:
        """Asks what is published; of a large fleet that takes longer than a cycle may."""
        if self._lookup.is_wanted:
            silent = is_silent(self._current_plan(), self._ground(self._clock.wall()))
            is_large = self._shift.is_watched and len(self._discovery.endpoints) > LARGE_FLEET
            await self._lookup.run(silent=silent, beside=is_large)

    async def _plan_ahead(self) -> None:
        """Plans what is new, giving way to others after every few endpoints."""
        for number, endpoint in enumerate(self._discovery.endpoints, start=1):
            planned = self._agenda.add(endpoint)
            self._schedule.add(planned.endpoint, planned.asks)
            if number % _PLANNED_AT_ONCE == 0:
                await asyncio.sleep(0)
        self._current_plan()

    def _current_plan(self) -> Plan:
        """The plan of the inventory as it stands."""
        gone = self._agenda.take(self._discovery.endpoints)
        plan = self._agenda.plan
        self._schedule.take(plan)
        if self.inventory_was_read:
            self._beside.take(self._discovery.endpoints, gone)
        return plan

    def _ground(self, now: float) -> Ground:
        return Ground(self._store, self._published, now, self._schedule.terms, self._schedule.standing, self._judging)

    def _notices(self) -> Iterator[str]:
        """What is asked less often than usual, or costs more than it must; what the clock and the sweep have to say."""
        yield from clock_notices(self._outside.skew_s())
        yield from self._schedule.notices
        yield from awaited(list(self._views.values()), self._silent())
        if self._schedule.sweep_usd_per_hour:
            yield from self._sweep.notices
        yield from self._beside.notices
        if self._lookup.spares_nothing:
            yield UNPRUNED

    def _silent(self) -> int:
        return sum(map(self._seeds.is_silent, self._discovery.endpoints))

    def _spend(self) -> Spend:
        costs = {**self._polling_costs(), **self._beside.costs}
        named = {name: round(usd, 6) for name, usd in costs.items()}
        own = self._outside.spend()._replace(usd_per_hour=round(sum(costs.values()), 6), usd_by_tier=named)
        return self._outside.together(self._identity, own) if self._identity is not None else own

    def _polling_costs(self) -> dict[str, float]:
        """Dollars an hour of what is asked again and again."""
        by_tier = self._schedule.usd_by_tier()
        costs = {tier.value: by_tier[tier] for tier in Tier if tier in by_tier}
        if self._schedule.sweep_usd_per_hour:
            costs["sweep"] = self._schedule.sweep_usd_per_hour
        return costs

    def _pause_s(self, began: float) -> float:
        """Until the next tick since the cycle began; ticks that were missed are let go."""
        if self._complaints.is_cut_off:
            return RETRY_S
        if self._shift.was_cut_short:
            return _BREATH_S
        return TICK_S - (self._clock.monotonic() - began) % TICK_S

    async def _rest(self, pause_s: float) -> AsyncIterator[None]:
        """Waits; yields after a glance at what is newly looked at, and when something new stands around."""
        sleep = asyncio.ensure_future(self._clock.sleep(pause_s))
        try:
            while not (sleep.done() or self._hurried):
                if self._schedule.looked_at != self._glanced:
                    self._glanced = self._schedule.looked_at
                    await self._glance()
                    yield
                if self._beside.revision != self._drawn_beside:
                    self._drawn_beside = self._beside.revision
                    yield
                await self._stir_or(sleep)
        finally:
            sleep.cancel()

    async def _stir_or(self, sleep: asyncio.Future[None]) -> None:
        stirred = asyncio.ensure_future(self._stirred.wait())
        try:
            await asyncio.wait((sleep, stirred), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stirred.cancel()
            self._stirred.clear()

    async def _signs_in_again(self) -> bool:
        try:
            await self._outside.renew()
        except AwsError as error:
            self._complaints.settle("cycle", [error])
            return False
        return True

    def _is_complete(self, problems: Sequence[Problem]) -> bool:
        if problems or self._listed_at is None:
            return False
        return self._gallery.is_answered(self._schedule.spares)


def _nothing_expected(_: int) -> None:
    """Who asks only once describes everything before anything is ranked."""


def _utc(moment: float | None) -> datetime | None:
    return None if moment is None else utc(moment)
