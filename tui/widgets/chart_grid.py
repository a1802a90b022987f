"""Charts side by side and below each other; only lines that look different are painted again."""

import asyncio
import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from rich.segment import Segment
from textual import work
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from smtop.tui.messages import ChartsResized
from smtop.tui.view_models.cells import Line
from smtop.tui.view_models.charts import Chart
from smtop.tui.view_models.fmt import BLOCKS, Glyphs
from smtop.tui.view_models.grid import Grid
from smtop.tui.view_models.legend import legend
from smtop.tui.widgets.style import CURSOR_WITHOUT_COLOUR, STYLES, segments


@dataclass(frozen=True)
class Look:
    """How charts are drawn: signs, the zone of their times, whether with colours; and the time of the cursor."""

    glyphs: Glyphs = BLOCKS
    zone: tzinfo | None = None
    colours: bool = True
    at: int | None = None


@dataclass(frozen=True)
class Picture:
    """A chart as it stands on the screen: its legend, its lines below that, and how wide its value axis is."""

    chart: Chart
    head: Line
    lines: Sequence[Line]
    left: int


class ChartGrid(Widget):
    """Draws in a thread, a chart at a time, and only what has changed: keys come first."""

    DEFAULT_CSS = """
    ChartGrid { height: 1fr; width: 1fr; }
    """
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._grid = Grid(1, 1, 0, 0)
        self._look = Look()
        self._wanted: Sequence[Chart] = ()
        self._pictures: dict[int, Picture] = {}

    def show(self, charts: Sequence[Chart], grid: Grid, look: Look) -> None:
        """These charts from now on, in this arrangement."""
        before, self._look = self._look, look
        if grid != self._grid or replace(before, at=look.at) != look:
            self._grid = grid
            self._pictures.clear()
            self.refresh()
        self._wanted = charts[: grid.places]
        if before.at != look.at:
            self._move_cursor(before.at)
        if not self.is_drawn:
            self._draw()

    @property
    def is_drawn(self) -> bool:
        """Whether what is wanted is on the screen."""
        shown = [self._pictures[place].chart for place in sorted(self._pictures)]
        return shown == list(self._wanted)

    @work(exclusive=True, group="draw", description="draw the charts")
    async def _draw(self) -> None:
        plot = await asyncio.to_thread(importlib.import_module, "smtop.tui.widgets.plot")
        for place, chart in enumerate(self._wanted):
            if place in self._pictures and self._pictures[place].chart == chart:
                continue
            grid, look = self._grid, self._look
            width, height = grid.width, grid.height - 1
            drawing = await asyncio.to_thread(
                plot.draw, chart, width, height, look.glyphs, look.zone, colours=look.colours
            )
            self._put(place, Picture(chart, self._head(chart), drawing.lines, drawing.left))
        for place in [place for place in self._pictures if place >= len(self._wanted)]:
            del self._pictures[place]
            self.refresh(self._region(place))

    def _head(self, chart: Chart) -> Line:
        look = self._look
        return legend(chart, look.at, self._grid.width - 1, look.glyphs, colours=look.colours)

    def _put(self, place: int, picture: Picture) -> None:
        before, self._pictures[place] = self._pictures.get(place), picture
        region = self._region(place)
        if before is None or before.left != picture.left:
            self.refresh(region)
            return
        old, new = (before.head, *before.lines), (picture.head, *picture.lines)
        changed = [y for y, line in enumerate(new) if y >= len(old) or line != old[y]]
        if changed:
            self.refresh(*(Region(region.x, region.y + y, region.width, 1) for y in changed))

    def _move_cursor(self, before: int | None) -> None:
        """Paints the legends, the columns where the cursor stood, and those where it stands."""
        for place, picture in list(self._pictures.items()):
            region = self._region(place)
            self._put(place, replace(picture, head=self._head(picture.chart)))
            for at in (before, self._look.at):
                x = self._column(picture, at)
                if x is not None:
                    self.refresh(Region(region.x + x, region.y + 1, 1, region.height - 1))

    def _column(self, picture: Picture, at: int | None) -> int | None:
        """The cell of a chart's lines in which a time is drawn."""
        if at is None or picture.chart.said:
            return None
        column = picture.chart.column(at, self._grid.width - picture.left)
        return None if column is None else picture.left + column

    def _region(self, place: int) -> Region:
        row, column = divmod(place, self._grid.columns)
        width, height = self._grid.width, self._grid.height
        return Region(column * width, row * height, width, height)

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
        picture, width = self._pictures.get(place), self._grid.width
        if picture is None or line > len(picture.lines):
            return Strip([]).adjust_cell_length(width)
        if line == 0:
            return Strip(segments(picture.head)).adjust_cell_length(width)
        strip = Strip(segments(picture.lines[line - 1])).adjust_cell_length(width)
        x = self._column(picture, self._look.at)
        on_canvas = x is not None and line < len(picture.lines) - 1
        return Strip.join(self._crossed(strip, x, width)) if x is not None and on_canvas else strip

    def _crossed(self, strip: Strip, x: int, width: int) -> Iterator[Strip]:
        """The line with the cursor in it; where a curve runs, that stays to be seen."""
        yield strip.crop(0, x)
        crossed = strip.crop(x, x + 1)
        if crossed.text.strip(" \u2800"):
            yield crossed.apply_style(CURSOR_WITHOUT_COLOUR)
        else:
            yield Strip([Segment("|" if self._look.glyphs.ascii_only else "│", STYLES["key"])])
        yield strip.crop(x + 1, width)
