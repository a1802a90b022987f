"""The live triage table: the fleet, worst first, and why the row under the cursor is where it is."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import Strip
from textual.timer import Timer

from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot
from smtop.tui.keymap import Scope, of_view
from smtop.tui.messages import (
    CursorMoved,
    FilterClosed,
    FilterEdited,
    FleetStateChanged,
    LookMoved,
)
from smtop.tui.screens.inspector import Inspector
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.view_models.cells import Line, Paint
from smtop.tui.view_models.columns import ALWAYS, Column, where
from smtop.tui.view_models.fleet import Deck, Row, deck, frozen, listed, rows, sensible
from smtop.tui.view_models.header import Shown, blank_place, compact, header
from smtop.tui.view_models.inspector import NOWHERE, Plan, plan, whole
from smtop.tui.view_models.keys import foot, footer
from smtop.tui.view_models.layout import furthest, layout
from smtop.tui.view_models.problems import banner
from smtop.tui.view_models.speaking import proposal
from smtop.tui.view_models.view_bar import has_room, view_bar
from smtop.tui.view_models.views import TRIAGE, VIEWS, FleetView, chosen, wanted
from smtop.tui.view_state import WORST_FIRST, FeedState, FilterError, FleetState, Pane, ViewState
from smtop.tui.widgets.fleet_table import FleetTable, Picture
from smtop.tui.widgets.frame import Frame
from smtop.tui.widgets.lines import Lines, stands

if TYPE_CHECKING:  # imported after the first paint
    from smtop.tui.widgets.filter_bar import FilterBar

REST_S = 0.3
"""Rows that are only scrolled past are not asked: the view must rest for this long."""

_AT_FIRST = FleetState()

TICK_S = 10
"""Ages on the screen move in steps of ten seconds, never faster."""


class FleetPage(Screen[None]):
    """Shows one snapshot after the other through the view that is open; what its keys do is added by FleetScreen.

    While something lies over it, values change and rows stay where they are.
    """

    AUTO_FOCUS = ""
    VIEW: ClassVar = Scope.FLEET

    def __init__(self, snapshot: FleetSnapshot | None, around: Surroundings, state: FleetState = _AT_FIRST) -> None:
        super().__init__()
        self.inspector = Inspector(around)
        self._filter_bar: FilterBar | None = None
        self._footed = of_view(Scope.FLEET, around.actions)
        self.snapshot = snapshot
        self.state = sensible(state)
        self.feed_state = FeedState()
        self._around = around
        self._deck: Deck = {}
        self._where: tuple[Column, ...] = ()
        self._rows: list[Row] = []
        self._touched = False
        self._read_whole = False
        self._room = Size(0, 0)
        self._covered = False
        self._aim = self.view_state.cursor
        self._rest: Timer | None = None
        self._told: tuple[str | None, tuple[str, ...], frozenset[str]] = (None, (), frozenset())

    def compose(self) -> ComposeResult:
        yield Lines(id="header")
        yield Lines(id="banner")
        with Frame(id="desk"):
            yield FleetTable(Picture((), self.view_state, self._columns, self._paint()), id="fleet")
            yield self.inspector
        yield Lines(id="footer")

    def render_lines(self, crop: Region) -> list[Strip]:
        """The ground behind everything: all its lines are alike."""
        return super().render_lines(Region(crop.x, crop.y, crop.width, 1)) * crop.height

    def on_mount(self) -> None:
        self.set_interval(TICK_S, self.redraw)
        if self.snapshot is not None:
            self._deck = deck(self.snapshot, self._deck)
            self._arrange(self.snapshot)

    def on_resize(self, _event: events.Resize) -> None:
        self.redraw()

    def on_screen_suspend(self) -> None:
        self._covered = True

    def on_screen_resume(self) -> None:
        if self._covered:
            self._covered = False
            self._make_rows()
        self.redraw()

    @property
    def view(self) -> FleetView:
        """The view that is open."""
        return VIEWS.get(self.state.view, TRIAGE)

    @property
    def view_state(self) -> ViewState:
        """How the open view is sorted, filtered and laid out."""
        return self.state.views.get(self.view.id, self.view.start)

    def show(self, snapshot: FleetSnapshot) -> None:
        """Puts a newer picture of the fleet in place of the old one, in three steps: a key may come between."""
        self.snapshot = snapshot
        self._deck = deck(snapshot, self._deck)
        self.call_next(self._put_up, snapshot)

    async def _put_up(self, snapshot: FleetSnapshot) -> None:
        self._arrange(snapshot)
        await asyncio.sleep(0)
        self.redraw()
        self._read_whole = self._read_whole or snapshot.complete

    def _arrange(self, snapshot: FleetSnapshot) -> None:
        self._where = where(snapshot.endpoints)
        if snapshot.listed_at is not None and not self.state.marks <= self._deck.keys():
            self.state = self.state._replace(marks=self.state.marks & self._deck.keys())
        if self._covered:
            self._rows = frozen(self._rows, self._deck)
        else:
            self._make_rows()

    def set_feed(self, state: FeedState) -> None:
        """Says how the flow of snapshots stands."""
        self.feed_state = state
        self.redraw()

    def set_view(self, state: ViewState) -> None:
        """Looks at the same snapshot in another way. Raises FilterError, and then changes nothing."""
        self._set_state(self.state.having(self.view.id, state))

    def _set_state(self, state: FleetState) -> None:
        before, self.state = self.state, state
        try:
            self._make_rows()
        except FilterError:
            self.state = before
            raise
        self._touched = True
        self.redraw()
        self.post_message(FleetStateChanged())

    def set_interval_s(self, interval_s: int) -> None:
        """How often CloudWatch may be asked from now on."""
        self._set_state(self.state._replace(interval_s=interval_s))

    def redraw(self) -> None:
        """Brings everything up to the present; what looks the same is not painted."""
        if not stands(self):
            return
        paint, width = self._paint(), self.size.width
        shown = self._shown()
        told = banner(self.snapshot, self.feed_state, width=width, paint=paint)
        head = self._head(shown, width, paint)
        self._lines("header").show(head)
        self._lines("banner").show(told)
        self._room = Size(width, self.size.height - len(head) - len(told) - 1)
        blank = () if self._rows else blank_place(self.snapshot, self.feed_state, self.view_state, paint=paint)
        self._take_aim()
        if self.table.display is (self.state.pane is Pane.REASONS):
            self.table.display = self.state.pane is not Pane.REASONS
        picture = Picture(self._rows, self.view_state, self._columns, paint, blank, self.state.marks)
        self.table.show(picture, hold=self._holds_cursor)
        self._inspect()
        self._wait_for_rest()

    def _head(self, shown: Shown, width: int, paint: Paint) -> Sequence[Line]:
        what = (self.snapshot, self.feed_state, self.view_state, shown)
        if self.state.compact:
            return [compact(*what, place=self._around.place, width=width, paint=paint)]
        return header(*what, place=self._around.place, width=width, paint=paint)

    def _show_foot(self) -> None:
        """The keys; among them the one that plans what is proposed for the row under the cursor."""
        is_typing = self._filter_bar is not None and self._filter_bar.display
        width, proposed = self.size.width, proposal(self._under_cursor())
        keys = footer(width, self._footed, "fix" if proposed and proposed.severity is not Severity.OK else None)
        self._lines("footer").show([] if is_typing else foot(self.feed_state.said, keys, width, self._paint()))

    def _shown(self) -> Shown:
        marked = self.state.marks & self._deck.keys()
        unseen = len(marked.difference(row.key for row in self._rows)) if marked else 0
        title = "" if self.view is TRIAGE else self.view.title
        of = len(listed(self._deck, self.view))
        views = view_bar(self.view, self._footed) if has_room(*self.size) else ()
        return Shown(len(self._rows), of, len(marked), unseen, title, views, self._leftmost)

    @property
    def _leftmost(self) -> str:
        """The title of the first column, where some before it are out of sight."""
        width, columns, skipped = self.size.width, self._columns, self.view_state.skipped
        if not skipped or not furthest(width, columns):
            return ""
        return next((slot.column.title for slot in layout(width, columns, skipped) if slot.column not in ALWAYS), "")

    def _take_aim(self) -> None:
        """Puts the cursor where this view was left, once that endpoint is there and nobody has moved it since."""
        if self._aim is not None and any(row.key == self._aim for row in self._rows):
            self.table.aim(self._aim)
            self._aim, self._touched = None, True
        elif self.snapshot is not None and self.snapshot.complete:
            self._aim = None

    @property
    def _columns(self) -> tuple[Column, ...]:
        return chosen(self.view, self.view_state, self._where)

    @property
    def table(self) -> FleetTable:
        return self.query_one(FleetTable)

    @property
    def _holds_cursor(self) -> bool:
        """Until the fleet was once read whole, or a key was pressed, the cursor waits on the worst row."""
        return self._touched or self._read_whole

    def _make_rows(self) -> None:
        self._rows = rows(self._deck, self.view_state, self.view)

    def _lines(self, name: str) -> Lines:
        return self.query_one(f"#{name}", Lines)

    def _paint(self) -> Paint:
        """The time in steps, so that what was drawn a moment ago need not be drawn again."""
        return Paint(self._around.clock.wall() // TICK_S * TICK_S, self._around.glyphs)

    def _inspect(self) -> None:
        self._show_foot()
        columns = [slot.column for slot in self.table.slots]
        shared = self.snapshot.shared if self.snapshot else ()
        self.inspector.show(self._under_cursor(), self._plan, self._paint().now, columns, shared)
        self.query_one("#desk").set_class(self.inspector.has_class("-beside"), "-beside")

    @property
    def _plan(self) -> Plan:
        """Where the inspector stands."""
        if self.state.pane is Pane.REASONS:
            return whole(self._room.width, self._room.height)
        return NOWHERE if self.state.pane is Pane.TABLE else plan(self.size.width, self.size.height)

    def _under_cursor(self) -> EndpointView | None:
        row = self._deck.get(self.table.cursor or "")
        return row.view if row else None

    @on(CursorMoved)
    def _cursor_moved(self, event: CursorMoved) -> None:
        if self._touched and event.endpoint is not None:
            self.state = self.state.having(self.view.id, self.view_state._replace(cursor=event.endpoint))
            self.post_message(FleetStateChanged())
        self.call_after_refresh(self._inspect)
        self._wait_for_rest()

    def _wait_for_rest(self) -> None:
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST_S, self._tell_look)

    def _tell_look(self) -> None:
        cursor, hidden = self.table.cursor, not self.table.display
        seen = ((cursor,) if cursor else ()) if hidden else self.table.in_sight
        look = (cursor, seen, frozenset() if hidden else wanted(self.table.slots))
        if look != self._told:
            self._told = look
            self.post_message(LookMoved(*look))

    @on(FilterEdited)
    def _filter_edited(self, event: FilterEdited) -> None:
        fault = None
        try:
            self.set_view(self.view_state._replace(filter_text=event.text.strip()))
        except FilterError as error:
            fault = str(error)
        if self._filter_bar is not None:
            self._filter_bar.complain(fault)

    @on(FilterClosed)
    def _filter_closed(self, event: FilterClosed) -> None:
        if event.kept:
            self._close_filter()
        else:
            self.clear_filter()

    def clear_filter(self) -> None:
        """All rows of the view again."""
        self._close_filter()
        self.set_view(self.view_state._replace(filter_text=""))

    def _close_filter(self) -> None:
        if self._filter_bar is not None:
            self._filter_bar.close()
        self.redraw()

    def choices(self, takes: str) -> Sequence[str]:
        """What a command of the fleet can be given: its columns, or its endpoints."""
        if takes == "COLUMN":
            columns = (*self._where, *self.view.all_columns)
            return (WORST_FIRST, *(column.id for column in columns if column.key is not None))
        if takes == "NAME":
            views = self.snapshot.endpoints if self.snapshot else ()
            return list(dict.fromkeys([*(view.endpoint.name for view in views), *(view.key for view in views)]))
        if takes == "RULE":
            from smtop.metrics.analysis.rules import BY_ID

            return tuple(BY_ID)
        return ()
