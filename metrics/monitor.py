"""The composition root: the only module that wires adapters to ports."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from typing import Self

from smtop.metrics import heaps
from smtop.metrics.analysis.rulebook import rulebook_of
from smtop.metrics.aws import detours
from smtop.metrics.aws.access import Access, Commons
from smtop.metrics.aws.alarms import CloudWatchAlarms
from smtop.metrics.aws.configs import SageMakerConfigs
from smtop.metrics.aws.documents import SageMakerDocuments
from smtop.metrics.aws.inventory import SageMakerInventory
from smtop.metrics.aws.meter import Meter
from smtop.metrics.aws.quotas import ServiceQuotas
from smtop.metrics.aws.scaling import ApplicationAutoScaling
from smtop.metrics.aws.sizes import StoredSizes
from smtop.metrics.baseline_file import BaselineFile
from smtop.metrics.cache import CachedInventory, InventoryCache
from smtop.metrics.changing import OperatedChanges
from smtop.metrics.clock import Clock, CorrectedClock
from smtop.metrics.collect.details import Depths, DetailReader
from smtop.metrics.collect.documents import documents
from smtop.metrics.collect.outside import Outside
from smtop.metrics.collect.picture import Judging
from smtop.metrics.collect.poller import Poller
from smtop.metrics.config import Settings
from smtop.metrics.domain.details import EndpointDetails
from smtop.metrics.domain.documents import Document
from smtop.metrics.domain.endpoint import Endpoint, Identity
from smtop.metrics.domain.finding import Finding
from smtop.metrics.domain.history import EndpointHistory, Quote
from smtop.metrics.domain.quotas import Usage
from smtop.metrics.domain.snapshot import FleetSnapshot, Problem, Source, Spend
from smtop.metrics.domain.way import Way
from smtop.metrics.errors import RefusedError
from smtop.metrics.mutes import Mute, Mutes, Where, author
from smtop.metrics.neighbours import Neighbours
from smtop.metrics.operator import Known, Operator
from smtop.metrics.ports import AroundSources, MetricSource
from smtop.metrics.sightings import Sighting, Sightings

__all__ = ["Commons", "Monitor"]


async def ways_to_aws() -> list[Way]:
    """Which of smtop's own ways through the SDK can be gone with the one that is installed; asks no AWS."""
    return await detours.ways()


