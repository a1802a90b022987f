"""Time as an argument: wall, monotonic and sleep, so that tests and drills can bring their own."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


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


@dataclass(frozen=True)
class ScaledClock:
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
