"""The operator's own keys, from `[keys]` in the configuration file, laid over the table of actions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from textual.keys import Keys, key_to_character

from smtop.metrics.errors import ConfigError
from smtop.tui.keymap import ACTIONS, SCOPES_OF, Action, Remapped, Scope, shown, usage

_MODIFIERS = frozenset({"ctrl", "alt", "shift", "super", "hyper", "meta"})
_NAMED = frozenset(key.value for key in Keys if not key.value.startswith("<"))
_WORDS: Mapping[str, str] = {",": "comma", " ": "space"}
"""Signs that Textual's lists of keys cannot hold."""

_SIGNS: Mapping[str, str] = {"plus": "+", "minus": "-", "slash": "/", "backslash": "\\", "at": "@", "underscore": "_"}
"""Textual's own words for signs that Unicode calls otherwise."""

_ARRIVES_AS: Mapping[str, str] = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+h": "backspace",
    "ctrl+[": "escape",
    "ctrl+space": "ctrl+@",
}
"""Keys for which a terminal sends what it sends for another."""


def remapped(wanted: Mapping[str, Sequence[str]], file: str, actions: Sequence[Action] = ACTIONS) -> Remapped:
    """The table with the wanted keys; an action from which a key is taken keeps its others.

    Raises ConfigError, naming file and key, for what is no action or no key, and for one key given to two actions. A
    line that would leave an essential action without a key is not heeded, and a note says so.
    """
    return _applied(_understood(wanted, file, actions), file, actions)


def _understood(
    wanted: Mapping[str, Sequence[str]], file: str, actions: Sequence[Action]
) -> dict[str, tuple[str, ...]]:
    known = {action.id: action for action in actions}
    for name in wanted:
        if name not in known:
            near = get_close_matches(name, known, 1, 0.4)
            hint = f" Nearest: {near[0]}." if near else ""
            raise ConfigError(f"{file}: keys.{name}: there is no such action.{hint} README.md lists them.")
    return {
        name: tuple(dict.fromkeys(_key(key, known[name], f"{file}: keys.{name}") for key in keys))
        for name, keys in wanted.items()
    }


def _key(written: str, action: Action, where: str) -> str:
    """A key as the table writes it. Raises ConfigError for what is none."""
    key = canonical(written)
    if key in _ARRIVES_AS:
        raise ConfigError(f"{where}: a terminal sends {_ARRIVES_AS[key]} for {written}. Choose another key.")
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    if not _MODIFIERS.issuperset(modifiers) or not (
        len(last) == 1 or last in _NAMED or last in _SIGNS or key in _WORDS.values()
    ):
        raise ConfigError(f"{where}: there is no key {written!r}. smtop doctor --keys shows how keys are called.")
    if action.scope is Scope.ALWAYS and (len(key) == 1 or key in _WORDS.values()):
        raise ConfigError(f"{where}: {written} is needed for typing, and this action works even then.")
    return key


def canonical(written: str) -> str:
    """A key as the table writes it: `question_mark` is `?`, `shift+n` is `N`, `,` is `comma`, a space is `space`."""
    if len(written) == 1:
        return _WORDS.get(written, written)
    key = written.lower()
    if key in _SIGNS or key in _WORDS.values():
        return _SIGNS.get(key, key)
    if key.startswith("shift+") and len(key) == len("shift+") + 1 and key[-1].isalpha():
        return key[-1].upper()
    character = key_to_character(key)
    return character if character and character.isprintable() else key


def _applied(wanted: Mapping[str, tuple[str, ...]], file: str, actions: Sequence[Action]) -> Remapped:
    by_id = {action.id: action._replace(keys=wanted.get(action.id, action.keys)) for action in actions}
    notes: list[str] = []
    for name in wanted:
        where = f"{file}: keys.{name}"
        for loser, key in list(_clashes(by_id[name], by_id.values())):
            if loser.id in wanted:
                raise ConfigError(f"{file}: keys.{name} and keys.{loser.id} both want {shown(key)}.")
            rest = by_id[loser.id]._replace(keys=tuple(one for one in by_id[loser.id].keys if one != key))
            by_id[loser.id] = rest
            notes.append(f"{where} takes {shown(key)} from {loser.id}, {_left(rest)}.")
        robbed = next((one for one in by_id.values() if one.essential and not one.keys), None)
        if robbed is not None:
            return _without(name, robbed, wanted, file, actions)
    return Remapped(tuple(by_id.values()), tuple(notes))


def _without(
    name: str, robbed: Action, wanted: Mapping[str, tuple[str, ...]], file: str, actions: Sequence[Action]
) -> Remapped:
    """Everything but the line that leaves an essential action without a key."""
    culprit = robbed.id if robbed.id in wanted and not wanted[robbed.id] else name
    rest = _applied({one: keys for one, keys in wanted.items() if one != culprit}, file, actions)
    note = f"{file}: keys.{culprit} is not heeded: it would leave {robbed.id} ({robbed.what}) without a key."
    return Remapped(rest.actions, (note, *rest.notes))


def _clashes(one: Action, all_of_them: Iterable[Action]) -> Iterator[tuple[Action, str]]:
    """Who else has one of its keys in a view that they share."""
    for other in all_of_them:
        if other.id != one.id and _share_a_view(one, other):
            yield from ((other, key) for key in one.keys if key in other.keys)


def _share_a_view(one: Action, other: Action) -> bool:
    return any(one.scope in scopes and other.scope in scopes for scopes in SCOPES_OF.values())


def _left(action: Action) -> str:
    """What an action still has after a key was taken from it."""
    if action.keys:
        return f"which still has {' '.join(map(shown, action.keys))}"
    return f"which has no key left; {usage(action)} does it" if action.commands else "which has no key left"
