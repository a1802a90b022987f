"""Drawn charts side by side and below each other; a chart that is drawn anew is painted alone."""

from collections.abc import Sequence

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from smtop.tui.messages import ChartsResized
from smtop.tui.view_models.cells import Line
from smtop.tui.view_models.endpoint import Grid
from smtop.tui.widgets.style import segments


class ChartGrid(Widget):
    """Shows ready lines; it draws nothing itself."""

    DEFAULT_CSS = """
    ChartGrid { height: 1fr; width: 1fr; }
    """
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._grid = Grid(1, 1, 0, 0)
        self._pictures: dict[int, Sequence[Line]] = {}

    @property
    def laid_out(self) -> Grid:
        return self._grid

    def lay_out(self, grid: Grid) -> bool:
        """From now on charts stand like this; those of another arrangement are gone, and it says whether they are."""
        if grid == self._grid:
            return False
        self._grid = grid
        self._pictures.clear()
        self.refresh()
        return True

    def put(self, place: int, picture: Sequence[Line]) -> None:
        """A chart in its place, counted from the left and then from the top."""
        if self._pictures.get(place) == picture:
            return
        self._pictures[place] = picture
        row, column = divmod(place, self._grid.columns)
        width, height = self._grid.width, self._grid.height
        self.refresh(Region(column * width, row * height, width, height))

    def on_resize(self) -> None:
        self.post_message(ChartsResized())

    def render_line(self, y: int) -> Strip:
        grid = self._grid
        row, line = divmod(y, max(grid.height, 1))
        strips = [
            self._piece(row * grid.columns + column, line) for column in range(grid.columns if row < grid.rows else 0)
        ]
        return Strip.join(strips).adjust_cell_length(self.size.width).apply_style(self.rich_style)

    def _piece(self, place: int, line: int) -> Strip:
        picture = self._pictures.get(place, ())
        drawn = Strip(segments(picture[line])) if line < len(picture) else Strip([])
        return drawn.adjust_cell_length(self._grid.width)
