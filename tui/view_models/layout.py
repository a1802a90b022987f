"""Which columns of a table fit, and where each stands."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from smtop.tui.view_models.columns import ALWAYS, Column

POINTER_CELLS = 1
"""The first cell of a row is the cursor's."""

_ALWAYS_CELLS = 2
"""What the columns that are always there need beside the name itself."""

_SMALLEST, _NARROW, _MIDDLING, _WIDE = 50, 80, 110, 150


class Slot(NamedTuple):
    """A column's place in a row: its first cell and its width."""

    column: Column
    x: int
    width: int


@lru_cache(maxsize=16)
def layout(width: int, columns: tuple[Column, ...], skipped: int = 0) -> tuple[Slot, ...]:
    """Those of the columns that fit into `width` cells, left to right; the name gets at least a readable part.

    With `skipped`, so many columns behind the name are left out, and the next ones follow in their order.
    """
    widths = {column: _width(column, width) for column in columns}
    skipped = min(skipped, furthest(width, columns))
    kept = _window(width, widths, skipped) if skipped else _kept(width, widths)
    spare = width - POINTER_CELLS - sum(widths[column] + 1 for column in kept) + 1
    slots, x = [], POINTER_CELLS
    for column in kept:
        cells = widths[column] or max(spare, 1)
        slots.append(Slot(column, x, cells))
        x += cells + 1
    return tuple(slots)


def furthest(width: int, columns: tuple[Column, ...]) -> int:
    """How many columns can be skipped until the last one is in sight; none where all fit."""
    room = _room(width) - _ALWAYS_CELLS
    movable = [column for column in columns if column not in ALWAYS]
    for place in range(len(movable) - 1, -1, -1):
        room -= _width(movable[place], width) + 1
        if room < 0:
            return min(place + 1, len(movable) - 1)
    return 0


def _window(width: int, widths: Mapping[Column, int], skipped: int) -> list[Column]:
    """The name, and as many columns as fit from the first that is not skipped."""
    room = _room(width) - _ALWAYS_CELLS
    kept = [column for column in widths if column in ALWAYS]
    for column in [column for column in widths if column not in ALWAYS][skipped:]:
        room -= widths[column] + 1
        if room < 0:
            break
        kept.append(column)
    return kept


def _width(column: Column, width: int) -> int:
    if width < _SMALLEST and column.least:
        return column.least
    return column.widths[0 if width < _MIDDLING else 1 if width < _WIDE else 2]


def _kept(width: int, widths: Mapping[Column, int]) -> list[Column]:
    room = _room(width)
    chosen: set[str] = set()
    for column in sorted(widths, key=lambda column: column.priority):
        room -= widths[column] + 1 if chosen else 0
        if room < 0:
            break
        chosen.add(column.id)
    return [column for column in widths if column.id in chosen]


def _room(width: int) -> int:
    """What the pointer and a readable part of the name leave."""
    return width - POINTER_CELLS - _name_cells(width)


def _name_cells(width: int) -> int:
    """How much of a name must be seen: most on terminals on which nothing below the table tells it in full."""
    return 16 if width < _SMALLEST else 24 if width < _NARROW else 18
