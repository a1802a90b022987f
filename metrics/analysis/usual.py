"""What a series usually is at an hour: four simple forecasts, and the one that has been right most."""

import math
from array import array
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

HOUR_S = 3600
_DAY_HOURS, _WEEK_HOURS = 24, 168
_LEVEL_HOURS, _SHORT_LEVEL_HOURS = 12, 3
_MOST_VALUES = 120
"""Of one hour; of a series that is denser the newest count."""

_DAY_RATE, _WEEK_RATE = 0.2, 0.5
"""How far an hour's cell goes towards the newest day or week."""

_MEMORY = 2 ** (-1 / (4 * _DAY_HOURS))
"""Errors of a forecast count half after four days."""

_CLEARLY_BETTER = 0.95


class Profile:
    """The typical value in each hour of a cycle, moved as a whole by what the last twelve hours differ from it.

    A median of twelve hours does not follow an outlier or an incident of some hours; a shift that lasts is followed
    after six.
    """

    def __init__(self, hours: int, rate: float) -> None:
        self._rate = rate
        self._cells = array("d", [math.nan] * hours)
        self._days = array("d", [0.0] * hours)
        self._differences: list[float] = []

    def forecast(self, hour: int) -> float | None:
        typical = self._cells[hour % len(self._cells)]
        if math.isnan(typical):
            return None
        return typical + (median(self._differences) if len(self._differences) >= _LEVEL_HOURS // 2 else 0.0)

    def learn(self, hour: int, value: float) -> None:
        place = hour % len(self._cells)
        typical = self._cells[place]
        self._days[place] += 1
        if math.isnan(typical):
            self._cells[place] = value
            return
        self._differences = [*self._differences, value - typical][-_LEVEL_HOURS:]
        self._cells[place] += max(1 / self._days[place], self._rate) * (value - typical)

    def to_document(self) -> list[list[float | None]]:
        cells = [None if math.isnan(cell) else cell for cell in self._cells]
        return [cells, list(self._days), list(self._differences)]

    def read(self, document: Sequence[Sequence[float | None]]) -> None:
        cells, days, differences = document
        self._cells = array("d", [math.nan if cell is None else cell for cell in cells])
        self._days = array("d", [day or 0.0 for day in days])
        self._differences = [difference or 0.0 for difference in differences]


class Usual:
    """Forecasts of an hour's median from the medians of earlier hours; hours without values are left out.

    The forecasts are the median of the last twelve hours, that of the last three, the profile of the day and that of
    the week. The one with the smallest error of late is followed, as in Herbster and Warmuth, "Tracking the Best
    Expert" (1998): a series has a daily peak when expecting it was right.
    """

    def __init__(self) -> None:
        self.expected: float | None = None
        """For the hour that was begun last; in the very first hour the median until now."""
        self.hour: int | None = None
        self._values: list[float] = []
        self._medians: list[float] = []
        self._errors = [0.0] * 4
        self._day = Profile(_DAY_HOURS, _DAY_RATE)
        self._week = Profile(_WEEK_HOURS, _WEEK_RATE)

    def begin(self, hour: int) -> None:
        """Closes the hour before, learns from it, and says what this one is expected to be."""
        if self.hour is not None and self._values:
            self._close(self.hour)
        self.hour = hour
        if self._medians:
            self.expected = self._best(self._forecasts(hour))

    def learn(self, value: float) -> None:
        self._values.append(value)
        if len(self._values) > _MOST_VALUES:
            del self._values[0]
        if not self._medians:
            self.expected = median(self._values)

    def to_document(self) -> dict[str, Any]:
        return {
            "expected": self.expected,
            "hour": self.hour,
            "values": list(self._values),
            "medians": list(self._medians),
            "errors": list(self._errors),
            "day": self._day.to_document(),
            "week": self._week.to_document(),
        }

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> "Usual":
        usual = cls()
        usual.expected, usual.hour = document["expected"], document["hour"]
        usual._values, usual._medians = list(document["values"]), list(document["medians"])
        usual._errors = list(document["errors"])
        usual._day.read(document["day"])
        usual._week.read(document["week"])
        return usual

    def _close(self, hour: int) -> None:
        seen = median(self._values)
        if self._medians:
            forecasts = self._forecasts(hour)
            errors = [abs(seen - (forecasts[0] if each is None else each)) for each in forecasts]
            self._errors = [_MEMORY * before + error for before, error in zip(self._errors, errors, strict=True)]
        self._medians = [*self._medians, seen][-_LEVEL_HOURS:]
        self._day.learn(hour, seen)
        self._week.learn(hour, seen)
        self._values = []

    def _forecasts(self, hour: int) -> tuple[float, float, float | None, float | None]:
        level, short_level = median(self._medians), median(self._medians[-_SHORT_LEVEL_HOURS:])
        return level, short_level, self._day.forecast(hour), self._week.forecast(hour)

    def _best(self, forecasts: Sequence[float | None]) -> float | None:
        best = 0
        for place, forecast in enumerate(forecasts):
            if forecast is not None and self._errors[place] < _CLEARLY_BETTER * self._errors[best]:
                best = place
        return forecasts[best]
