"""Makes the pictures in screenshots/: the real app, headless, on the simulated AWS, at a moment that never changes.

    python tools/screenshots.py [FOLDER]

Seed and clock are fixed and time stands still, so that a picture changes only when the program does.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from textual.pilot import Pilot

from smtop.metrics.config import Directories, Settings
from smtop.tui.app import SmtopApp
from smtop.tui.cli.screen import open_monitor
from smtop.tui.cli.simulated import simulated_aws
from smtop.tui.exporter import offline

FOLDER = Path(__file__).resolve().parents[1] / "screenshots"
MOMENT = datetime(2026, 11, 20, 14, 11, 30, tzinfo=UTC).timestamp()
STANDSTILL = 1e-9
WAIT_S = 60.0
GLANCE_S = 2.0
"""Enough for what is asked when the cursor rests: its price is in the header before a page is opened, or never."""


class StoppedClock:
    """Wall time that stands still at `MOMENT`; waiting takes as long as ever."""

    def wall(self) -> float:
        return MOMENT

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(frozen=True)
class Shot:
    """One picture: a terminal's size, the keys pressed once the fleet is there, and whether colours are allowed.

    With `charts` it waits until those of a page are drawn.
    """

    name: str
    columns: int
    lines: int
    keys: tuple[str, ...] = ()
    plain: bool = False
    charts: bool = False


_FRAUD = ("slash", *"fraud-scorer", "enter", "enter")
_NIGHTLY = ("slash", *"nightly", "enter", "enter")

SHOTS = (
    Shot("fleet-80x24", 80, 24),
    Shot("fleet-120x40", 120, 40),
    Shot("fleet-200x60", 200, 60),
    Shot("fleet-120x40-ascii", 120, 40, plain=True),
    Shot("filter-120x40", 120, 40, keys=("slash", *"kind:sl", "enter")),
    Shot("endpoint-80x24", 80, 24, keys=("enter",), charts=True),
    Shot("endpoint-120x40", 120, 40, keys=("enter",), charts=True),
    Shot("endpoint-200x60", 200, 60, keys=("enter",), charts=True),
    Shot("endpoint-7d-120x40", 120, 40, keys=("enter", "t", "6"), charts=True),
    Shot("compare-120x40", 120, 40, keys=("enter", "b", "1", "[", "{"), charts=True),
    Shot("chart-80x24", 80, 24, keys=("v", "j", "j"), charts=True),
    Shot("endpoint-80x24-ascii", 80, 24, keys=("enter",), plain=True, charts=True),
    Shot("overview-120x40", 120, 40, keys=("enter", "1")),
    Shot("variants-120x40", 120, 40, keys=(*_FRAUD, "3")),
    Shot("scaling-120x40", 120, 40, keys=(*_NIGHTLY, "4")),
    Shot("config-120x40", 120, 40, keys=(*_FRAUD, "5", "j")),
    Shot("config-80x24-ascii", 80, 24, keys=(*_FRAUD, "5", "j"), plain=True),
    Shot("variants-200x60", 200, 60, keys=(*_FRAUD, "3")),
    Shot("help-120x40", 120, 40, keys=("question_mark",)),
)


async def take(shot: Shot, home: Path) -> str:
    """The screen as SVG, with fonts that every machine has instead of one from the network."""
    settings = Settings(Directories(home / "config", home / "state", home / "cache", home / "data"))
    clock = StoppedClock()
    app = SmtopApp(
        lambda: open_monitor(settings, clock), ascii_only=shot.plain, clock=clock, place="simulated", zone=UTC
    )
    async with app.run_test(size=(shot.columns, shot.lines)) as pilot:
        await asyncio.wait_for(measured(app, pilot), WAIT_S)
        await asyncio.wait_for(looked_at(app, pilot), WAIT_S)
        await pilot.press(*shot.keys)
        if shot.charts:
            await asyncio.wait_for(drawn(app, pilot), WAIT_S)
        else:
            await asyncio.wait_for(inspected(app, pilot), WAIT_S)
        await pilot.pause()
        return offline(app.export_screenshot(title="smtop", simplify=True))


async def measured(app: SmtopApp, pilot: Pilot[None]) -> None:
    """Waits until everything was asked once and the next poll is planned."""
    while app.fleet.snapshot is None or not app.fleet.snapshot.complete or app.fleet.snapshot.next_poll_at is None:
        if app.feed_state.fault is not None:
            raise SystemExit(f"screenshots: {app.feed_state.fault}")
        await pilot.pause(0.05)
    await pilot.pause()


async def looked_at(app: SmtopApp, pilot: Pilot[None]) -> None:
    """Waits until the row under the cursor was asked everything once more: its last hour is then known."""
    await pilot.pause(GLANCE_S)
    before = app.fleet.snapshot
    await pilot.press("f5")
    while app.fleet.snapshot is before:
        await pilot.pause(0.05)
    await measured(app, pilot)
    await pilot.pause(GLANCE_S)


async def inspected(app: SmtopApp, pilot: Pilot[None]) -> None:
    """Waits until the charts beside the table are drawn."""
    while not app.fleet.inspector.is_drawn:
        await pilot.pause(0.05)


async def drawn(app: SmtopApp, pilot: Pilot[None]) -> None:
    """Waits until the history that was asked for is there and its charts are drawn."""
    while app.endpoint is None or not app.endpoint.metrics.is_drawn:
        await pilot.pause(0.05)


@contextmanager
def colours(*, allowed: bool) -> Iterator[None]:
    """NO_COLOR for the length of the block, whatever this shell says."""
    before = os.environ.pop("NO_COLOR", None)
    if not allowed:
        os.environ["NO_COLOR"] = "1"
    try:
        yield
    finally:
        os.environ.pop("NO_COLOR", None)
        if before is not None:
            os.environ["NO_COLOR"] = before


def main(folder: Path) -> None:
    """Takes every picture into `folder`, each of a simulated AWS of its own: where time stands, so do its quotas."""
    folder.mkdir(exist_ok=True)
    for shot in SHOTS:
        file = folder / f"{shot.name}.svg"
        with (
            tempfile.TemporaryDirectory(prefix="smtop-screenshots-") as home,
            simulated_aws(["--seed=0", f"--epoch={MOMENT}", f"--speed={STANDSTILL}"]),
            colours(allowed=not shot.plain),
        ):
            file.write_text(asyncio.run(take(shot, Path(home))), encoding="utf-8")
        sys.stdout.write(f"{file}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
