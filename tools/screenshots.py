"""Makes the pictures in screenshots/: the real app, headless, on the simulated AWS, at a moment that never changes.

    python tools/screenshots.py [FOLDER [NAME...]]

Seed and clock are fixed and time stands still, so that a picture changes only when the program does.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path

from textual.pilot import Pilot

from smtop.metrics.config import Directories, Settings
from smtop.tui import teller
from smtop.tui.app import SmtopApp
from smtop.tui.cli.screen import open_monitor, open_several
from smtop.tui.cli.simulated import Site, simulated_accounts, simulated_aws
from smtop.tui.exporter import offline
from smtop.tui.preferences import Preferences
from smtop.tui.terminal import Terminal
from smtop.tui.view_models.tabs.bar import METRICS

FOLDER = Path(__file__).resolve().parents[1] / "screenshots"
MOMENT = datetime(2026, 11, 20, 14, 11, 30, tzinfo=UTC).timestamp()
STANDSTILL = 1e-9
AT_ONCE = 4
SLOWER = 10
WAIT_S = 120.0
STILL_S = 2.0
"""Longer than anything that is asked when the cursor rests, and its answer, take."""
SAY_S = 0.2
"""What smtop answers to a key is no part of a picture."""


class StoppedClock:
    """Wall time that stands still at `MOMENT`; waiting takes as long as ever.

    Schedules run slower than that, so that the next poll is as far off however long the last one has taken.
    """

    def wall(self) -> float:
        return MOMENT

    def monotonic(self) -> float:
        return time.monotonic() / SLOWER

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(frozen=True)
class Shot:
    """One picture: a terminal's size, the keys pressed once the fleet is there, and what the terminal can show.

    `plain` is without colours and with ASCII only. `until` are words that have to be on the screen once these keys were
    pressed; `then` are keys that are pressed after that, until `at_last` is there. `wide` is of two accounts.
    """

    name: str
    columns: int
    lines: int
    keys: tuple[str, ...] = ()
    plain: bool = False
    until: str = ""
    then: tuple[str, ...] = ()
    at_last: str = ""
    terminal: Terminal = field(default_factory=Terminal)
    wide: bool = False


_FRAUD = ("slash", *"fraud-scorer", "enter", "enter")
_RANKER = ("slash", *"rec-ranker", "enter")


def _command(line: str) -> tuple[str, ...]:
    return ("colon", *("space" if one == " " else one for one in line), "enter")


_WRITE, _WEIGHTS = _command("write 15m"), _command("weights current=9 candidate=1")
_PLANNED = "[ Do it ]"
_NIGHTLY = ("slash", *"nightly", "enter", "enter")


SHOTS = (
    Shot("fleet-40x12", 40, 12),
    Shot("fleet-60x20", 60, 20),
    Shot("fleet-80x24", 80, 24),
    Shot("fleet-120x40", 120, 40),
    Shot("fleet-200x60", 200, 60),
    Shot("fleet-120x40-ascii", 120, 40, plain=True),
    Shot("fleet-120x40-light", 120, 40, terminal=Terminal("light")),
    Shot("fleet-120x40-safe", 120, 40, terminal=Terminal("dark-safe")),
    Shot("fleet-120x40-16", 120, 40, terminal=Terminal(colours=16)),
    Shot("wide-80x24", 80, 24, wide=True),
    Shot("wide-120x40", 120, 40, wide=True),
    Shot("view-sl-120x40", 120, 40, keys=_command("sl")),
    Shot("view-mm-120x40", 120, 40, keys=_command("mm")),
    Shot("view-as-120x40", 120, 40, keys=_command("as")),
    Shot("view-mc-120x40", 120, 40, keys=_command("mc")),
    Shot("view-ic-120x40", 120, 40, keys=_command("ic")),
    Shot("columns-120x40", 120, 40, keys=("o", "j", "j")),
    Shot("filter-120x40", 120, 40, keys=("slash", *"kind:sl", "enter")),
    Shot("endpoint-80x24", 80, 24, keys=("enter",)),
    Shot("endpoint-120x40", 120, 40, keys=("enter",)),
    Shot("endpoint-200x60", 200, 60, keys=("enter",)),
    Shot("endpoint-7d-120x40", 120, 40, keys=("enter", "t", "6")),
    Shot("compare-120x40", 120, 40, keys=("enter", "b", "1", "[", "{")),
    Shot("chart-80x24", 80, 24, keys=("v", "j", "j")),
    Shot("endpoint-80x24-ascii", 80, 24, keys=("enter",), plain=True),
    Shot("overview-120x40", 120, 40, keys=("enter", "1")),
    Shot("variants-120x40", 120, 40, keys=(*_FRAUD, "3")),
    Shot("scaling-120x40", 120, 40, keys=(*_NIGHTLY, "4")),
    Shot("config-120x40", 120, 40, keys=(*_FRAUD, "5", "j")),
    Shot("config-80x24-ascii", 80, 24, keys=(*_FRAUD, "5", "j"), plain=True),
    Shot("variants-200x60", 200, 60, keys=(*_FRAUD, "3")),
    Shot("help-120x40", 120, 40, keys=("question_mark",)),
    Shot("actions-80x24", 80, 24, keys=("a",)),
    Shot("actions-120x40", 120, 40, keys=(*_WRITE, "a")),
    Shot("form-80x24", 80, 24, keys=(*_RANKER, "e", "right", "right")),
    Shot("plan-80x24", 80, 24, keys=(*_RANKER, *_WRITE, *_WEIGHTS), until=_PLANNED),
    Shot("plan-120x40", 120, 40, keys=(*_RANKER, *_WRITE, *_WEIGHTS), until=_PLANNED),
    *(
        Shot(
            f"watch-{columns}x{lines}",
            columns,
            lines,
            keys=(*_RANKER, *_WRITE, *_WEIGHTS),
            until=_PLANNED,
            then=("tab", "enter"),
            at_last="Updating",
        )
        for columns, lines in ((80, 24), (120, 40))
    ),
)


async def take(shot: Shot, home: Path) -> str:
    """The screen as SVG, with fonts that every machine has instead of one from the network."""
    settings = Settings(Directories(home / "config", home / "state", home / "cache", home / "data"))
    clock = StoppedClock()
    several = settings._replace(profiles=("payments", "search"))
    app = SmtopApp(
        lambda: open_several(several, clock) if shot.wide else open_monitor(settings, clock),
        ascii_only=shot.plain,
        clock=clock,
        place="simulated",
        zone=UTC,
        preferences=Preferences(terminal=shot.terminal),
    )
    async with app.run_test(size=(shot.columns, shot.lines)) as pilot, asyncio.timeout(WAIT_S):
        await measured(app, pilot)
        await looked_at(app, pilot)
        for key in shot.keys:
            await pilot.press(key)
            await drawn(app, pilot)
        await told(app, pilot, shot.until)
        await pilot.press(*shot.then)
        await told(app, pilot, shot.at_last)
        await still(app, pilot)
        return picture(app)


async def measured(app: SmtopApp, pilot: Pilot[None]) -> None:
    """Waits until everything was asked once and the next poll is planned."""
    while app.fleet.snapshot is None or not app.fleet.snapshot.complete or app.fleet.snapshot.next_poll_at is None:
        if app.fleet.feed_state.fault is not None:
            raise SystemExit(f"screenshots: {app.fleet.feed_state.fault}")
        await pilot.pause(0.05)
    await still(app, pilot)


async def looked_at(app: SmtopApp, pilot: Pilot[None]) -> None:
    """Waits until the row under the cursor was asked everything once more: its last hour is then known."""
    before = app.fleet.snapshot
    await pilot.press("f5")
    while app.fleet.snapshot is before:
        await pilot.pause(0.05)
    await measured(app, pilot)


async def drawn(app: SmtopApp, pilot: Pilot[None]) -> None:
    """Waits until the screen in front has what it asked for, and shows it."""
    while not _is_drawn(app):
        await pilot.pause(0.05)


async def told(app: SmtopApp, pilot: Pilot[None], words: str) -> None:
    """Waits until these words are on the screen."""
    while words not in screen_text(app):
        await pilot.pause(0.05)


def screen_text(app: SmtopApp) -> str:
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def _is_drawn(app: SmtopApp) -> bool:
    page = app.endpoint
    if page is None:
        return app.fleet.inspector.is_drawn and not app.fleet.feed_state.said
    return page.metrics.is_drawn if page.tab == METRICS else page.text.details is not None


async def still(app: SmtopApp, pilot: Pilot[None]) -> None:
    """Waits until nothing has changed for a while: what is asked when the cursor rests has then arrived."""
    before, since = "", time.monotonic()
    while time.monotonic() - since < STILL_S:
        await drawn(app, pilot)
        await pilot.pause(0.1)
        now = picture(app)
        if now != before:
            before, since = now, time.monotonic()


def picture(app: SmtopApp) -> str:
    return offline(app.export_screenshot(title="smtop", simplify=True))


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


_SIMULATED = ["--seed=0", f"--epoch={MOMENT}", f"--speed={STANDSTILL}"]


def two_accounts(home: Path) -> AbstractContextManager[None]:
    """Two simulated AWS, and an AWS configuration with a profile for each; this process knows no other."""
    other = ["--seed=3", "--endpoints=24", "--region=eu-west-1", *_SIMULATED[1:]]
    return simulated_accounts(
        [Site("payments", "123456789012", _SIMULATED), Site("search", "444455556666", other)], home
    )


def make(shot: Shot, folder: Path) -> Path:
    """Takes one picture, of a simulated AWS of its own: where time stands, so do its quotas."""
    teller.SAY_S = SAY_S
    file = folder / f"{shot.name}.svg"
    with (
        tempfile.TemporaryDirectory(prefix="smtop-screenshots-") as home,
        two_accounts(Path(home)) if shot.wide else simulated_aws(_SIMULATED),
        colours(allowed=not shot.plain),
    ):
        file.write_text(asyncio.run(take(shot, Path(home))), encoding="utf-8")
    return file


def main(folder: Path, names: Sequence[str] = ()) -> None:
    """Takes every picture into `folder`, or those that are named, a few at once: most of it is waiting."""
    folder.mkdir(exist_ok=True)
    wanted = [shot for shot in SHOTS if not names or shot.name in names]
    with ProcessPoolExecutor(AT_ONCE) as workers:
        for file in workers.map(make, wanted, repeat(folder)):
            sys.stdout.write(f"{file}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER, sys.argv[2:])
