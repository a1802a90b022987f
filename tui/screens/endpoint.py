"""The page of one endpoint."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot
from smtop.tui.keymap import Scope, of_view
from smtop.tui.screens.bindings import bindings
from smtop.tui.screens.fleet import TICK_S
from smtop.tui.screens.metrics import ChartActions, MetricsPane
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.view_models.endpoint import title
from smtop.tui.view_models.header import Shown, header
from smtop.tui.view_models.keys import footer
from smtop.tui.view_models.problems import banner
from smtop.tui.view_state import FeedState, ViewState
from smtop.tui.widgets.lines import Lines


class EndpointScreen(ChartActions, Screen[None]):
    """Shows what there is to know of one endpoint, and keeps it where the endpoint vanishes."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.ENDPOINT, Scope.PAGES)]
    AUTO_FOCUS = ""
    VIEW: ClassVar = Scope.ENDPOINT

    def __init__(
        self,
        name: str,
        around: Surroundings,
        snapshot: FleetSnapshot | None,
        feed_state: FeedState,
        *,
        zoomed: bool = False,
    ) -> None:
        super().__init__()
        self.endpoint = name
        self.metrics = MetricsPane(name, around, zoomed=zoomed)
        self._around = around
        self._snapshot = snapshot
        self._feed_state = feed_state
        self._view: EndpointView | None = None
        self._take(snapshot)

    def compose(self) -> ComposeResult:
        yield Lines(id="header")
        yield Lines(id="banner")
        yield Lines(id="title")
        yield self.metrics
        yield Lines(id="footer")

    def on_mount(self) -> None:
        self.set_interval(TICK_S, self.redraw)

    def on_resize(self, _event: events.Resize) -> None:
        self.redraw()

    def show(self, snapshot: FleetSnapshot) -> None:
        """A newer picture of the fleet."""
        self._take(snapshot)
        self.redraw()

    def set_feed(self, state: FeedState) -> None:
        self._feed_state = state
        self.redraw()

    def redraw(self) -> None:
        """Brings everything up to the present; what looks the same is not painted."""
        if not self.is_mounted:
            return
        width, paint = self.size.width, self._around.paint
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
        self._lines("footer").show([footer(width, of_view(Scope.ENDPOINT, self._around.actions))])
        self.metrics.redraw()

    def action_back(self) -> None:
        """Closes what is open in the charts, or else the page."""
        if not self.metrics.close():
            self.dismiss()

    def _take(self, snapshot: FleetSnapshot | None) -> None:
        self._snapshot = snapshot
        self._view = self._found() or self._view
        self.metrics.show(self._view, snapshot.data_until if snapshot else None)

    def _found(self) -> EndpointView | None:
        views = self._snapshot.endpoints if self._snapshot else ()
        return next((view for view in views if view.endpoint.name == self.endpoint), None)

    def _lines(self, name: str) -> Lines:
        return self.query_one(f"#{name}", Lines)
