"""What this terminal can do, and what its operator wants of it."""

from dataclasses import dataclass, field

from smtop.tui.clipboard import Clipboard
from smtop.tui.view_models.palette import AUTO

TRUE_COLOURS = 1 << 24


@dataclass(frozen=True)
class Terminal:
    """`theme` is one of PALETTES, or AUTO; `colours` is how many colours the terminal has."""

    theme: str = AUTO
    colours: int = TRUE_COLOURS
    clipboard: Clipboard = field(default_factory=lambda: Clipboard({}))
