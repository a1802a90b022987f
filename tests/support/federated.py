"""Fleets in several accounts and regions: feeds that are fed by hand, and a federation of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace

from smtop.metrics.changes import Past
from smtop.metrics.domain.endpoint import Identity
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot, Source
from smtop.metrics.federation.feed import GATHER_S, Federation
from smtop.metrics.journal import Entry
from smtop.metrics.ports import FleetFeed
from tests.support.fleet import NOW_S, FakeFeed, snapshot

PAYMENTS = Identity("111122223333", "us-east-1", "arn:aws:sts::111122223333:assumed-role/ro/ana", "pay", "payments")
SEARCH = Identity("444455556666", "eu-west-1", "arn:aws:sts::444455556666:assumed-role/ro/ana", "find", kind="prod")


def there(view: EndpointView, at: Identity) -> EndpointView:
    """The endpoint as the engine of that account and region tells it."""
    arn = f"arn:aws:sagemaker:{at.region}:{at.account}:endpoint/{view.endpoint.name}"
    return replace(view, endpoint=view.endpoint._replace(summary=view.endpoint.summary._replace(arn=arn)))


def fleet_of(at: Identity, *views: EndpointView, **members: object) -> FleetSnapshot:
    """A picture of one account and region."""
    return replace(snapshot(*(there(view, at) for view in views), identity=at), **members)  # type: ignore[arg-type]


def key(at: Identity, name: str) -> str:
    return f"{at.account}/{at.region}/{name}"


class RestlessClock:
    """Short waits are over at once, long ones when `wake` is called."""

    def __init__(self) -> None:
        self.rests = 0
        self._due = asyncio.Event()

    def wall(self) -> float:
        return NOW_S

    def monotonic(self) -> float:
        return NOW_S

    async def sleep(self, seconds: float) -> None:
        if seconds <= GATHER_S:
            await asyncio.sleep(0)
            return
        self.rests += 1
        await self._due.wait()
        self._due.clear()

    def wake(self) -> None:
        self._due.set()


def source(at: Identity) -> Source:
    """As it was asked for, before AWS has told who asks."""
    return Source(at.region, at.profile)


def opening(*answers: FakeFeed | Exception) -> Callable[[], Awaitable[FleetFeed]]:
    """Gives these in turn; the last one again and again."""
    left = list(answers)

    async def opened() -> FleetFeed:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return opened


@dataclass
class Together:
    """A federation under test, and its newest picture."""

    federation: Federation
    clock: RestlessClock
    past: list[Entry]
    newest: FleetSnapshot | None = None
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, condition: Callable[[FleetSnapshot], bool]) -> FleetSnapshot:
        """The first picture of which that holds."""
        async with asyncio.timeout(30):
            while self.newest is None or not condition(self.newest):
                await self.heard.wait()
                self.heard.clear()
        return self.newest


@asynccontextmanager
async def together(*members: tuple[Source, Callable[[], Awaitable[FleetFeed]]]) -> AsyncIterator[Together]:
    """Follows a federation of these for the length of the block."""
    clock, entries = RestlessClock(), list[Entry]()

    async def past() -> Past:
        return Past(tuple(entries))

    async with Federation(members, clock, past) as federation:
        under_test = Together(federation, clock, entries)

        async def follow() -> None:
            async with aclosing(federation.snapshots()) as snapshots:
                async for one in snapshots:
                    under_test.newest = one
                    under_test.heard.set()

        following = asyncio.ensure_future(follow())
        try:
            yield under_test
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
