"""The formulas of waiting: queues, loss, caches, warm containers. Arrays in, arrays out, one element a minute."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from smtop.metrics.simulator.noise import Array

KEEP_WARM_MIN: Final = 5
_STABLE_LOAD: Final = 0.98


@dataclass(frozen=True, eq=False)
class Queue:
    """A fluid queue at the end of every minute, and what went through it during the minute."""

    waiting: Array
    served: Array
    refused: Array


def mean_wait_s(busy: Array, servers: int, mean_s: Array | float, variation2: float) -> Array:
    """Mean wait of an M/G/c queue by Sakasegawa's formula (1977); beyond 98 % load the fluid queue takes over.

    `busy` is the load per server, `variation2` the squared coefficient of variation of the service time.
    """
    load = np.minimum(busy, _STABLE_LOAD)
    exponent = math.sqrt(2.0 * (servers + 1.0)) - 1.0
    wait = mean_s * load**exponent / (servers * (1.0 - load)) * (1.0 + variation2) / 2.0
    return np.asarray(wait, dtype=np.float64)


def wait_chance(busy: Array, servers: int) -> Array:
    """The chance that a call has to wait at all, in the same approximation."""
    return np.asarray(np.minimum(busy, 1.0) ** (math.sqrt(2.0 * (servers + 1.0)) - 1.0), dtype=np.float64)


def fluid_queue(arrivals: Array, capacity: Array, room: Array) -> Queue:
    """A queue that starts empty, is served up to `capacity` a minute, and refuses what finds no `room`."""
    if bool((arrivals <= capacity).all()):
        return Queue(np.zeros_like(arrivals), arrivals, np.zeros_like(arrivals))
    waiting, served, refused = np.zeros_like(arrivals), np.zeros_like(arrivals), np.zeros_like(arrivals)
    level = 0.0
    for minute, (came, able, limit) in enumerate(zip(arrivals.tolist(), capacity.tolist(), room.tolist(), strict=True)):
        done = min(level + came, able)
        left = level + came - done
        level = min(left, limit)
        waiting[minute], served[minute], refused[minute] = level, done, left - level
    return Queue(waiting, served, refused)


@dataclass(frozen=True, eq=False)
class Backlog:
    """A first-in-first-out queue without a limit, every minute; `age_min` is how long the oldest request waits."""

    waiting: Array
    served: Array
    expired: Array
    age_min: Array


def backlog(arrivals: Array, capacity: Array, lifetime_min: int) -> Backlog:
    """A queue that starts empty and drops what has waited for `lifetime_min`; all counts are whole requests."""
    waiting, served, expired, age = (np.zeros_like(arrivals) for _ in range(4))
    came, gone, able, oldest = np.cumsum(arrivals).tolist(), 0.0, 0.0, 0
    for minute, room in enumerate(capacity.tolist()):
        able = able % 1.0 + room
        stale = came[minute - lifetime_min] if minute >= lifetime_min else 0.0
        expired[minute] = max(0.0, stale - gone)
        gone += expired[minute]
        served[minute] = min(came[minute] - gone, math.floor(able))
        gone += served[minute]
        while oldest < minute and came[oldest] <= gone:
            oldest += 1
        waiting[minute] = came[minute] - gone
        age[minute] = minute - oldest if waiting[minute] else 0.0
    return Backlog(waiting, served, expired, age)


def loss_share(load: Array, servers: int) -> Array:
    """Share of calls that find all servers busy where there is no queue: Erlang's B formula, by its recursion."""
    loss = np.ones_like(load)
    for server in range(1, servers + 1):
        loss = load * loss / (server + load * loss)
    return loss


@lru_cache(maxsize=4096)
def cache_hit_share(models: int, places: int, zipf: float) -> float:
    """Hit ratio of a least-recently-used cache by Che's approximation (2002), popularity after Zipf."""
    if places >= models:
        return 1.0
    popularity = np.arange(1.0, models + 1.0) ** -zipf
    popularity /= popularity.sum()
    low, high = 1e-3, 1e12
    for _ in range(60):
        middle = math.sqrt(low * high)
        resident = float((1.0 - np.exp(-popularity * middle)).sum())
        low, high = (middle, high) if resident < places else (low, middle)
    return float((popularity * (1.0 - np.exp(-popularity * high))).sum())


def warm_pool(wanted: Array, load: Array, calls: Array, setup_s: float, limit: int) -> tuple[Array, Array]:
    """Containers in use and containers started, every minute, of a pool that starts empty.

    A container stays warm for some minutes after its last call. While new ones start, what the warm ones cannot carry
    of the mean `load` keeps arriving, so a cold burst starts more containers than the same burst would need warm.
    """
    in_use, started = np.zeros_like(wanted), np.zeros_like(wanted)
    recent = [0] * KEEP_WARM_MIN
    minutes = zip(wanted.tolist(), load.tolist(), calls.tolist(), strict=True)
    for minute, (need, mean, came) in enumerate(minutes):
        warm = max(recent)
        used = math.ceil(need)
        if used > warm:
            uncarried = max(0.0, 1.0 - warm / mean) if mean else 0.0
            used = math.ceil(min(need + came / 60.0 * setup_s * uncarried, max(came, need)))
        used = min(used, limit)
        in_use[minute], started[minute] = used, max(0, used - warm)
        recent = [*recent[1:], used]
    return in_use, started
