"""The terminal as Textual drives it, and what Textual leaves out: a terminal that goes away, and being told to end."""

import os
import select
import signal
import sys
from collections.abc import Callable
from threading import Thread
from types import FrameType
from typing import IO, Any

from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

_HUNG_UP = 128 + signal.SIGHUP


def why_not() -> str | None:
    """Why this Textual cannot be driven as here; None where it can. What is needed of it is no documented interface."""
    needed = {"_app": Driver, "_loop": Driver, "_file": LinuxDriver}
    missing = [name for name, kind in needed.items() if name not in kind.__init__.__code__.co_names]
    return f"textual.driver has no {' and '.join(missing)}" if missing else None


class Outlet:
    """Text on its way to the terminal. Once the terminal is gone, it goes nowhere, and `lost` is told.

    Textual's writing thread would end with the first error, and the app would wait for it for ever.
    What Python still holds back is sent nowhere too; its failure would become the exit code.
    """

    def __init__(self, file: IO[str], lost: Callable[[], None]) -> None:
        self._file = file
        self._lost = lost

    def write(self, text: str) -> None:
        self._do(lambda: self._file.write(text))

    def flush(self) -> None:
        self._do(self._file.flush)

    def fileno(self) -> int:
        return self._file.fileno()

    def _do(self, act: Callable[[], object]) -> None:
        try:
            act()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._file.fileno())
            self._lost()


class TerminalDriver(LinuxDriver):
    """Ends the app, with all that it has started, when the terminal hangs up or somebody tells it to end."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._file = Outlet(self._file or sys.stderr, self._hung_up)  # type: ignore[assignment]
        for number in (signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, self._told_to_end)
        Thread(target=self._wait_for_hang_up, name="hang-up", daemon=True).start()

    def run_input_thread(self) -> None:
        try:
            super().run_input_thread()
        except OSError:
            self._hung_up()

    def _wait_for_hang_up(self) -> None:
        """SIGHUP may be ignored (nohup), and reading from a terminal that is gone never fails."""
        poll = select.poll()
        poll.register(self.fileno, 0)
        poll.poll()
        self._hung_up()

    def _hung_up(self) -> None:
        self._end(_HUNG_UP)

    def _told_to_end(self, number: int, _frame: FrameType | None) -> None:
        self._end(128 + number)

    def _end(self, code: int) -> None:
        if self._loop.is_closed():
            raise SystemExit(code)
        self._loop.call_soon_threadsafe(self._app.exit, None, code)
