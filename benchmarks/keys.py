"""Somebody at the keyboard of one of two screens of the same fleet, in a terminal."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.screen import COLUMNS, MINUTES
from benchmarks.terminal import Terminal, terminal

LINES = 40
PRESSES = 18
"""Fewer than the table has rows on the screen: the cursor moves, and nothing is scrolled."""

QUIET_S = 0.15
_DOWN, _HOME = b"\x1b[B", b"\x1b[H"
_AT_REST_S = 0.5
_MORE_THAN_A_PAGE = 30


@dataclass(frozen=True)
class Pressed:
    """Keys of one sort. `first_ms` are milliseconds to the first byte, `free_ms` those of keys that found the machine
    free; the rest is what a key costs until nothing more comes."""

    first_ms: Sequence[float]
    free_ms: Sequence[float]
    bytes_a_key: float
    cpu_ms_a_key: float


@dataclass(frozen=True)
class Seen:
    """One run: keys that move the cursor, keys that scroll, what each minute wrote, and what it used."""

    moves: Pressed
    scrolls: Pressed
    minute_bytes: Sequence[int]
    used: Mapping[str, Any]


def keys_and_minutes(contender: str, rows: int, *, lines: int = LINES, presses: int = PRESSES) -> Seen:
    """Runs a screen through some minutes, and then down row by row, from the top and beyond the first page."""
    with terminal(["-m", "benchmarks.screen", contender, str(rows)], COLUMNS, lines) as screen:
        screen.until_mark("shown")
        minutes = [len(screen.until_mark("minute")) for _ in range(MINUTES)]
        screen.until(b"\x1b]7777;used:")
        used = json.loads(screen.until(b"\x07"))
        moves = _pressed(screen, _HOME, presses)
        return Seen(moves, _pressed(screen, _DOWN * _MORE_THAN_A_PAGE, presses), minutes, used)


def _pressed(screen: Terminal, before: bytes, times: int) -> Pressed:
    """Down, so many times, after other keys."""
    screen.press(before)
    screen.watch(_AT_REST_S)
    began_s = screen.cpu_s
    answers = [screen.answer_to(_DOWN, QUIET_S) for _ in range(times)]
    return Pressed(
        [answer.first_s * 1000 for answer in answers],
        [answer.first_s * 1000 for answer in answers if answer.found_it_free],
        statistics.median(len(answer.written) for answer in answers),
        (screen.cpu_s - began_s) / times * 1000,
    )
