"""Points in memory, written by the poller alone: a day of minutes, the newest of them in full precision.

A later read of the same minute replaces the earlier one: CloudWatch's values grow for some minutes.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate, chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from smtop.metrics.domain.series import PERIOD_S, SETTLED_S, SeriesKey, Track
from smtop.metrics.errors import AwsError
from smtop.metrics.ports import Answer, Answers, Completeness
from smtop.metrics.ring import Floats, Integers, Ring

MINUTES = 1440
"""How far back the store reaches; float32, which is exact to seven digits."""

LEAST_MINUTES = 240
"""How far back it reaches at least, however many series there are."""

MOST_VALUES = 32_000_000
"""Room for a day of some 22,000 series; of more, less than a day is kept: 5,000 endpoints have five times as many."""

EXACT_MINUTES = 32
"""How many of the newest minutes are kept as CloudWatch gave them (float64)."""

AGREE_APART_S = 45.0
"""Readings that are closer together than this cannot agree: nothing could have come in between."""

_TOLD_MINUTES = SETTLED_S // PERIOD_S + 1
"""How many of the newest minutes need a word about whether two readings agree."""

_SHORT = 6
"""Points in a list, below which sharing it saves nothing."""

_LAYOUTS = 512
"""Batches whose columns are remembered."""

_VERDICTS = (None, Completeness.COMPLETE, Completeness.PARTIAL)
_CODES = {verdict: _VERDICTS.index(verdict) if verdict in _VERDICTS else 0 for verdict in Completeness}


class Asked(NamedTuple):
    """How asking for a series went: when it was last asked with success (epoch seconds), and what went wrong since.

    An answer is as old as its question: what AWS published while it was under way is not in it. From `since` to `until`
    (epoch seconds) no minute was left out; None where that is not known. Half an answer moves neither.
    """

    answered_at: float | None = None
    completeness: Completeness | None = None
    failure: str | None = None
    since: float | None = None
    until: float | None = None


NEVER_ASKED = Asked()


class Standing(NamedTuple):
    """How asking for several series went: the last change to any of them, and their last answer (epoch seconds)."""

    revision: int
    answered_at: float | None


class Store:
    """The points of every series that was ever asked, for the last MINUTES minutes."""

    def __init__(self) -> None:
        self._columns: dict[SeriesKey, int] = {}
        self._layouts: dict[int, tuple[tuple[SeriesKey, ...], Integers]] = {}
        self._history = Ring(MINUTES, np.float32, most_cells=MOST_VALUES, least=LEAST_MINUTES)
        self._exact = Ring(EXACT_MINUTES, np.float64)
        self._agreed = Ring(EXACT_MINUTES, np.float16)
        self._answered_at: Floats = np.empty(0)
        self._since: Floats = np.empty(0)
        self._until: Floats = np.empty(0)
        self._codes: npt.NDArray[np.uint8] = np.empty(0, dtype=np.uint8)
        self._failures: dict[int, str] = {}
        self._revision = 0
        self._revisions: Integers = np.empty(0, dtype=np.int64)

    def record(self, answers: Mapping[SeriesKey, Answer], as_of: float, start: int | None = None) -> None:
        """Keeps what CloudWatch answered as of `as_of` of the minutes from `start` on.

        A refused or failed result keeps the points of before.
        """
        told = Answers.of(answers)
        columns = self._layout(told.series)
        self._touch(columns)
        times, measured, codes = told.times, told.measured, _codes(told.verdicts)
        good = np.flatnonzero(codes)
        if len(good) < len(codes):
            self._refuse(told, columns, np.flatnonzero(codes == 0).tolist())
            columns, codes = columns[good], codes[good]
            times = [times[place] for place in good.tolist()]
            measured = [measured[place] for place in good.tolist()]
        self._cover(columns[codes == _CODES[Completeness.COMPLETE]], as_of, start)
        apart = as_of - self._answered_at[columns] >= AGREE_APART_S
        self._answered_at[columns] = as_of
        self._codes[columns] = codes
        for column in self._failures.keys() & set(columns.tolist()) if self._failures else ():
            del self._failures[column]
        self._write(columns, times, measured, apart)

    def fail(self, failures: Mapping[SeriesKey, AwsError]) -> None:
        """Keeps why series could not be asked, and their points of before."""
        columns = self.columns(tuple(failures))
        self._touch(columns)
        self._failures.update(zip(columns.tolist(), map(str, failures.values()), strict=True))

    def columns(self, series: tuple[SeriesKey, ...]) -> Integers:
        """Where the store keeps these series, for as long as it lives; a place is made for what was never asked."""
        columns = [self._columns.setdefault(key, len(self._columns)) for key in series]
        width, before = len(self._columns), len(self._codes)
        if width > before:
            self._history.widen(width)
            self._exact.widen(width)
            self._agreed.widen(width)
            self._answered_at = np.append(self._answered_at, np.zeros(width - before))
            self._since = np.append(self._since, np.full(width - before, np.inf))
            self._until = np.append(self._until, np.full(width - before, -np.inf))
            self._codes = np.append(self._codes, np.zeros(width - before, dtype=np.uint8))
            self._revisions = np.append(self._revisions, np.zeros(width - before, dtype=np.int64))
        return np.array(columns, dtype=np.int64)

    def standing(self, columns: Integers) -> Standing:
        """What there is to know of the series at these places; nothing where there are none."""
        if not len(columns):
            return Standing(0, None)
        answered_at = float(self._answered_at[columns].max())
        return Standing(int(self._revisions[columns].max()), answered_at or None)

    def are_answered(self, columns: Integers) -> bool:
        """Whether every series at these places was answered once."""
        return bool(self._codes[columns].all())

    def answered(self, columns: Integers) -> list[bool]:
        """Which of the series at these places were answered once; the others have no points."""
        answered: list[bool] = (self._codes[columns] != 0).tolist()
        return answered

    def asked(self, key: SeriesKey) -> Asked:
        column = self._columns.get(key)
        return NEVER_ASKED if column is None else self.asked_at(np.array([column]))[0]

    def asked_at(self, columns: Integers) -> list[Asked]:
        """How asking went for the series at each of these places."""
        oldest = float(self._history.oldest * PERIOD_S)
        told = (self._codes, self._answered_at, self._since, self._until)
        rows = zip(columns.tolist(), *(values[columns].tolist() for values in told), strict=True)
        return [self._asked(oldest, *row) for row in rows]

    def answered_when(self, key: SeriesKey) -> float | None:
        """When asking for a series last went well (epoch seconds)."""
        column = self._columns.get(key)
        return None if column is None else float(self._answered_at[column]) or None

    def _asked(self, oldest: float, column: int, code: int, answered_at: float, since: float, until: float) -> Asked:
        failure = self._failures.get(column)
        if not code:
            return NEVER_ASKED if failure is None else Asked(failure=failure)
        begins = max(since, oldest)
        return Asked(
            answered_at,
            _VERDICTS[code],
            failure,
            begins if begins < until else None,
            until if until > float("-inf") else None,
        )

    def recent(self, keys: Sequence[SeriesKey], now: float, minutes: int) -> list[Track]:
        """For each series its points of the last `minutes` minutes, oldest first, and which of them grow no more."""
        starts, block = self._block(keys, int(now // PERIOD_S), minutes)
        agreed = self._agreements(keys, starts[-_TOLD_MINUTES:])
        return [Track(starts, *own) for own in zip(block.T.tolist(), agreed, strict=True)]

    def totals(self, groups: Sequence[Sequence[SeriesKey]], until: int, minutes: int) -> list[Track]:
        """For each group the sum of its series, minute by minute; a minute in which none has a point is a gap.

        No group is empty.
        """
        if not groups:
            return []
        starts, block = self._block([key for keys in groups for key in keys], until // PERIOD_S, minutes)
        known = ~np.isnan(block)
        begins = list(accumulate(map(len, groups[:-1]), initial=0))
        sums = np.add.reduceat(np.where(known, block, 0.0), begins, axis=1)
        sums[~np.logical_or.reduceat(known, begins, axis=1)] = np.nan
        return [Track(starts, own) for own in sums.T.tolist()]

    def newest(self, keys: Sequence[SeriesKey], until: int, minutes: int) -> list[int | None]:
        """For each series the newest minute with a point, of the `minutes` minutes that end with the one at `until`."""
        starts, block = self._block(keys, until // PERIOD_S, minutes)
        if not starts:
            return [None] * len(keys)
        filled = ~np.isnan(block[::-1])
        rows: list[int] = filled.argmax(axis=0).tolist()
        found = set(np.flatnonzero(filled.any(axis=0)).tolist())
        return [starts[-1 - row] if column in found else None for column, row in enumerate(rows)]

    def deviations(self, until: int, minutes: int) -> Floats:
        """How far the values at `until` stand out from those of the `minutes` minutes before, in standard deviations.

        In the order in which the series were first asked; NaN where there is no value or no spread to compare with.
        """
        last = until // PERIOD_S
        held = [minute for minute in range(last - minutes, last) if self._history.holds(minute)]
        if not held or not self._history.holds(last):
            return np.full(len(self._columns), np.nan)
        newest = self._history.row(last)
        counts, sums, squares = (np.zeros(len(newest), dtype=np.float32) for _ in range(3))
        for minute in held:  # a row at a time stays in the cache
            off = self._history.row(minute) - newest  # near the newest value, squares lose no digits
            known = off == off  # noqa: PLR0124 - only NaN differs from itself
            off[~known] = 0.0
            counts += known
            sums += off
            squares += off * off
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = sums / counts
            return np.asarray(-mean / np.sqrt(squares / counts - mean * mean), dtype=np.float64)

    def _block(self, keys: Sequence[SeriesKey], last: int, minutes: int) -> tuple[list[int], Floats]:
        """Starts of the minutes that the store holds, and their values; a series never written is all NaN."""
        wanted = self._history.held(np.arange(last - minutes + 1, last + 1))
        columns = np.array([self._columns.get(key, -1) for key in keys], dtype=np.int64)
        inside = np.maximum(columns, 0)
        kept_exactly = self._exact.holding(wanted)
        exact = wanted[kept_exactly]
        block = np.empty((len(wanted), len(keys)))
        block[~kept_exactly] = self._history.read(wanted[~kept_exactly], inside)
        block[kept_exactly] = self._exact.read(exact, inside)
        block[:, columns < 0] = np.nan
        return (wanted * PERIOD_S).tolist(), block

    def _agreements(self, keys: Sequence[SeriesKey], starts: Sequence[int]) -> list[list[float]]:
        """For each series a 1 for every minute of which two readings agree."""
        columns = np.array([self._columns.get(key, 0) for key in keys], dtype=np.int64)
        minutes = np.repeat(np.array(starts, dtype=np.int64) // PERIOD_S, len(columns))
        told = self._agreed.at(minutes, np.tile(columns, len(starts)))
        agreed: list[list[float]] = told.reshape(len(starts), len(columns)).T.tolist()
        return agreed

    def _write(
        self,
        columns: Integers,
        times: Sequence[Sequence[int]],
        values: Sequence[Sequence[float]],
        apart: npt.NDArray[np.bool_],
    ) -> None:
        """Writes a row of values for each column; `apart` are those that were last read some time ago."""
        counts = list(map(len, values))
        total = sum(counts)
        if not total:
            return
        minutes = _joined(times, total) // PERIOD_S
        opened = set(chain.from_iterable({id(own): own for own in times}.values()))
        flat = np.fromiter(chain.from_iterable(values), np.float64, total)
        places = np.repeat(columns, counts)
        agreed = self._agree(minutes, places, flat, np.repeat(apart, counts))
        for ring, told in ((self._history, flat), (self._exact, flat), (self._agreed, agreed)):
            ring.open(at // PERIOD_S for at in opened)
            ring.put(minutes, places, told)

    def _agree(self, minutes: Integers, places: Integers, values: Floats, apart: npt.NDArray[np.bool_]) -> Floats:
        """1 where a value is what was read some time before, or where that was known already; 0 elsewhere."""
        same = self._exact.at(minutes, places) == values
        return np.where(same, np.where(apart, 1.0, self._agreed.at(minutes, places)), 0.0)

    def _cover(self, columns: Integers, as_of: float, start: int | None) -> None:
        """A whole read that begins before the last one ended goes on with what is known; any other begins anew."""
        begins = as_of if start is None else float(start)
        goes_on = (begins <= self._until[columns]) & (start is not None)
        self._since[columns] = np.where(goes_on, np.minimum(self._since[columns], begins), begins)
        self._until[columns] = as_of

    def _refuse(self, told: Answers, columns: Integers, places: Sequence[int]) -> None:
        for place in places:
            why = told.messages.get(place) or f"CloudWatch answered {told.verdicts[place].value} for it"
            self._failures[int(columns[place])] = why

    def _layout(self, series: tuple[SeriesKey, ...]) -> Integers:
        """The columns of these series. A tuple that was seen before is known by its identity: hashing it costs more."""
        known = self._layouts.get(id(series))
        if known is not None:
            return known[1]
        columns = self.columns(series)
        if len(self._layouts) >= _LAYOUTS:
            self._layouts.clear()
        self._layouts[id(series)] = (series, columns)  # held here, its identity belongs to nobody else
        return columns

    def _touch(self, columns: Integers) -> None:
        self._revision += 1
        self._revisions[columns] = self._revision


def _codes(verdicts: Sequence[Completeness]) -> npt.NDArray[np.uint8]:
    """The verdicts as they are kept. Nearly always all are the same, and counting costs less than looking each up."""
    if verdicts and verdicts.count(verdicts[0]) == len(verdicts):
        return np.full(len(verdicts), _CODES[verdicts[0]], dtype=np.uint8)
    return np.array([_CODES[verdict] for verdict in verdicts], dtype=np.uint8)


def _joined(times: Sequence[Sequence[int]], total: int) -> Integers:
    """All times in one array. Long lists that are the same object are looked at once; of short ones, that is dearer."""
    if total < _SHORT * len(times):
        return np.fromiter(chain.from_iterable(times), np.int64, total)
    distinct = {id(own): own for own in times}
    arrays = {name: np.array(own, dtype=np.int64) for name, own in distinct.items()}
    return np.concatenate([arrays[id(own)] for own in times])
