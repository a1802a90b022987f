"""The one reader of the feed: connects, passes on what comes, and connects again where it is lost."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from textual.app import App
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from smtop.metrics.clock import Clock
from smtop.metrics.domain.snapshot import Source
from smtop.metrics.errors import SmtopError
from smtop.tui.messages import FeedFound, FeedLost, LookMoved, SnapshotArrived

if TYPE_CHECKING:  # imported after the first paint
    from smtop.metrics.ports import FleetFeed

Connect: TypeAlias = "Callable[[], Awaitable[FleetFeed]]"

RECONNECT_S = 15


class Follower:
    """Posts a SnapshotArrived for each snapshot, and FeedLost; it then tries again every 15 s.

    `feed` is there while it is connected.
    """

    def __init__(self, app: App[None], connect: Connect, clock: Clock) -> None:
        self.feed: FleetFeed | None = None
        self.worker: Worker[None] | None = None
        self._app = app
        self._connect = connect
        self._clock = clock
        self._look: LookMoved | None = None
        self._interval_s: int | None = None

    def follow(self) -> None:
        """Begins, or connects again at once."""
        self.worker = self._app.run_worker(
            self._follow(), exclusive=True, exit_on_error=False, group="feed", description="follow the fleet"
        )

    async def stop(self) -> None:
        """Waits until the feed has let go of its connections."""
        if self.worker is not None:
            self.worker.cancel()
            with suppress(WorkerCancelled, WorkerFailed):
                await self.worker.wait()

    def look(self, look: LookMoved) -> None:
        """Tells the feed, and every later one, what the screen shows."""
        self._look = look
        self._tell_look()

    def ask_every(self, interval_s: int) -> None:
        """Tells the feed, and every later one, how often it may ask."""
        self._interval_s = interval_s
        self._tell_interval()

    def touched(self) -> None:
        if self.feed is not None:
            self.feed.touched()

    def sign_in(self, code: str, source: Source | None) -> None:
        if self.feed is not None:
            self.feed.sign_in(code, source)

    async def _follow(self) -> None:
        """What keys need is imported before the engine, which takes far longer."""
        await asyncio.to_thread(importlib.import_module, "smtop.tui.later")
        while True:
            self._app.post_message(FeedLost(await self._read_until_lost()))
            await self._clock.sleep(RECONNECT_S)

    async def _read_until_lost(self) -> str:
        """Passes snapshots on for as long as they come; returns the sentence that says why they no longer do."""
        try:
            feed = await self._connect()
            try:
                await self._read(feed)
            finally:
                await feed.close()
        except SmtopError as error:
            return str(error)
        return "The flow of snapshots has ended."

    async def _read(self, feed: "FleetFeed") -> None:
        self.feed = feed
        self._tell_look()
        self._tell_interval()
        self._app.post_message(FeedFound())
        try:
            async for snapshot in feed.snapshots():
                self._app.post_message(SnapshotArrived(snapshot))
        finally:
            self.feed = None

    def _tell_look(self) -> None:
        if self.feed is not None and self._look is not None:
            self.feed.look(self._look.focused, self._look.visible, self._look.wanted)

    def _tell_interval(self) -> None:
        if self.feed is not None and self._interval_s is not None:
            self.feed.ask_every(self._interval_s)
