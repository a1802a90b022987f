"""Things that are looked up one by one, each as rarely as can be."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from smtop.metrics.clock import Clock
from smtop.metrics.collect.surroundings.question import NOT_YET, REFUSED_S
from smtop.metrics.domain.snapshot import CUT_OFF
from smtop.metrics.errors import AwsError, FaultKind

AGAIN_S = 120
"""How soon is looked up again what failed in passing."""

_PASSING = CUT_OFF | {FaultKind.THROTTLED}

T = TypeVar("T")


class Lookups(Generic[T]):
    """Answers by key, which last for `lasts_s`. After one refusal no other key is looked up for an hour."""

    def __init__(self, clock: Clock, lasts_s: float = float("inf")) -> None:
        self._clock = clock
        self._lasts_s = lasts_s
        self._known: dict[str, T] = {}
        self._again_at: dict[str, float] = {}
        self._failed: dict[str, str] = {}
        self._allowed_at = float("-inf")
        self.refusal: AwsError | None = None

    def get(self, key: str) -> T | None:
        return self._known.get(key)

    def why(self, key: str) -> str | None:
        """Why there is no answer; None where there is one."""
        if key in self._known:
            return None
        return self._failed.get(key) or (str(self.refusal) if self.refusal else NOT_YET)

    def is_due(self, key: str) -> bool:
        now = self._clock.monotonic()
        return now >= self._allowed_at and now >= self._again_at.get(key, float("-inf"))

    async def look_up(self, key: str, read: Callable[[str], Awaitable[T]]) -> None:
        """Asks unless somebody was refused meanwhile. Never raises; an answer outlives failures in passing."""
        if not self.is_due(key):
            return
        try:
            answer = await read(key)
        except AwsError as error:
            self._fail(key, error)
        else:
            self._known[key] = answer
            self._failed.pop(key, None)
            self._again_at[key] = self._clock.monotonic() + self._lasts_s
            self.refusal = None

    def _fail(self, key: str, error: AwsError) -> None:
        now = self._clock.monotonic()
        if error.kind is FaultKind.PERMISSION:
            self.refusal, self._allowed_at = error, now + REFUSED_S
            return
        self._failed[key] = str(error)
        self._again_at[key] = now + (AGAIN_S if error.kind in _PASSING else REFUSED_S)
        if error.kind is FaultKind.NOT_FOUND:
            self._known.pop(key, None)
