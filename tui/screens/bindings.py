"""Textual's bindings, made from the key table."""

from collections.abc import Sequence

from textual.binding import Binding

from smtop.tui.keymap import ACTIONS, Action, Scope

UNBOUND = "no_key"
"""Stands where a key is missing: Textual wants one, and no terminal sends this."""


def bindings(*scopes: Scope) -> Sequence[Binding]:
    """One binding for each action of the given scopes; keys that work everywhere come before the focused widget."""
    return [
        Binding(
            _keys(action),
            action.run,
            action.what,
            show=False,
            priority=action.scope is Scope.ALWAYS,
            id=action.id,
        )
        for action in ACTIONS
        if action.scope in scopes
    ]


def keymap(actions: Sequence[Action]) -> dict[str, str]:
    """The keys in force as Textual's key map: of all actions, since it silently drops whatever clashes with one."""
    return {action.id: _keys(action) for action in actions}


def _keys(action: Action) -> str:
    return ",".join(action.keys) or UNBOUND
