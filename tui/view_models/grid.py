"""How charts are laid out on a place of the screen."""

from typing import NamedTuple


class Grid(NamedTuple):
    """Charts side by side and below each other: how many, and how large each is, in cells."""

    columns: int
    rows: int
    width: int
    height: int

    @property
    def places(self) -> int:
        return self.columns * self.rows


_LOWEST_CHART = 9


def grid(width: int, height: int, count: int, *, zoomed: bool = False) -> Grid:
    """As many charts as can be read; on the smallest terminal one."""
    if zoomed:
        return Grid(1, 1, width, height)
    columns = min(1 if width < 72 else 2 if width < 165 else 3, max(count, 1))
    rows = min(-(-max(count, 1) // columns), max(height // _LOWEST_CHART, 1))
    return Grid(columns, rows, width // columns, height // rows)
