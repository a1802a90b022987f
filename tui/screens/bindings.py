"""Textual's bindings, made from the key table."""

from collections.abc import Sequence

from textual.binding import Binding

from smtop.tui.keymap import ACTIONS, Scope


def bindings(*scopes: Scope) -> Sequence[Binding]:
    """One binding per key of the given scopes; keys that work everywhere come before the focused widget."""
    return [
        Binding(key, action.id, action.what, show=False, priority=action.scope is Scope.ALWAYS)
        for action in ACTIONS
        if action.scope in scopes
        for key in action.keys
    ]
