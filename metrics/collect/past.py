"""The same hours of an earlier day, to be laid over a chart: read once, since what ended long ago no longer changes."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from smtop.metrics.clock import Clock
from smtop.metrics.collect.fetch import Fetched, Fetcher
from smtop.metrics.collect.history import RETRY_S, Planned, batches, failures, whole
from smtop.metrics.collect.plan import Ask, by_metric
from smtop.metrics.domain.billing import USD_PER_METRIC, metrics_billed
from smtop.metrics.domain.history import EndpointHistory, Quote, SeriesHistory, chart_period_s
from smtop.metrics.domain.retention import period_for
from smtop.metrics.domain.series import Owner, SeriesKey
from smtop.metrics.ports import Answer, Completeness, Window
from smtop.metrics.ring import Floats, Integers

MOST_PIECES = 8
"""Stretches that are kept; the one that was not looked at for longest goes first."""

_Name = tuple[str, float, int]
"""Endpoint, creation time, period: an endpoint that was made anew shares nothing with the one before it."""


@dataclass
class _Piece:
    """What was read of one stretch: the points of each series, and why others have none."""

    window: Window
    points: dict[SeriesKey, tuple[Integers, Floats]] = field(default_factory=dict)
    failures: dict[SeriesKey, str] = field(default_factory=dict)
    failed_at: float = float("-inf")

    def covers(self, window: Window) -> bool:
        return self.window.start <= window.start and window.end <= self.window.end

    def put(self, key: SeriesKey, answer: Answer) -> None:
        self.points[key] = np.array(answer.times, dtype=np.int64), np.array(answer.values, dtype=np.float64)
        self.failures.pop(key, None)


class Past:
    """Reads stretches that ended `ago_s` seconds ago through the poller's own fetcher."""

    def __init__(self, fetcher: Fetcher, clock: Clock) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._pieces: OrderedDict[tuple[_Name, int], _Piece] = OrderedDict()

    def quote(self, planned: Planned | None, range_s: int, ago_s: int) -> Quote:
        """What `read` would be billed for now."""
        if planned is None:
            return Quote()
        window = self._window(planned, range_s, ago_s)
        piece = self._known(_name(planned, window), ago_s, window) or _Piece(window)
        metrics = sum(metrics_billed(keys) for keys in self._missing(piece, planned, window))
        return Quote(metrics, metrics * USD_PER_METRIC)

    async def read(self, name: str, planned: Planned | None, range_s: int, ago_s: int) -> EndpointHistory:
        """The `range_s` seconds of an endpoint that ended `ago_s` seconds ago; the last period of them is whole."""
        if planned is None:
            end = int(self._clock.wall()) - ago_s
            gone = f"There is no endpoint {name} any more."
            return EndpointHistory(name, end - range_s, end, _period_s(range_s, ago_s), notes=(gone,))
        window = self._window(planned, range_s, ago_s)
        piece = self._piece(planned, window, ago_s)
        missing = self._missing(piece, planned, window)
        async for fetched in self._fetcher.fetch(
            batches(((keys, piece.window.start) for keys in missing), piece.window)
        ):
            self._keep(piece, fetched)
        return _told(planned, window, piece, self._clock.wall())

    def _window(self, planned: Planned, range_s: int, ago_s: int) -> Window:
        """Aligned as the present is, so that a period lies over a period; the period must still be kept so far back."""
        period_s = _period_s(range_s, ago_s)
        end = int((self._clock.wall() - ago_s) // period_s + 1) * period_s
        return Window(end - whole(range_s, period_s), end, period_s)

    def _known(self, name: _Name, ago_s: int, window: Window) -> _Piece | None:
        piece = self._pieces.get((name, ago_s))
        return piece if piece and piece.covers(window) else None

    def _piece(self, planned: Planned, window: Window, ago_s: int) -> _Piece:
        """The piece that covers the window, or a new one, which reaches ahead: time goes on, and a metric costs what it
        costs however many points are asked."""
        name = _name(planned, window)
        piece = self._known(name, ago_s, window)
        if piece is None:
            ahead_s = whole(min((window.end - window.start) // 2, ago_s // 4), window.period_s)
            piece = _Piece(Window(window.start, window.end + ahead_s, window.period_s))
            self._pieces[name, ago_s] = piece
        self._pieces.move_to_end((name, ago_s))
        while len(self._pieces) > MOST_PIECES:
            self._pieces.popitem(last=False)
        return piece

    def _missing(self, piece: _Piece, planned: Planned, window: Window) -> list[Sequence[SeriesKey]]:
        """The metrics of which something was not read; what failed waits a while, and nothing is older than its
        endpoint."""
        if self._clock.wall() - piece.failed_at < RETRY_S:
            return []
        if _created_s(planned) >= window.end:
            return []
        groups = by_metric(ask.key for ask in planned.asks)
        return [lacking for keys in groups if (lacking := tuple(key for key in keys if key not in piece.points))]

    def _keep(self, piece: _Piece, fetched: Fetched) -> None:
        for key, answer in fetched.answers.items():
            if answer.completeness is Completeness.COMPLETE:
                piece.put(key, answer)
            else:
                piece.failures[key] = answer.message or f"CloudWatch answered {answer.completeness.value} for it."
        piece.failures |= {key: str(error) for key, error in fetched.failures.items()}
        if piece.failures:
            piece.failed_at = self._clock.wall()


def _period_s(range_s: int, ago_s: int) -> int:
    """That of the same range up to now, unless it is no longer kept so far back."""
    shown_s = chart_period_s(range_s)
    return period_for(range_s + shown_s, ago_s, at_least_s=shown_s)


def _name(planned: Planned, window: Window) -> _Name:
    return planned.endpoint.name, _created_s(planned), window.period_s


def _created_s(planned: Planned) -> float:
    return planned.endpoint.summary.created_at.timestamp()


def _told(planned: Planned, window: Window, piece: _Piece, now: float) -> EndpointHistory:
    told: dict[tuple[Owner, str], SeriesHistory] = {}
    for ask in planned.asks:
        series = _series(ask, piece, window, _created_s(planned))
        known = told.get((ask.owner, ask.label))
        if known is None or series.times:  # a metric's other spelling counts where it has points
            told[ask.owner, ask.label] = series
    return EndpointHistory(
        planned.endpoint.name,
        window.start,
        window.end,
        window.period_s,
        tuple(told.values()),
        now,
        tuple(failures(told.values())),
    )


def _series(ask: Ask, piece: _Piece, window: Window, created_s: float) -> SeriesHistory:
    """What is older than the endpoint belongs to another one of its name."""
    times, values = piece.points.get(ask.key, (np.empty(0, dtype=np.int64), np.empty(0)))
    inside = (times >= max(window.start, created_s)) & (times < window.end)
    return SeriesHistory(
        ask.owner, ask.label, times[inside].tolist(), values[inside].tolist(), why=piece.failures.get(ask.key)
    )
