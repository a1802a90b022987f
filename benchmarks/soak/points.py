"""Whether what smtop has stored is what AWS published, point by point.

A minute that AWS told whole must be stored as it became in the end. Three reasons may excuse another value, and are
counted: the minute was younger than five minutes when the series was last read, so that smtop would have read it again;
it was, and the series was then left alone for hours, as those are of which nobody wants to know; or AWS published it
later than five minutes after it began, when nobody reads it any more. Everything else is a loss.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from smtop.metrics.collect.tiers import WARM_S
from smtop.metrics.domain.series import PERIOD_S, SETTLED_S, SeriesKey
from smtop.metrics.ports import Answer, Answers, Completeness
from smtop.metrics.store import Store

_BEFORE_MIN: Final = 200
"""The first look at an endpoint goes back three hours."""

_NEVER: Final = np.float32(-1e9)
_NAMED: Final = 10

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]


class Reader:
    """Listens to a store: which minutes of which series AWS has told whole, and when that was asked last."""

    def __init__(self, opened: float, minutes: int, most_series: int) -> None:
        self.first_minute = int(opened // PERIOD_S) - _BEFORE_MIN
        self.read_at: Singles = np.full((most_series, _BEFORE_MIN + minutes), _NEVER, dtype=np.float32)
        """By place in the store and minute, in seconds since the first minute."""

    def listen(self, store: Store) -> None:
        record = store.record

        def recording(answers: Mapping[SeriesKey, Answer], as_of: float, start: int | None = None) -> None:
            record(answers, as_of, start)
            if start is not None:
                self._note(store, Answers.of(answers), as_of, start)

        store.record = recording  # type: ignore[method-assign]

    def _note(self, store: Store, told: Answers, as_of: float, start: int) -> None:
        whole = [place for place, verdict in enumerate(told.verdicts) if verdict is Completeness.COMPLETE]
        columns = store.columns(tuple(told.series[place] for place in whole))
        first = max(start // PERIOD_S - self.first_minute, 0)
        end = -int(-as_of // PERIOD_S) - self.first_minute
        self.read_at[columns, first:end] = as_of - self.first_minute * PERIOD_S


@dataclass(frozen=True)
class Stored:
    """What a store held, and what it had been told, at one moment: arrays of shape (series, minutes)."""

    series: Sequence[SeriesKey]
    start: int
    values: Singles
    read_at: Singles

    @property
    def end(self) -> int:
        return self.start + int(self.values.shape[1]) * PERIOD_S


def stored(store: Store, reader: Reader, now: float) -> Stored:
    """A copy of all that there is. To be called where the store is written."""
    series = list(store._columns)
    minutes = int(now // PERIOD_S) + 1 - reader.first_minute
    starts, block = store._block(series, int(now // PERIOD_S), minutes)
    values = np.full((len(series), minutes), np.nan, dtype=np.float32)
    values[:, np.array(starts, dtype=np.int64) // PERIOD_S - reader.first_minute] = block.T
    start = reader.first_minute * PERIOD_S
    return Stored(series, start, values, reader.read_at[: len(series), :minutes].copy())


@dataclass
class Comparison:
    """How many points were compared, how many were excused and why, and which were lost.

    `young` were to be read again, `alone` would have been if the series had not been left out for hours, and `overdue`
    came when nobody reads them any more.
    """

    series: int = 0
    compared: int = 0
    young: int = 0
    alone: int = 0
    overdue: int = 0
    lost: int = 0
    named: list[str] = field(default_factory=list)


def compared(had: Stored, truth: Floats, held: Mapping[tuple[str, int], float]) -> Comparison:
    """Holds what was stored against what became of it. `held` says until when overdue points were held back."""
    became = truth.astype(np.float32)
    same = np.isclose(had.values, became, rtol=1e-6, atol=0.0, equal_nan=True)
    told = had.read_at > _NEVER
    result = Comparison(
        series=int(told.any(axis=1).sum()), compared=int((told & ~(np.isnan(had.values) & np.isnan(became))).sum())
    )
    last = had.read_at.max(axis=1)
    for row, place in _differing(told, same, had.values):
        _judge(result, had, (row, place), last[row], became, held)
    return result


def _differing(told: npt.NDArray[np.bool_], same: npt.NDArray[np.bool_], values: Singles) -> Iterator[tuple[int, int]]:
    """Points that differ, of minutes that were told whole, or that are there though they never were."""
    rows, places = np.nonzero(~same & (told | ~np.isnan(values)))
    yield from zip(rows.tolist(), places.tolist(), strict=True)


def _judge(
    result: Comparison,
    had: Stored,
    at: tuple[int, int],
    last: np.float32,
    became: Singles,
    held: Mapping[tuple[str, int], float],
) -> None:
    row, place = at
    minute, key = had.start + place * PERIOD_S, had.series[row]
    read_at = float(had.read_at[row, place])
    age_s = read_at - place * PERIOD_S
    if held.get((_publisher(key), minute), 0.0) - minute > SETTLED_S:
        result.overdue += 1
    elif age_s <= SETTLED_S and read_at == float(last):
        result.young += 1
    elif age_s <= SETTLED_S and _next_read(had, row, read_at) - read_at > WARM_S - SETTLED_S:
        result.alone += 1
    else:
        result.lost += 1
        if len(result.named) < _NAMED:
            names = " ".join((key.metric.name, key.stat, *(value for _, value in key.metric.dimensions)))
            values = f"{had.values[row, place]} stored, {became[row, place]} published"
            result.named.append(f"{names} at {minute}: {values}, read at the age of {age_s:.0f} s")


def _next_read(had: Stored, row: int, read_at: float) -> float:
    """When the series was read next; no later read has reached as far back as the first minute of that one."""
    later = had.read_at[row][had.read_at[row] > read_at]
    return float(later[0])


def _publisher(key: SeriesKey) -> str:
    values = dict(key.metric.dimensions)
    return values.get("EndpointName") or values.get("InferenceComponentName") or ""


def held_points(told: Sequence[Sequence[Any]]) -> dict[tuple[str, int], float]:
    """Overdue points, by what publishes them and minute, as the weather tells them."""
    return {(str(name), int(minute)): float(until) for name, minute, until in told}
