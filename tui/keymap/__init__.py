"""Every action, once. Bindings, footer, help, `:` commands, palette and `[keys]` are all made from this table.

A new action is one row, in the module of the view that it belongs to. The method `action_...` that `run` names stands
on the screen (or, with `app.`, on the app).
"""

from collections.abc import Sequence

from smtop.tui.keymap import acting, anywhere, endpoint, fleet, text, verdict
from smtop.tui.keymap.action import SCOPES_OF, Action, Remapped, Scope
from smtop.tui.keymap.anywhere import INTERVALS_S
from smtop.tui.keymap.endpoint import TABS, scope_of_method
from smtop.tui.keymap.words import shown, usage

__all__ = [
    "ACTIONS",
    "INTERVALS_S",
    "OF_THE_TABLE",
    "SCOPES_OF",
    "TABS",
    "Action",
    "Remapped",
    "Scope",
    "of_view",
    "scope_of_method",
    "shown",
    "usage",
]

ACTIONS: tuple[Action, ...] = (
    *fleet.ACTIONS,
    *endpoint.ACTIONS,
    *verdict.ACTIONS,
    *acting.ACTIONS,
    *text.ACTIONS,
    *anywhere.ACTIONS,
)

OF_THE_TABLE = Remapped(ACTIONS)


def of_view(view: Scope, actions: Sequence[Action] = ACTIONS) -> list[Action]:
    """The actions whose keys work in a view."""
    return [action for action in actions if action.scope in SCOPES_OF[view]]
