"""How fast smtop may talk to AWS: a pace for calls and for datapoints, and a budget for retries.

Both paces learn from throttles. What AWS publishes no quota for is not paced before its first throttle.
"""

import asyncio
import heapq
import random
from collections import defaultdict, deque
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
    """Calls or datapoints a second: to start with, and at most after a long time without a throttle."""

    start: float
    most: float


RATES: Mapping[str, Rate] = {
    "cloudwatch:GetMetricData": Rate(10.0, 25.0),
    "cloudwatch:ListMetrics": Rate(8.0, 10.0),
    INSIGHTS: Rate(2.0, 5.0),
    "cloudwatch:DescribeAlarms": Rate(4.0, 4.0),
    "application-autoscaling:DescribeScalableTargets": Rate(10.0, 10.0),
    "application-autoscaling:DescribeScalingPolicies": Rate(10.0, 10.0),
    "application-autoscaling:DescribeScalingActivities": Rate(10.0, 10.0),
}
"""Calls of an operation: a fraction of AWS's quotas, which the account's other tools need too."""

DATAPOINTS: Mapping[str, Rate] = {"cloudwatch:GetMetricData": Rate(60_000.0, 90_000.0)}
"""Datapoints that an operation is asked for. AWS allows 180,000 a second of the last three hours, and more before."""

ATTEMPTS = 3
"""How often a call is sent at most."""

most_attempts: ContextVar[int] = ContextVar("most_attempts", default=ATTEMPTS)
"""The same for the calls of the current task: what is asked again soon anyway need not be sent again at once."""

_LEAST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 8.0
_PATIENCE_S = 30.0
"""Who is told to come back later than this is asked in the next cycle instead."""

_LEAST_SHARE, _LEAST_PER_S = 0.05, 0.5
"""The lowest pace: a share of the first, or this many a second."""
_GROWTH = 0.01
"""How much of the first pace is added for every second of full use without a throttle."""
_LEARNED_MOST_PER_S, _LEARNED_GROWTH_PER_S = 50.0, 1.0
"""What AWS publishes no quota for is at first paced by what happened to be under way, and that may have been little."""
_REACTION_S = 1.0
"""Throttles within this time of each other are one: the calls were under way together."""


class Pace:
    """A Gate of one account and region: it spaces calls and datapoints, the most urgent first, and grants retries."""

    def __init__(
        self,
        clock: Clock,
        rng: random.Random,
        rates: Mapping[str, Rate] = RATES,
        datapoints: Mapping[str, Rate] = DATAPOINTS,
    ) -> None:
        self._clock = clock
        self._rng = rng
        self._calls = {operation: _Lane(clock, rate) for operation, rate in rates.items()}
        self._datapoints = {operation: _Lane(clock, rate) for operation, rate in datapoints.items()}
        self._unpaced: defaultdict[str, _Count] = defaultdict(lambda: _Count(clock))
        self._retries = RetryBudget()

    async def admit(self, operation: str, datapoints: int = 0) -> None:
        if datapoints and operation in self._datapoints:
            await self._datapoints[operation].admit(datapoints)
        if operation in self._calls:
            await self._calls[operation].admit()
        else:
            self._unpaced[operation].add()
        self._retries.called()

    def throttled(self, operation: str) -> None:
        if operation not in self._calls:
            seen_per_s = self._unpaced.pop(operation).per_s()
            learned = Rate(seen_per_s, max(seen_per_s, _LEARNED_MOST_PER_S))
            self._calls[operation] = _Lane(self._clock, learned, _LEARNED_GROWTH_PER_S)
        for lanes in (self._calls, self._datapoints):
            if operation in lanes:
                lanes[operation].throttled()

    async def may_retry(self, attempts: int, retry_after_s: float = 0.0) -> bool:
        if attempts >= most_attempts.get() or retry_after_s > _PATIENCE_S or not self._retries.allows():
            return False
        longest_s = min(_LEAST_PAUSE_S * 4**attempts, _LONGEST_PAUSE_S)
        await self._clock.sleep(max(self._rng.uniform(_LEAST_PAUSE_S, longest_s), retry_after_s))
        return True

    def rate_per_s(self, operation: str) -> float | None:
        """The pace of an operation's calls at present; None where it is not paced."""
        lane = self._calls.get(operation)
        return lane.rate_per_s if lane else None

    def datapoints_per_s(self, operation: str) -> float | None:
        """The pace of an operation's datapoints at present; None where they are not paced."""
        lane = self._datapoints.get(operation)
        return lane.rate_per_s if lane else None


