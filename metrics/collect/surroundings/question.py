"""One thing that is asked of AWS again and again: its newest answer, or why there is none."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from smtop.metrics.clock import Clock
from smtop.metrics.domain.snapshot import CUT_OFF
from smtop.metrics.errors import AwsError, FaultKind

NOT_YET = "It was not asked yet."

REFUSED_S = 3600
"""What was refused is not asked again for so long."""

STANDS_S = 900
"""How old an answer may be that stands while there is no newer one."""

PATIENCE_S = 60.0
_EARLY_S = 5
"""Ticks do not come to the second."""

T = TypeVar("T")


class Question(Generic[T]):
    """`value` is the newest answer; it outlives failures for a while, but no refusal. `why` says what is wrong."""

    def __init__(self, operation: str, read: Callable[[], Awaitable[T]], clock: Clock) -> None:
        self._operation = operation
        self._read = read
        self._clock = clock
        self._asked_at: float | None = None
        self._answered_at = float("-inf")
        self.value: T | None = None
        self.error: AwsError | None = None

    @property
    def why(self) -> str | None:
        if self._asked_at is None:
            return NOT_YET
        return str(self.error) if self.error else None

    def _is_due(self, every_s: float) -> bool:
        """Where AWS was out of reach it always is."""
        if self._asked_at is None or (self.error and self.error.kind in CUT_OFF):
            return True
        refused = self.error is not None and self.error.kind is FaultKind.PERMISSION
        return self._clock.monotonic() - self._asked_at >= (REFUSED_S if refused else every_s) - _EARLY_S

    async def ask_if_due(self, every_s: float) -> bool:
        """Whether it was due. Never raises."""
        if not self._is_due(every_s):
            return False
        await self._ask()
        return True

    async def _ask(self) -> None:
        self._asked_at = self._clock.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_S):
                self.value = await self._read()
        except TimeoutError:
            sentence = f"{self._operation} took more than {PATIENCE_S:.0f} s."
            self._failed(AwsError(FaultKind.SERVICE, self._operation, sentence))
        except AwsError as error:
            self._failed(error)
        else:
            self.error, self._answered_at = None, self._asked_at

    def _failed(self, error: AwsError) -> None:
        self.error = error
        if error.kind is FaultKind.PERMISSION or self._clock.monotonic() - self._answered_at > STANDS_S:
            self.value = None
