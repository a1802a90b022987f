"""Textual's bindings, made from the key table."""

from collections.abc import Sequence

from textual.binding import Binding

from smtop.tui.keymap import ACTIONS, Scope

UNBOUND = "no_key"
"""Stands where a key is missing: Textual wants one, and no terminal sends this."""


def bindings(*scopes: Scope) -> Sequence[Binding]:
    """One binding for each action of the given scopes; keys that work everywhere come before the focused widget."""
    return [
        Binding(
            ",".join(action.keys) or UNBOUND,
            action.run,
            action.what,
            show=False,
            priority=action.scope is Scope.ALWAYS,
            id=action.id,
        )
        for action in ACTIONS
        if action.scope in scopes
    ]
