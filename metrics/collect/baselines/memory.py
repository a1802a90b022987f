"""What was learned of the series of a fleet, in memory and on disk."""

import asyncio
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from smtop.metrics.baseline_file import Kept
from smtop.metrics.clock import Clock
from smtop.metrics.collect.baselines.learned import Learned
from smtop.metrics.collect.baselines.roster import Pupil
from smtop.metrics.collect.baselines.stretches import HISTORY_S, filled, settled_end
from smtop.metrics.domain.series import PERIOD_S, SeriesKey, Track
from smtop.metrics.store import Asked, Store

NEW_SAVED_S, SAVED_S = 600.0, 3600.0
"""How often is written down what was read, and what was learned since."""

_T = TypeVar("_T")

_LOOK_BACK_MINUTES = 180
_AT_ONCE = 20
"""Series between two chances for others to do something."""


class Shelf(Protocol):
    """Where it is kept between two runs; used in a thread."""

    def load(self) -> dict[SeriesKey, Kept]:
        """What was saved last."""

    def save(self, learned: Mapping[SeriesKey, Kept]) -> bool:
        """Keeps it; False where that cannot be done."""


class Memory:
    """Every series that was learned. What is on disk waits there as text until its endpoint is seen."""

    def __init__(self, shelf: Shelf, store: Store, clock: Clock) -> None:
        self._shelf = shelf
        self._store = store
        self._clock = clock
        self._learned: dict[SeriesKey, Learned] = {}
        self._kept: dict[SeriesKey, Kept] | None = None
        self._saving: asyncio.Future[bool] | None = None
        self._saved_at = clock.monotonic()
        self._has_new = False

    def __len__(self) -> int:
        return len(self._learned)

    def of(self, key: SeriesKey) -> Learned | None:
        return self._learned.get(key)

    def put(self, key: SeriesKey, learned: Learned) -> None:
        """Something that was paid for: it is written down soon."""
        self._learned[key] = learned
        self._has_new = True

    def forget(self, keys: Iterable[SeriesKey], created_at: float | None = None) -> None:
        """Forgets these series, but for those of an endpoint that was created at this time."""
        for key in keys:
            learned = self._learned.get(key)
            if learned is not None and learned.created_at != created_at:
                del self._learned[key]

    async def recall(self, pupils: Iterable[Pupil]) -> None:
        """Takes from disk what an earlier run has learned of these endpoints."""
        if self._kept is None:
            self._kept = await asyncio.to_thread(self._shelf.load)
        now = self._clock.wall()
        for pupil in list(pupils) if self._kept else ():
            for key in pupil.keys:
                kept = self._kept.pop(key, None)
                if kept is None or key in self._learned:
                    continue
                if kept.created_at == pupil.created_at and now - HISTORY_S < kept.until <= now:
                    self._take(key, kept)
                    await asyncio.sleep(0)

    def _take(self, key: SeriesKey, kept: Kept) -> None:
        try:
            self._learned[key] = Learned.of(kept)
        except (ValueError, TypeError, LookupError, AttributeError):
            return  # it was not smtop that wrote it: it is read again

    async def learn(self, counts: Container[SeriesKey], within_s: float) -> None:
        """Learns the minutes that have settled since, of series of which no longer stretch is missing than that.

        Those in `counts` have a zero in every minute without a point.
        """
        now = self._clock.wall()
        keys = [key for key, learned in self._learned.items() if now - learned.until < within_s]
        for some in few(keys):
            present = [(key, learned) for key in some if (learned := self._learned.get(key))]
            lag_s = max((now - learned.until for _, learned in present), default=0.0)
            minutes = min(int(lag_s // PERIOD_S) + 2, _LOOK_BACK_MINUTES)
            tracks = self._store.recent([key for key, _ in present], now, minutes)
            for (key, learned), track in zip(present, tracks, strict=True):
                _learn(learned, track, self._store.asked(key), now, counts=key in counts)
            await asyncio.sleep(0)

    @property
    def is_due(self) -> bool:
        """Whether it is time to save."""
        return self._clock.monotonic() - self._saved_at > (NEW_SAVED_S if self._has_new else SAVED_S)

    async def save(self) -> None:
        """Writes down everything, also what waits for endpoints that were not seen; returns when it is written."""
        kept: dict[SeriesKey, Kept] = {}
        for some in few(list(self._learned)):
            kept |= {key: self._learned[key].kept() for key in some if key in self._learned}
            await asyncio.sleep(0)
        await self._saved()
        self._has_new, self._saved_at = False, self._clock.monotonic()
        self._saving = asyncio.ensure_future(asyncio.to_thread(self._shelf.save, {**(self._kept or {}), **kept}))
        await self._saved()

    async def close(self) -> None:
        """Writes down what is new."""
        if self._has_new or (self._learned and self._clock.monotonic() - self._saved_at > NEW_SAVED_S):
            await self.save()
        await self._saved()

    async def _saved(self) -> None:
        """Two writers would write into each other's draft; who is cancelled leaves the writer to its work."""
        if self._saving is not None:
            await asyncio.shield(self._saving)


def _learn(learned: Learned, track: Track, asked: Asked, now: float, *, counts: bool) -> None:
    if asked.until is None:
        return
    settled, growing = track.settling(now)
    points = [point for point in settled if point.at >= learned.until]
    end = settled_end(asked.until)
    if points:
        end = max(end, points[-1].at + PERIOD_S)
    if growing is not None:
        end = min(end, growing)
    if counts and learned.begun and asked.since is not None:
        known_from = max(learned.until, -int(-asked.since // PERIOD_S) * PERIOD_S)
        points = [*(point for point in points if point.at < known_from), *filled(points, known_from, end)]
    learned.learn(points, end)
    learned.catch_up()


def few(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """As many as may be gone through before others have their chance."""
    return (items[first : first + _AT_ONCE] for first in range(0, len(items), _AT_ONCE))
