"""The page of this user's changes."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from smtop.metrics.changes import Past
from smtop.metrics.journal import Entry, State
from smtop.tui.keymap import Scope, of_view
from smtop.tui.messages import CopyWanted, FinishWanted, PastOpened, UndoWanted
from smtop.tui.screens.bindings import bindings
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.view_models.cells import Cell, Line
from smtop.tui.view_models.keys import footer
from smtop.tui.view_models.past import past_lines
from smtop.tui.view_models.plan_dialog import cli_commands
from smtop.tui.widgets.lines import Lines, stands

_FRAME = 2


class PastScreen(Screen[None]):
    """A line a change, the newest first."""

    VIEW: ClassVar = Scope.PAST
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.PAST)]
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    PastScreen #past { height: 1fr; }
    """

    def __init__(self, around: Surroundings) -> None:
        super().__init__()
        self._around = around
        self._past: Past | None = None
        self._fault = ""
        self._at = 0

    def compose(self) -> ComposeResult:
        yield Lines(id="past-title")
        yield Lines(id="past")
        yield Lines(id="footer")

    def on_resize(self) -> None:
        self.redraw()

    def show(self, past: Past) -> None:
        """The journal as it is now; the cursor stays on its change."""
        here = self._under_cursor
        self._past, self._fault = past, ""
        ids = [entry.id for entry in past.entries]
        self._at = ids.index(here.id) if here is not None and here.id in ids else 0
        self.redraw()

    def fail(self, sentence: str) -> None:
        """Why there is none."""
        self._fault = sentence
        self.redraw()

    @property
    def _entries(self) -> Sequence[Entry]:
        return self._past.entries if self._past else ()

    @property
    def _under_cursor(self) -> Entry | None:
        return self._entries[self._at] if self._entries else None

    def redraw(self) -> None:
        if not stands(self):
            return
        width, height = self.size.width, max(self.size.height - _FRAME, 1)
        title = (Cell(" My changes ", "reverse"), Cell("  the newest first", "dim"))
        self.query_one("#past-title", Lines).show([title])
        self.query_one("#past", Lines).show(self._lines(width, height))
        self.query_one("#footer", Lines).show([footer(width, of_view(Scope.PAST, self._around.actions))])

    def _lines(self, width: int, height: int) -> Sequence[Line]:
        paint = self._around.paint
        if self._past is None:
            return [(Cell(paint.plain(self._fault) or "Reading the journal...", "dim"),)]
        return past_lines(self._past, self._at, width=width, height=height, paint=paint)

    def _go(self, place: int) -> None:
        self._at = min(max(place, 0), max(len(self._entries) - 1, 0))
        self.redraw()

    def action_step(self, step: int) -> None:
        self._go(self._at + step)

    def action_edge(self, direction: int) -> None:
        self._go(0 if direction < 0 else len(self._entries))

    def action_enter(self) -> None:
        if self._under_cursor is not None:
            self.post_message(PastOpened(self._under_cursor))

    def action_undo(self) -> None:
        if self._under_cursor is not None:
            self.post_message(UndoWanted(self._under_cursor.id))

    def action_finish(self) -> None:
        entry = self._under_cursor
        is_put_off = entry is not None and entry.state is State.DEFERRED
        if entry is not None and self._past is not None and (is_put_off or entry.id in self._past.left):
            self.post_message(FinishWanted(entry))

    def action_copy_calls(self) -> None:
        if self._under_cursor is not None:
            self.post_message(CopyWanted("the calls", cli_commands([self._under_cursor.plan])))

    def action_close(self) -> None:
        self.dismiss()
