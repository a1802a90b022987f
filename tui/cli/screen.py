"""`smtop`: the live screen on a real account."""

import asyncio
import importlib
import os
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from smtop.metrics.analysis.remembered import remembered
from smtop.metrics.cache import CachedInventory, InventoryCache
from smtop.metrics.clock import Clock, CorrectedClock, SystemClock
from smtop.metrics.config import Settings
from smtop.metrics.courtesy import screen_loop
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.errors import ConfigError
from smtop.tui.cli.common import Common, draws_ascii
from smtop.tui.cli.exits import narrate
from smtop.tui.keymap import OF_THE_TABLE, Remapped

if TYPE_CHECKING:
    from smtop.metrics.ports import FleetFeed
    from smtop.tui.app import SmtopApp
    from smtop.tui.preferences import Preferences
    from smtop.tui.terminal import Terminal
    from smtop.tui.view_state import FleetState

Connect: TypeAlias = "Callable[[], Awaitable[FleetFeed]]"
Note: TypeAlias = Callable[[str], object]


def watch(common: Common) -> int:
    """Opens the screen on this shell's AWS credentials; returns the exit code."""
    settings = common.settings(spanning=True)
    clock = CorrectedClock(SystemClock())
    notes: dict[str, None] = {}
    if settings.is_spread:
        code = _watch_several(common, settings, clock, notes.setdefault)
    else:
        code = _watch_one(common, settings, clock, notes.setdefault)
    for sentence in notes:
        narrate(sentence)
    return code


def _watch_one(common: Common, settings: Settings, clock: Clock, note: Note) -> int:
    cached = InventoryCache(settings).load()
    place = settings.region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""
    first = remembered(cached) if cached else None
    return show(lambda: open_monitor(settings, clock, note, cached), common, settings, clock, first, place)


def _watch_several(common: Common, settings: Settings, clock: Clock, note: Note) -> int:
    from smtop.metrics.federation.remembered import remembered_of
    from smtop.metrics.spread import places

    each = places(settings)
    first, place = remembered_of(each), f"{len(each)} accounts and regions"
    return show(lambda: open_several(settings, clock, note), common, settings, clock, first, place)


def show(
    connect: Connect,
    common: Common,
    settings: Settings,
    clock: Clock,
    first: FleetSnapshot | None = None,
    place: str = "",
    make: "Callable[..., SmtopApp] | None" = None,
) -> int:
    """Runs the app until the operator, a signal or the end of the terminal ends it; returns the exit code.

    `make` makes another app than the usual one, of the same arguments.
    """
    from smtop.tui.app import SmtopApp
    from smtop.tui.driver import TerminalDriver, why_not

    preferences = _preferences(settings, clock)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise ConfigError("The screen needs a terminal. In a script use: smtop snapshot")
    app = (make or SmtopApp)(
        connect,
        first,
        ascii_only=draws_ascii(common),
        clock=clock,
        place=place,
        preferences=preferences,
    )
    if why_not() is None:
        app.driver_class = TerminalDriver
    with asyncio.Runner(loop_factory=screen_loop) as runner:
        app.run(loop=runner.get_loop(), mouse=settings.mouse)
    if app.crash is not None:
        raise app.crash
    return app.return_code or 0


def _preferences(settings: Settings, clock: Clock) -> "Preferences":
    from smtop.tui.command_history import CommandHistory
    from smtop.tui.preferences import Memory, Preferences
    from smtop.tui.state_file import StateFile

    views = StateFile(settings, clock.wall)
    return Preferences(
        _keys(settings),
        CommandHistory(settings.directories.state / "commands"),
        Memory(_started(settings, views.load()), views.save),
        _terminal(settings),
        settings.directories.state / "exports",
        settings.notify,
    )


def _started(settings: Settings, left: "FleetState") -> "FleetState":
    """How the fleet was left, or as the view shows it that is to be begun with."""
    if settings.start_view is None:
        return left
    from smtop.tui.view_models.saved import opened

    return opened(left, settings.start_view, settings.views[settings.start_view])


def _keys(settings: Settings) -> Remapped:
    if not settings.keys:
        return OF_THE_TABLE
    from smtop.tui.remap import remapped

    return remapped(settings.keys, str(settings.file))


def _terminal(settings: Settings) -> "Terminal":
    from rich.console import Console

    from smtop.tui.clipboard import Clipboard
    from smtop.tui.terminal import TRUE_COLOURS, Terminal

    colours = {"truecolor": TRUE_COLOURS, "256": 256}.get(Console(stderr=True).color_system or "", 16)
    return Terminal(settings.theme, colours, Clipboard(os.environ, settings.directories.state / "copied.txt"))


async def open_several(settings: Settings, clock: Clock, note: Note = lambda _: None) -> "FleetFeed":
    """The engines of several accounts and regions, together in one thread."""

    async def opened() -> "FleetFeed":
        module = importlib.import_module("smtop.metrics.places")
        feed: FleetFeed = await module.watching(settings, clock, note).__aenter__()
        return feed

    from smtop.metrics.background import BackgroundFeed

    return await BackgroundFeed.opened(opened)


async def open_monitor(
    settings: Settings,
    clock: Clock,
    note: Note = lambda _: None,
    cached: CachedInventory | None = None,
) -> "FleetFeed":
    """The engine, in a thread of its own: it brings aioboto3 and numpy, which take longer than the first paint."""

    async def opened() -> "FleetFeed":
        module = importlib.import_module("smtop.metrics.monitor")
        monitor = await module.Monitor(settings, clock, note=note).__aenter__()
        if cached is not None:
            monitor.recall(cached)
        feed: FleetFeed = monitor
        return feed

    from smtop.metrics.background import BackgroundFeed

    return await BackgroundFeed.opened(opened)
