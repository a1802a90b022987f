"""A ring of minutes: values by minute and column, the oldest minute overwritten by the newest.

Rows are minutes, so that a minute of a whole fleet is one stretch of memory. Memory that was never written to is not
touched, so a ring takes what its minutes need, not what it could hold.
"""

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Integers: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]

_FIRST_COLUMNS = 1024
_GROWTH = 1.25
"""Columns are added by this factor: doubling would hold twice the memory of a fleet that has just outgrown it."""


class Ring:
    """Values of the last `minutes` minutes, kept as `dtype`; a gap is NaN.

    With more columns than `most_cells` leave room for, fewer minutes are kept, but `least` at least.
    """

    def __init__(
        self,
        minutes: int,
        dtype: type[np.float16] | type[np.float32] | type[np.float64],
        *,
        most_cells: int | None = None,
        least: int = 0,
    ) -> None:
        self._minutes = minutes
        self._most_cells = most_cells
        self._least = least
        self._width = 0
        self._newest = -1
        self._values: npt.NDArray[np.floating] = np.empty((minutes, _FIRST_COLUMNS), dtype)
        self._minute_of_row: Integers = np.full(minutes, -1, dtype=np.int64)

    def holds(self, minute: int) -> bool:
        return bool(self._minute_of_row[minute % self._minutes] == minute)

    def held(self, minutes: Integers) -> Integers:
        """Those of the minutes that the ring holds."""
        held: Integers = minutes[self.holding(minutes)]
        return held

    def holding(self, minutes: Integers) -> npt.NDArray[np.bool_]:
        """Which of the minutes the ring holds."""
        holding: npt.NDArray[np.bool_] = self._minute_of_row[minutes % self._minutes] == minutes
        return holding

    def widen(self, width: int) -> None:
        """Makes room for `width` columns; new ones are gaps in every minute."""
        if width <= self._width:
            return
        if width > self._values.shape[1]:
            self._lay_out_anew(max(width, int(self._values.shape[1] * _GROWTH)))
        self._values[np.flatnonzero(self._minute_of_row >= 0), self._width : width] = np.nan
        self._width = width

    def _lay_out_anew(self, columns: int) -> None:
        """More columns, for as many minutes as there is room for then."""
        minutes = self._minutes
        if self._most_cells is not None:
            minutes = min(minutes, max(self._most_cells // columns, self._least))
        wider = np.empty((minutes, columns), self._values.dtype)
        of_row: Integers = np.full(minutes, -1, dtype=np.int64)
        for row in np.flatnonzero(self._minute_of_row > self._newest - minutes):
            minute = self._minute_of_row[row]
            if minute >= 0:
                wider[minute % minutes, : self._width] = self._values[row, : self._width]
                of_row[minute % minutes] = minute
        self._minutes, self._values, self._minute_of_row = minutes, wider, of_row

    @property
    def oldest(self) -> int:
        """The first minute that there is room for."""
        return self._newest - self._minutes + 1

    def open(self, minutes: Iterable[int]) -> None:
        """Makes room for these minutes; those that the ring has gone round over are left out."""
        wanted = list(minutes)
        self._newest = max(self._newest, *wanted)
        for minute in wanted:
            if minute > self._newest - self._minutes and not self.holds(minute):
                self._values[minute % self._minutes, : self._width] = np.nan
                self._minute_of_row[minute % self._minutes] = minute

    def put(self, minutes: Integers, columns: Integers, values: Floats) -> None:
        """Writes a value each to a minute and a column; of two for the same place the later one stays.

        Minutes that were not opened, or that the ring has gone round over, are left out.
        """
        rows = minutes % self._minutes
        held = self._minute_of_row[rows] == minutes
        if held.all():
            self._values[rows, columns] = values
        else:
            self._values[rows[held], columns[held]] = values[held]

    def at(self, minutes: Integers, columns: Integers) -> Floats:
        """What is held of a minute each of a column; NaN where the ring does not hold the minute."""
        rows = minutes % self._minutes
        held = self._minute_of_row[rows] == minutes
        return np.where(held, self._values[rows, columns], np.nan).astype(np.float64, copy=False)

    def read(self, minutes: Integers, columns: Integers) -> Floats:
        """Rows of held minutes and their values in these columns, as float64."""
        rows = minutes % self._minutes
        return self._values[rows[:, None], columns].astype(np.float64, copy=False)

    def row(self, minute: int) -> npt.NDArray[np.floating]:
        """A held minute of all columns, to be read and not kept: it changes with the ring."""
        return self._values[minute % self._minutes, : self._width]
