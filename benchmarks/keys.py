"""Somebody at the keyboard of one of two screens of the same fleet, in a terminal."""

import json
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.terminal import terminal

PRESSES = 40
QUIET_S = 0.1
_DOWN = b"\x1b[B"
_AT_REST_S = 1.0


@dataclass(frozen=True)
class Seen:
    """One run: milliseconds from each key to the first byte, bytes for a key and for a minute, and what it used."""

    first_ms: list[float]
    bytes_a_key: float
    minute_bytes: int
    used: Mapping[str, float]


def keys_and_minute(contender: str, rows: int) -> Seen:
    """Runs a screen through a minute, and then down row by row."""
    with terminal(["-m", "benchmarks.screen", contender, str(rows)]) as screen:
        screen.until_mark("shown")
        minute = screen.until_mark("minute")
        screen.until(b"\x1b]7777;used:")
        used = json.loads(screen.until(b"\x07"))
        screen.watch(_AT_REST_S)
        answers = [screen.answer_to(_DOWN, QUIET_S) for _ in range(PRESSES)]
    first_ms = [first_s * 1000 for first_s, _ in answers]
    return Seen(first_ms, statistics.median(len(written) for _, written in answers), len(minute), used)
