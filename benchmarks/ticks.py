"""How long the screen's loop is ever busy at a stretch: `python -m benchmarks.ticks smtop|stock MINUTES SPEED`.

A key that is pressed waits for the tick that is under way: whatever the loop does between two looks at what is ready.
The screen runs on a simulated account of 1,000 endpoints in another process, from its start on, while somebody sorts,
filters, scrolls and looks at charts. `stock` is the same screen without our engine while botocore as it comes polls as
many metrics in the screen's loop. Prints the longest ticks as JSON, in milliseconds, longest first.
"""

import asyncio
import itertools
import json
import selectors
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from functools import partial
from os import environ
from pathlib import Path

from benchmarks.contenders import Fleet, aiobotocore
from benchmarks.simulated import simulated_aws
from smtop.metrics.clock import ScaledClock
from smtop.metrics.config import Directories, Settings
from smtop.metrics.courtesy import ScreenSelector
from smtop.metrics.domain.series import PERIOD_S
from smtop.metrics.ports import FleetFeed
from smtop.tui.app import SmtopApp
from smtop.tui.cli.screen import open_monitor

ENDPOINTS = 1000
METRICS = 10_000
SIZE = (120, 40)
PRESS_EVERY_S = 0.7
PANDAS_AFTER_S = 20.0
KEPT = 10

KEYS: Sequence[str] = (
    *("L", "I", "E", "pagedown", "pagedown", "end", "home", "slash", "p", "r", "o", "d", "escape"),
    *("exclamation_mark", "exclamation_mark", "down", "down", "greater_than_sign", "less_than_sign", "0"),
    *("enter", "t", "6", "down", "down", "t", "2", "escape"),
)
"""What somebody presses, one after the other: sorts, pages, a filter, and an endpoint's charts of seven days."""


class TimedSelector(ScreenSelector):
    """Notes how long it was not asked: the time between two looks is one tick of the loop."""

    def __init__(self) -> None:
        super().__init__()
        self.ticks_ms: list[float] = []
        self._left_at: float | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self._left_at is not None:
            self.ticks_ms.append((time.perf_counter() - self._left_at) * 1000)
        found = super().select(timeout)
        self._left_at = time.perf_counter()
        return found


def simulator(speed: float, epoch: float) -> AbstractContextManager[dict[str, str]]:
    """An account of its own; gives the variables that point at it."""
    return simulated_aws(f"--endpoints={ENDPOINTS}", f"--speed={speed}", f"--epoch={epoch}")


async def type_and_wait(app: SmtopApp, seconds: float, selector: TimedSelector) -> list[float]:
    """Somebody at the keyboard, for so long; once, pandas is imported as a report would import it. Gives the ticks."""
    began_at = time.perf_counter()
    imported = False
    async with app.run_test(size=SIZE) as pilot:
        for key in itertools.cycle(KEYS):
            passed_s = time.perf_counter() - began_at
            if passed_s > seconds:
                break
            if not imported and passed_s > min(PANDAS_AFTER_S, seconds / 2):
                imported = True
                await asyncio.to_thread(__import__, "pandas")
            await asyncio.sleep(PRESS_EVERY_S)
            await pilot.press(key)
        return sorted(selector.ticks_ms, reverse=True)


@asynccontextmanager
async def polled_by_stock(speed: float) -> AsyncIterator[None]:
    """Every minute, all metrics in the same loop."""

    async def keep_polling() -> None:
        async with aiobotocore(Fleet(METRICS, 1)) as poll:
            while True:
                await poll()
                await asyncio.sleep(PERIOD_S / speed)

    polling = asyncio.ensure_future(keep_polling())
    yield
    polling.cancel()


async def watch_stock(seconds: float, speed: float, selector: TimedSelector) -> list[float]:
    async def nothing() -> FleetFeed:
        return await asyncio.Future()

    async with polled_by_stock(speed):
        return await type_and_wait(SmtopApp(nothing), seconds, selector)


async def watch_smtop(seconds: float, clock: ScaledClock, folder: Path, selector: TimedSelector) -> list[float]:
    settings = Settings(Directories(folder, folder, folder, folder))
    return await type_and_wait(SmtopApp(partial(open_monitor, settings, clock), clock=clock), seconds, selector)


def longest_ms(contender: str, minutes: float, speed: float) -> list[float]:
    """The longest ticks of one run of so many simulated minutes."""
    selector = TimedSelector()
    seconds, epoch = minutes * 60 / speed, time.time()
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        if contender == "stock":
            return runner.run(watch_stock(seconds, speed, selector))[:KEPT]
        with simulator(speed, epoch) as variables, tempfile.TemporaryDirectory() as folder:
            environ.update(variables)
            return runner.run(watch_smtop(seconds, ScaledClock(epoch, speed), Path(folder), selector))[:KEPT]


if __name__ == "__main__":
    _, _contender, _minutes, _speed = sys.argv
    sys.stdout.write(json.dumps({"longest_ms": longest_ms(_contender, float(_minutes), float(_speed))}))
