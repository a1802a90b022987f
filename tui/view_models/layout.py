"""Which columns of a table fit, and where each stands."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from smtop.tui.view_models.columns import Column

POINTER_CELLS = 1
"""The first cell of a row is the cursor's."""

_SMALLEST, _NARROW, _MIDDLING, _WIDE = 50, 80, 110, 150


class Slot(NamedTuple):
    """A column's place in a row: its first cell and its width."""

    column: Column
    x: int
    width: int


@lru_cache(maxsize=16)
def layout(width: int, columns: tuple[Column, ...]) -> tuple[Slot, ...]:
    """Those of the columns that fit into `width` cells, left to right; the name gets at least a readable part."""
    widths = {column: _width(column, width) for column in columns}
    kept = _kept(width, widths)
    spare = width - POINTER_CELLS - sum(widths[column] + 1 for column in kept) + 1
    slots, x = [], POINTER_CELLS
    for column in kept:
        cells = widths[column] or max(spare, 1)
        slots.append(Slot(column, x, cells))
        x += cells + 1
    return tuple(slots)


def _width(column: Column, width: int) -> int:
    if width < _SMALLEST and column.least:
        return column.least
    return column.widths[0 if width < _MIDDLING else 1 if width < _WIDE else 2]


def _kept(width: int, widths: Mapping[Column, int]) -> list[Column]:
    room = width - POINTER_CELLS - _name_cells(width)
    chosen: set[str] = set()
    for column in sorted(widths, key=lambda column: column.priority):
        room -= widths[column] + 1 if chosen else 0
        if room < 0:
            break
        chosen.add(column.id)
    return [column for column in widths if column.id in chosen]


def _name_cells(width: int) -> int:
    """How much of a name must be seen: most on terminals on which nothing below the table tells it in full."""
    return 16 if width < _SMALLEST else 24 if width < _NARROW else 18
