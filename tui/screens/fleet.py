"""The live triage table: the fleet, worst first, and why the row under the cursor is where it is."""

from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.timer import Timer

from smtop.metrics.clock import Clock
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot
from smtop.tui.keymap import Scope
from smtop.tui.messages import CopyWanted, CursorMoved, EndpointOpened, FilterClosed, FilterEdited, LookMoved
from smtop.tui.screens.bindings import bindings
from smtop.tui.screens.pages import PageScreen
from smtop.tui.view_models.cells import Line, Paint
from smtop.tui.view_models.filter import FilterError
from smtop.tui.view_models.fleet import Deck, Row, deck, next_sort, rows, sorted_by
from smtop.tui.view_models.fmt import Glyphs
from smtop.tui.view_models.header import Shown, blank_place, header
from smtop.tui.view_models.keys import foot, footer, help_lines
from smtop.tui.view_models.problems import banner, problem_lines
from smtop.tui.view_models.why import why
from smtop.tui.view_state import FeedState, ViewState
from smtop.tui.widgets.filter_bar import FilterBar
from smtop.tui.widgets.fleet_table import FleetTable, Picture
from smtop.tui.widgets.lines import Lines

REST_S = 0.3
"""Rows that are only scrolled past are not asked: the view must rest for this long."""

_KEYS = (Scope.FLEET, Scope.PAGES, Scope.ROOT)

TICK_S = 10
"""Ages on the screen move in steps of ten seconds, never faster."""


