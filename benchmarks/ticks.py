"""How long the screen's loop is ever busy at a stretch: `python -m benchmarks.ticks smtop|stock MINUTES SPEED`.

A key that is pressed waits for the tick that is under way: whatever the loop does between two looks at what is ready.
The screen runs on a simulated account of 1,000 endpoints in another process while somebody sorts, filters, scrolls and
opens charts. `stock` is the same screen while botocore as it comes polls as many metrics in the same loop.
Prints the longest ticks as JSON, in milliseconds, longest first.
"""

import asyncio
import itertools
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from os import environ
from pathlib import Path

from smtop.metrics.clock import ScaledClock
from smtop.metrics.config import Directories, Settings
from smtop.tui.app import SmtopApp
from smtop.tui.cli.screen import open_monitor

ENDPOINTS = 1000
SIZE = (120, 40)
_EXPORTS = 5

KEYS: Sequence[str] = (
    *("R", "I", "P", "pagedown", "pagedown", "end", "home", "slash", "p", "r", "o", "d", "escape"),
    *("f", "f", "down", "down", "down", "greater_than_sign", "less_than_sign", "W"),
)
"""One after the other, one each `PRESS_EVERY_S`."""

PRESS_EVERY_S = 0.7
KEPT = 12


class TimedSelector(selectors.DefaultSelector):
    """Notes how long it was not asked: the time between two looks is one tick of the loop."""

    def __init__(self) -> None:
        super().__init__()
        self.ticks_ms: list[float] = []
        self._left_at = time.perf_counter()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.ticks_ms.append((time.perf_counter() - self._left_at) * 1000)
        found = super().select(timeout)
        self._left_at = time.perf_counter()
        return found


@contextmanager
def simulator(speed: float, epoch: float) -> Iterator[dict[str, str]]:
    """An account of its own; gives the variables that point at it."""
    command = [sys.executable, "-m", "smtop.metrics.simulator", "--parent-pipe", f"--endpoints={ENDPOINTS}"]
    with subprocess.Popen(
        [*command, f"--speed={speed}", f"--epoch={epoch}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline().removeprefix("export ").strip() for _ in range(_EXPORTS)]
            yield {name: value for name, _, value in (line.partition("=") for line in lines)}
        finally:
            process.terminate()


async def watch(app: SmtopApp, seconds: float) -> None:
    """Somebody at the keyboard, for so long."""
    ends_at = time.perf_counter() + seconds
    async with app.run_test(size=SIZE) as pilot:
        for key in itertools.cycle(KEYS):
            if time.perf_counter() > ends_at:
                return
            await asyncio.sleep(PRESS_EVERY_S)
            await pilot.press(key)


def main(minutes: float, speed: float) -> None:
    epoch = time.time()
    clock = ScaledClock(epoch, speed)
    selector = TimedSelector()
    with simulator(speed, epoch) as variables, tempfile.TemporaryDirectory() as folder:
        environ.update(variables)
        own = Path(folder)
        settings = Settings(Directories(own, own, own, own))
        app = SmtopApp(partial(open_monitor, settings, clock), clock=clock, place="simulated")
        with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
            runner.run(watch(app, minutes * 60))
    ticks = sorted(selector.ticks_ms, reverse=True)
    print(len(ticks), [round(tick, 1) for tick in ticks[:40]])


if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]))
