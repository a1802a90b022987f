"""Repeatable noise with random access: the same key and minute give the same number, whatever was asked before."""

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Minutes = NDArray[np.int64]

_GOLDEN: Final = 0x9E3779B97F4A7C15
_ROW_STRIDE: Final = np.uint64(0x2545F4914F6CDD1D)
_NORMAL_LIMIT: Final = 12.0


def key(*parts: object) -> int:
    """A 64-bit key of the parts' text, the same in every process."""
    text = "\0".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def uniforms(stream: int, minutes: Minutes, columns: int = 1) -> Array:
    """Numbers in (0, 1), shape (minutes, columns), by SplitMix64 (Steele, Lea and Flood, 2014)."""
    counter = minutes.astype(np.uint64)[:, None] * _ROW_STRIDE + np.arange(columns, dtype=np.uint64)
    state = np.asarray((counter + np.uint64(stream)) * np.uint64(_GOLDEN), dtype=np.uint64)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    state ^= state >> np.uint64(31)
    return np.asarray(((state >> np.uint64(11)) + 0.5) * 2.0**-53, dtype=np.float64)


def uniform(stream: int, minutes: Minutes) -> Array:
    """Numbers in (0, 1), one a minute."""
    return uniforms(stream, minutes)[:, 0]


def normal_quantile(probability: Array) -> Array:
    """The standard normal's quantile by Tukey's lambda distribution, within 0.02 between 0.1 % and 99.9 %."""
    return np.asarray((probability**0.1349 - (1.0 - probability) ** 0.1349) / 0.1975, dtype=np.float64)


def normal_excess(deviations: Array) -> Array:
    """The chance that a standard normal number exceeds each of these: the logistic approximation, within 0.02 %.

    Source: Bowling et al., "A logistic approximation to the cumulative normal distribution" (2009).
    """
    near = np.clip(deviations, -15.0, 15.0)
    return np.asarray(1.0 / (1.0 + np.exp(0.07056 * near**3 + 1.5976 * near)), dtype=np.float64)


def normals(stream: int, minutes: Minutes, columns: int = 1) -> Array:
    """Standard normal numbers, shape (minutes, columns)."""
    return normal_quantile(uniforms(stream, minutes, columns))


def poisson(stream: int, minutes: Minutes, mean: Array) -> Array:
    """Poisson counts, one a minute: exact below a mean of 12, by Cornish and Fisher's expansion above."""
    chance = uniform(stream, minutes)
    z = normal_quantile(chance)
    counts = np.floor(np.maximum(mean + np.sqrt(mean) * z + (z * z - 1.0) / 6.0 + 0.5, 0.0))
    small = mean < _NORMAL_LIMIT
    if small.any():
        counts[small] = _small_poisson(chance[small], mean[small])
    return np.asarray(counts, dtype=np.float64)


def thinned(stream: int, minutes: Minutes, counts: Array, share: Array | float) -> Array:
    """How many of `counts` events have something that happens to each with chance `share`; never more than counts."""
    return np.minimum(poisson(stream, minutes, counts * share), counts)


def _small_poisson(chance: Array, mean: Array) -> Array:
    steps = np.arange(1.0, 45.0)
    terms = np.exp(-mean)[:, None] * np.cumprod(mean[:, None] / steps, axis=1)
    below = np.exp(-mean)[:, None] + np.cumsum(terms, axis=1)
    return np.asarray((chance > np.exp(-mean)) + (below < chance[:, None]).sum(axis=1), dtype=np.float64)
