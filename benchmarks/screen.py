"""One of two screens of the same fleet: `python -m benchmarks.screen smtop|datatable ROWS`, to be run in a terminal.

It shows a fleet, then lives through minutes in which every number changes and ages move, and then waits for keys. Marks
in its output say where it is: `shown`, and `minute` at the end of each. A last one, `used`, carries as JSON what they
took.
"""

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import DataTable

from benchmarks.busy import BEGIN_S, HeldClock, snapshot
from benchmarks.terminal import mark
from smtop.metrics.domain.series import PERIOD_S
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.ports import FleetFeed
from smtop.tui.app import SmtopApp
from smtop.tui.messages import SnapshotArrived
from smtop.tui.screens.fleet import TICK_S
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.fleet import deck, rows
from smtop.tui.view_models.fmt import BLOCKS
from smtop.tui.view_models.layout import layout
from smtop.tui.view_models.views import TRIAGE, chosen
from smtop.tui.view_state import ViewState

COLUMNS = 120
MINUTES = 3
TIMES = 7
Texts = tuple[tuple[str, ...], ...]


async def never() -> FleetFeed:
    """No feed: what is shown is pushed."""
    return await asyncio.Future()


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
    """smtop's screen. What it showed is kept, as the engine keeps it: taking it apart is not the screen's work."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._shown: list[FleetSnapshot] = []
        self.clock = HeldClock()
        self.app = SmtopApp(never, clock=self.clock)

    async def begin(self) -> None:
        await self._take(self._made(0))

    async def live_a_minute(self, minute: int) -> float:
        """Ages move, and a poll lands; gives the CPU time of the poll in ms, as a DataTable has no ages."""
        new = self._made(minute)
        for _ in range(PERIOD_S // TICK_S):
            self.clock.now += TICK_S
            self.app.fleet.redraw()
            await painted(self.app)
        began = time.process_time()
        await self._take(new)
        return (time.process_time() - began) * 1000

    def _made(self, minute: int) -> FleetSnapshot:
        self._shown.append(snapshot(self._count, minute))
        return self._shown[-1]

    async def _take(self, new: FleetSnapshot) -> None:
        self.app.post_message(SnapshotArrived(new))
        await painted(self.app)

    async def look_otherwise(self) -> Mapping[str, float]:
        """Medians of the CPU time of sorting and of filtering, until it is on the screen; how high the table is."""
        state = self.app.fleet.view_state
        return {
            "sort_ms": await self._median_ms([state._replace(sort=sort) for sort in ("p99", "requests")]),
            "filter_ms": await self._median_ms([state._replace(filter_text=text) for text in ("7", "")]),
            "table_lines": self.app.fleet.table.size.height,
        }

    async def _median_ms(self, states: Sequence[ViewState]) -> float:
        taken = []
        for turn in range(2 * TIMES):
            began = time.process_time()
            self.app.fleet.set_view(states[turn % 2])
            await painted(self.app)
            taken.append((time.process_time() - began) * 1000)
        return sorted(taken)[TIMES]


class Plain(App[None]):
    """Textual's own table of the same texts. What smtop would have to make for each of them is made beforehand."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.slots = layout(COLUMNS, chosen(TRIAGE, ViewState()))
        self._count = count
        self._texts = self.texts(0)

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row", zebra_stripes=False, cell_padding=0)

    def on_mount(self) -> None:
        table: DataTable[str] = self.query_one(DataTable)
        for slot in self.slots:
            table.add_column(slot.column.title, width=slot.width + 1)
        table.add_rows(self._texts)

    def texts(self, minute: int) -> Texts:
        paint = Paint(BEGIN_S + minute * PERIOD_S, BLOCKS)
        shown = rows(deck(snapshot(self._count, minute), {}), ViewState())
        return tuple(tuple(cell.text for cell in row.cells(self.slots, paint)) for row in shown)

    def changes(self, minute: int) -> list[tuple[int, int, str]]:
        """The places in the table, and the texts there, that are other than they were."""
        before, self._texts = self._texts, self.texts(minute)
        return [
            (row, column, text)
            for row, (old, new) in enumerate(zip(before, self._texts, strict=True))
            for column, (was, text) in enumerate(zip(old, new, strict=True))
            if was != text
        ]


class DataTableFleet:
    """The same fleet in a DataTable, in its final order; only cells that changed are updated."""

    def __init__(self, count: int) -> None:
        self.app = Plain(count)

    async def begin(self) -> None:
        await painted(self.app)

    async def live_a_minute(self, minute: int) -> float:
        changes = self.app.changes(minute)
        table: DataTable[str] = self.app.query_one(DataTable)
        began = time.process_time()
        for row, column, text in changes:
            table.update_cell_at((row, column), text)  # type: ignore[arg-type]
        await painted(self.app)
        return (time.process_time() - began) * 1000

    async def look_otherwise(self) -> Mapping[str, float]:
        return {}


def main(contender: str, count: int) -> None:
    shown = Fleet(count) if contender == "smtop" else DataTableFleet(count)

    async def play(_: Pilot[object]) -> None:
        await painted(shown.app)
        await shown.begin()
        tell(shown.app, "shown")
        cpu_ms = []
        for minute in range(1, MINUTES + 1):
            cpu_ms.append(await shown.live_a_minute(minute))
            tell(shown.app, "minute")
        used = {"cpu_ms": cpu_ms, **await shown.look_otherwise()}
        tell(shown.app, f"used:{json.dumps(used)}")

    shown.app.run(auto_pilot=play)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
