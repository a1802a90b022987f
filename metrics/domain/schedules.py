"""When a scheduled action of Application Auto Scaling happens next.

at(yyyy-mm-ddThh:mm:ss), rate(value unit), cron(minutes hours day-of-month month day-of-week year), in the action's own
time zone. Source: Application Auto Scaling's user guide, "Schedule scaling actions using cron expressions", whose cron
has the fields and signs of EventBridge: * ? , - / and in days also L, W and #.
"""

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_LOOKS_AHEAD_DAYS = 4 * 366
_UNITS_S = {"minute": 60, "hour": 3600, "day": 86_400}
_RATE = re.compile(r"\s*(\d+)\s+(minute|hour|day)s?\s*")
_EXPRESSION = re.compile(r"\s*(at|rate|cron)\((.*)\)\s*")
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_WEEKDAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), start=1)}


class Bounds(NamedTuple):
    """When an action may happen at all (epoch seconds), and from when a rate counts."""

    starts_at: float | None = None
    ends_at: float | None = None
    created_at: float | None = None


ANY_TIME = Bounds()


def next_firing(schedule: str, timezone: str, now: float, bounds: Bounds = ANY_TIME) -> float | None:
    """The first moment after `now` (epoch seconds), None where there is none within four years.

    Raises ValueError for what is no expression or names no time zone.
    """
    found = _EXPRESSION.fullmatch(schedule)
    if found is None:
        raise ValueError(f"{schedule} is no at(), rate() or cron()")
    kind, inside = found.groups()
    after = max(now, (bounds.starts_at or now) - 1)
    moment = _KINDS[kind](inside, _zone(timezone), after, bounds)
    too_late = moment is None or (bounds.ends_at is not None and moment > bounds.ends_at)
    return None if too_late else moment


def _zone(name: str) -> tzinfo:
    try:
        return UTC if name in ("", "UTC") else ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"the time zone {name} is not known here") from error


def _at(inside: str, zone: tzinfo, after: float, _bounds: Bounds) -> float | None:
    moment = datetime.fromisoformat(inside.strip()).replace(tzinfo=zone).timestamp()
    return moment if moment > after else None


def _rate(inside: str, _zone: tzinfo, after: float, bounds: Bounds) -> float | None:
    """Whole intervals after the start, or after the creation of an action without a start."""
    found = _RATE.fullmatch(inside)
    if found is None or found[1] == "0":
        raise ValueError(f"{inside} is no rate")
    every_s = int(found[1]) * _UNITS_S[found[2]]
    base = bounds.starts_at or bounds.created_at
    if base is None:
        return None
    return base + every_s * (max(int((after - base) // every_s), -1) + 1)


def _cron(inside: str, zone: tzinfo, after: float, _bounds: Bounds) -> float | None:
    cron = _parsed(inside)
    today = datetime.fromtimestamp(after, zone).date()
    for day in (today + timedelta(days=ahead) for ahead in range(_LOOKS_AHEAD_DAYS)):
        if day.year in cron.years and day.month in cron.months and cron.has_day(day):
            moment = next((at for at in _moments(cron, day, zone) if at > after), None)
            if moment is not None:
                return moment
    return None


_KINDS: dict[str, Callable[[str, tzinfo, float, Bounds], float | None]] = {"at": _at, "rate": _rate, "cron": _cron}


class _Cron(NamedTuple):
    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]
    has_day: Callable[[date], bool]


def _moments(cron: _Cron, day: date, zone: tzinfo) -> Iterator[float]:
    """The times of a day in order; an hour that the clocks skip is the one after it."""
    for hour in sorted(cron.hours):
        for minute in sorted(cron.minutes):
            yield datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).timestamp()


def _parsed(inside: str) -> _Cron:
    parts = inside.upper().split()
    if len(parts) != 6:
        raise ValueError(f"cron({inside}) has {len(parts)} fields instead of 6")
    minutes, hours, day_of_month, months, day_of_week, years = parts
    return _Cron(
        _numbers(minutes, 0, 59),
        _numbers(hours, 0, 23),
        _numbers(months, 1, 12, _MONTHS),
        _numbers(years, 1970, 2199),
        _days(day_of_month, day_of_week),
    )


def _numbers(field: str, least: int, most: int, names: dict[str, int] | None = None) -> frozenset[int]:
    """The numbers that a field allows. Raises ValueError for one that cannot be read."""
    allowed: set[int] = set()
    for item in field.split(","):
        span, _, every = item.partition("/")
        first, last = _span(span, least, most, names or {}, open_ended=bool(every))
        if not least <= first <= last <= most:
            raise ValueError(f"{item} is outside of {least} to {most}")
        allowed.update(range(first, last + 1, int(every) if every else 1))
    return frozenset(allowed)


def _span(span: str, least: int, most: int, names: dict[str, int], *, open_ended: bool) -> tuple[int, int]:
    if span in ("*", "?"):
        return least, most
    first, dash, last = span.partition("-")
    start = names.get(first) or int(first)
    if dash:
        return start, names.get(last) or int(last)
    return start, most if open_ended else start


def _days(day_of_month: str, day_of_week: str) -> Callable[[date], bool]:
    """The one of the two fields that is not `?` or `*` decides."""
    if day_of_week not in ("?", "*"):
        return _weekday(day_of_week)
    if day_of_month == "L":
        return lambda day: day.day == _length(day)
    if day_of_month == "LW":
        return lambda day: day.day == _nearest_weekday(day, _length(day))
    if day_of_month.endswith("W"):
        wanted = int(day_of_month[:-1])
        return lambda day: day.day == _nearest_weekday(day, wanted)
    allowed = _numbers(day_of_month, 1, 31)
    return lambda day: day.day in allowed


def _weekday(field: str) -> Callable[[date], bool]:
    if "#" in field:
        name, _, nth = field.partition("#")
        number, which = _WEEKDAYS.get(name) or int(name), int(nth)
        return lambda day: _number(day) == number and (day.day - 1) // 7 + 1 == which
    if field.endswith("L"):
        last = _WEEKDAYS.get(field[:-1]) or int(field[:-1] or 7)
        return lambda day: _number(day) == last and day.day + 7 > _length(day)
    allowed = _numbers(field, 1, 7, _WEEKDAYS)
    return lambda day: _number(day) in allowed


def _number(day: date) -> int:
    """1 is Sunday."""
    return day.isoweekday() % 7 + 1


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _nearest_weekday(day: date, wanted: int) -> int:
    """The working day next to a day of the month, inside that month."""
    nearest = min(wanted, _length(day))
    weekday = day.replace(day=nearest).weekday()
    if weekday == 5:
        return nearest - 1 if nearest > 1 else nearest + 2
    if weekday == 6:
        return nearest + 1 if nearest < _length(day) else nearest - 2
    return nearest
