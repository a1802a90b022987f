"""The page of one endpoint: its charts over a range that the operator chooses."""

import asyncio
import importlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from smtop.metrics.clock import Clock
from smtop.metrics.domain.history import EndpointHistory
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot
from smtop.tui.keymap import ACTIONS, Action, Scope, of_view
from smtop.tui.messages import ChartsResized, EndpointCopyWanted, HistoryWanted
from smtop.tui.screens.bindings import bindings
from smtop.tui.screens.fleet import TICK_S
from smtop.tui.view_models.cells import Line, Paint
from smtop.tui.view_models.charts import Chart, charts
from smtop.tui.view_models.endpoint import RANGES, Grid, Reading, grid, note_lines, range_line, title
from smtop.tui.view_models.fmt import Glyphs
from smtop.tui.view_models.header import Shown, header
from smtop.tui.view_models.keys import foot, footer
from smtop.tui.view_models.problems import banner
from smtop.tui.view_state import ChartState, FeedState, ViewState
from smtop.tui.widgets.chart_grid import ChartGrid
from smtop.tui.widgets.lines import Lines


@dataclass(frozen=True)
class Surroundings:
    """What the page takes over from the app: time, signs, the place before it is known, its zone, and the keys."""

    clock: Clock
    glyphs: Glyphs
    place: str = ""
    zone: tzinfo | None = None
    actions: Sequence[Action] = ACTIONS


