"""A feed with a thread of its own, so that no work of the engine ever stands between a key and its answer."""

import asyncio
import sys
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence, Set
from typing import Any, Self, TypeVar

from smtop.metrics.actions.invoke import Answer, Invocation
from smtop.metrics.changes import Changes, Leave, Past
from smtop.metrics.courtesy import engine_loop
from smtop.metrics.domain.change import Change
from smtop.metrics.domain.details import EndpointDetails
from smtop.metrics.domain.documents import Document
from smtop.metrics.domain.history import EndpointHistory, Quote
from smtop.metrics.domain.plan import Plan
from smtop.metrics.domain.snapshot import FleetSnapshot, Source
from smtop.metrics.journal import Entry
from smtop.metrics.ports import FleetFeed

_T = TypeVar("_T")

SWITCH_S = 0.001
"""How long one thread may keep the interpreter from another; Python's own 5 ms can be felt in a key."""


class BackgroundFeed:
    """A FleetFeed that lives in a loop of another thread; to be used from the loop that it was opened in."""

    _feed: FleetFeed
    _loop: asyncio.AbstractEventLoop
    _over: asyncio.Event

    def __init__(self) -> None:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    @classmethod
    async def opened(cls, open_feed: Callable[[], Coroutine[Any, Any, FleetFeed]]) -> Self:
        """Starts the thread and opens the feed there. Raises what `open_feed` raises, and then leaves no thread."""
        self = cls()
        sys.setswitchinterval(SWITCH_S)
        self._thread.start()
        await asyncio.to_thread(self._ready.wait)
        try:
            self._feed = await self.there(open_feed())
        except BaseException:
            await self._end()
            raise
        return self

    async def snapshots(self) -> AsyncGenerator[FleetSnapshot, None]:
        """Snapshots as the feed behind makes them; they are immutable, so nothing is copied."""
        async for snapshot in self.iterated(self._feed.snapshots()):
            yield snapshot

    @property
    def changes(self) -> Changes:
        return BackgroundChanges(self, self._feed.changes)

    def refresh(self) -> None:
        self._tell(self._feed.refresh)

    def look(self, focused: str | None, visible: Sequence[str], wanted: Set[str] = frozenset()) -> None:
        self._tell(self._feed.look, focused, visible, wanted)

    def ask_every(self, interval_s: int) -> None:
        self._tell(self._feed.ask_every, interval_s)

    def touched(self) -> None:
        self._tell(self._feed.touched)

    def sign_in(self, code: str, source: Source | None = None) -> None:
        self._tell(self._feed.sign_in, code, source)

    async def mute(self, endpoint: str, rule: str | None, reason: str, seconds: float, *, until_over: bool) -> None:
        await self.there(self._feed.mute(endpoint, rule, reason, seconds, until_over=until_over))

    async def unmute(self, endpoint: str) -> bool:
        return await self.there(self._feed.unmute(endpoint))

    async def quote(self, endpoint: str, range_s: int, ago_s: int = 0) -> Quote:
        return await self.there(self._feed.quote(endpoint, range_s, ago_s))

    async def history(self, endpoint: str, range_s: int, ago_s: int = 0) -> EndpointHistory:
        return await self.there(self._feed.history(endpoint, range_s, ago_s))

    async def known(self, endpoint: str, range_s: int) -> EndpointHistory:
        return await self.there(self._feed.known(endpoint, range_s))

    async def details(self, endpoint: str, *, anew: bool = False) -> EndpointDetails:
        return await self.there(self._feed.details(endpoint, anew=anew))

    async def documents(self, endpoint: str) -> Sequence[Document]:
        return await self.there(self._feed.documents(endpoint))

    async def close(self) -> None:
        """Closes the feed, then its thread."""
        try:
            await self.there(self._feed.close())
        finally:
            await self._end()

    async def iterated(self, theirs: AsyncGenerator[_T, None]) -> AsyncGenerator[_T, None]:
        """What a generator of the other loop gives, here."""
        turn = asyncio.Lock()
        handed_on: deque[_T | None] = deque(maxlen=2)  # so that they are taken apart there, not here

        async def following() -> _T | None:
            async with turn:
                handed_on.append(await anext(theirs, None))
                return handed_on[-1]

        async def ended() -> None:
            async with turn:  # a reading that was cancelled may still be on its way out
                await theirs.aclose()

        try:
            while (one := await self.there(following())) is not None:
                yield one
        finally:
            await self.there(ended())

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=engine_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        self._ready.set()
        await self._over.wait()

    async def _end(self) -> None:
        self._tell(self._over.set)
        await asyncio.to_thread(self._thread.join)

    def _tell(self, what: Callable[..., object], *arguments: object) -> None:
        self._loop.call_soon_threadsafe(what, *arguments)

    async def there(self, work: Coroutine[Any, Any, _T]) -> _T:
        """What a coroutine returns or raises in the other loop."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


class BackgroundChanges:
    """The changes of a feed that lives in another thread."""

    def __init__(self, feed: BackgroundFeed, behind: Changes) -> None:
        self._feed = feed
        self._behind = behind

    async def plan(self, change: Change) -> Plan:
        return await self._feed.there(self._behind.plan(change))

    async def apply(self, plan: Plan) -> AsyncGenerator[Entry, None]:
        async for entry in self._feed.iterated(self._behind.apply(plan)):
            yield entry

    async def finish(self, change_id: str) -> AsyncGenerator[Entry, None]:
        async for entry in self._feed.iterated(self._behind.finish(change_id)):
            yield entry

    async def invoke(self, wanted: Invocation, wait_s: float) -> Answer:
        return await self._feed.there(self._behind.invoke(wanted, wait_s))

    async def past(self) -> Past:
        return await self._feed.there(self._behind.past())

    async def leave(self) -> Leave:
        return await self._feed.there(self._behind.leave())

    async def open(self, seconds: float) -> Leave:
        return await self._feed.there(self._behind.open(seconds))

    async def close(self) -> Leave:
        return await self._feed.there(self._behind.close())
