"""How fast smtop may talk to AWS: a pace per operation, and a bound on calls in flight; both learn from throttles."""

import asyncio
import heapq
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import count

from smtop.metrics.clock import Clock
from smtop.metrics.ports import INSIGHTS, Priority

priority: ContextVar[Priority] = ContextVar("priority", default=Priority.HOT)
"""How urgent the calls of the current task are."""


@dataclass(frozen=True)
class Rate:
    """Calls a second of one operation: to start with, and at most after a long time without a throttle."""

    start: float
    most: float


RATES: Mapping[str, Rate] = {
    "cloudwatch:GetMetricData": Rate(10.0, 25.0),
    "cloudwatch:ListMetrics": Rate(3.0, 10.0),
    INSIGHTS: Rate(2.0, 5.0),
}
"""A fraction of AWS's quotas, which the account's other tools need too; operations not named are not paced."""

_LEAST_PER_S = 0.5
_CALLS_PER_STEP = 10.0
"""One more call a second for every ten seconds of full use without a throttle."""
_REACTION_S = 1.0
"""Throttles within this time of each other are one: the calls were under way together."""


class Pace:
    """A Gate of one account and region: it spaces the calls of each operation, the most urgent first."""

    def __init__(self, clock: Clock, rates: Mapping[str, Rate] = RATES) -> None:
        self._lanes = {operation: _Lane(clock, rate) for operation, rate in rates.items()}

    async def admit(self, operation: str) -> None:
        lane = self._lanes.get(operation)
        if lane is not None:
            await lane.admit()

    def throttled(self, operation: str) -> None:
        lane = self._lanes.get(operation)
        if lane is not None:
            lane.throttled()

    def rate_per_s(self, operation: str) -> float | None:
        """The pace of an operation at present; None where it is not paced."""
        lane = self._lanes.get(operation)
        return lane.rate_per_s if lane else None


class _Lane:
    """Tokens of one operation, a second's worth at most; whoever waits for one is served by urgency."""

    def __init__(self, clock: Clock, rate: Rate) -> None:
        self._clock = clock
        self._rate = rate
        self.rate_per_s = rate.start
        self._tokens = rate.start
        self._counted_at = clock.monotonic()
        self._slowed_at = float("-inf")
        self._waiting: list[tuple[Priority, int, asyncio.Future[None]]] = []
        self._order = count()
        self._serving: asyncio.Task[None] | None = None

    async def admit(self) -> None:
        if not self._waiting and self._take():
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority.get(), next(self._order), turn))
        if self._serving is None:
            self._serving = asyncio.ensure_future(self._serve())
        try:
            await turn
        finally:
            self._leave()

    def throttled(self) -> None:
        """Half the pace from now on; each call that is let through adds a little again."""
        now = self._clock.monotonic()
        if now - self._slowed_at < _REACTION_S:
            return
        self._slowed_at = now
        self._count()
        self.rate_per_s = max(self.rate_per_s / 2, _LEAST_PER_S)
        self._tokens = min(self._tokens, 0.0)

    def _take(self) -> bool:
        self._count()
        if self._tokens < 1.0 - 1e-9:
            return False
        self._tokens -= 1.0
        self.rate_per_s = min(self.rate_per_s + 1.0 / (_CALLS_PER_STEP * self.rate_per_s), self._rate.most)
        return True

    def _count(self) -> None:
        now = self._clock.monotonic()
        earned = (now - self._counted_at) * self.rate_per_s
        self._tokens = min(self._tokens + earned, max(self.rate_per_s, 1.0))
        self._counted_at = now

    async def _serve(self) -> None:
        """Lives for as long as somebody waits."""
        while self._waiting:
            if self._take():
                _, _, turn = heapq.heappop(self._waiting)
                if not turn.done():
                    turn.set_result(None)
            else:
                await self._clock.sleep((1.0 - self._tokens) / self.rate_per_s)
        self._serving = None

    def _leave(self) -> None:
        """Forgets those that no longer wait; with the last of them ends the service."""
        self._waiting = [entry for entry in self._waiting if not entry[2].done()]
        heapq.heapify(self._waiting)
        if not self._waiting and self._serving is not None:
            self._serving.cancel()
            self._serving = None


class RetryBudget:
    """Retries are at most a share of all calls, after a few that are free."""

    def __init__(self, share: float = 0.1, free: float = 10.0) -> None:
        self._share = share
        self._most = free
        self._left = free

    def called(self) -> None:
        self._left = min(self._left + self._share, self._most)

    def allows(self) -> bool:
        """Takes one retry from the budget; False where nothing is left."""
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


class InFlight:
    """Bounds calls in flight: one more for every round of successes, half as many after a throttle."""

    def __init__(self, start: int = 32, most: int = 64) -> None:
        self._allowed = float(start)
        self._most = most
        self._under_way = 0
        self._changed = asyncio.Condition()

    @property
    def allowed(self) -> int:
        return int(self._allowed)

    async def __aenter__(self) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._under_way < self.allowed)
            self._under_way += 1

    async def __aexit__(self, *_exc: object) -> None:
        async with self._changed:
            self._under_way -= 1
            self._changed.notify(max(self.allowed - self._under_way, 1))

    def succeeded(self) -> None:
        self._allowed = min(self._most, self._allowed + 1.0 / self._allowed)

    def throttled(self) -> None:
        self._allowed = max(1.0, self._allowed / 2)
