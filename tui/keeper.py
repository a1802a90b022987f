"""Writes down what shall outlive the run: how the fleet is looked at."""

import asyncio
from collections.abc import Callable

from textual.app import App
from textual.timer import Timer

from smtop.tui.preferences import Memory
from smtop.tui.view_state import FleetState

REMEMBER_S = 2
"""How long changes of the view are gathered before they are written down."""


class Keeper:
    """`state` gives what is to be kept; `note` tells the operator where that cannot be done."""

    def __init__(
        self, app: App[None], memory: Memory, state: Callable[[], FleetState], note: Callable[[str], None]
    ) -> None:
        self._app = app
        self._memory = memory
        self._state = state
        self._note = note
        self._due: Timer | None = None

    def changed(self) -> None:
        """Writes soon, together with whatever else changes until then."""
        if self._due is None:
            self._due = self._app.set_timer(REMEMBER_S, self._write)

    async def _write(self) -> None:
        self._due = None
        fault = await asyncio.to_thread(self._memory.remember, self._state())
        if fault is not None:
            self._note(fault)

    def close(self) -> None:
        """Writes at once, for the last time."""
        self._memory.remember(self._state())
