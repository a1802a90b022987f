"""Times on the command line: `2026-11-21T06:00Z`, or `+2h` from now."""

import re
import time
from datetime import UTC, datetime

import click

_AHEAD = re.compile(r"\+(\d+)([mhd])")
_UNITS_S = {"m": 60, "h": 3600, "d": 86_400}


def moment(_: click.Context, __: click.Parameter, text: str | None) -> float | None:
    """Epoch seconds of an option's value; a time without an offset is UTC. Raises BadParameter."""
    ahead = _AHEAD.fullmatch(text or "")
    if ahead:
        return time.time() + int(ahead[1]) * _UNITS_S[ahead[2]]
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise click.BadParameter(f"{text} is no time, like 2026-11-21T06:00Z or +2h.") from error
    if found is None:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