class EndpointScreen(Screen[None]):
    """Shows the newest history of one endpoint; asks for it when it opens, and when there can be new minutes."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.ENDPOINT, Scope.PAGES)]
    AUTO_FOCUS = ""
    VIEW: ClassVar = Scope.ENDPOINT

    def __init__(self, name: str, around: Surroundings, snapshot: FleetSnapshot | None, feed_state: FeedState) -> None:
        super().__init__()
        self.endpoint = name
        self.state = ChartState()
        self.history: EndpointHistory | None = None
        self.reading = Reading()
        self._around = around
        self._snapshot = snapshot
        self._feed_state = feed_state
        self._view = self._found()
        self._charts: list[Chart] = []
        self._shown_s = 0
        self._charted: EndpointHistory | None = None
        self._drawn: dict[int, Chart | None] = {}
        self._asked_for: tuple[int, datetime | None] | None = None

    def compose(self) -> ComposeResult:
        yield Lines(id="header")
        yield Lines(id="banner")
        yield Lines(id="title")
        yield Lines(id="ranges")
        yield Lines(id="notes")
        yield ChartGrid(id="charts")
        yield Lines(id="footer")

    def on_mount(self) -> None:
        self.set_interval(TICK_S, self.redraw)
        self._ask()

    def on_resize(self, _event: events.Resize) -> None:
        self.redraw()

    # What arrives

    def show(self, snapshot: FleetSnapshot) -> None:
        """A newer picture of the fleet; where its data reaches further, the charts may too."""
        self._snapshot = snapshot
        self._view = self._found() or self._view
        self._ask()
        self.redraw()

    def set_feed(self, state: FeedState) -> None:
        self._feed_state = state
        self.redraw()

    def set_reading(self, reading: Reading) -> None:
        """Says how reading the history stands."""
        self.reading = reading
        self.redraw()

    def show_history(self, history: EndpointHistory, range_s: int) -> None:
        """Draws a history, unless another range was chosen meanwhile."""
        if range_s != self.state.range_s:
            return
        self.history, self.reading, self._shown_s = history, Reading(), range_s
        self.redraw()

    # What is shown

    def redraw(self) -> None:
        """Brings everything up to the present; what looks the same is not painted."""
        if not self.is_mounted:
            return
        width, paint, zone = self.size.width, self._paint(), self._around.zone
        head, _ = header(
            self._snapshot,
            self._feed_state,
            ViewState(),
            Shown(0, 0),
            place=self._around.place,
            width=width,
            paint=paint,
        )
        self._lines("header").show([head])
        self._lines("banner").show(banner(self._snapshot, self._feed_state, width=width, paint=paint))
        self._lines("title").show([title(self.endpoint, self._view, width=width, paint=paint)])
        ranges = range_line(self.state, self.reading, self.history, width=width, paint=paint, zone=zone)
        self._lines("ranges").show([ranges])
        self._lines("notes").show(note_lines(self.history, width=width, paint=paint))
        keys = footer(width, of_view(Scope.ENDPOINT, self._around.actions))
        self._lines("footer").show(foot(self._feed_state.said, keys, width, paint))
        self._draw()

    @on(ChartsResized)
    def _charts_resized(self) -> None:
        self._draw()

    @work(exclusive=True, group="draw", description="draw the charts")
    async def _draw(self) -> None:
        """Draws what has changed, a chart at a time and in a thread: keys come first."""
        await self._make_charts()
        area = self.query_one(ChartGrid)
        if not self._charts or not area.size:
            return
        where = grid(area.size.width, area.size.height, len(self._charts))
        if area.lay_out(where):
            self._drawn.clear()
        first = min(self.state.first_row, self._last_row(where)) * where.columns
        for place in range(where.places):
            chart = self._charts[first + place] if first + place < len(self._charts) else None
            if place not in self._drawn or self._drawn[place] != chart:
                area.put(place, await self._picture(chart, where))
                self._drawn[place] = chart

    async def _make_charts(self) -> None:
        """The charts of the newest history; many variants have many points."""
        history, view = self.history, self._view
        if history is not None and view is not None and history is not self._charted:
            self._charts = await asyncio.to_thread(charts, view.endpoint, history)
            self._charted = history

    async def _picture(self, chart: Chart | None, where: Grid) -> Sequence[Line]:
        if chart is None:
            return ()
        plot = await asyncio.to_thread(importlib.import_module, "smtop.tui.widgets.plot")
        glyphs, zone, colours = self._around.glyphs, self._around.zone, not self.app.no_color
        drawn: Sequence[Line] = await asyncio.to_thread(
            plot.draw, chart, where.width, where.height, glyphs, zone, colours=colours
        )
        return drawn

    @property
    def is_drawn(self) -> bool:
        """Whether the range that was chosen is on the screen, with every chart that fits."""
        area = self.query_one(ChartGrid)
        if not self._charts or self._charted is not self.history or self._shown_s != self.state.range_s:
            return False
        where = grid(area.size.width, area.size.height, len(self._charts))
        first = min(self.state.first_row, self._last_row(where)) * where.columns
        shown = self._charts[first : first + where.places]
        return area.laid_out == where and all(self._drawn.get(place) == chart for place, chart in enumerate(shown))

    def _last_row(self, where: Grid) -> int:
        """The highest row of charts that may stand on top."""
        return max(-(-len(self._charts) // where.columns) - where.rows, 0)

    def _found(self) -> EndpointView | None:
        views = self._snapshot.endpoints if self._snapshot else ()
        return next((view for view in views if view.endpoint.name == self.endpoint), None)

    def _lines(self, name: str) -> Lines:
        return self.query_one(f"#{name}", Lines)

    def _paint(self) -> Paint:
        return Paint(self._around.clock.wall(), self._around.glyphs)

    # What is asked

    def _ask(self) -> None:
        """Asks for a range once for as far as the fleet's data reaches."""
        wanted = (self.state.range_s, self._snapshot.data_until if self._snapshot else None)
        if wanted != self._asked_for:
            self._asked_for = wanted
            self.post_message(HistoryWanted(self.endpoint, self.state.range_s))

    def action_range(self, short: str | None = None) -> None:
        """Starts the choice of a range, or takes the one that is called so."""
        if short is not None:
            self._take_range(next(each.seconds for each in RANGES if each.short == short))
            return
        self.state = replace(self.state, choosing=not self.state.choosing)
        self.redraw()

    def action_choose(self, place: int) -> None:
        """Takes a range, if one is being chosen; the old charts stay until the new ones are there."""
        if self.state.choosing:
            self._take_range(RANGES[place].seconds)

    def _take_range(self, range_s: int) -> None:
        self.state = replace(self.state, choosing=False, range_s=range_s)
        self._ask()
        self.redraw()

    def action_scroll(self, rows: int) -> None:
        area = self.query_one(ChartGrid)
        last = self._last_row(grid(area.size.width, area.size.height, len(self._charts)))
        self.state = replace(self.state, first_row=min(max(self.state.first_row + rows, 0), last))
        self._draw()

    def action_copy(self, what: str) -> None:
        if self._view is not None:
            self.post_message(EndpointCopyWanted(what, self._view))

    def action_back(self) -> None:
        """Ends the choice of a range, or else the page."""
        if self.state.choosing:
            self.action_range()
        else:
            self.dismiss()
