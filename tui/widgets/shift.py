"""Lines that have moved up or down together, as those of a table that scrolls: a terminal can move them itself."""

from collections.abc import Sequence
from itertools import repeat
from typing import NamedTuple, TypeAlias

from rich.style import Style

Glyph: TypeAlias = tuple[str, Style]
"""A character in its style; the second half of a wide one is an empty text."""

UNKNOWN: Glyph = ("unknown", Style())
"""What may look like anything."""

_LEAST = 3
"""Fewer lines than this are written again."""


class Shift(NamedTuple):
    """Lines `top` to `bottom` (the last one of them) move up by `up` lines, or down where that is negative."""

    top: int
    bottom: int
    up: int

    @property
    def words(self) -> str:
        """Lines are deleted or inserted between margins, as terminals do since the VT102; then there are none again."""
        command = f"{self.up}M" if self.up > 0 else f"{-self.up}L"
        return f"\x1b[{self.top + 1};{self.bottom + 1}r\x1b[{self.top + 1}H\x1b[{command}\x1b[r"

    def moved(self, lines: Sequence[list[Glyph]]) -> list[list[Glyph]]:
        """These lines after that; what has come in is unknown."""
        blank = [[*repeat(UNKNOWN, len(line))] for line in lines[: abs(self.up)]]
        return [*lines[self.up :], *blank] if self.up > 0 else [*blank, *lines[: self.up]]


def shift_of(top: int, old: Sequence[list[Glyph]], new: Sequence[list[Glyph]]) -> Shift | None:
    """The move after which most lines are as they shall be, if there is one that saves some; `top` is the first."""
    middle = len(new) // 2
    if len(new) < _LEAST or new[middle] not in old:
        return None
    found = Shift(top, top + len(new) - 1, old.index(new[middle]) - middle)
    saved = _alike(found.moved(old), new) - _alike(old, new) if found.up else 0
    return found if saved >= _LEAST else None


def _alike(some: Sequence[list[Glyph]], others: Sequence[list[Glyph]]) -> int:
    return sum(one == other for one, other in zip(some, others, strict=True))
