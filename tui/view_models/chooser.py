"""The column chooser as values: which columns are shown, in which order, and how that is written."""

from collections.abc import Sequence

from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Line, Paint
from smtop.tui.view_models.columns import Column
from smtop.tui.view_models.layout import layout
from smtop.tui.view_models.views import FIXED, FleetView, chosen
from smtop.tui.view_state import ViewState


def offered(view: FleetView, state: ViewState) -> list[Column]:
    """The columns that can be shown, hidden and moved: those that are shown in their order, then the others."""
    shown = chosen(view, state)
    return [one for one in (*shown, *(one for one in view.all_columns if one not in shown)) if one.id not in FIXED]


def toggled(view: FleetView, state: ViewState, column: str) -> tuple[str, ...]:
    """The shown columns after one was shown, as the last, or hidden."""
    shown = _ids(view, state)
    return tuple(one for one in shown if one != column) if column in shown else (*shown, column)


def moved(view: FleetView, state: ViewState, column: str, step: int) -> tuple[str, ...]:
    """The shown columns after one moved by `step` places; at an edge, or hidden, it stays."""
    shown = list(_ids(view, state))
    if column in shown:
        here = shown.index(column)
        shown.insert(min(max(here + step, 0), len(shown) - 1), shown.pop(here))
    return tuple(shown)


def _ids(view: FleetView, state: ViewState) -> tuple[str, ...]:
    return tuple(column.id for column in chosen(view, state) if column.id not in FIXED)


def chooser_lines(
    view: FleetView, state: ViewState, cursor: str, *, table_width: int, height: int, paint: Paint
) -> Sequence[Line]:
    """At most `height` lines, the cursor's among them."""
    columns = offered(view, state)
    shown = _ids(view, state)
    fitting = {slot.column.id for slot in layout(table_width, chosen(view, state))}
    here = next((index for index, column in enumerate(columns) if column.id == cursor), 0)
    first = min(max(here - height // 2, 0), max(len(columns) - height, 0))
    return [
        _line(
            column, is_shown=column.id in shown, fits=column.id in fitting, is_cursor=column.id == cursor, paint=paint
        )
        for column in columns[first : first + height]
    ]


def _line(column: Column, *, is_shown: bool, fits: bool, is_cursor: bool, paint: Paint) -> Line:
    box = "[x]" if is_shown else "[ ]"
    note = "" if fits or not is_shown else "  no room"
    text = fmt.pad(f"{'>' if is_cursor else ' '}{box} {column.title}", 24)
    return (Cell(text, "reverse" if is_cursor else "normal" if is_shown else "dim"), Cell(paint.plain(note), "dim"))
