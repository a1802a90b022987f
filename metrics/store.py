"""Points in memory: one ring of minutes for all series, written by the poller alone.

Rows are minutes, columns are series, so that a minute of the whole fleet is one stretch of memory. A later read of the
same minute replaces the earlier one: CloudWatch's values grow for some minutes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smtop.metrics.domain.series import PERIOD_S, Point, SeriesKey, Track
from smtop.metrics.errors import AwsError
from smtop.metrics.ports import Answer, Completeness

MINUTES = 180
"""How far back the ring reaches."""

_FIRST_COLUMNS = 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """How asking for a series went: when it was last answered (epoch seconds), and what went wrong since."""

    answered_at: float | None = None
    completeness: Completeness | None = None
    failure: str | None = None


NEVER_ASKED = Asked()


class Store:
    """The points of every series that was ever asked, for the last MINUTES minutes."""

    def __init__(self) -> None:
        self._columns: dict[SeriesKey, int] = {}
        self._asked: dict[SeriesKey, Asked] = {}
        self._values: npt.NDArray[np.float64] = np.full((MINUTES, _FIRST_COLUMNS), np.nan)
        self._minute_of_row: npt.NDArray[np.int64] = np.full(MINUTES, -1, dtype=np.int64)
        self._newest = -1

    def record(self, answers: Mapping[SeriesKey, Answer], now: float) -> None:
        """Keeps what CloudWatch answered at `now`; a refused or failed result keeps the points of before."""
        for key, answer in answers.items():
            before = self._asked.get(key, NEVER_ASKED)
            if answer.completeness in (Completeness.COMPLETE, Completeness.PARTIAL):
                self._write(key, answer.points)
                self._asked[key] = Asked(now, answer.completeness)
            else:
                why = answer.message or f"CloudWatch answered {answer.completeness.value} for it"
                self._asked[key] = Asked(before.answered_at, before.completeness, why)

    def fail(self, failures: Mapping[SeriesKey, AwsError]) -> None:
        """Keeps why series could not be asked, and their points of before."""
        for key, error in failures.items():
            before = self._asked.get(key, NEVER_ASKED)
            self._asked[key] = Asked(before.answered_at, before.completeness, str(error))

    def asked(self, key: SeriesKey) -> Asked:
        return self._asked.get(key, NEVER_ASKED)

    def recent(self, keys: Sequence[SeriesKey], now: float, minutes: int) -> list[Track]:
        """For each series its points of the last `minutes` minutes, oldest first."""
        starts, block = self._block(keys, int(now // PERIOD_S), minutes)
        return [Track(starts, values) for values in block.T.tolist()]

    def total(self, keys: Sequence[SeriesKey], until: int, minutes: int) -> Track:
        """The sum of the series, minute by minute; a minute in which none has a point is a gap."""
        starts, block = self._block(keys, until // PERIOD_S, minutes)
        gaps = np.isnan(block).all(axis=1)
        return Track(starts, np.where(gaps, np.nan, np.nansum(block, axis=1)).tolist())

    def newest(self, keys: Sequence[SeriesKey], until: int, minutes: int) -> list[int | None]:
        """For each series the newest minute with a point, of the `minutes` minutes that end with the one at `until`."""
        starts, block = self._block(keys, until // PERIOD_S, minutes)
        if not starts:
            return [None] * len(keys)
        filled = ~np.isnan(block[::-1])
        rows: list[int] = filled.argmax(axis=0).tolist()
        found = set(np.flatnonzero(filled.any(axis=0)).tolist())
        return [starts[-1 - row] if column in found else None for column, row in enumerate(rows)]

    def _block(self, keys: Sequence[SeriesKey], last: int, minutes: int) -> tuple[list[int], npt.NDArray[np.float64]]:
        """Starts of the minutes that the ring holds, and their values; a series never written is all NaN."""
        wanted = [minute for minute in range(last - minutes + 1, last + 1) if self._holds(minute)]
        columns = np.array([self._columns.get(key, -1) for key in keys], dtype=np.int64)
        rows = np.array([minute % MINUTES for minute in wanted], dtype=np.int64)
        block = self._values[np.ix_(rows, np.maximum(columns, 0))]
        block[:, columns < 0] = np.nan
        return [minute * PERIOD_S for minute in wanted], block

    def _holds(self, minute: int) -> bool:
        return bool(self._minute_of_row[minute % MINUTES] == minute)

    def _write(self, key: SeriesKey, points: Iterable[Point]) -> None:
        column = self._column(key)
        for point in points:
            minute = point.at // PERIOD_S
            if minute > self._newest - MINUTES:
                self._values[self._row(minute), column] = point.value

    def _row(self, minute: int) -> int:
        row = minute % MINUTES
        if not self._holds(minute):
            self._values[row, :] = np.nan
            self._minute_of_row[row] = minute
            self._newest = max(self._newest, minute)
        return row

    def _column(self, key: SeriesKey) -> int:
        column = self._columns.setdefault(key, len(self._columns))
        if column >= self._values.shape[1]:
            spare = np.full((MINUTES, self._values.shape[1]), np.nan)
            self._values = np.hstack((self._values, spare))
        return column
