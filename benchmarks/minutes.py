"""The demo's screen through some minutes of its fleet: `python -m benchmarks.minutes ENDPOINTS MINUTES`.

To be run in a terminal. The fleet, its AWS on loopback, the engine and the screen go by one clock, which is moved by
hand. Each minute has another row under the cursor. Marks in the output stand where each begins and ends, and a last
one, `seen`, carries as JSON what was to be seen of each.
"""

import asyncio
import heapq
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from benchmarks.busy import BEGIN_S
from benchmarks.screen import painted, tell
from smtop.metrics.config import Directories, Settings
from smtop.metrics.domain.series import PERIOD_S
from smtop.metrics.monitor import Monitor
from smtop.metrics.ports import FleetFeed
from smtop.metrics.simulator.clock import SimulatedClock
from smtop.metrics.simulator.fleet import open_fleet
from smtop.metrics.simulator.server import HOST, REGION, build_app, serve
from smtop.metrics.simulator.wire.credentials import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from smtop.tui.app import SmtopApp
from smtop.tui.screens.fleet import REST_S, TICK_S
from smtop.tui.screens.inspector import FOLLOW_S

PATIENCE_S = 60.0
_LOOK_S, _MOVE_S = 0.005, 0.01
_DRAWERS = ("known", "inspected", "draw")


def lines_of(app: SmtopApp) -> list[str]:
    """What the screen means to show."""
    return ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]


def grid(app: SmtopApp) -> dict[tuple[int, int], str]:
    """The text of every cell of the table that is on the screen, by line and column."""
    texts = lines_of(app)
    region = app.fleet.table.region
    return {
        (y, slot.x): texts[y][slot.x : slot.x + slot.width]
        for y in range(region.y + 1, region.bottom)
        for slot in app.fleet.table.slots
    }


class MovedClock:
    """Time passes when somebody moves it; sleepers wake when it has passed theirs."""

    def __init__(self, now: float = BEGIN_S) -> None:
        self._now = now
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def wall(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), wake))
        await wake

    def move(self, seconds: float) -> None:
        self._now += seconds
        while self._sleepers and self._sleepers[0][0] <= self._now:
            _, _, wake = heapq.heappop(self._sleepers)
            if not wake.done():
                wake.set_result(None)


@asynccontextmanager
async def simulated_aws(endpoints: int, clock: MovedClock) -> AsyncIterator[None]:
    """An account that goes by this clock, and this process's environment pointed at it alone."""
    account = build_app(open_fleet((), endpoints, 0, clock.wall()), SimulatedClock(clock.wall(), real=clock.wall))
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    serving = asyncio.ensure_future(serve(account, 0, stop, port.set_result))
    access = {"AWS_ACCESS_KEY_ID": ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    os.environ.update(access | nowhere | {"AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"})
    os.environ["AWS_ENDPOINT_URL"] = f"http://{HOST}:{await port}"
    try:
        yield
    finally:
        stop.set()
        await serving


class Demo:
    """The screen on that account."""

    def __init__(self, clock: MovedClock, folder: Path) -> None:
        self._clock = clock
        self._settings = Settings(Directories(folder, folder, folder, folder))
        self.app = SmtopApp(self._connect, clock=clock)

    async def _connect(self) -> FleetFeed:
        feed: FleetFeed = await Monitor(self._settings, self._clock).__aenter__()
        return feed

    async def pass_a_minute(self) -> None:
        """Ages move, and what is polled lands and is drawn."""
        for _ in range(PERIOD_S // TICK_S):
            self._clock.move(TICK_S)
            self.app.fleet.redraw()
            await self.rest()

    async def watch_a_minute(self, number: int) -> Mapping[str, Any]:
        """The endpoint under the cursor, whether ages and data moved, how many cells changed, the lines at the end."""
        before, head, data_until = grid(self.app), lines_of(self.app)[0], self._data_until
        tell(self.app, f"minute {number}")
        await self.pass_a_minute()
        tell(self.app, f"minute {number} is over")
        after, lines = grid(self.app), lines_of(self.app)
        return {
            "cursor": self.app.fleet.table.cursor,
            "cells": sum(before[place] != after.get(place) for place in before),
            "aged": lines[0] != head,
            "polled": self._data_until != data_until,
            "lines": lines,
        }

    @property
    def _data_until(self) -> datetime | None:
        return self.app.fleet.snapshot.data_until if self.app.fleet.snapshot else None

    async def move_on(self, rows: int) -> None:
        """Some rows down, until the screen has told the engine what is looked at."""
        self.app.fleet.action_cursor(rows)
        await asyncio.sleep(REST_S + FOLLOW_S)
        await self.rest()

    async def rest(self) -> None:
        """Waits until the engine waits for the next minute, and everything is drawn; time passes as they need it."""
        while True:
            await self._until(self._is_at_rest)
            await painted(self.app)
            if self._is_at_rest():
                return

    def _is_at_rest(self) -> bool:
        next_at = self.app.fleet.snapshot.next_poll_at if self.app.fleet.snapshot else None
        if next_at is None or next_at.timestamp() <= self._clock.wall():
            return False
        is_drawing = any(worker.group in _DRAWERS and not worker.is_finished for worker in self.app.workers)
        return self.app.fleet.inspector.is_drawn and not is_drawing

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await asyncio.sleep(_LOOK_S)
                self._clock.move(_MOVE_S)


def main(endpoints: int, watched: int) -> None:
    clock = MovedClock()
    with tempfile.TemporaryDirectory() as folder:
        demo = Demo(clock, Path(folder))

        async def play(_: Pilot[object]) -> None:
            await demo.rest()
            seen = []
            for number in range(watched):
                seen.append(await demo.watch_a_minute(number))
                await demo.move_on(endpoints // watched)
            tell(demo.app, f"seen:{json.dumps(seen)}")
            demo.app.exit()

        async def run() -> None:
            async with simulated_aws(endpoints, clock):
                await demo.app.run_async(auto_pilot=play)

        asyncio.run(run())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
