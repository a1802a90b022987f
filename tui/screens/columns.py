"""The dialog in which the columns of a view are chosen; the table behind it follows at once."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from smtop.tui.keymap import Scope
from smtop.tui.screens.bindings import bindings
from smtop.tui.view_models.cells import Cell, Paint
from smtop.tui.view_models.chooser import chooser_lines, moved, offered, toggled
from smtop.tui.view_models.views import FleetView
from smtop.tui.view_state import ViewState
from smtop.tui.widgets.lines import Lines

_HINTS = ("Space shows or hides, + - move,", "0 as at first, Esc closes.")
_AROUND = 7
"""Lines of the dialog beside the columns, and of the table that stay in sight."""


class ColumnChooser(ModalScreen[None]):
    """Tells `choose` the ids of the columns, or None for the view's own choice, with every change."""

    VIEW: ClassVar[Scope] = Scope.CHOOSER
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.CHOOSER, Scope.VIEWS)]
    DEFAULT_CSS = """
    ColumnChooser { align: right middle; }
    ColumnChooser #chooser { width: 36; height: auto; border: solid $primary; background: $panel; }
    """

    def __init__(
        self, view: FleetView, state: ViewState, choose: Callable[[tuple[str, ...] | None], None], paint: Paint
    ) -> None:
        super().__init__()
        self._view = view
        self._state = state
        self._choose = choose
        self._paint = paint
        self._cursor = offered(view, state)[0].id

    def compose(self) -> ComposeResult:
        with Vertical(id="chooser"):
            yield Lines(id="chooser-title")
            yield Lines(id="chooser-columns")
            yield Lines(id="chooser-hints")

    def on_mount(self) -> None:
        self.query_one("#chooser-title", Lines).show([(Cell(f"Columns of {self._view.title}", "title"),)])
        self.query_one("#chooser-hints", Lines).show([(Cell(hint, "dim"),) for hint in _HINTS])

    def on_resize(self) -> None:
        self._redraw()

    def _redraw(self) -> None:
        size = self.app.size
        room = max(size.height - _AROUND, 1)
        lines = chooser_lines(
            self._view, self._state, self._cursor, table_width=size.width, height=room, paint=self._paint
        )
        self.query_one("#chooser-columns", Lines).show(lines)

    @property
    def _ids(self) -> list[str]:
        return [column.id for column in offered(self._view, self._state)]

    def _set(self, columns: tuple[str, ...] | None) -> None:
        self._state = self._state._replace(columns=columns)
        self._choose(columns)
        self._redraw()

    def action_step(self, step: int) -> None:
        ids = self._ids
        self._cursor = ids[(ids.index(self._cursor) + step) % len(ids)]
        self._redraw()

    def action_show_or_hide(self) -> None:
        """Columns change places by it; the cursor stays where it is."""
        here = self._ids.index(self._cursor)
        self._state = self._state._replace(columns=toggled(self._view, self._state, self._cursor))
        self._cursor = self._ids[here]
        self._set(self._state.columns)

    def action_move(self, step: int) -> None:
        self._set(moved(self._view, self._state, self._cursor, step))

    def action_reset(self) -> None:
        self._set(None)

    def action_close(self) -> None:
        self.dismiss()
