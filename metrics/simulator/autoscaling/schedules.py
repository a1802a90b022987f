"""When a scheduled action is due: at(...) once, rate(...) again and again, cron(...) whenever its six fields match.

Of cron's special characters, L, W and # are not understood: such an action is never due.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

MINUTE_S = 60
_UNITS_S = {"minute": 60, "hour": 3600, "day": 86400}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_NAMES = {name: number for names in (_MONTHS, _DAYS) for number, name in enumerate(names, start=1)}
# Least and most of minute, hour, day of month, month, day of week (1 is Sunday) and year.
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))


def is_due(action: Mapping[str, Any], minute: int) -> bool:
    """Whether an action falls into the minute that begins at `minute` (epoch seconds)."""
    if minute < action.get("StartTime", 0) - MINUTE_S or minute > action.get("EndTime", float("inf")):
        return False
    kind, _, rest = action["Schedule"].partition("(")
    body, zone = rest.removesuffix(")"), ZoneInfo(action.get("Timezone", "UTC"))
    if kind == "at":
        return minute == _minute(datetime.fromisoformat(body).replace(tzinfo=zone).timestamp())
    if kind == "rate":
        return _again(body, int(action.get("StartTime", action["CreationTime"])), minute)
    return _matches(body, datetime.fromtimestamp(minute, UTC).astimezone(zone))


def _again(body: str, since: int, minute: int) -> bool:
    number, unit = body.split()
    every_s = int(number) * _UNITS_S[unit.removesuffix("s")]
    return minute > since and (minute - _minute(since)) % every_s == 0


def _matches(body: str, moment: datetime) -> bool:
    weekday = moment.isoweekday() % 7 + 1
    values = (moment.minute, moment.hour, moment.day, moment.month, weekday, moment.year)
    fields = zip(body.split(), values, _RANGES, strict=True)
    return all(_holds(field, value, bounds) for field, value, bounds in fields)


def _holds(field: str, value: int, bounds: tuple[int, int]) -> bool:
    return any(_in_part(part, value, bounds) for part in field.upper().split(","))


def _in_part(part: str, value: int, bounds: tuple[int, int]) -> bool:
    span, _, step = part.partition("/")
    if span in {"*", "?", ""}:
        least, most = bounds
    elif re.fullmatch(r"\w+(-\w+)?", span) and all(_number(each) is not None for each in span.split("-")):
        ends = [int(_number(each) or 0) for each in span.split("-")]
        least, most = ends[0], ends[-1] if "-" in span or not step else bounds[1]
    else:
        return False
    return least <= value <= most and (value - least) % int(step or 1) == 0


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else _NAMES.get(text)


def _minute(moment: float) -> int:
    return int(moment // MINUTE_S) * MINUTE_S
