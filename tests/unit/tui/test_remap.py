"""The operator's own keys over the table, and what is said where they collide."""

import string
from collections.abc import Mapping, Sequence

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key

from smtop.metrics.errors import ConfigError
from smtop.tui.keymap import ACTIONS, SCOPES_OF, Remapped, of_view
from smtop.tui.remap import canonical, remapped

FILE = "config.toml"


def keys_of(own: Remapped, name: str) -> tuple[str, ...]:
    return next(action.keys for action in own.actions if action.id == name)


def test_without_wishes_the_table_stands() -> None:
    assert remapped({}, FILE) == (ACTIONS, ())


def test_a_wish_replaces_the_keys_of_its_action() -> None:
    own = remapped({"pause": ["z", "F8"], "sort-errors": []}, FILE)
    assert keys_of(own, "pause") == ("z", "f8")
    assert keys_of(own, "sort-errors") == ()
    assert own.notes == ()


@pytest.mark.parametrize(
    ("wanted", "loser", "left", "note"),
    [
        (
            {"sort-errors": ["p"]},
            "pause",
            (),
            "config.toml: keys.sort-errors takes p from pause, which has no key left; :pause does it.",
        ),
        (
            {"pause": ["/"]},
            "filter",
            ("f4",),
            "config.toml: keys.pause takes / from filter, which still has F4.",
        ),
        ({"pause": ["N"]}, "sort-name", (), "config.toml: keys.pause takes N from sort-name, which has no key left."),
    ],
)
def test_whoever_loses_a_key_is_named(
    wanted: Mapping[str, Sequence[str]], loser: str, left: tuple[str, ...], note: str
) -> None:
    own = remapped(wanted, FILE)
    assert own.notes == (note,)
    assert keys_of(own, loser) == left


def test_a_loss_that_is_meant_is_not_mentioned() -> None:
    assert remapped({"sort-errors": ["p"], "pause": []}, FILE).notes == ()


def test_keys_can_be_swapped() -> None:
    own = remapped({"pause": ["!"], "attention": ["p"]}, FILE)
    assert (keys_of(own, "pause"), keys_of(own, "attention")) == (("!",), ("p",))
    assert own.notes == ()


def test_a_key_may_mean_something_else_in_another_view() -> None:
    assert remapped({"sort-errors": ["6"]}, FILE).notes == ()


@pytest.mark.parametrize(
    ("wanted", "robbed"),
    [
        ({"attention": ["enter"]}, "open"),
        ({"attention": [":"]}, "command"),
        ({"help": []}, "help"),
        ({"pause": ["?", "f1"]}, "help"),
        ({"close": []}, "close"),
    ],
)
def test_what_is_essential_keeps_a_key(wanted: Mapping[str, Sequence[str]], robbed: str) -> None:
    own = remapped({**wanted, "sort-age": ["z"]}, FILE)
    (name,) = wanted
    assert len(own.notes) == 1
    assert own.notes[0].startswith(f"config.toml: keys.{name} is not heeded: it would leave {robbed} (")
    assert keys_of(own, robbed) == next(action.keys for action in ACTIONS if action.id == robbed)
    assert keys_of(own, "sort-age") == ("z",)


def test_whatever_is_wished_no_view_has_a_key_twice() -> None:
    own = remapped({"pause": ["?", "f1"], "help": ["p"], "open": ["o", "!"], "filter": ["enter"]}, FILE)
    for view in SCOPES_OF:
        keys = [key for action in of_view(view, own.actions) for key in action.keys]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"puase": ["z"]}, "config.toml: keys.puase: there is no such action. Nearest: pause. README.md lists them."),
        ({"pause": ["cntrl+z"]}, "config.toml: keys.pause: there is no key 'cntrl+z'."),
        ({"pause": ["f99"]}, "config.toml: keys.pause: there is no key 'f99'."),
        ({"pause": ["ctrl+i"]}, "config.toml: keys.pause: a terminal sends tab for ctrl+i."),
        ({"pause": ["z"], "attention": ["z"]}, "config.toml: keys.pause and keys.attention both want z."),
        ({"quit-anywhere": ["x"]}, "config.toml: keys.quit-anywhere: x is needed for typing"),
    ],
)
def test_what_means_nothing_is_refused_with_file_and_key(wanted: Mapping[str, Sequence[str]], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        remapped(wanted, FILE)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("question_mark", "?"),
        ("shift+n", "N"),
        (",", "comma"),
        (" ", "space"),
        ("Ctrl+R", "ctrl+r"),
        ("F5", "f5"),
        ("N", "N"),
        ("PageDown", "pagedown"),
        ("shift+left", "shift+left"),
        ("+", "+"),
        ("plus", "+"),
    ],
)
def test_keys_have_one_spelling(written: str, key: str) -> None:
    assert canonical(written) == key
    assert keys_of(remapped({"pause": [written]}, FILE), "pause") == (key,)


def test_what_the_terminal_parser_calls_a_character_is_that_character() -> None:
    reader = XTermParser()
    for character in string.ascii_letters + string.digits + string.punctuation + "é§€":
        (event,) = reader.feed(character)
        assert isinstance(event, Key)
        assert canonical(event.key) == {",": "comma"}.get(character, character)