class _Lane:
    """Tokens, a second's worth at most; whoever waits for some is served by urgency.

    Who needs more than a second's worth waits until there is as much, and leaves a debt.
    """

    def __init__(self, clock: Clock, rate: Rate, growth_per_s: float | None = None) -> None:
        self._clock = clock
        self._rate = rate
        self._growth_per_s = rate.start * _GROWTH if growth_per_s is None else growth_per_s
        self.rate_per_s = rate.start
        self._tokens = rate.start
        self._counted_at = clock.monotonic()
        self._slowed_at = float("-inf")
        self._waiting: list[tuple[Priority, int, float, asyncio.Future[None]]] = []
        self._order = count()
        self._serving: asyncio.Task[None] | None = None

    async def admit(self, tokens: float = 1.0) -> None:
        if not self._waiting and self._take(tokens):
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority.get(), next(self._order), tokens, turn))
        if self._serving is None:
            self._serving = asyncio.ensure_future(self._serve())
        try:
            await turn
        finally:
            self._leave()

    def throttled(self) -> None:
        """Half the pace from now on; all that is let through adds a little again."""
        now = self._clock.monotonic()
        if now - self._slowed_at < _REACTION_S:
            return
        self._slowed_at = now
        self._count()
        self.rate_per_s = max(self.rate_per_s / 2, self._rate.start * _LEAST_SHARE, _LEAST_PER_S)
        self._tokens = min(self._tokens, 0.0)

    @property
    def _most_tokens(self) -> float:
        return max(self.rate_per_s, 1.0)

    def _take(self, tokens: float) -> bool:
        self._count()
        if self._lacks(tokens) > 1e-9 * tokens:
            return False
        self._tokens -= tokens
        growth = self._growth_per_s * tokens / self.rate_per_s
        self.rate_per_s = min(self.rate_per_s + growth, self._rate.most)
        return True

    def _lacks(self, tokens: float) -> float:
        return min(tokens, self._most_tokens) - self._tokens

    def _count(self) -> None:
        now = self._clock.monotonic()
        earned = (now - self._counted_at) * self.rate_per_s
        self._tokens = min(self._tokens + earned, self._most_tokens)
        self._counted_at = now

    async def _serve(self) -> None:
        """Lives for as long as somebody waits."""
        while self._waiting:
            _, _, tokens, turn = self._waiting[0]
            if turn.done() or self._take(tokens):
                heapq.heappop(self._waiting)
                if not turn.done():
                    turn.set_result(None)
            else:
                await self._clock.sleep(self._lacks(tokens) / self.rate_per_s)
        self._serving = None

    def _leave(self) -> None:
        """Forgets those that no longer wait; with the last of them ends the service."""
        self._waiting = [entry for entry in self._waiting if not entry[-1].done()]
        heapq.heapify(self._waiting)
        if not self._waiting and self._serving is not None:
            self._serving.cancel()
            self._serving = None


class _Count:
    """The calls of the last second."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._made_at: deque[float] = deque()

    def add(self) -> None:
        self._made_at.append(self._clock.monotonic())
        self._forget()

    def per_s(self) -> float:
        self._forget()
        return max(len(self._made_at), 1.0)

    def _forget(self) -> None:
        while self._made_at and self._made_at[0] <= self._clock.monotonic() - 1.0:
            self._made_at.popleft()


class RetryBudget:
    """Retries are at most a share of all calls, after a few that are free: calls under way together fail together."""

    def __init__(self, share: float = 0.1, free: float = 32.0) -> None:
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
