"""How long a cycle goes on with what can wait, so that what is polled each minute need not."""

import asyncio

from smtop.metrics.clock import Clock
from smtop.metrics.collect.tiers import TICK_S

LASTS_S = TICK_S - 10.0
"""A cycle takes up what was described, and goes on with first looks, for so long; the rest is due in the next one."""


class Shift:
    """The time of one cycle. Without a beginning, as for who asks only once, there is no end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends_at: float | None = None
        self.was_cut_short = False

    def begin(self) -> None:
        self._ends_at = self._clock.monotonic() + LASTS_S
        self.was_cut_short = False

    @property
    def is_watched(self) -> bool:
        """Whether cycle follows on cycle, so that something may be left for the next one."""
        return self._ends_at is not None

    @property
    def has_ended(self) -> bool:
        return self._ends_at is not None and self._clock.monotonic() >= self._ends_at

    async def ended(self) -> None:
        """Waits for the end."""
        if self._ends_at is None:
            await asyncio.Event().wait()
        else:
            await self._clock.sleep(max(self._ends_at - self._clock.monotonic(), 0.0))

    def is_over(self) -> bool:
        """To be asked by who has more to do and then leaves it."""
        self.was_cut_short = self.was_cut_short or self.has_ended
        return self.has_ended
