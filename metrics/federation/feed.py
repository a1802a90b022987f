"""Several feeds as one: each goes on where another fails, and whatever is wanted of an endpoint goes to its own."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence, Set
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Self

from smtop.metrics.changes import Past
from smtop.metrics.clock import Clock, utc
from smtop.metrics.domain.details import EndpointDetails, Note, Topic
from smtop.metrics.domain.documents import Document
from smtop.metrics.domain.history import EndpointHistory, Quote, chart_period_s
from smtop.metrics.domain.snapshot import FleetSnapshot, Problem, Source
from smtop.metrics.errors import AwsError, FaultKind, RefusedError, SmtopError
from smtop.metrics.federation.changing import FederatedChanges
from smtop.metrics.federation.merging import Part, merged, same
from smtop.metrics.ports import FleetFeed

REOPEN_S = 15.0
"""How soon a feed that could not be opened, or has ended, is opened again."""

GATHER_S = 0.2
"""How long a picture waits for those of other sources: each new one is drawn whole."""


@dataclass
class Member:
    """One of the feeds, how it is opened, and what is known of its source. `feed` is there while it is open."""

    part: Part
    open: Callable[[], Awaitable[FleetFeed]]
    feed: FleetFeed | None = None
    hurried: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def source(self) -> Source:
        return self.part.source

    @property
    def stands_outside(self) -> bool:
        """Whether somebody has to sign in there."""
        return any(problem.sign_in is not None for problem in self.part.problems)


@dataclass
class _Look:
    """What the screen shows, for feeds that are opened later."""

    focused: str | None = None
    visible: Sequence[str] = ()
    wanted: Set[str] = frozenset()
    interval_s: int | None = None


class Federation:
    """A FleetFeed of several accounts and regions, whose endpoints go by their addresses. An async context.

    Of two profiles that lead to the same account and region the second is let go of, so that each has one pace and is
    paid for once. A feed that cannot be opened is tried again every 15 s. `past` reads what was changed before.
    """

    def __init__(
        self,
        members: Iterable[tuple[Source, Callable[[], Awaitable[FleetFeed]]]],
        clock: Clock,
        past: Callable[[], Awaitable[Past]],
    ) -> None:
        self._past = past
        self._members = [Member(Part(source), opening) for source, opening in members]
        self._clock = clock
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._stirred = asyncio.Event()
        self._fault: BaseException | None = None
        self._twins: list[str] = []
        self._look = _Look()

    async def __aenter__(self) -> Self:
        for member in self._members:
            self._tasks[id(member)] = asyncio.ensure_future(self._keep(member))
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def members(self) -> Sequence[Member]:
        """All that are watched, in the order in which they were asked for."""
        return self._members

    @property
    def changes(self) -> FederatedChanges:
        return FederatedChanges(self, self._past)

    # Pictures

    async def snapshots(self) -> AsyncGenerator[FleetSnapshot, None]:
        """What is known, and then whenever a source has something new; one that told nothing yet adds no endpoints."""
        if any(member.part.is_known for member in self._members):
            self._stirred.set()
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            if self._fault is not None:
                raise self._fault
            yield merged([member.part for member in self._members], utc(self._clock.wall()), self._twins)
            await self._clock.sleep(GATHER_S)

    async def _keep(self, member: Member) -> None:
        """Follows one feed, and opens it again where it is lost. What is no SmtopError is a fault of smtop's own."""
        try:
            while self._is_wanted(member):
                try:
                    await self._follow(member)
                except SmtopError as error:
                    member.part.fault = as_problem(error)
                    self._stirred.set()
                if self._is_wanted(member):
                    await self._rest(member)
        except Exception as error:  # handed on to whoever reads the snapshots
            self._fault = error
            self._stirred.set()

    def _is_wanted(self, member: Member) -> bool:
        return any(one is member for one in self._members)

    async def _follow(self, member: Member) -> None:
        feed = await member.open()
        try:
            member.feed = feed
            self._tell_look(member)
            async with aclosing(feed.snapshots()) as snapshots:
                async for snapshot in snapshots:
                    self._take(member, snapshot)
                    if not self._is_wanted(member):
                        return
        finally:
            member.feed = None
            await feed.close()

    def _take(self, member: Member, snapshot: FleetSnapshot) -> None:
        stood_outside = member.stands_outside
        member.part.take(snapshot)
        self._let_go_of_twin(member)
        if stood_outside and not member.stands_outside:
            self._call_in(member.source.profile)
        self._stirred.set()

    async def _rest(self, member: Member) -> None:
        hurried = asyncio.ensure_future(member.hurried.wait())
        sleep = asyncio.ensure_future(self._clock.sleep(REOPEN_S))
        try:
            await asyncio.wait((hurried, sleep), return_when=asyncio.FIRST_COMPLETED)
        finally:
            hurried.cancel()
            sleep.cancel()
            member.hurried.clear()

    def _let_go_of_twin(self, member: Member) -> None:
        """Another one that has told the same account and region before is the one that stays."""
        here = member.source.identity and member.part.place
        twin = next(
            (one for one in self._members if one is not member and one.source.identity and one.part.place == here), None
        )
        if twin is not None:
            self._members.remove(member)
            self._twins.append(same(twin.source, member.source))

    def _call_in(self, profile: str | None) -> None:
        """Once somebody was let in, those of the same profile that still wait for it are asked at once."""
        for other in self._members:
            if other.source.profile == profile and other.stands_outside:
                self._hurry(other)

    # What the screen tells

    def refresh(self) -> None:
        for member in self._members:
            self._hurry(member)

    def _hurry(self, member: Member) -> None:
        if member.feed is not None:
            member.feed.refresh()
        member.hurried.set()

    def look(self, focused: str | None, visible: Sequence[str], wanted: Set[str] = frozenset()) -> None:
        self._look.focused, self._look.visible, self._look.wanted = focused, visible, wanted
        for member in self._members:
            self._tell_look(member)

    def ask_every(self, interval_s: int) -> None:
        self._look.interval_s = interval_s
        for member in self._members:
            if member.feed is not None:
                member.feed.ask_every(interval_s)

    def _tell_look(self, member: Member) -> None:
        if member.feed is None:
            return
        focused = [self._look.focused] if self._look.focused else []
        own, visible = (self._own(member, keys) for keys in (focused, self._look.visible))
        member.feed.look(next(iter(own), None), visible, self._look.wanted)
        if self._look.interval_s is not None:
            member.feed.ask_every(self._look.interval_s)

    def _own(self, member: Member, keys: Sequence[str]) -> list[str]:
        lead = member.part.address("")
        return [key.removeprefix(lead) for key in keys if key.startswith(lead)]

    def touched(self) -> None:
        for member in self._members:
            if member.feed is not None:
                member.feed.touched()

    def sign_in(self, code: str, source: Source | None = None) -> None:
        """The code goes to one feed, since AWS takes it once; its profile's others follow when it was let in."""
        asking = [one for one in self._members if one.stands_outside and one.feed is not None]
        member = next((one for one in asking if source is None or one.source == source), None)
        if member is not None and member.feed is not None:
            member.feed.sign_in(code)

    # What is wanted of an endpoint

    def found(self, key: str) -> tuple[Member, FleetFeed, str]:
        """Whose an endpoint is, and its name there. Raises RefusedError where nobody can be asked about it."""
        name = key.rpartition("/")[2]
        member = next((one for one in self._members if one.part.address(name) == key), None)
        if member is None:
            raise RefusedError(f"There is no endpoint {key} any more.")
        if member.feed is None:
            raise RefusedError(f"{member.source.word} cannot be asked at the moment.")
        return member, member.feed, name

    async def mute(self, endpoint: str, rule: str | None, reason: str, seconds: float, *, until_over: bool) -> None:
        _, feed, name = self.found(endpoint)
        await feed.mute(name, rule, reason, seconds, until_over=until_over)

    async def unmute(self, endpoint: str) -> bool:
        _, feed, name = self.found(endpoint)
        return await feed.unmute(name)

    async def quote(self, endpoint: str, range_s: int, ago_s: int = 0) -> Quote:
        try:
            _, feed, name = self.found(endpoint)
        except RefusedError:
            return Quote()
        return await feed.quote(name, range_s, ago_s)

    async def history(self, endpoint: str, range_s: int, ago_s: int = 0) -> EndpointHistory:
        try:
            _, feed, name = self.found(endpoint)
        except RefusedError as error:
            return self._no_history(endpoint, range_s, ago_s, str(error))
        return replace(await feed.history(name, range_s, ago_s), endpoint=endpoint)

    async def known(self, endpoint: str, range_s: int) -> EndpointHistory:
        try:
            _, feed, name = self.found(endpoint)
        except RefusedError as error:
            return self._no_history(endpoint, range_s, 0, str(error))
        return replace(await feed.known(name, range_s), endpoint=endpoint)

    def _no_history(self, endpoint: str, range_s: int, ago_s: int, why: str) -> EndpointHistory:
        period_s = chart_period_s(range_s)
        end = int(self._clock.wall() - ago_s) // period_s * period_s
        return EndpointHistory(endpoint, end - range_s, end, period_s, notes=(why,))

    async def details(self, endpoint: str, *, anew: bool = False) -> EndpointDetails:
        try:
            _, feed, name = self.found(endpoint)
        except RefusedError as error:
            return EndpointDetails(endpoint, self._clock.wall(), notes=(Note(Topic.ENDPOINT, str(error)),))
        return await feed.details(name, anew=anew)

    async def documents(self, endpoint: str) -> Sequence[Document]:
        try:
            _, feed, name = self.found(endpoint)
        except RefusedError:
            return ()
        return await feed.documents(name)


def as_problem(error: SmtopError) -> Problem:
    """What keeps a whole source closed."""
    if isinstance(error, AwsError):
        return Problem.of(error)
    return Problem(FaultKind.INVALID, "", str(error))
