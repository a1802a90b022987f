"""`smtop doctor --keys`: what the terminal sends for a key, what it is called, and which action it is."""

import os
import select
import sys
import termios
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import click
from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import (
    KITTY_DISAMBIGUATE_ESCAPE_CODES,
    KITTY_REPORT_ALL_KEYS,
    KITTY_REPORT_ASSOCIATED_TEXT,
)
from textual.events import Key
from textual.message import Message

from smtop.metrics.config import Settings
from smtop.tui.keymap import Action, Scope
from smtop.tui.remap import canonical, remapped

_KITTY = KITTY_DISAMBIGUATE_ESCAPE_CODES | KITTY_REPORT_ALL_KEYS | KITTY_REPORT_ASSOCIATED_TEXT
_TICK_S = 0.1
_HEAD = f"{'BYTES':<22} {'KEY':<18} ACTION"


class Pressed(NamedTuple):
    """What the terminal sent, and the key that it is; None for what is no key, as a click."""

    sent: bytes
    key: str | None


class KeyReader:
    """Bytes of a terminal as keys, read by the parser that the screen uses."""

    def __init__(self) -> None:
        self._parser = XTermParser()
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._sent = b""

    def feed(self, sent: bytes) -> list[Pressed]:
        """Keys that are complete with these bytes."""
        return [pressed for byte in sent for pressed in self._fed(bytes((byte,)))]

    def tick(self) -> list[Pressed]:
        """Keys that are complete because nothing follows: Escape."""
        return self._taken(self._parser.tick())

    def _fed(self, byte: bytes) -> list[Pressed]:
        self._sent += byte
        character = self._decode(byte)
        return self._taken(self._parser.feed(character)) if character else []

    def _taken(self, messages: Iterable[Message]) -> list[Pressed]:
        found = [Pressed(self._sent, message.key if isinstance(message, Key) else None) for message in messages]
        if found:
            self._sent = b""
        return found


def told(pressed: Pressed, actions: Sequence[Action]) -> str:
    """A line about one key."""
    sent = repr(pressed.sent)[2:-1]
    if pressed.key is None:
        return f"{sent:<22} {'no key':<18}"
    return f"{sent:<22} {canonical(pressed.key):<18} {', '.join(meanings(canonical(pressed.key), actions)) or '-'}"


def meanings(key: str, actions: Sequence[Action]) -> list[str]:
    """The actions of a key, and in which views, if not in all."""
    return [f"{action.id}{_where(action)}" for action in actions if key in action.keys]


def _where(action: Action) -> str:
    return f" ({_WORDS[action.scope]})" if action.scope in _WORDS else ""


_WORDS = {
    Scope.ROOT: "fleet",
    Scope.FLEET: "fleet",
    Scope.PAGES: "fleet, one endpoint",
    Scope.ENDPOINT: "one endpoint",
    Scope.CHARTS: "charts of one endpoint",
    Scope.DETAILS: "tabs of one endpoint",
    Scope.CONFIGS: "configs of one endpoint",
    Scope.TEXT: "text",
    Scope.CHOOSER: "column chooser",
}
"""Where an action works that does not work everywhere."""


def watch_keys(settings: Settings) -> None:
    """Tells of every key until q comes twice, or Ctrl+c, or the terminal goes. Raises UsageError without a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("--keys needs a terminal: run it where the keys are pressed, without a pipe.")
    own = remapped(settings.keys, str(settings.file))
    for note in own.notes:
        click.echo(f"smtop: {note}", err=True)
    click.echo(f"Press keys. q twice or Ctrl+c leaves.\n{_HEAD}")
    with _raw_terminal(sys.stdin.fileno()):
        _tell_until_left(sys.stdin.fileno(), own.actions)


def _tell_until_left(terminal: int, actions: Sequence[Action]) -> None:
    before = None
    for pressed in _presses(terminal):
        click.echo(told(pressed, actions))
        if pressed.key == "ctrl+c" or pressed.key == before == "q":
            return
        before = pressed.key


def _presses(terminal: int) -> Iterator[Pressed]:
    """Keys until the terminal is gone."""
    reader = KeyReader()
    while True:
        if select.select([terminal], [], [], _TICK_S)[0]:
            sent = os.read(terminal, 1024)
            if not sent:
                return
            yield from reader.feed(sent)
        yield from reader.tick()


@contextmanager
def _raw_terminal(terminal: int) -> Iterator[None]:
    """The terminal as the screen sets it: every key arrives, and those with modifiers in full where it can."""
    before = termios.tcgetattr(terminal)
    raw = termios.tcgetattr(terminal)
    raw[0] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
    raw[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    termios.tcsetattr(terminal, termios.TCSADRAIN, raw)
    _send("" if constants.DISABLE_KITTY_KEY else f"\x1b[>{_KITTY}u")
    try:
        yield
    finally:
        _send("" if constants.DISABLE_KITTY_KEY else "\x1b[<u")
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _send(sequence: str) -> None:
    sys.stdout.write(sequence)
    sys.stdout.flush()
