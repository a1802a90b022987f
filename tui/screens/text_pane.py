"""The tabs of an endpoint's page that are text: overview, variants, scaling, configs."""

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll

from smtop.metrics.domain.details import EndpointDetails
from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.view_models.cells import Line
from smtop.tui.view_models.tabs.bar import CONFIG, METRICS, tab_text
from smtop.tui.view_models.tabs.configs import next_config, under_cursor
from smtop.tui.view_models.tabs.page import Page
from smtop.tui.view_state import PageState
from smtop.tui.widgets.lines import Lines, is_placed


class TextPane(VerticalScroll, can_focus=False):
    """Shows one tab at a time, from its top on."""

    DEFAULT_CSS = """
    TextPane { height: 1fr; scrollbar-size: 0 0; }
    """

    def __init__(self, around: Surroundings) -> None:
        super().__init__(id="text")
        self.state = PageState()
        self.details: EndpointDetails | None = None
        self._around = around
        self._view: EndpointView | None = None

    def compose(self) -> ComposeResult:
        yield Lines(id="tab")

    def on_resize(self, _event: events.Resize) -> None:
        self.redraw()

    def show(self, view: EndpointView | None) -> None:
        """A newer picture of the endpoint."""
        self._view = view or self._view
        self.redraw()

    def show_details(self, details: EndpointDetails) -> None:
        """What was read of it now."""
        self.details = details
        self.redraw()

    def open(self, tab: str) -> None:
        """Turns to another tab."""
        self.state = self.state._replace(tab=tab)
        self.scroll_home(animate=False)
        self.redraw()

    def redraw(self) -> None:
        """Brings the tab up to the present; what looks the same is not painted."""
        if is_placed(self) and self.state.tab != METRICS:
            self.query_one("#tab", Lines).show(self.lines)

    @property
    def lines(self) -> list[Line]:
        """The text of the open tab."""
        return tab_text(self.state.tab, self._page)

    @property
    def _page(self) -> Page:
        around = self._around
        return Page(self._view, self.details, self.state, self.screen.size.width, around.paint, around.zone)

    @property
    def _on_configs(self) -> bool:
        return self.state.tab == CONFIG

    def _become(self, **changes: object) -> None:
        self.state = self.state._replace(**changes)  # type: ignore[arg-type]
        self.redraw()

    def move(self, step: int) -> None:
        """The cursor of the configs, or else a line of text."""
        if self._on_configs:
            self._become(config=next_config(self._page, step))
            self.scroll_home(animate=False)
        else:
            self.scroll_relative(y=step, animate=False)

    def turn(self, pages: float) -> None:
        """Scrolls by so many pages."""
        self.scroll_relative(y=round(pages * self.size.height), animate=False)

    def to_edge(self, direction: int) -> None:
        """To the top for -1, to the end for 1."""
        self.scroll_to(y=0 if direction < 0 else self.max_scroll_y, animate=False)

    def compare_with_this(self) -> None:
        """The config under the cursor is what others are compared with; again ends that."""
        current = under_cursor(self._page)
        name = current.name if current else None
        self._become(against=None if name == self.state.against else name)

    def show_whole(self) -> None:
        """All fields of two configs, or only those that differ."""
        self._become(whole=not self.state.whole)


class TextActions:
    """The actions of the tabs of text, for the screen that has a pane of them."""

    text: TextPane

    def action_line(self, step: int) -> None:
        self.text.move(step)

    def action_page(self, pages: float) -> None:
        self.text.turn(pages)

    def action_edge(self, direction: int) -> None:
        self.text.to_edge(direction)

    def action_against(self) -> None:
        self.text.compare_with_this()

    def action_whole(self) -> None:
        self.text.show_whole()
