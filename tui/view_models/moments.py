"""Times ahead, as they are typed: `2026-11-21T06:00Z`, or `+2h` from now."""

import re
from datetime import UTC, datetime

_AHEAD = re.compile(r"\+(\d+)([mhd])")
_UNITS_S = {"m": 60, "h": 3600, "d": 86_400}


def moment_of(text: str, now: float) -> float:
    """Epoch seconds; a time without an offset is UTC. Raises ValueError, in a sentence."""
    ahead = _AHEAD.fullmatch(text)
    if ahead:
        return now + int(ahead[1]) * _UNITS_S[ahead[2]]
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text} is no time, like 2026-11-21T06:00Z or +2h.") from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