class Monitor:
    """One account and region, watched. An async context; implements FleetFeed.

    A CorrectedClock is kept right by AWS's answers; any other clock is left as it is. `note` is told, in a sentence,
    what the operator should hear once the screen has closed. Those that run together have one `commons`.
    Raises ConfigError for rules that it does not know. Entering raises ConfigError for a profile, region or endpoint
    URL that cannot be used; AWS itself is asked later.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        rng: random.Random | None = None,
        note: Callable[[str], object] = lambda _: None,
        commons: Commons | None = None,
    ) -> None:
        self._clock = clock
        self._note = note
        self._meter = Meter()
        told = clock if isinstance(clock, CorrectedClock) else None
        rng = rng or random.Random()
        heard = told.heard if told else lambda _: None
        self._asked_through = settings.monitoring_profile
        self._access = Access(settings, self._meter, commons or Commons(clock, rng), heard)
        self._session = self._access.session
        self._cache = InventoryCache(settings)
        self._neighbours = Neighbours(self._cache, clock.wall, lambda: self._session.endpoint_url)
        inventory, scaling = SageMakerInventory(self._session, settings.accounts), ApplicationAutoScaling(self._session)
        outside = Outside(
            inventory,
            self._access.metrics,
            lambda: self.spend,
            self._access.renew,
            self._access.insights if settings.sweep else None,
            lambda: told.skew_s if told else 0.0,
            AroundSources(
                scaling,
                CloudWatchAlarms(self._session),
                ServiceQuotas(self._session),
                inventory,
                StoredSizes(self._session),
            ),
            self._seen,
            self._known_to_others,
            self._neighbours.together,
        )
        self._source = outside.source
        self._sightings = Sightings(settings)
        self.mutes = Mutes(settings, clock.wall)
        depths = Depths(SageMakerConfigs(self._session), scaling, self._sightings.of)
        self._details = DetailReader(depths, clock)
        self._documents = SageMakerDocuments(self._session)
        self._poller = Poller(
            outside,
            clock,
            max_usd_per_hour=lambda: self.max_usd_per_hour,
            catalogue=settings.catalogue,
            judging=Judging(rulebook_of(settings.rules), mute=self._marked, revision=lambda: self.mutes.revision),
            shelf=BaselineFile(settings) if settings.baselines else None,
        )
        self._newest: FleetSnapshot | None = None
        self._is_watched = False
        self.changes = OperatedChanges(
            Operator(self._access, settings, clock, rng, self._source, known=Known(self._measured, self._used))
        )

    @property
    def place(self) -> Source:
        """Where it looks, as far as that is known without asking."""
        return Source(self._session.region, self._session.profile)

    @property
    def source(self) -> MetricSource:
        """CloudWatch, paced and metered, for reports that have questions of their own."""
        return self._source

    @property
    def max_usd_per_hour(self) -> float | None:
        """What polling may cost here, as far as the account is known; None where nothing bounds it."""
        return self._access.remit.max_usd_per_hour

    @property
    def spend(self) -> Spend:
        """What asking has cost so far."""
        return self._meter.spend()._replace(asked_through=self._asked_through)

    async def __aenter__(self) -> Self:
        heaps.tighten()
        await self._access.__aenter__()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        for change_id in self.changes.under_way:
            self._note(f"Change {change_id} goes on without smtop; smtop journal tells what is known of it.")
        await self.changes.stop()
        self._details.close()
        self._neighbours.leave()
        await self._access.close()

    def refresh(self) -> None:
        self._poller.refresh()

    def look(self, focused: str | None, visible: Sequence[str], wanted: Set[str] = frozenset()) -> None:
        self._poller.look(focused, visible, wanted)

    def sign_in(self, code: str, _source: Source | None = None) -> None:
        self._access.give(code)
        self._poller.refresh()

    async def mute(self, endpoint: str, rule: str | None, reason: str, seconds: float, *, until_over: bool) -> None:
        now = self._clock.wall()
        mute = Mute(self._where(endpoint, rule), reason, now + seconds, author(), now if until_over else None)
        with self._written():
            await asyncio.to_thread(self.mutes.add, mute)
        self._poller.reconsider()

    async def unmute(self, endpoint: str) -> bool:
        with self._written():
            lifted = await asyncio.to_thread(self.mutes.lift, self._where(endpoint, None))
        self._poller.reconsider()
        return lifted

    @contextmanager
    def _written(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise RefusedError(f"That cannot be written down ({error.strerror}), so nothing is muted.") from error

    def _where(self, endpoint: str, rule: str | None) -> Where:
        identity = self._poller.identity
        if identity is None:
            raise RefusedError("Whose endpoint it is, is not known yet.")
        return Where(identity.account, identity.region, endpoint, rule)

    def ask_every(self, interval_s: int) -> None:
        self._poller.ask_every(interval_s)

    def touched(self) -> None:
        self._poller.touched()

    async def quote(self, endpoint: str, range_s: int, ago_s: int = 0) -> Quote:
        return self._poller.library.quote(endpoint, range_s, ago_s)

    async def history(self, endpoint: str, range_s: int, ago_s: int = 0) -> EndpointHistory:
        return await self._poller.library.read(endpoint, range_s, ago_s)

    async def known(self, endpoint: str, range_s: int) -> EndpointHistory:
        return await self._poller.library.known(endpoint, range_s)

    async def details(self, endpoint: str, *, anew: bool = False) -> EndpointDetails:
        return await self._details.details(endpoint, self._poller.endpoints, anew=anew)

    async def documents(self, endpoint: str) -> Sequence[Document]:
        described = next((one for one in self._poller.endpoints if one.name == endpoint), None)
        return await documents(self._documents, described) if described else ()

    async def snapshots(self) -> AsyncGenerator[FleetSnapshot, None]:
        """Polls for as long as somebody reads; a slow reader gets the newest snapshot only."""
        self._is_watched = True
        newest: asyncio.Queue[FleetSnapshot] = asyncio.Queue(maxsize=1)
        polling = asyncio.ensure_future(self._poll_into(newest))
        reading = asyncio.ensure_future(newest.get())
        try:
            while True:
                await asyncio.wait((reading, polling), return_when=asyncio.FIRST_COMPLETED)
                if not reading.done():
                    polling.result()
                    return
                yield reading.result()
                reading = asyncio.ensure_future(newest.get())
        finally:
            reading.cancel()
            polling.cancel()
            with suppress(asyncio.CancelledError):
                await polling

    async def take(self, only: str | None = None) -> FleetSnapshot:
        """Discovers, asks everything once, and returns the picture; for scripts. With `only`, of one endpoint.

        What is usual is known as far as an earlier run has learned it; of a single endpoint its history is read.
        """
        self._poller.narrow(only)
        async for _ in self._poller.cycle():
            pass
        if only is None:
            self._remember(self._poller.endpoints)
        await self._poller.look_around()
        await self._poller.recall_baselines([only] if only else ())
        return await self._poller.snapshot()

    async def survey(self) -> tuple[Sequence[Endpoint], Sequence[Problem]]:
        """What exists, and what of it could not be described, without asking CloudWatch. Raises AwsError."""
        problems = await self._poller.survey()
        return self._poller.endpoints, problems

    async def _poll_into(self, newest: asyncio.Queue[FleetSnapshot]) -> None:
        saved: Sequence[Endpoint] = ()
        async for snapshot in self._poller.run():
            self._newest = snapshot
            if newest.full():
                newest.get_nowait()
            newest.put_nowait(snapshot)
            if snapshot.next_poll_at is not None and snapshot.listed_at is not None:
                endpoints = self._poller.endpoints
                self._see(endpoints)
                if snapshot.identity is not None:
                    self._neighbours.tell(snapshot.identity, snapshot.spend)
                if endpoints != saved:
                    self._remember(endpoints)
                    saved = endpoints

    def _marked(self, endpoint: str, found: Sequence[Finding]) -> tuple[Finding, ...]:
        return self.mutes.mark(self._poller.identity, endpoint, found)

    def _measured(self, endpoint: str) -> float | None:
        """Requests a minute as they were asked last."""
        views = self._newest.endpoints if self._newest else ()
        view = next((view for view in views if view.endpoint.name == endpoint), None)
        return view.vitals.requests_per_minute.value if view else None

    async def _used(self) -> Usage | None:
        """What the account uses of its quotas, by the inventory as it was read last."""
        return self._poller.used

    def recall(self, cached: CachedInventory) -> None:
        """Starts from an earlier run's inventory; what has not changed since need not be described again."""
        self._poller.recall(cached.endpoints, cached.saved_at)

    def _known_to_others(self, identity: Identity) -> CachedInventory | None:
        """Scripts ask for themselves: what they say is to be as new as it can be."""
        return self._neighbours.inventory(identity) if self._is_watched else None

    def _seen(self, endpoint: Endpoint) -> Sequence[Sighting]:
        """The configs that any smtop of this user saw live."""
        identity, created_at = self._poller.identity, endpoint.summary.created_at.timestamp()
        return self._sightings.known(identity, endpoint.name, created_at) if identity else ()

    def _see(self, endpoints: Sequence[Endpoint]) -> None:
        identity = self._poller.identity
        if identity is not None and not self._sightings.see(identity, endpoints, self._clock.wall()):
            folder = self._sightings.folder
            self._note(f"Which configs were live cannot be written down: {folder} cannot be written.")

    def _remember(self, endpoints: Sequence[Endpoint]) -> None:
        identity = self._poller.identity
        if identity is None or not self._poller.inventory_was_read:
            return
        if not self._cache.save(identity, endpoints, self._clock.wall()):
            self._note(f"Nothing can be remembered for the next start: {self._cache.folder} cannot be written.")
