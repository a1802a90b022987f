"""The axes of charts: round values, and times that are round where the operator is."""

import re
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from smtop.tui.view_models import fmt

_DAY_S = 86_400


class Tick(NamedTuple):
    """A place on an axis and what stands there."""

    at: float
    text: str


_STEPS_S = (60, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, _DAY_S, 2 * _DAY_S, 7 * _DAY_S)
_CELLS_PER_TICK = 9


def time_ticks(start: int, end: int, cells: int, zone: tzinfo | None) -> list[Tick]:
    """Ticks at round local times, as many as fit into `cells`; `zone` None is the machine's own."""
    most = max(cells // _CELLS_PER_TICK, 1)
    step_s = next((step for step in _STEPS_S if (end - start) / step <= most), _STEPS_S[-1])
    first = local(start, zone)
    offset = first.utcoffset()
    ahead_s = int(offset.total_seconds()) if offset else 0
    at = -(-(start + ahead_s) // step_s) * step_s - ahead_s
    form = "%a %d" if step_s >= _DAY_S else "%H:%M"
    return [Tick(moment, local(moment, zone).strftime(form)) for moment in range(at, end, step_s)]


def local(at: float, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(zone)


_EMPTY_DECIMAL = re.compile(r"\.0(?!\d)")

_ROUND = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)


def round_up(value: float) -> float:
    """The next of a few round steps times a power of ten; 1 for nothing at all."""
    if value <= 0:
        return 1.0
    power = 1.0
    while power * 10 <= value:
        power *= 10
    while power > value:
        power /= 10
    return power * next(step for step in _ROUND if power * step >= value * (1 - 1e-9))


def short(number: fmt.Number, value: float) -> str:
    """The most precise way without an empty decimal place."""
    return _EMPTY_DECIMAL.sub("", number(value)[0]) if value >= 1 else f"{value:g}"
