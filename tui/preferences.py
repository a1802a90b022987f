"""What is this operator's own: the keys of the configuration file, and what was typed before."""

from dataclasses import dataclass, field

from smtop.tui.command_history import CommandHistory
from smtop.tui.keymap import ACTIONS
from smtop.tui.remap import Remapped

_OF_THE_TABLE = Remapped(ACTIONS)


@dataclass(frozen=True)
class Preferences:
    """By default the keys of the table, and a history that ends with the run."""

    keys: Remapped = _OF_THE_TABLE
    history: CommandHistory = field(default_factory=CommandHistory)
