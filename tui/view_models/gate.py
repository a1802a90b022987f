"""For how long changes are allowed: how that is typed, and how it is shown."""

import math
import re

from smtop.tui.commands import CommandError

USUAL_S = 15 * 60
MOST_S = 8 * 3600
_UNITS = {"": 60, "s": 1, "m": 60, "h": 3600}
_STEP_S = 10
_HOURS_FROM = 100
"""Minutes from which on hours are told too."""


def seconds_of(text: str | None) -> float:
    """Seconds of `15m`, `90s` or `1h`; a bare number is minutes. Raises CommandError."""
    if text is None:
        return USUAL_S
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip().lower())
    if found is None:
        raise CommandError(f"{text} is no length of time. Say it like 15m, 90s or 1h.")
    seconds = float(found[1]) * _UNITS[found[2]]
    if not 0 < seconds <= MOST_S:
        raise CommandError(f"{text} cannot be: give more than 0 and at most {MOST_S // 3600}h.")
    return seconds


def time_left(seconds: float) -> str:
    """`15m` in minutes begun, below one in steps of ten seconds; empty where nothing is left."""
    if seconds <= 0:
        return ""
    minutes = math.ceil(seconds / 60)
    if minutes >= _HOURS_FROM:
        return f"{minutes // 60}h{minutes % 60:02d}m"
    if seconds > 60:
        return f"{minutes}m"
    return f"{math.ceil(seconds / _STEP_S) * _STEP_S}s"
