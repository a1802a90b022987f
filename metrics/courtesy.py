"""The screen goes first: its loop and the engine's share one interpreter, which gives each the same time.

So the engine's loop, before it looks for more to do, waits while the screen's is busy: a key is then answered in the
time that it takes by itself, and what is left of the engine's step.
"""

import asyncio
import selectors
import time

NAP_S = 0.0005
LONGEST_S = 0.02
"""The engine is not held up for longer, however busy the screen."""


class Turn:
    """Whether the screen's loop is busy. There is one interpreter in a process, so one turn is enough for it."""

    def __init__(self) -> None:
        self.is_taken = False


THE_SCREENS = Turn()


class ScreenSelector(selectors.DefaultSelector):
    """Takes the turn from one wait of its loop to the next."""

    def __init__(self, turn: Turn = THE_SCREENS) -> None:
        super().__init__()
        self._turn = turn

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._turn.is_taken = False
        found = super().select(timeout)
        self._turn.is_taken = True
        return found

    def close(self) -> None:
        self._turn.is_taken = False
        super().close()


class EngineSelector(selectors.DefaultSelector):
    """Waits until the turn is free."""

    def __init__(self, turn: Turn = THE_SCREENS) -> None:
        super().__init__()
        self._turn = turn

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        for _ in range(round(LONGEST_S / NAP_S)):
            if not self._turn.is_taken:
                break
            time.sleep(NAP_S)
        return super().select(timeout)


def screen_loop() -> asyncio.AbstractEventLoop:
    """A loop to run the screen in."""
    return asyncio.SelectorEventLoop(ScreenSelector())


def engine_loop() -> asyncio.AbstractEventLoop:
    """A loop to run the engine in, in another thread."""
    return asyncio.SelectorEventLoop(EngineSelector())
