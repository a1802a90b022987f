"""Simulated time: it equals real time at the epoch and runs `speed` times as fast."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class SimulatedClock:
    """A wall clock in epoch seconds. `real` is the clock it is scaled from."""

    epoch: float
    speed: float = 1.0
    real: Callable[[], float] = time.time

    def now(self) -> float:
        """Simulated epoch seconds."""
        return self.epoch + (self.real() - self.epoch) * self.speed
