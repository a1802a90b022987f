"""How fast smtop may talk to AWS: a pace per operation, and a bound on calls in flight that learns from throttles."""

import asyncio
from collections.abc import Mapping

from smtop.metrics.clock import Clock

RATES_PER_S = {"cloudwatch:GetMetricData": 10.0, "cloudwatch:ListMetrics": 3.0}
"""A fraction of AWS's quotas, which the account's other tools need too; operations not named are not paced."""


class Pace:
    """A Gate that spaces the calls of each operation evenly, after a burst of one second's worth."""

    def __init__(self, clock: Clock, rates_per_s: Mapping[str, float] = RATES_PER_S) -> None:
        self._clock = clock
        self._rates_per_s = rates_per_s
        self._free_at: dict[str, float] = {}

    async def admit(self, operation: str) -> None:
        rate = self._rates_per_s.get(operation)
        if rate is None:
            return
        now = self._clock.monotonic()
        slot = max(self._free_at.get(operation, 0.0), now - 1.0) + 1.0 / rate
        self._free_at[operation] = slot
        if slot > now:
            await self._clock.sleep(slot - now)


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
            self._changed.notify_all()

    def succeeded(self) -> None:
        self._allowed = min(self._most, self._allowed + 1.0 / self._allowed)

    def throttled(self) -> None:
        self._allowed = max(1.0, self._allowed / 2)
