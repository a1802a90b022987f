"""The samples behind a metric, minute by minute, and every statistic that CloudWatch makes of them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from smtop.metrics.simulator import noise
from smtop.metrics.simulator.noise import Array, Minutes

_PERCENTILE: Final = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
# Finer towards the tail, so that p99 of a busy minute rests on several samples. The order is mixed on purpose.
_STRATA: Final = np.array(
    [0.0, 0.08, 0.2, 0.32, 0.44, 0.56, 0.68, 0.78, 0.86, 0.91, 0.94, 0.965, 0.98, 0.99, 0.996, 1.0]
)
_MASSES: Final = np.diff(_STRATA)
_COLUMNS: Final = len(_MASSES)


@dataclass(frozen=True, eq=False)
class Samples:
    """Weighted values, both of shape (minutes, columns); a value of weight 0 is not there.

    The values of `smooth` ones stand for others near them, so that percentiles lie between them.
    """

    values: Array
    weights: Array
    smooth: bool = False

    def grouped(self, minutes: int) -> "Samples":
        """The same samples in rows of `minutes` minutes; the number of rows must be a multiple of it."""
        if minutes == 1:
            return self
        values, weights = (part.reshape(len(part) // minutes, -1) for part in (self.values, self.weights))
        return Samples(values, weights, self.smooth)

    def at(self, rows: Minutes) -> "Samples":
        """Some of the rows."""
        return Samples(self.values[rows], self.weights[rows], self.smooth)

    def counts(self) -> Array:
        """Number of samples of every row."""
        return np.asarray(self.weights.sum(axis=1), dtype=np.float64)


def samples(values: Array, weights: Array) -> Samples:
    """Samples of values and weights that broadcast together."""
    shown, counted = np.broadcast_arrays(values, weights)
    return Samples(shown, counted)


def nothing(minutes: int) -> Samples:
    """No sample in any minute."""
    return Samples(np.zeros((minutes, 1)), np.zeros((minutes, 1)))


def each(counts: Array, value: Array | float = 1.0) -> Samples:
    """`counts` samples of one value a minute: what a counter publishes."""
    return samples(np.broadcast_to(value, counts.shape)[:, None], counts[:, None])


def hits(counts: Array, of: Array) -> Samples:
    """1 for every hit and 0 for every other one of `of`, so that Average is the ratio."""
    return samples(np.array([[0.0, 1.0]]), np.stack([of - counts, counts], axis=1))


def calls(stream: int, minutes: Minutes, counts: Array, visible: Array, quantile: Callable[[Array], Array]) -> Samples:
    """Values of `counts` calls a minute with a given quantile function, of which the first `visible` are out already.

    A minute of few calls has a sample for each; a busier one is drawn in strata. `quantile` takes chances of shape
    (minutes, columns) and gives values of that shape.
    """
    chance = noise.uniforms(stream, minutes, _COLUMNS)
    few = (counts <= _COLUMNS)[:, None]
    ranks = np.arange(_COLUMNS)[None, :]
    values = quantile(np.where(few, chance, _STRATA[:-1] + _MASSES * chance))
    weights = np.where(few, ranks < visible[:, None], _MASSES * visible[:, None])
    return Samples(values, weights, smooth=True)


def joined(parts: list[Samples]) -> Samples:
    """All samples of several sets over the same minutes."""
    values, weights = np.hstack([part.values for part in parts]), np.hstack([part.weights for part in parts])
    return Samples(values, weights, smooth=any(part.smooth for part in parts))


def statistic(stat: str) -> Callable[[Samples], Array]:
    """The function of a CloudWatch statistic: samples to one number a row (rows must have samples).

    Raises ValueError for a statistic that CloudWatch does not know.
    """
    known = _STATISTICS.get(stat)
    if known:
        return known
    match = _PERCENTILE.fullmatch(stat)
    if not match:
        raise ValueError(f"The value {stat} for parameter Stat is not a valid statistic.")
    share = float(match[1]) / 100.0
    return lambda rows: _percentile(rows, share)


def _sum(rows: Samples) -> Array:
    return np.asarray((rows.values * rows.weights).sum(axis=1), dtype=np.float64)


def _extreme(rows: Samples, missing: float) -> Array:
    present = np.where(rows.weights > 0, rows.values, missing)
    return np.asarray(present.min(axis=1) if missing > 0 else present.max(axis=1), dtype=np.float64)


def _percentile(rows: Samples, share: float) -> Array:
    order = np.argsort(np.where(rows.weights > 0, rows.values, np.inf), axis=1)
    values = np.take_along_axis(rows.values, order, axis=1)
    weights = np.take_along_axis(rows.weights, order, axis=1)
    reached = np.cumsum(weights, axis=1)
    target = share * reached[:, -1]
    if not rows.smooth:
        rank = (reached < np.maximum(target, 1e-9)[:, None]).sum(axis=1)
        return np.asarray(values[np.arange(len(values)), rank], dtype=np.float64)
    return _between(values, weights, reached, target)


def _between(values: Array, weights: Array, reached: Array, target: Array) -> Array:
    """Percentiles between the middles of neighbouring values, never beyond the extremes; what is not there is last."""
    middles, there = reached - weights / 2.0, weights > 0
    line, last = np.arange(len(values)), there.sum(axis=1) - 1
    above = np.minimum(((middles < target[:, None]) & there).sum(axis=1), last)
    below = np.maximum(above - 1, 0)
    low, high = middles[line, below], middles[line, above]
    way = np.clip((target - low) / np.where(high > low, high - low, 1.0), 0.0, 1.0)
    return np.asarray(values[line, below] + way * (values[line, above] - values[line, below]), dtype=np.float64)


_STATISTICS: Final[Mapping[str, Callable[[Samples], Array]]] = MappingProxyType(
    {
        "Sum": _sum,
        "SampleCount": Samples.counts,
        "Average": lambda rows: _sum(rows) / rows.counts(),
        "Minimum": lambda rows: _extreme(rows, np.inf),
        "Maximum": lambda rows: _extreme(rows, -np.inf),
    }
)
