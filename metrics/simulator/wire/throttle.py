"""Token buckets, one an API, as AWS throttles: refill at a steady rate up to a burst."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """Calls or datapoints per second of simulated time, and how many may come at once."""

    rate: float
    burst: float


class TokenBucket:
    """One API's allowance. Time is given, never read, so that a scaled clock scales the allowance with it."""

    def __init__(self, limit: Rate, now: float) -> None:
        self._limit = limit
        self._tokens = limit.burst
        self._at = now

    def take(self, now: float, amount: float = 1.0) -> bool:
        """Whether so much more may pass at `now`; more than a burst passes a full bucket and leaves a debt."""
        refilled = self._tokens + (now - self._at) * self._limit.rate
        self._tokens, self._at = min(self._limit.burst, refilled), now
        if self._tokens < max(min(amount, self._limit.burst), 1):
            return False
        self._tokens -= amount
        return True


class Throttle:
    """The buckets of one account. An operation without a limit of its own shares its service's."""

    def __init__(self, limits: Mapping[str, Rate]) -> None:
        self._limits = dict(limits)
        self._buckets: dict[str, TokenBucket] = {}

    def replace(self, limits: Mapping[str, Rate]) -> None:
        """New limits from now on, with full buckets."""
        self._limits = dict(limits)
        self._buckets.clear()

    def admits(self, action: str, now: float, amount: float = 1.0) -> bool:
        """Whether one `service:Operation`, or so many of what else is limited, may pass at `now`."""
        name = action if action in self._limits else action.partition(":")[0]
        if name not in self._limits:
            return True
        bucket = self._buckets.setdefault(name, TokenBucket(self._limits[name], now))
        return bucket.take(now, amount)
