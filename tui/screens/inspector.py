"""The inspector: charts of the last hour and the reasons, for the row under the cursor."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.timer import Timer

from smtop.metrics.domain.finding import SharedCause
from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.messages import KnownWanted
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.columns import Column
from smtop.tui.view_models.inspector import Place, Plan, most_telling, plan
from smtop.tui.view_models.why import ROOMY, tells_all, title, why
from smtop.tui.widgets.frame import Frame
from smtop.tui.widgets.lines import Lines

if TYPE_CHECKING:  # imported after the first paint
    from smtop.metrics.domain.history import EndpointHistory
    from smtop.tui.view_models.charts import Chart
    from smtop.tui.widgets.chart_grid import ChartGrid

FOLLOW_S = 0.06
"""How long the cursor rests before the inspector follows: a row that is only passed costs nothing."""

PATIENCE_S = 0.25
"""How long charts of the endpoint before may stay while those of the next are looked up."""


class Inspector(Frame):
    """Shows what was read already; it asks AWS for nothing."""

    DEFAULT_CSS = """
    Inspector { height: auto; }
    Inspector #inspected { layout: horizontal; height: 1fr; }
    Inspector #inspected > #known { width: auto; height: 1fr; }
    Inspector.-beside { padding-left: 1; }
    Inspector.-beside #inspected { layout: vertical; }
    """

    def __init__(self, around: Surroundings) -> None:
        super().__init__(id="inspector")
        self.display = False
        self.follow_s = FOLLOW_S
        self._around = around
        self._plan = plan(0, 0)
        self.display = False
        self._now = 0.0
        self._columns: Sequence[Column] = ()
        self._shared: Sequence[SharedCause] = ()
        self._next: EndpointView | None = None
        self._view: EndpointView | None = None
        self._looked_up: EndpointView | None = None
        self._history: EndpointHistory | None = None
        self._following: Timer | None = None
        self._waiting: Timer | None = None
        self._charts: list[Chart] = []
        self._grid: ChartGrid | None = None
        self._shown: str | None = None

    def compose(self) -> ComposeResult:
        yield Lines(id="why-title")
        with Frame(id="inspected"):
            yield Frame(id="known")
            yield Lines(id="why")

    def show(
        self,
        view: EndpointView | None,
        wanted: Plan,
        now: float,
        columns: Sequence[Column] = (),
        shared: Sequence[SharedCause] = (),
    ) -> None:
        """The row under the cursor, at a time in steps, and the columns of the table, of which some may lack a value.

        `shared` are the causes that several endpoints have in common. Another endpoint is followed when the cursor has
        rested.
        """
        self._next, self._now, self._columns, self._shared = view, now, columns, shared
        self._lay_out(wanted)
        if _key(view) == _key(self._view) or self._view is None:
            self._follow()
        elif self._following is None:
            self._following = self.set_timer(self.follow_s, self._follow)
        else:
            self._following.reset()

    def show_history(self, history: "EndpointHistory") -> None:
        """What was read of an endpoint; that of another than the one that is shown came too late."""
        if history.endpoint == _key(self._view):
            self._history = history
            self._draw()

    @property
    def is_following(self) -> bool:
        """Whether the cursor has moved on to another endpoint a moment ago."""
        return self._following is not None

    @property
    def is_drawn(self) -> bool:
        """Whether all of it belongs to the row under the cursor."""
        if self.is_following:
            return False
        if not self._plan.charts.places or self._view is None:
            return True
        return self._shown == _key(self._view) and self._grid is not None and self._grid.is_drawn

    # Where it stands

    def _lay_out(self, wanted: Plan) -> None:
        if wanted == self._plan:
            return
        self._plan = wanted
        self.display = wanted.place is not Place.NOWHERE
        beside = wanted.place is Place.BESIDE
        self.set_class(beside, "-beside")
        self.styles.width = wanted.width + 1 if beside else "1fr"
        self.styles.height = wanted.height if wanted.place is Place.BELOW else "100%"
        area = self.query_one("#known")
        area.display = wanted.charts.places > 0
        area.styles.width = wanted.charts.width
        area.styles.height = wanted.charts.height * wanted.charts.rows if beside else "1fr"
        self._draw()

    # What it shows

    def _follow(self) -> None:
        if self._following is not None:
            self._following.stop()
            self._following = None
        self._view = self._next
        self._write()
        if self._plan.charts.places and self._view is not self._looked_up and self.app.screen is self.screen:
            self._look_up()

    def _look_up(self) -> None:
        self._looked_up = self._view
        if self._view is None:
            self.call_next(self._clear)
            return
        # Textual lets no message rise above the one in whose handler it was made, which may be the screen.
        self.screen.post_message(KnownWanted(self._view.key))
        if self._shown != self._view.key and self._waiting is None:
            self._waiting = self.set_timer(PATIENCE_S, self._clear)

    def _write(self) -> None:
        paint, size = Paint(self._now, self._around.glyphs), self._plan
        if size.place is Place.NOWHERE:
            return
        self.query_one("#why-title", Lines).show([title(self._view, width=size.width, paint=paint)])
        lines = why(
            self._view,
            width=size.text_width,
            height=size.text_height,
            paint=paint,
            columns=self._columns,
            shared=self._shared,
            headed=tells_all(self._view, width=size.width, paint=paint) or size.text_height < ROOMY,
        )
        self.query_one("#why", Lines).show(lines + [()] * (size.text_height - len(lines)))

    @work(exclusive=True, group="inspected", description="make the charts beside the table")
    async def _draw(self) -> None:
        """In a thread, from what was read last: keys come first."""
        view, history, where = self._view, self._history, self._plan.charts
        if view is None or history is None or history.endpoint != _key(view) or not where.places:
            return
        made = await asyncio.to_thread(_charts, view, history)
        if self._waiting is not None:
            self._waiting.stop()
            self._waiting = None
        self._charts = most_telling(view, made, where.places)
        self._shown = view.key
        await self._show_charts()

    async def _clear(self) -> None:
        """Nothing is better than the charts of another endpoint."""
        self._waiting = None
        self._charts, self._shown = [], None
        if self._grid is not None:
            await self._show_charts()

    async def _show_charts(self) -> None:
        from smtop.tui.widgets.chart_grid import ChartGrid, Look

        if self._grid is None:
            self._grid = ChartGrid()
            await self.query_one("#known").mount(self._grid)
        look = Look(self._around.glyphs, self._around.zone, not self.app.no_color)
        self._grid.show(self._charts, self._plan.charts, look)


def _charts(view: EndpointView, history: "EndpointHistory") -> "list[Chart]":
    from smtop.tui.view_models.charts import charts

    return charts(view.endpoint, history)


def _key(view: EndpointView | None) -> str | None:
    return view.key if view else None
