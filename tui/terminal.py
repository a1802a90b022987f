"""What this terminal can do, and what its operator wants of it."""

from typing import NamedTuple

from smtop.tui.clipboard import Clipboard

TRUE_COLOURS = 1 << 24


class Terminal(NamedTuple):
    """`theme` is the name of a palette, or `auto`; `colours` is how many colours the terminal has."""

    theme: str = "auto"
    colours: int = TRUE_COLOURS
    clipboard: Clipboard = Clipboard({})
