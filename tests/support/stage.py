"""The app under test: on a feed that is pushed by hand, with a clock that stands still."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import tzinfo

from textual.pilot import Pilot
from textual.screen import Screen

from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.ports import FleetFeed
from smtop.tui.app import SmtopApp
from smtop.tui.preferences import Preferences
from smtop.tui.terminal import Terminal
from tests.support.fleet import FakeFeed, HandClock


@dataclass
class Stage:
    """An app under test, its feed and its clock."""

    app: SmtopApp
    pilot: Pilot[None]
    feed: FakeFeed
    clock: HandClock

    async def push(self, one: FleetSnapshot | Exception) -> None:
        self.feed.push(one)
        await self.settle()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)
        await self.pilot.pause()
        await self.until(lambda: not self.app.fleet.inspector.is_following)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits, with a bound, for what a timer or a thread brings about."""
        async with asyncio.timeout(60):
            while self.app.is_running and not condition():
                await self.pilot.pause(0.005)

    async def until_quiet(self) -> None:
        """Waits until no widget has anything left to do; keys that arrive together go through several of them."""
        for _ in range(3):
            await self.settle()

    @property
    def text(self) -> list[str]:
        return screen_text(self.app)

    @property
    def text_behind(self) -> list[str]:
        """The fleet's page, whatever lies over it."""
        return screen_text(self.app, self.app.fleet)

    @property
    def names(self) -> list[str]:
        """The names in the table from top to bottom, as far as they are visible."""
        return [line[3:].split()[0] for line in self.table_lines if line[1:2].strip()]

    @property
    def table_lines(self) -> list[str]:
        region = self.app.fleet.table.region
        return self.text_behind[region.y + 1 : region.bottom]

    @property
    def pointed(self) -> str | None:
        """The name on the line that the cursor marks."""
        return next((line[3:].split()[0] for line in self.table_lines if line.startswith(">")), None)


def screen_text(app: SmtopApp, screen: Screen[None] | None = None) -> list[str]:
    """What is on the screen, a line each, without styles."""
    strips = (screen or app.screen)._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


@dataclass
class Line:
    """Answers to `connect`, in turn: a feed, or an error to raise."""

    answers: list[FakeFeed | Exception]
    asked: int = field(default=0)

    async def __call__(self) -> FleetFeed:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if isinstance(answer, Exception):
            raise answer
        return answer


@asynccontextmanager
async def stage(
    *snapshots: FleetSnapshot,
    first: FleetSnapshot | None = None,
    size: tuple[int, int] = (120, 40),
    connect: Callable[[], Awaitable[FleetFeed]] | None = None,
    ascii_only: bool = False,
    zone: tzinfo | None = None,
    preferences: Preferences | None = None,
    terminal: Terminal | None = None,
    make: Callable[..., SmtopApp] = SmtopApp,
) -> AsyncIterator[Stage]:
    feed, clock = FakeFeed(*snapshots), HandClock()
    own = preferences or (Preferences(terminal=terminal) if terminal else None)
    app = make(
        connect or Line([feed]),
        first,
        ascii_only=ascii_only,
        clock=clock,
        place="eu-west-1",
        zone=zone,
        preferences=own,
    )
    app.fleet.inspector.follow_s = 0.001
    async with app.run_test(size=size) as pilot:
        one = Stage(app, pilot, feed, clock)
        if snapshots and connect is None:  # connecting waits for what a thread imports, in the first app of a process
            await one.until(lambda: feed.is_drained and app.fleet.snapshot is not None)
        await one.settle()
        yield one
