"""What the terminal of the demo gets in a minute."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.terminal import terminal

COLUMNS, LINES = 120, 40


class Minute(NamedTuple):
    """What was written between the minute before and this one, what in it, and what was to be seen of it."""

    before: bytes
    written: bytes
    seen: Mapping[str, Any]


def minutes_of_the_demo(endpoints: int, watched: int) -> Sequence[Minute]:
    """So many minutes with the inspector open, each with a poll, and each with another endpoint under the cursor."""
    with terminal(["-m", "benchmarks.minutes", str(endpoints), str(watched)], COLUMNS, LINES) as screen:
        written = [
            (screen.until_mark(f"minute {number}"), screen.until_mark(f"minute {number} is over"))
            for number in range(watched)
        ]
        screen.until(b"\x1b]7777;seen:")
        seen = json.loads(screen.until(b"\x07"))
    return [Minute(*both, one) for both, one in zip(written, seen, strict=True)]
