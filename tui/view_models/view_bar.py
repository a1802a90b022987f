"""The line above the table that names the views of the fleet."""

from collections.abc import Sequence

from smtop.tui.keymap import Action, shown
from smtop.tui.view_models.cells import Cell, Line
from smtop.tui.view_models.views import VIEWS, FleetView

_WIDTH, _HEIGHT = 100, 34


def has_room(width: int, height: int) -> bool:
    """Whether a terminal has a line to spare for it: from the size on at which there are charts below the table."""
    return width >= _WIDTH and height >= _HEIGHT


def view_bar(open_view: FleetView, actions: Sequence[Action]) -> Line:
    """Every view with its key, or else its command; the open one in brackets, and called by its name."""
    ways = {action.run: action for action in actions}
    named = ((view, ways[f"view('{name}')"]) for name, view in VIEWS.items() if f"view('{name}')" in ways)
    return tuple(_tab(view, action, is_open=view is open_view) for view, action in named)


def _tab(view: FleetView, action: Action, *, is_open: bool) -> Cell:
    way = shown(action.keys[0]) if action.keys else f":{action.commands[0]}"
    text = f"{way} {view.title}" if action.keys or is_open else way
    return Cell(f"[{text}]", "bold") if is_open else Cell(f" {text} ", "dim")
