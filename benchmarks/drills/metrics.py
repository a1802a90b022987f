"""CloudWatch's metrics over a feed."""

from collections.abc import AsyncIterator, Sequence

import numpy as np

from benchmarks.drills.clock import HandClock
from benchmarks.drills.feed import Array, Feed
from smtop.metrics.aws.faults import translated
from smtop.metrics.domain.series import PERIOD_S, MetricId, SeriesKey
from smtop.metrics.ports import Answers, Batch, BatchAnswer, Completeness, Window

AHEAD = 30
"""Moments that are read at once."""

_BACK_MINUTES = 21


class FeedMetrics:
    """The MetricSource port as of the time of a clock. Raises AwsError."""

    def __init__(self, feed: Feed, clock: HandClock) -> None:
        self._feed = feed
        self._clock = clock
        self._kept: dict[tuple[SeriesKey, ...], int] = {}

    async def fetch(self, batch: Batch) -> BatchAnswer:
        return BatchAnswer(self.read(batch.series, batch.window))

    def read(self, series: tuple[SeriesKey, ...], window: Window) -> Answers:
        """The series as of now, however many there are."""
        return answers(series, self._array(series, window), window)

    def _array(self, series: tuple[SeriesKey, ...], window: Window) -> Array:
        """Values of (series, periods)."""
        wish = {"now": self._clock.wall(), "start": window.start, "end": window.end, "period": window.period_s}
        with translated("cloudwatch:GetMetricData"):
            array = self._feed.ask("read", series=self._number(series), **wish).array
        assert array is not None
        return array

    async def published(self, namespace: str) -> AsyncIterator[Sequence[MetricId]]:
        with translated("cloudwatch:ListMetrics"):
            told = self._feed.ask("metrics", now=self._clock.wall()).members["metrics"]
        yield [
            MetricId(where, name, tuple((key, value) for key, value in sorted(dimensions)))
            for own in told.values()
            for where, name, dimensions in own
            if where == namespace
        ]

    async def recent(self, namespace: str, metric: str) -> AsyncIterator[Sequence[MetricId]]:
        async for page in self.published(namespace):
            yield [one for one in page if one.name == metric]

    def _number(self, series: tuple[SeriesKey, ...]) -> int:
        known = self._kept.get(series)
        if known is None:
            told = [[key.metric.namespace, key.metric.name, key.metric.dimensions, key.stat] for key in series]
            known = self._kept[series] = self._feed.ask("keep", series=told).members["series"]
        return known


class MetricsAhead(FeedMetrics):
    """The same, much cheaper: another world of the same seed is read for many coming moments at once.

    `moments` are the times at which metrics will be read. At any other time, further back, and of what was never asked
    before, each read is a request.
    """

    def __init__(self, present: Feed, ahead: Feed, clock: HandClock, moments: Sequence[float]) -> None:
        super().__init__(ahead, clock)
        self._present = FeedMetrics(present, clock)
        self._places = {moment: place for place, moment in enumerate(moments)}
        self._moments = moments
        self._first = 0
        self._block: Array | None = None
        self._rows: dict[SeriesKey, int] = {}
        self._held = 0
        self._picked: dict[tuple[SeriesKey, ...], Array | None] = {}

    def published(self, namespace: str) -> AsyncIterator[Sequence[MetricId]]:
        return self._present.published(namespace)

    def _array(self, series: tuple[SeriesKey, ...], window: Window) -> Array:
        place, now = self._places.get(self._clock.wall()), self._clock.wall()
        periods = window.periods
        is_usual = window.period_s == PERIOD_S and window.end == int(now // PERIOD_S + 1) * PERIOD_S
        if place is None or not is_usual or periods > _BACK_MINUTES:
            return super()._array(series, window)
        block = self._block_with(place)
        rows = self._picked_rows(series)
        if block is None or rows is None:
            return super()._array(series, window)
        picked: Array = block[place - self._first][rows, -periods:]
        return picked

    def _picked_rows(self, series: tuple[SeriesKey, ...]) -> Array | None:
        """Where the block has these series; None where it has not all of them, which the next block will have."""
        if series not in self._picked:
            for key in series:
                self._rows.setdefault(key, len(self._rows))
            rows = np.array([self._rows[key] for key in series])
            self._picked[series] = rows if len(rows) == 0 or rows.max() < self._held else None
        return self._picked[series]

    def _block_with(self, place: int) -> Array | None:
        if self._block is None or place >= self._first + len(self._block):
            if not self._rows:
                return None
            moments = self._moments[place : place + AHEAD]
            number = self._number(tuple(self._rows))
            self._block = self._feed.ask("replay", series=number, nows=moments, minutes=_BACK_MINUTES).array
            self._first, self._held, self._picked = place, len(self._rows), {}
        return self._block


def answers(series: tuple[SeriesKey, ...], array: Array, window: Window) -> Answers:
    """Answers from an array of (series, periods); series with the same gaps share their times."""
    starts = list(range(window.start, window.end, window.period_s))
    there = ~np.isnan(array)
    shared: dict[bytes, list[int]] = {}
    times, values = [], []
    for row, known in zip(array, there, strict=True):
        own = shared.get(mark := known.tobytes())
        if own is None:
            own = shared[mark] = [at for at, is_there in zip(starts, known.tolist(), strict=True) if is_there]
        times.append(own)
        values.append(row[known].tolist())
    return Answers(series, [Completeness.COMPLETE] * len(series), times, values)
