"""One of two screens of the same fleet: `python -m benchmarks.screen smtop|datatable ROWS`, to be run in a terminal.

It shows a fleet, then lives through a minute, in which every number changes and ages move, and then waits for keys.
Marks in its output say where it is: `shown`, `minute` and, in between, what is written for the minute. The mark `used`
carries what that took as JSON.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import DataTable

from benchmarks.busy import BEGIN_S, HeldClock, snapshot
from benchmarks.terminal import mark
from smtop.metrics.domain.series import PERIOD_S
from smtop.metrics.ports import FleetFeed
from smtop.tui.app import SmtopApp
from smtop.tui.messages import SnapshotArrived
from smtop.tui.screens.fleet import TICK_S
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.columns import layout
from smtop.tui.view_models.fleet import deck, rows
from smtop.tui.view_models.fmt import BLOCKS
from smtop.tui.view_state import ViewState

COLUMNS = 120
TIMES = 7
Texts = tuple[tuple[str, ...], ...]


async def never() -> FleetFeed:
    """No feed: what is shown is pushed."""
    return await asyncio.Future()


def lines_of(app: App[Any]) -> list[str]:
    """What the screen means to show."""
    return ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]


async def painted(app: App[Any]) -> None:
    """Waits until everything is on the screen, and what follows from it, too."""
    for _ in range(3):
        done = asyncio.Event()
        app.screen.call_after_refresh(done.set)
        await done.wait()


def tell(app: App[Any], name: str) -> None:
    """A mark, in its place among what is written."""
    assert app._driver is not None
    app._driver.write(mark(name))


class Fleet:
    """smtop's screen."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.clock = HeldClock()
        self.app = SmtopApp(never, clock=self.clock)

    async def show(self, minute: int) -> None:
        self.app.post_message(SnapshotArrived(snapshot(self._count, minute)))
        await painted(self.app)

    async def live_a_minute(self) -> Mapping[str, Any]:
        """Ages move, and a poll lands; its CPU is that of the poll, as a DataTable has no ages."""
        new = snapshot(self._count, 1)
        before = grid(self.app)
        for _ in range(PERIOD_S // TICK_S):
            self.clock.now += TICK_S
            self.app.fleet.redraw()
            await painted(self.app)
        began = time.process_time()
        self.app.post_message(SnapshotArrived(new))
        await painted(self.app)
        used_ms = (time.process_time() - began) * 1000
        after = grid(self.app)
        changed = sum(before[place] != after[place] for place in before)
        return {"cpu_ms": used_ms, "cells": changed, "lines": lines_of(self.app)}

    async def look_otherwise(self) -> Mapping[str, float]:
        """Medians of sorting and of filtering, until it is on the screen."""
        state = self.app.fleet.view_state
        return {
            "sort_ms": await self._median_ms([replace(state, sort=sort) for sort in ("p99", "requests")]),
            "filter_ms": await self._median_ms([replace(state, filter_text=text) for text in ("7", "")]),
        }

    async def _median_ms(self, states: list[ViewState]) -> float:
        taken = []
        for turn in range(2 * TIMES):
            began_at = time.perf_counter()
            self.app.fleet.set_view(states[turn % 2])
            await asyncio.sleep(0)
            taken.append((time.perf_counter() - began_at) * 1000)
            await painted(self.app)
        return sorted(taken)[TIMES]


def grid(app: SmtopApp) -> dict[tuple[int, int], str]:
    """The text of every cell of the table that is on the screen, by line and column."""
    texts = lines_of(app)
    region = app.fleet.table.region
    return {
        (y, slot.x): texts[y][slot.x : slot.x + slot.width]
        for y in range(region.y + 1, region.bottom)
        for slot in app.fleet.table.slots
    }


class Plain(App[None]):
    """Textual's own table of the same texts. What smtop would have to make for each of them is made beforehand."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._slots = layout(COLUMNS)
        self._count = count
        self._texts = self.texts(0)

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row", zebra_stripes=False, cell_padding=0)

    def on_mount(self) -> None:
        table: DataTable[str] = self.query_one(DataTable)
        for slot in self._slots:
            table.add_column(slot.column.title, width=slot.width + 1)
        table.add_rows(self._texts)

    def texts(self, minute: int) -> Texts:
        paint = Paint(BEGIN_S + minute * PERIOD_S, BLOCKS)
        shown = rows(deck(snapshot(self._count, minute), {}), ViewState())
        return tuple(tuple(cell.text for cell in row.cells(self._slots, paint)) for row in shown)


class DataTableFleet:
    """The same fleet in a DataTable: only cells that changed are updated."""

    def __init__(self, count: int) -> None:
        self.app = Plain(count)

    async def show(self, minute: int) -> None:
        await painted(self.app)

    async def live_a_minute(self) -> Mapping[str, float]:
        changes = list(_changes(self.app._texts, self.app.texts(1)))
        table: DataTable[str] = self.app.query_one(DataTable)
        began = time.process_time()
        for row, column, text in changes:
            table.update_cell_at((row, column), text)  # type: ignore[arg-type]
        await painted(self.app)
        return {"cpu_ms": (time.process_time() - began) * 1000}

    async def look_otherwise(self) -> Mapping[str, float]:
        return {}


def _changes(before: Texts, after: Texts) -> Iterator[tuple[int, int, str]]:
    for row, (old, new) in enumerate(zip(before, after, strict=True)):
        for column, (was, text) in enumerate(zip(old, new, strict=True)):
            if was != text:
                yield row, column, text


def main(contender: str, count: int) -> None:
    shown = Fleet(count) if contender == "smtop" else DataTableFleet(count)

    async def play(_: Pilot[object]) -> None:
        await painted(shown.app)
        await shown.show(0)
        tell(shown.app, "shown")
        used = await shown.live_a_minute()
        tell(shown.app, "minute")
        used = {**used, **await shown.look_otherwise()}
        tell(shown.app, f"used:{json.dumps(used)}")

    shown.app.run(auto_pilot=play)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
