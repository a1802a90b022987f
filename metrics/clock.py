"""Time as an argument: wall, monotonic and sleep, so that tests and drills can bring their own."""

import asyncio
import time
from collections import deque
from datetime import UTC, datetime
from typing import NamedTuple, Protocol


class Clock(Protocol):
    """Wall time for windows and ages, monotonic time for schedules."""

    def wall(self) -> float:
        """Unix time in seconds."""

    def monotonic(self) -> float:
        """Seconds that never jump."""

    async def sleep(self, seconds: float) -> None:
        """Waits that long on this clock."""


class SystemClock:
    """The machine's own clock."""

    def wall(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


_AS_GOOD_AS_RIGHT_S = 5.0
"""Less than this is the header's rounding and the answer's way here."""
_ALIKE_S = 30.0
_REMEMBERED = 16


class CorrectedClock:
    """A clock that goes by what AWS says the time is, as soon as AWS has said it.

    CloudWatch's minutes are AWS's: on a machine whose clock is wrong, windows would end in the wrong one.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard: deque[float] = deque(maxlen=_REMEMBERED)
        self._skew_s = 0.0

    @property
    def skew_s(self) -> float:
        """By how many seconds AWS's clock is ahead of this machine's; 0 where they agree."""
        return self._skew_s

    def heard(self, date: str) -> None:
        """Takes the Date header of an answer that has just come; one that cannot be read says nothing.

        Answers are late, never early, so the largest difference is the truest. Those of before the machine's clock
        was set no longer count.
        """
        from email.utils import parsedate_to_datetime  # which the first paint does not wait for

        try:
            told = parsedate_to_datetime(date)
        except ValueError:
            return
        newest = told.timestamp() - self._clock.wall()
        alike = [skew for skew in self._heard if abs(skew - newest) < _ALIKE_S]
        self._heard = deque([*alike, newest], maxlen=_REMEMBERED)
        skew = max(self._heard)
        self._skew_s = skew if abs(skew) >= _AS_GOOD_AS_RIGHT_S else 0.0

    def wall(self) -> float:
        return self._clock.wall() + self._skew_s

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)


class ScaledClock(NamedTuple):
    """A clock that agrees with the machine's at `epoch` (unix time) and runs `speed` times as fast from there."""

    epoch: float
    speed: float

    def wall(self) -> float:
        return self.epoch + (time.time() - self.epoch) * self.speed

    def monotonic(self) -> float:
        return time.monotonic() * self.speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)


def utc(wall_s: float) -> datetime:
    """Unix time as an aware UTC datetime."""
    return datetime.fromtimestamp(wall_s, UTC)
