"""The charts of one endpoint: ranges, earlier days, variants, and a cursor that tells values."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical

from smtop.metrics.domain.history import EndpointHistory, Quote
from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.messages import ChartsResized, HistoryWanted, QuotesWanted, Said, SeekClosed, TimeEntered
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.view_models.beside import Material
from smtop.tui.view_models.chart_page import (
    RANGES,
    Reading,
    Standing,
    comparable,
    first_shown,
    note_lines,
    on_a_point,
    range_line,
    range_that_reaches,
    stepped,
    zone_of,
)
from smtop.tui.view_models.charts import EARLIER, Chart
from smtop.tui.view_models.grid import Grid, grid
from smtop.tui.view_models.seek import SeekError, seek
from smtop.tui.view_state import ChartState, Menu
from smtop.tui.widgets.chart_grid import ChartGrid, Look
from smtop.tui.widgets.lines import Lines, is_placed
from smtop.tui.widgets.seek_bar import SeekBar


class MetricsPane(Vertical):
    """Shows the newest history of one endpoint; asks for it when it opens, and when there can be new minutes.

    With `zoomed` it opens with one chart at full size, with `beside` with another endpoint in the same charts.
    """

    def __init__(self, name: str, around: Surroundings, *, zoomed: bool = False, beside: str | None = None) -> None:
        super().__init__(id="metrics")
        self.endpoint = name
        self.state = ChartState(zoomed=zoomed, beside=beside)
        self.history: EndpointHistory | None = None
        self.reading = Reading()
        self._around = around
        self._opened_zoomed = zoomed
        self._view: EndpointView | None = None
        self._other: EndpointView | None = None
        self._beside: EndpointHistory | None = None
        self._beside_s = 0
        self._data_until: datetime | None = None
        self._earlier: dict[int, EndpointHistory] = {}
        self._prices: dict[int, Quote] = {}
        self._charts: Sequence[Chart] = ()
        self._charted: Material | None = None
        self._shown_s = 0
        self._asked_for: tuple[int, tuple[int, ...], str | None, datetime | None] | None = None

    def compose(self) -> ComposeResult:
        yield Lines(id="ranges")
        yield Lines(id="notes")
        yield ChartGrid(id="charts")
        yield SeekBar(id="seek")

    def on_mount(self) -> None:
        self._ask()

    # What arrives

    def show(self, view: EndpointView | None, data_until: datetime | None, other: EndpointView | None = None) -> None:
        """A newer picture of the endpoint, and of the one beside it.

        Where the fleet's data reaches further, the charts may too.
        """
        self._view, self._data_until, self._other = view or self._view, data_until, other or self._other
        if is_placed(self):
            self._ask()

    def set_reading(self, reading: Reading) -> None:
        """Says how reading a history stands."""
        self.reading = reading
        self.redraw()

    def show_history(self, history: EndpointHistory, range_s: int, ago_s: int = 0) -> None:
        """Draws a history that ended `ago_s` seconds ago, unless another range was chosen meanwhile."""
        if range_s != self.state.range_s:
            return
        if ago_s:
            self._earlier[ago_s] = history
        else:
            if range_s != self._shown_s:
                self._earlier.clear()
            self.history, self._shown_s = history, range_s
        self.reading = Reading()
        self.redraw()

    def show_beside(self, history: EndpointHistory, range_s: int) -> None:
        """Draws the other endpoint too, unless something else was chosen meanwhile."""
        if (history.endpoint, range_s) == (self.state.beside, self.state.range_s):
            self._beside, self._beside_s = history, range_s
        self.reading = Reading()
        self.redraw()

    def set_prices(self, prices: dict[int, Quote]) -> None:
        """What comparing with earlier days would cost now."""
        self._prices = prices
        self.redraw()

    # What is shown

    def redraw(self) -> None:
        """Brings everything up to the present; what looks the same is not painted."""
        if not is_placed(self):
            return
        width, paint = self.screen.size.width, self._around.paint
        standing = Standing(
            self.state, self.reading, self.history, self._prices, zone_of(self.state, self._around.zone)
        )
        self.query_one("#ranges", Lines).show([range_line(standing, width=width, paint=paint)])
        told = [self.history, *self._compared.values()] if self.history else []
        told += [self._laid_over] if self._laid_over else []
        self.query_one("#notes", Lines).show(note_lines(told, width=width, paint=paint))
        self._draw()

    @on(ChartsResized)
    def _charts_resized(self) -> None:
        self._draw()

    @work(exclusive=True, group="charts", description="make the charts")
    async def _draw(self) -> None:
        """Makes the charts of what was told last, in a thread: many variants have many points."""
        history, view = self.history, self._view
        if history is None or view is None:
            return
        told = self._material(history)
        if told != self._charted:
            other = self._other.endpoint if self._other else None
            self._charts = await asyncio.to_thread(told.charts, view.endpoint, other)
            self._charted = told
        if not self.query(ChartGrid):  # the page was closed meanwhile
            return
        area, where = self._area, self._where
        if area.size:
            first = first_shown(self.state.first, where, len(self._charts))
            look = Look(
                self._around.glyphs,
                zone_of(self.state, self._around.zone),
                not self.app.no_color,
                on_a_point(self.state.cursor, history),
            )
            area.show(self._charts[first:], where, look)

    @property
    def shown_charts(self) -> Sequence[Chart]:
        """The charts of what was told last."""
        return self._charts

    @property
    def is_drawn(self) -> bool:
        """Whether the range that was chosen is on the screen, with every chart that fits."""
        if self.history is None or self._shown_s != self.state.range_s:
            return False
        compares = len(self._compared) == len(comparable(self.state))
        is_whole = compares and (self.state.beside is None or self._laid_over is not None)
        return is_whole and self._charted == self._material(self.history) and self._area.is_drawn

    def _material(self, history: EndpointHistory) -> Material:
        return Material(history, self._compared, self.state.by_variant, self._laid_over)

    @property
    def _compared(self) -> dict[int, EndpointHistory]:
        return {ago_s: self._earlier[ago_s] for ago_s in comparable(self.state) if ago_s in self._earlier}

    @property
    def _laid_over(self) -> EndpointHistory | None:
        """What was read of the endpoint that is compared with, if it is of the time that is shown."""
        other, history = self._beside, self.history
        if other is None or history is None or other.endpoint != self.state.beside:
            return None
        return other if other.period_s == history.period_s and self._beside_s == self._shown_s else None

    @property
    def _area(self) -> ChartGrid:
        return self.query_one(ChartGrid)

    @property
    def _where(self) -> Grid:
        size = self._area.size
        return grid(size.width, size.height, len(self._charts), zoomed=self.state.zoomed)

    # What is asked

    def _ask(self) -> None:
        """Asks for a range once for as far as the fleet's data reaches."""
        earlier = comparable(self.state)
        wanted = (self.state.range_s, earlier, self.state.beside, self._data_until)
        if wanted != self._asked_for:
            self._asked_for = wanted
            self.post_message(HistoryWanted(self.endpoint, self.state.range_s, earlier, self.state.beside))

    def _become(self, **changes: object) -> None:
        """Another state: shown at once, and asked for what it lacks."""
        self.state = self.state._replace(**changes)  # type: ignore[arg-type]
        self._ask()
        self.redraw()

    # What the operator does

    def choose_range(self, short: str | None = None) -> None:
        """Takes the range that is called so; without a name opens the menu of ranges, or closes it."""
        if short is None:
            self._become(menu=None if self.state.menu is Menu.RANGE else Menu.RANGE)
        else:
            self._become(menu=None, range_s=next(each.seconds for each in RANGES if each.short == short))

    def compare(self) -> None:
        """Opens the menu of earlier days, or closes it; their prices are looked up first."""
        opens = self.state.menu is not Menu.EARLIER
        self._prices = {}
        self._become(menu=Menu.EARLIER if opens else None)
        if opens:
            self.post_message(QuotesWanted(self.endpoint, self.state.range_s, tuple(day.ago_s for day in EARLIER)))

    def choose(self, place: int) -> None:
        """Takes what the digit stands for in the menu; the old charts stay until the new ones are there."""
        menu = self.state.menu
        if menu is Menu.RANGE:
            self._become(menu=None, range_s=RANGES[place].seconds)
        elif menu is Menu.EARLIER and place < len(EARLIER):
            ago_s = EARLIER[place].ago_s
            self._become(menu=None, earlier=tuple(sorted({*self.state.earlier} ^ {ago_s})), beside=None)

    def close(self) -> bool:
        """Ends the innermost of menu, cursor and zoom; says whether there was one."""
        if self.state.menu is not None:
            self._become(menu=None)
        elif self.state.cursor is not None:
            self._become(cursor=None)
        elif self.state.zoomed and not self._opened_zoomed:
            self._become(zoomed=False)
        else:
            return False
        return True

    def step(self, points: int) -> None:
        """Moves the cursor."""
        if self.history is not None:
            self._become(cursor=stepped(self.state.cursor, points, self.history, self._charts))

    def split(self) -> None:
        """By variant, or all together again."""
        if self._view is not None and len(self._view.endpoint.variants) == 1:
            self.post_message(Said("It has one variant: there is nothing to split."))
        self._become(by_variant=not self.state.by_variant, beside=None)

    def lay_over(self, view: EndpointView | None) -> None:
        """Another endpoint in the same charts, or none any more."""
        self._other = view
        key = view.key if view is not None else None
        self._become(beside=None if key == self.endpoint else key)

    def turn_utc(self) -> None:
        """Times in UTC, or local again."""
        self._become(utc=not self.state.utc)

    def zoom(self) -> None:
        """One chart at full size, or all again."""
        first = first_shown(self.state.first, self._where, len(self._charts))
        self._opened_zoomed = False
        self._become(zoomed=not self.state.zoomed, first=first)

    def scroll_charts(self, rows: int) -> None:
        where, count = self._where, len(self._charts)
        first = first_shown(self.state.first, where, count) + rows * where.columns
        self._become(first=first_shown(first, where, count))

    def ask_for_time(self) -> None:
        """Opens the line in which a time is typed."""
        self.query_one(SeekBar).open()

    def go_to(self, text: str) -> None:
        """Puts the cursor on a time, in a longer range if it is not in this one. Raises SeekError."""
        now = self._around.clock.wall()
        if not text.strip():
            self._become(cursor=None)
            return
        at = seek(text, now, zone_of(self.state, self._around.zone))
        reaching = range_that_reaches(at, now)
        if reaching is None:
            raise SeekError(f"charts reach {RANGES[-1].words} back")
        self._become(cursor=at, range_s=max(reaching.seconds, self.state.range_s))

    @on(SeekClosed)
    def _seek_closed(self) -> None:
        self.query_one(SeekBar).close()

    @on(TimeEntered)
    def _time_entered(self, event: TimeEntered) -> None:
        try:
            self.go_to(event.text)
        except SeekError as error:
            self.query_one(SeekBar).complain(str(error))
        else:
            self._seek_closed()
