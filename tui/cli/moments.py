"""Times on the command line: `2026-11-21T06:00Z`, or `+2h` from now."""

import re
import time
from datetime import UTC, datetime

import click

_AHEAD = re.compile(r"\+(\d+)([mhd])")
_UNITS_S = {"m": 60, "h": 3600, "d": 86_400}


class Moment(click.ParamType):
    """Epoch seconds; a time without an offset is UTC."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        text = str(value)
        ahead = _AHEAD.fullmatch(text)
        if ahead:
            return time.time() + int(ahead[1]) * _UNITS_S[ahead[2]]
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.fail(f"{text} is no time, like 2026-11-21T06:00Z or +2h.", param, ctx)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


MOMENT = Moment()