class FleetScreen(Screen[None]):
    """Shows one snapshot after the other through one view state."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.FLEET, Scope.PAGES)]
    AUTO_FOCUS = ""

    def __init__(self, snapshot: FleetSnapshot | None, *, clock: Clock, glyphs: Glyphs, place: str) -> None:
        super().__init__()
        self.snapshot = snapshot
        self.view_state = ViewState()
        self.feed_state = FeedState()
        self._clock = clock
        self._glyphs = glyphs
        self._place = place
        self._deck: Deck = {}
        self._rows: list[Row] = []
        self._touched = False
        self._read_whole = False
        self._rest: Timer | None = None
        self._told: tuple[str | None, tuple[str, ...]] = (None, ())

    def compose(self) -> ComposeResult:
        yield Lines(id="header")
        yield Lines(id="banner")
        yield FleetTable(Picture((), self.view_state, self._paint()), id="fleet")
        yield Lines(id="why")
        yield FilterBar(id="filter")
        yield Lines(id="footer")

    def on_mount(self) -> None:
        self.set_interval(TICK_S, self.redraw)
        if self.snapshot is not None:
            self._take(self.snapshot)

    def on_resize(self, _event: events.Resize) -> None:
        self.redraw()

    def show(self, snapshot: FleetSnapshot) -> None:
        """Puts a newer picture of the fleet in place of the old one."""
        self.snapshot = snapshot
        self._take(snapshot)
        self.redraw()
        self._read_whole = self._read_whole or snapshot.complete

    def set_feed(self, state: FeedState) -> None:
        """Says how the flow of snapshots stands."""
        self.feed_state = state
        self.redraw()

    def set_view(self, state: ViewState) -> None:
        """Looks at the same snapshot in another way. Raises FilterError, and then changes nothing."""
        before, self.view_state = self.view_state, state
        try:
            self._make_rows()
        except FilterError:
            self.view_state = before
            raise
        self._touched = True
        self.redraw()

    def redraw(self) -> None:
        """Brings everything up to the present; what looks the same is not painted."""
        if not self.is_mounted:
            return
        paint, width = self._paint(), self.size.width
        shown = Shown(len(self._rows), len(self.snapshot.endpoints) if self.snapshot else 0)
        lines = header(
            self.snapshot, self.feed_state, self.view_state, shown, place=self._place, width=width, paint=paint
        )
        self._lines("header").show(lines)
        self._lines("banner").show(banner(self.snapshot, self.feed_state, width=width, paint=paint))
        self._lines("footer").show([] if self.query_one(FilterBar).display else self._foot(width, paint))
        blank = () if self._rows else blank_place(self.snapshot, self.feed_state, self.view_state, paint=paint)
        self.table.show(Picture(self._rows, self.view_state, paint, blank), hold=self._holds_cursor)
        self._show_why()
        self._wait_for_rest()

    def _foot(self, width: int, paint: Paint) -> list[Line]:
        return foot(self.feed_state.said, footer(width, *_KEYS), width, paint)

    @property
    def table(self) -> FleetTable:
        return self.query_one(FleetTable)

    @property
    def _holds_cursor(self) -> bool:
        """Until the fleet was once read whole, or a key was pressed, the cursor waits on the worst row."""
        return self._touched or self._read_whole

    def _take(self, snapshot: FleetSnapshot) -> None:
        self._deck = deck(snapshot, self._deck)
        self._make_rows()

    def _make_rows(self) -> None:
        self._rows = rows(self._deck, self.view_state)

    def _lines(self, name: str) -> Lines:
        return self.query_one(f"#{name}", Lines)

    def _paint(self) -> Paint:
        """The time in steps, so that what was drawn a moment ago need not be drawn again."""
        return Paint(self._clock.wall() // TICK_S * TICK_S, self._glyphs)

    def _show_why(self) -> None:
        height = _why_height(self.size.width, self.size.height)
        lines = why(self._under_cursor(), width=self.size.width, height=height, paint=self._paint()) if height else []
        self._lines("why").show(lines + [()] * (height - len(lines)))

    def _under_cursor(self) -> EndpointView | None:
        row = self._deck.get(self.table.cursor or "")
        return row.view if row else None

    @on(CursorMoved)
    def _cursor_moved(self) -> None:
        self.call_after_refresh(self._show_why)
        self._wait_for_rest()

    def _wait_for_rest(self) -> None:
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST_S, self._tell_look)

    def _tell_look(self) -> None:
        look = (self.table.cursor, self.table.in_sight)
        if look != self._told:
            self._told = look
            self.post_message(LookMoved(*look))

    @on(FilterEdited)
    def _filter_edited(self, event: FilterEdited) -> None:
        bar = self.query_one(FilterBar)
        try:
            self.set_view(replace(self.view_state, filter_text=event.text.strip()))
        except FilterError as error:
            bar.complain(str(error))
        else:
            bar.complain(None)

    @on(FilterClosed)
    def _filter_closed(self, event: FilterClosed) -> None:
        if event.kept:
            self._close_filter()
        else:
            self.action_clear_filter()

    def _close_filter(self) -> None:
        self.query_one(FilterBar).close()
        self.redraw()

    def action_filter(self) -> None:
        self.query_one(FilterBar).open(self.view_state.filter_text)
        self.redraw()

    def action_clear_filter(self) -> None:
        self._close_filter()
        self.set_view(replace(self.view_state, filter_text=""))

    def action_attention(self) -> None:
        self.set_view(replace(self.view_state, attention_only=not self.view_state.attention_only))

    def action_sort(self, sort: str) -> None:
        self.set_view(sorted_by(self.view_state, sort))

    def action_next_sort(self, step: int) -> None:
        self.set_view(next_sort(self.view_state, self.table.slots, step))

    def action_invert(self) -> None:
        self.set_view(replace(self.view_state, inverted=not self.view_state.inverted))

    def action_cursor(self, step: int) -> None:
        self._touched = True
        self.table.move_cursor(step)

    def action_edge(self, direction: int) -> None:
        self._touched = True
        self.table.move_to_edge(direction)

    def action_page(self, pages: float) -> None:
        self._touched = True
        self.table.move_page(pages)

    def action_open(self) -> None:
        if self.table.cursor is not None:
            self.post_message(EndpointOpened(self.table.cursor))

    def action_copy(self, what: str) -> None:
        view = self._under_cursor()
        if view is not None:
            self.post_message(CopyWanted(what, view))

    def help_page(self) -> PageScreen:
        """Every key and sign."""
        return PageScreen("Keys and signs", lambda width: help_lines(width, self._paint()))

    def problems_page(self) -> PageScreen:
        """Everything that could not be asked."""
        return PageScreen(
            "What could not be asked",
            lambda width: problem_lines(self.snapshot, self.feed_state, width=width, paint=self._paint()),
        )


def _why_height(width: int, height: int) -> int:
    """Lines for the reasons below the table: none on a small terminal."""
    if width < 80 or height < 20:
        return 0
    return 6 if height < 34 else 10
