"""What is usual for the headline series of a fleet: kept on disk, read from history once, learned minute by minute."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from smtop.metrics.analysis.baseline import KNOWN_AFTER_POINTS, KNOWN_AFTER_S
from smtop.metrics.analysis.subject import Usual
from smtop.metrics.baseline_file import MOST_SERIES
from smtop.metrics.clock import Clock
from smtop.metrics.collect.baselines import reader
from smtop.metrics.collect.baselines.allowance import Allowance
from smtop.metrics.collect.baselines.learned import Learned
from smtop.metrics.collect.baselines.memory import Memory, Shelf, few
from smtop.metrics.collect.baselines.roster import CROWDED, IDLE, REFUSED, TOO_LITTLE, UNREAD, Pupil, pupil
from smtop.metrics.collect.baselines.stretches import taught
from smtop.metrics.collect.budget import Budget, unbounded
from smtop.metrics.collect.fetch import Fetcher
from smtop.metrics.collect.plan import Ask
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.series import PERIOD_S, SeriesKey
from smtop.metrics.limiter import most_attempts, priority
from smtop.metrics.ports import Priority
from smtop.metrics.store import Store

PIECE = 10
"""Endpoints whose history is read between two cycles."""

STALE_S = 3600
"""What was not learned for longer says nothing of the hour."""

RENEWED_AFTER_S = 86_400
"""A longer gap is read from history."""

RETRY_S = 1800.0
"""How soon what failed is read again."""

OLD_ENOUGH_S = KNOWN_AFTER_S + KNOWN_AFTER_POINTS * PERIOD_S
"""An endpoint that is younger has no history to speak of."""

_READ_AT_ONCE = 3
"""Endpoints: what a request has room for, and what is told when it is known."""

_TAUGHT_AT_ONCE = 20
"""Points between two chances for others to do something: a millisecond."""


Busy = Callable[[str], float]
"""Requests a minute of an endpoint; 0 where there were none of late."""


class Baselines:
    """The baselines of one fleet. Work is done beside the cycles, in small steps; `told` is called when it is done.

    What `max_usd_per_hour` leaves after the polling is what histories may cost.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        store: Store,
        clock: Clock,
        shelf: Shelf,
        *,
        max_usd_per_hour: Budget = unbounded,
        told: Callable[[], None] = lambda: None,
    ) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._memory = Memory(shelf, store, clock)
        self._allowance = Allowance(clock, max_usd_per_hour)
        self._told = told
        self._pupils: dict[str, Pupil] = {}
        self._working: asyncio.Task[None] | None = None
        self._pending_usd = 0.0
        self.revision = 0
        """Changes whenever some endpoint has a baseline, or another reason to have none."""

    def usual(self, key: SeriesKey) -> Usual | None:
        """What is usual for a series now; None where that is not known."""
        learned = self._memory.of(key)
        if learned is None or self._clock.wall() - learned.until > STALE_S:
            return None
        return learned.usual

    def why_none(self, name: str) -> str | None:
        """Why some series of an endpoint has no baseline; None where each has one or is not worth one."""
        known = self._pupils.get(name)
        return known.why if known else UNREAD

    @property
    def usd_per_hour(self) -> float:
        """What reading histories costs in the next hour; nothing once they are read."""
        return min(self._pending_usd, self._allowance.usd_per_hour)

    @property
    def notices(self) -> tuple[str, ...]:
        """What the budget keeps from being read."""
        if not self._pending_usd or self._allowance.usd_per_hour > 0:
            return ()
        return (f"The budget leaves nothing for the history of baselines: ${self._pending_usd:.5f}, once.",)

    # What the poller tells

    def enrol(self, endpoint: Endpoint, asks: Sequence[Ask]) -> None:
        """An endpoint as it is described now; of one that was created anew nothing is known."""
        known, new = self._pupils.get(endpoint.name), pupil(endpoint, asks)
        if known is not None:
            self._memory.forget(known.keys, new.created_at)
            self._memory.forget(set(known.keys) - set(new.keys) if new.keys else ())
            if known.created_at == new.created_at and known.keys == new.keys:
                new.why, new.failed_at = known.why, known.failed_at
        self._pupils[endpoint.name] = new

    def dismiss(self, names: Iterable[str]) -> None:
        """These endpoints are no more."""
        for name in names:
            gone = self._pupils.pop(name, None)
            self._memory.forget(gone.keys if gone else ())

    # What is done

    def begin(self, busy: Busy, usd_per_hour: float) -> None:
        """Learns what is new, reads a piece of history, and returns at once.

        The busiest endpoints come first, and those that nobody has called of late not at all. Polling costs
        `usd_per_hour`.
        """
        self._allowance.polling_costs(usd_per_hour)
        if self._working is None or self._working.done():
            self._working = asyncio.ensure_future(self._work(busy))

    async def recall(self, read: Iterable[str] = ()) -> None:
        """Learns what is new on top of what is kept, and reads the history of these endpoints; for who asks once."""
        await asyncio.ensure_future(self._recall(read))

    async def close(self) -> None:
        """Ends what is being done, and writes down what is new."""
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)
        await self._memory.close()

    async def _work(self, busy: Busy) -> None:
        await self._learn()
        await self._explain(busy)
        piece = await self._piece(busy)
        for first in range(0, len(piece), _READ_AT_ONCE):
            await self._read(piece[first : first + _READ_AT_ONCE])
            await self._explain(busy)
        if self._memory.is_due:
            await self._memory.save()

    async def _recall(self, read: Iterable[str]) -> None:
        await self._learn()
        lacking = [self._pupils[name] for name in read if name in self._pupils and self._lacks(self._pupils[name])]
        if lacking:
            await self._read(lacking)
            await self._memory.save()
        await self._explain(lambda _: 1.0)

    async def _learn(self) -> None:
        await self._memory.recall(self._pupils.values())
        counts = {key for each in self._pupils.values() for key in each.counts}
        await self._memory.learn(counts, RENEWED_AFTER_S)

    # Reading histories

    async def _piece(self, busy: Busy) -> list[Pupil]:
        """The busiest endpoints that lack something, as many as may be read now."""
        lacking = await self._lacking(busy)
        prices = [reader.usd(self._missing([each]), self._clock.wall()) for each in lacking]
        piece: list[Pupil] = []
        for each, usd in zip(lacking[:PIECE], prices, strict=False):
            if not self._allowance.take(usd):
                break
            piece.append(each)
        self._pending_usd = sum(prices[len(piece) :])
        return piece

    async def _lacking(self, busy: Busy) -> list[Pupil]:
        """The busiest first, as many as there is room for."""
        now, calls = self._clock.wall(), dict[str, float]()
        for some in few(list(self._pupils.values())):
            lacking = (each for each in some if now - each.failed_at >= RETRY_S and self._lacks(each))
            calls |= {each.name: busy(each.name) for each in lacking}
            await asyncio.sleep(0)
        called = [self._pupils[name] for name in calls if calls[name] > 0 and name in self._pupils]
        called.sort(key=lambda each: (-calls[each.name], each.name))
        room, found = MOST_SERIES - len(self._memory), []
        for each in called:
            room -= sum(self._memory.of(key) is None for key in each.keys)
            if room >= 0:
                found.append(each)
        return found

    def _lacks(self, one: Pupil) -> bool:
        is_old = self._clock.wall() - one.created_at >= OLD_ENOUGH_S
        return is_old and any(map(self._is_missing, one.keys))

    def _is_missing(self, key: SeriesKey) -> bool:
        learned = self._memory.of(key)
        return learned is None or self._clock.wall() - learned.until >= RENEWED_AFTER_S

    def _missing(self, pupils: Iterable[Pupil]) -> reader.Lacking:
        groups: dict[float, list[SeriesKey]] = {}
        for each in pupils:
            for key in filter(self._is_missing, each.keys):
                learned = self._memory.of(key)
                groups.setdefault(learned.until if learned else each.created_at, []).append(key)
        return groups

    async def _read(self, pupils: Sequence[Pupil]) -> None:
        """Reads and teaches what these endpoints lack."""
        priority.set(Priority.BACKFILL)  # both hold in this task alone
        most_attempts.set(1)
        histories = await reader.read(self._fetcher, self._missing(pupils), self._clock.wall())
        for each in pupils:
            for key in filter(self._is_missing, each.keys):
                if key in histories:
                    await self._teach(each, key, histories[key])
                else:
                    each.failed_at = self._clock.wall()

    async def _teach(self, one: Pupil, key: SeriesKey, history: reader.History) -> None:
        """Keeps a series once it has learned everything, unless its endpoint is another one by then."""
        learned = self._memory.of(key) or Learned(one.created_at)
        for window, answer in history:
            points = taught(key, window, answer, counts=key in one.counts, begun=learned.begun)
            for first in range(0, len(points), _TAUGHT_AT_ONCE):
                learned.learn(points[first : first + _TAUGHT_AT_ONCE])
                await asyncio.sleep(0)
            learned.learn((), window.end)
        learned.catch_up()
        present = self._pupils.get(one.name)
        if present is not None and present.created_at == one.created_at:
            self._memory.put(key, learned)

    # What is told

    async def _explain(self, busy: Busy) -> None:
        """Says anew why endpoints have no baseline."""
        changed = False
        for some in few(list(self._pupils.values())):
            for each in some:
                why = self._why(each, busy)
                changed, each.why = changed or why != each.why, why
            await asyncio.sleep(0)
        if changed:
            self.revision += 1
            self._told()

    def _why(self, one: Pupil, busy: Busy) -> str | None:
        if all(self.usual(key) is not None for key in one.keys):
            return None
        if not busy(one.name):
            return IDLE
        if not self._lacks(one):
            return TOO_LITTLE
        if self._clock.wall() - one.failed_at < RETRY_S:
            return REFUSED
        return CROWDED if len(self._memory) >= MOST_SERIES else UNREAD
