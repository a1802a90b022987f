"""What this terminal can do, and what its operator wants of it."""

from dataclasses import dataclass, field

from smtop.tui.clipboard import Clipboard

TRUE_COLOURS = 1 << 24


@dataclass(frozen=True)
class Terminal:
    """`theme` is the name of a palette, or `auto`; `colours` is how many colours the terminal has."""

    theme: str = "auto"
    colours: int = TRUE_COLOURS
    clipboard: Clipboard = field(default_factory=lambda: Clipboard({}))
