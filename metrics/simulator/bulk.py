"""Many series at once, as a drill reads them: of one moment, or of every moment of a stretch of time.

Values come as arrays with NaN where there is no datapoint. Series that name the same metric side by side cost as much
as one; moments that see the same settled minutes share them.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from smtop.metrics.simulator import samples
from smtop.metrics.simulator.noise import Array, Minutes
from smtop.metrics.simulator.resources import MetricId
from smtop.metrics.simulator.telemetry import Telemetry


class Series(NamedTuple):
    """One statistic of one metric."""

    metric: MetricId
    stat: str


class _Grid(NamedTuple):
    """Rows that are to be made, and for each moment and minute which of them it sees (-1: nothing)."""

    minutes: Minutes
    visible: Array
    places: Minutes


def read(telemetry: Telemetry, series: Sequence[Series], start: int, end: int, period: int, now: float) -> Array:
    """Values of shape (series, buckets) from `start` to `end` (exclusive), multiples of a period of whole minutes."""
    minutes = np.arange(start // 60, end // 60, dtype=np.int64)
    out = np.full((len(series), (end - start) // period), np.nan)
    seen: tuple[str, Array] | None = None
    for place, metric, stats in _by_metric(series):
        endpoint = telemetry.owner(metric)
        if endpoint is None:
            continue
        if seen is None or seen[0] != endpoint:
            seen = (endpoint, telemetry.visible(endpoint, minutes, now))
        rows = telemetry.rows(metric, minutes, seen[1])
        if rows is not None:
            out[place : place + len(stats)] = _statistics(rows.grouped(period // 60), stats)
    return out


def replay(telemetry: Telemetry, series: Sequence[Series], nows: Sequence[float], minutes: int) -> Array:
    """Values of shape (moments, series, minutes): what each moment sees of the minutes up to its own, oldest first."""
    out = np.full((len(series), len(nows) * minutes), np.nan)
    grid: tuple[str, _Grid] | None = None
    for place, metric, stats in _by_metric(series):
        endpoint = telemetry.owner(metric)
        if endpoint is None:
            continue
        if grid is None or grid[0] != endpoint:
            grid = (endpoint, _grid(telemetry, endpoint, np.asarray(nows, dtype=np.float64), minutes))
        rows = telemetry.rows(metric, grid[1].minutes, grid[1].visible)
        if rows is not None:
            seen = grid[1].places >= 0
            out[place : place + len(stats), seen] = _statistics(rows, stats)[:, grid[1].places[seen]]
    return out.reshape(len(series), len(nows), minutes).swapaxes(0, 1)


def _by_metric(series: Sequence[Series]) -> Iterator[tuple[int, MetricId, list[str]]]:
    """Where a metric's series begin, the metric, and its statistics."""
    place = 0
    for metric, group in groupby(series, key=lambda one: one.metric):
        stats = [one.stat for one in group]
        yield place, metric, stats
        place += len(stats)


def _statistics(rows: samples.Samples, stats: Sequence[str]) -> Array:
    """Values of shape (statistics, rows); NaN for a row without samples."""
    out = np.full((len(stats), len(rows.values)), np.nan)
    present = np.flatnonzero(rows.counts() > 0)
    there = rows.at(present)
    for place, stat in enumerate(stats):
        out[place, present] = samples.statistic(stat)(there) if len(present) else 0.0
    return out


def _grid(telemetry: Telemetry, endpoint: str, nows: Array, minutes: int) -> _Grid:
    """A settled minute is one row, whoever sees it; one that still grows is a row for each moment."""
    asked = ((nows // 60).astype(np.int64)[:, None] + np.arange(1 - minutes, 1)).ravel()
    visible = telemetry.visible(endpoint, asked, np.repeat(nows, minutes))
    settled, growing = visible >= 1.0, (visible > 0.0) & (visible < 1.0)
    whole, which = np.unique(asked[settled], return_inverse=True)
    made = np.concatenate([whole, asked[growing]])
    order = np.argsort(made, kind="stable")
    rank = np.empty(len(made), dtype=np.int64)
    rank[order] = np.arange(len(made))
    places = np.full(len(asked), -1, dtype=np.int64)
    places[settled], places[growing] = rank[which], rank[len(whole) :]
    shares = np.concatenate([np.ones(len(whole)), visible[growing]])
    return _Grid(made[order], shares[order], places)
