"""Clocks that are moved by hand."""

import asyncio
import heapq

from tests.support.fleet import NOW_S


async def settle() -> None:
    """Lets every task run until it waits for something."""
    for _ in range(200):
        await asyncio.sleep(0)


class FakeClock:
    """A clock that moves when it is told to; sleepers wake when it passes their time."""

    def __init__(self, wall: float = NOW_S) -> None:
        self.slept: list[float] = []
        self._wall = wall
        self._monotonic = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def wall(self) -> float:
        return self._wall

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._monotonic + seconds, len(self.slept), wake))
        await wake

    def set_wall(self, wall: float) -> None:
        """Somebody sets the clock; no time passes."""
        self._wall = wall

    def move(self, seconds: float) -> None:
        """Time passes, and nobody wakes yet."""
        self._wall += seconds
        self._monotonic += seconds

    async def advance(self, seconds: float) -> None:
        """Time passes; whoever was due wakes and runs until the next wait."""
        await settle()
        self.move(seconds)
        while self._sleepers and self._sleepers[0][0] <= self._monotonic:
            _, _, wake = heapq.heappop(self._sleepers)
            if not wake.done():
                wake.set_result(None)
        await settle()


class HastyClock(FakeClock):
    """A clock on which every sleep is over at once, and time has passed all the same."""

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.move(seconds)
        await asyncio.sleep(0)
