"""What is this operator's own: keys, what was typed before, how the fleet looked, and the terminal."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from smtop.metrics.config import Notify
from smtop.tui.command_history import CommandHistory
from smtop.tui.keymap import OF_THE_TABLE, Remapped
from smtop.tui.terminal import Terminal
from smtop.tui.view_state import FleetState

_AT_FIRST = FleetState()


class Memory(NamedTuple):
    """How the fleet was looked at last, and whom to tell how it is looked at now.

    `remember` may be called in any thread, and returns a sentence where it cannot.
    """

    state: FleetState = _AT_FIRST
    remember: Callable[[FleetState], str | None] = lambda _: None


_SILENT = Notify()
_NO_MEMORY = Memory()
_ANY_TERMINAL = Terminal()


class Preferences(NamedTuple):
    """By default the keys of the table, a history (None) and a memory that end with the run, and nothing else."""

    keys: Remapped = OF_THE_TABLE
    history: CommandHistory | None = None
    memory: Memory = _NO_MEMORY
    terminal: Terminal = _ANY_TERMINAL
    exports: Path | None = None
    notify: Notify = _SILENT
