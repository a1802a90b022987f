"""The page of one endpoint."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType

from smtop.metrics.domain.details import EndpointDetails
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot
from smtop.tui.keymap import SCOPES_OF, TABS, Scope, of_view, scope_of_method
from smtop.tui.messages import DetailsWanted, DossierWanted, EndpointCopyWanted, EndpointOpened, ExportWanted
from smtop.tui.screens.acting import Acting
from smtop.tui.screens.bindings import bindings
from smtop.tui.screens.chart_actions import ChartActions
from smtop.tui.screens.fleet import TICK_S
from smtop.tui.screens.metrics import MetricsPane
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.screens.text_pane import TextActions, TextPane
from smtop.tui.view_models.cells import Line, Paint
from smtop.tui.view_models.endpoint import called, title
from smtop.tui.view_models.exports import charts_text, page_text
from smtop.tui.view_models.header import Shown, header
from smtop.tui.view_models.keys import foot, footer
from smtop.tui.view_models.problems import banner
from smtop.tui.view_models.speaking import proposal
from smtop.tui.view_models.tabs.bar import CONFIG, METRICS, freshness, next_tab, tab_line
from smtop.tui.view_state import FeedState, ViewState
from smtop.tui.widgets.lines import Lines, stands

_VIEWS = {METRICS: Scope.CHARTS, CONFIG: Scope.CONFIGS}
"""The tabs that have keys of their own, beside those of a text."""


class EndpointScreen(ChartActions, TextActions, Acting):
    """Shows what there is to know of one endpoint, and keeps it where the endpoint vanishes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.ENDPOINT, Scope.CHARTS, Scope.DETAILS, Scope.CONFIGS, Scope.PAGES)
    ]
    AUTO_FOCUS = ""

    def __init__(
        self,
        name: str,
        around: Surroundings,
        snapshot: FleetSnapshot | None,
        feed_state: FeedState,
        opened: EndpointOpened | None = None,
    ) -> None:
        super().__init__()
        how = opened or EndpointOpened(name)
        self.endpoint = name
        self.metrics = MetricsPane(name, around, zoomed=how.zoomed, beside=how.beside)
        self._around = around
        self._snapshot = snapshot
        self.feed_state = feed_state
        self._view: EndpointView | None = None
        self.text = TextPane(around)
        self.text.display = False
        self.tab = METRICS
        self._said = ""
        self._read_of: datetime | None = None
        self._take(snapshot)

    @property
    def VIEW(self) -> Scope:  # noqa: N802 - the other screens have it as a constant
        """Which keys work: those of the open tab."""
        return _VIEWS.get(self.tab, Scope.DETAILS)

    def compose(self) -> ComposeResult:
        yield Lines(id="header")
        yield Lines(id="banner")
        yield Lines(id="title")
        yield Lines(id="tabs")
        yield self.metrics
        yield self.text
        yield Lines(id="footer")

    def on_mount(self) -> None:
        self.set_interval(TICK_S, self.redraw)

    def on_resize(self, _event: events.Resize) -> None:
        self.redraw()

    def show(self, snapshot: FleetSnapshot) -> None:
        """A newer picture of the fleet."""
        self._take(snapshot)
        self._ask()
        self.redraw()

    def show_details(self, details: EndpointDetails) -> None:
        """What was read of the endpoint beyond its metrics."""
        self._said = ""
        self.text.show_details(details)
        self.redraw()

    def say_of_details(self, sentence: str) -> None:
        """Why there are none, or none newer."""
        self._said = sentence
        self.redraw()

    def set_feed(self, state: FeedState) -> None:
        self.feed_state = state
        self.redraw()

    def redraw(self) -> None:
        """Brings everything up to the present; what looks the same is not painted."""
        if not stands(self):
            return
        width, paint = self.size.width, self._around.paint
        head, *_ = header(
            self._snapshot,
            self.feed_state,
            ViewState(),
            Shown(0, 0),
            place=self._around.place,
            width=width,
            paint=paint,
        )
        self._lines("header").show([head])
        self._lines("banner").show(banner(self._snapshot, self.feed_state, width=width, paint=paint))
        self._lines("title").show([title(self.endpoint, self._view, width=width, paint=paint)])
        self._lines("tabs").show([tab_line(self.tab, self._freshness(paint), width=width, paint=paint)])
        proposed = "fix" if proposal(self._view) else None
        keys = footer(width, of_view(self.VIEW, self._around.actions), proposed)
        self._lines("footer").show(foot(self.feed_state.said, keys, width, paint))
        if self._on_metrics:
            self.metrics.redraw()
        else:
            self.text.redraw()

    def _freshness(self, paint: Paint) -> Line:
        """Charts say themselves how fresh they are."""
        return () if self._on_metrics else freshness(self.text.details, self._said, paint)

    @property
    def _on_metrics(self) -> bool:
        return self.tab == METRICS

    def open_tab(self, tab: str) -> None:
        """Turns to a tab; what it needs is asked only now."""
        self.tab = tab
        self.metrics.display, self.text.display = self._on_metrics, not self._on_metrics
        if self._on_metrics:
            self._take(self._snapshot)
        else:
            self.text.open(tab)
            self._ask()
        self.refresh_bindings()
        self.redraw()

    def ask_anew(self) -> None:
        """Reads the details again, if they are looked at."""
        if not self._on_metrics:
            self.post_message(DetailsWanted(self.endpoint, anew=True))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key means what it means on the open tab."""
        scope = scope_of_method(action)
        return scope is None or scope in SCOPES_OF[self.VIEW]

    def action_choose(self, place: int) -> None:
        """Digits belong to a menu of the charts while one is open, else to the tabs."""
        if self._on_metrics and self.metrics.state.menu is not None:
            self.metrics.choose(place)
        elif place < len(TABS):
            self.open_tab(list(TABS)[place])

    def action_next_tab(self, step: int) -> None:
        self.open_tab(next_tab(self.tab, step))

    def action_back(self) -> None:
        """Closes what is open in the charts, or else the page."""
        if not (self._on_metrics and self.metrics.close()):
            self.dismiss()

    def _ask(self) -> None:
        """The feed keeps details for a while; an endpoint that has changed since is read again at once."""
        if self._on_metrics:
            return
        modified_at = self._view.endpoint.summary.modified_at if self._view else None
        has_changed = self._read_of not in (None, modified_at)
        self._read_of = modified_at
        self.post_message(DetailsWanted(self.endpoint, anew=has_changed))

    def _take(self, snapshot: FleetSnapshot | None) -> None:
        self._snapshot = snapshot
        self._view = self._found(self.endpoint) or self._view
        self.text.show(self._view)
        if self._on_metrics:
            other = self._found(self.metrics.state.beside)
            self.metrics.show(self._view, snapshot.data_until if snapshot else None, other)

    def _found(self, key: str | None) -> EndpointView | None:
        views = self._snapshot.endpoints if self._snapshot else ()
        return next((view for view in views if view.key == key), None)

    def _lines(self, name: str) -> Lines:
        return self.query_one(f"#{name}", Lines)

    def targets(self) -> Sequence[EndpointView]:
        return [self._view] if self._view is not None else []

    def action_export(self, form: str) -> None:
        """Raises ExportError for a form in which the open tab cannot be told."""
        if self._view is not None and self._snapshot is not None:
            text = "" if form == "svg" else self._exported(self._view, self._snapshot, form)
            self.post_message(ExportWanted(f"{self.endpoint}-{self.tab}", form, text))

    def _exported(self, view: EndpointView, snapshot: FleetSnapshot, form: str) -> str:
        if self._on_metrics:
            return charts_text(self.metrics.shown_charts, view, snapshot, form, self._around.paint)
        title = f"{self._around.paint.plain(self.endpoint)}: {TABS[self.tab]}"
        return page_text(title, self.text.lines, view, snapshot, form)

    def action_beside(self, name: str | None = None) -> None:
        """Another endpoint in the same charts; none any more without a name. Raises CommandError."""
        self.metrics.lay_over(called(name, self._snapshot) if name else None)

    def action_describe(self) -> None:
        self._want_dossier(raw=False)

    def action_raw(self) -> None:
        self._want_dossier(raw=True)

    def _want_dossier(self, *, raw: bool) -> None:
        view = self._view
        if view is not None:
            self.post_message(DossierWanted(view, raw=raw))

    def action_copy(self, what: str) -> None:
        if self._view is not None:
            self.post_message(EndpointCopyWanted(what, self._view))
