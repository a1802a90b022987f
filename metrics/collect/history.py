"""Histories for charts: asked once for each endpoint and period, then extended by what is new.

CloudWatch bills metrics, not datapoints, so a chart of a week costs what a minute costs. Minutes that the poller has
read without a hole are not asked again. Longer periods are CloudWatch's own statistics: percentiles cannot be made
from percentiles.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from smtop.metrics.clock import Clock
from smtop.metrics.collect.fetch import Fetched, Fetcher
from smtop.metrics.collect.plan import OVERLAP_S, Ask, by_metric, pack
from smtop.metrics.collect.silence import PENALTY_S
from smtop.metrics.domain.billing import USD_PER_METRIC, metrics_billed
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.history import MOST_POINTS, EndpointHistory, Quote, SeriesHistory, chart_period_s
from smtop.metrics.domain.series import PERIOD_S, PROVISIONAL_S, Owner, SeriesKey
from smtop.metrics.ports import Answer, Batch, Completeness, Priority, Window
from smtop.metrics.ring import Floats, Integers
from smtop.metrics.store import Store

MOST_BYTES = 16_000_000
"""What all kept histories may take; the one that was not looked at for longest goes first."""

RETRY_S = 60.0
"""How soon what failed may be asked again."""

_BYTES_PER_SERIES = 400

_TOLD_AT_ONCE = 20
"""Series between two chances for the screen to answer a key."""


@dataclass(frozen=True)
class Planned:
    """An endpoint with the series that it has."""

    endpoint: Endpoint
    asks: Sequence[Ask]


@dataclass
class _Track:
    """What was fetched of one series: all of it from `start` until `until`, and what went wrong at `failed_at`."""

    start: float = float("inf")
    until: float = float("-inf")
    times: Integers = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    values: Floats = field(default_factory=lambda: np.empty(0))
    failure: str | None = None
    failed_at: float = float("-inf")

    def put(self, answer: Answer, start: int, as_of: float) -> None:
        """Adds what was read from `start` on; of two values for a period the later one stays."""
        times = np.concatenate([self.times, np.array(answer.times, dtype=np.int64)])
        values = np.concatenate([self.values, np.array(answer.values, dtype=np.float64)])
        order = np.argsort(times, kind="stable")
        last = np.append(np.diff(times[order]) > 0, True)[: len(order)]
        self.times, self.values = times[order][last], values[order][last]
        if answer.completeness is Completeness.COMPLETE:
            self.start = min(self.start, start) if start <= self.until else start
            self.until, self.failure, self.failed_at = as_of, None, float("-inf")
        else:
            self.fail("CloudWatch has given only a part of it.", as_of)

    def fail(self, why: str, now: float) -> None:
        self.failure, self.failed_at = why, now

    def forget_before(self, start: int) -> None:
        kept = self.times >= start
        if not kept.all():
            self.times, self.values, self.start = self.times[kept], self.values[kept], max(self.start, start)

    @property
    def size(self) -> int:
        return self.times.nbytes + self.values.nbytes + _BYTES_PER_SERIES


@dataclass
class _Shelf:
    """All that is kept of one endpoint at one period."""

    planned: Planned
    tracks: dict[SeriesKey, _Track] = field(default_factory=dict)

    def track(self, key: SeriesKey) -> _Track:
        return self.tracks.setdefault(key, _Track())

    @property
    def size(self) -> int:
        return sum(track.size for track in self.tracks.values())


_Name = tuple[str, float, int]
"""Endpoint, creation time, period: an endpoint that was made anew shares nothing with the one before it."""


class History:
    """Reads histories through the poller's own fetcher, and looks up minutes in its store."""

    def __init__(self, fetcher: Fetcher, store: Store, clock: Clock, most_bytes: int = MOST_BYTES) -> None:
        self._fetcher = fetcher
        self._store = store
        self._clock = clock
        self._most_bytes = most_bytes
        self._shelves: OrderedDict[_Name, _Shelf] = OrderedDict()
        self._turn = asyncio.Lock()

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return sum(shelf.size for shelf in self._shelves.values())

    def quote(self, planned: Planned | None, range_s: int) -> Quote:
        """What `read` would be billed for now."""
        if planned is None:
            return Quote()
        window = self._window(planned.endpoint, range_s)
        shelf = self._shelves.get(_name(planned.endpoint, window)) or _Shelf(planned)
        metrics = sum(metrics_billed(keys) for keys, _ in self._missing(shelf, window))
        return Quote(metrics, metrics * USD_PER_METRIC)

    async def read(self, name: str, planned: Planned | None, range_s: int) -> EndpointHistory:
        """The last `range_s` seconds of an endpoint; without a plan it is gone, and what is kept of it is told."""
        async with self._turn:
            if planned is None:
                return await self._of_before(name, range_s)
            window = self._window(planned.endpoint, range_s)
            shelf = self._shelf(planned, window)
            messages = await self._ask(shelf, window)
            self._forget(shelf, window)
            return await self._told(shelf, window, range_s, messages)

    async def known(self, name: str, planned: Planned | None, range_s: int) -> EndpointHistory:
        """What was read of the last `range_s` seconds, by the poller or for a chart; nothing is asked."""
        if planned is None:
            return await self._of_before(name, range_s)
        window = self._window(planned.endpoint, range_s)
        shelf = self._shelves.get(_name(planned.endpoint, window)) or _Shelf(planned)
        return await self._told(replace(shelf, planned=planned), window, range_s, ())

    def _window(self, endpoint: Endpoint, range_s: int) -> Window:
        """What may be asked: nothing from before the endpoint was created, which another one of its name may have."""
        now, created_s = self._clock.wall(), endpoint.summary.created_at.timestamp()
        period_s = chart_period_s(int(min(range_s, max(now - created_s, PERIOD_S))))
        end = int(now // period_s + 1) * period_s
        first = -int(-created_s // period_s) * period_s
        return Window(min(max(end - whole(range_s, period_s), first), end), end, period_s)

    def _shelf(self, planned: Planned, window: Window) -> _Shelf:
        name = _name(planned.endpoint, window)
        shelf = self._shelves.setdefault(name, _Shelf(planned))
        shelf.planned = planned
        self._shelves.move_to_end(name)
        return shelf

    # What is asked

    def _missing(self, shelf: _Shelf, window: Window) -> Iterator[tuple[Sequence[SeriesKey], int]]:
        """The statistics of each metric of which something is missing, and from when on: one request is one bill."""
        if window.periods == 0:
            return
        for keys in by_metric(ask.key for ask in shelf.planned.asks):
            starts = {key: start for key in keys if (start := self._missing_from(shelf, key, window)) is not None}
            if starts:
                yield tuple(starts), min(starts.values())

    def _missing_from(self, shelf: _Shelf, key: SeriesKey, window: Window) -> int | None:
        now, track = self._clock.wall(), shelf.tracks.get(key) or _Track()
        if now - track.failed_at < RETRY_S:
            return None
        reached = self._reached(track, key, window)
        if reached is None:
            return window.start
        is_silent = track.until >= reached and not len(track.times)
        patience_s = max(window.period_s, PENALTY_S) if is_silent else window.period_s
        if now - reached < patience_s:
            return None
        return max(window.start, int((reached - OVERLAP_S) // window.period_s) * window.period_s)

    def _reached(self, track: _Track, key: SeriesKey, window: Window) -> float | None:
        """Until when all of the window is known; None where its beginning is missing."""
        reached = track.until if track.start <= window.start else None
        if window.period_s != PERIOD_S:
            return reached
        asked = self._store.asked(key)
        if asked.until is None or asked.since is None:
            return reached
        meets = asked.since <= (window.start if reached is None else reached - OVERLAP_S)
        return max(asked.until, reached or 0.0) if meets else reached

    async def _ask(self, shelf: _Shelf, window: Window) -> tuple[str, ...]:
        """Asks for what is missing; returns CloudWatch's words about the requests."""
        messages: list[str] = []
        async for fetched in self._fetcher.fetch(batches(self._missing(shelf, window), window)):
            self._keep(shelf, fetched, window)
            messages += fetched.messages
        return tuple(dict.fromkeys(messages))

    def _keep(self, shelf: _Shelf, fetched: Fetched, window: Window) -> None:
        now = self._clock.wall()
        start = window.start if fetched.start is None else fetched.start
        for key, answer in fetched.answers.items():
            if answer.completeness in (Completeness.COMPLETE, Completeness.PARTIAL):
                shelf.track(key).put(answer, start, fetched.as_of)
            else:
                said = answer.message or f"CloudWatch answered {answer.completeness.value} for it."
                shelf.track(key).fail(said, now)
        for key, error in fetched.failures.items():
            shelf.track(key).fail(str(error), now)

    def _forget(self, shelf: _Shelf, window: Window) -> None:
        """Drops points that no range of this period shows any more, then whole shelves until the rest fits."""
        oldest = window.end - MOST_POINTS * window.period_s
        for track in shelf.tracks.values():
            track.forget_before(oldest)
        while len(self._shelves) > 1 and self.size > self._most_bytes:
            self._shelves.popitem(last=False)

    # What is told

    async def _of_before(self, name: str, range_s: int) -> EndpointHistory:
        """What is kept of an endpoint that the inventory no longer has."""
        gone = f"There is no endpoint {name} any more."
        shelf = next((shelf for (own, _, _), shelf in reversed(self._shelves.items()) if own == name), None)
        if shelf is None:
            now = int(self._clock.wall())
            return EndpointHistory(name, now - range_s, now, chart_period_s(range_s), notes=(gone,))
        window = self._window(shelf.planned.endpoint, range_s)
        kept = self._shelves.get(_name(shelf.planned.endpoint, window)) or _Shelf(shelf.planned)
        return await self._told(kept, window, range_s, (gone,))

    async def _told(self, shelf: _Shelf, window: Window, range_s: int, messages: tuple[str, ...]) -> EndpointHistory:
        told: dict[tuple[Owner, str], SeriesHistory] = {}
        reached: list[float] = []
        for index, ask in enumerate(shelf.planned.asks):
            if index % _TOLD_AT_ONCE == _TOLD_AT_ONCE - 1:
                await asyncio.sleep(0)
            track = shelf.tracks.get(ask.key) or _Track()
            until = self._read_at(track, ask.key, window)
            series = self._series(ask, track, window, until)
            known = told.get((ask.owner, ask.label))
            if known is None or series.times:  # a metric's other spelling counts where it has points
                told[ask.owner, ask.label] = series
            reached.append(until)
        return EndpointHistory(
            endpoint=shelf.planned.endpoint.name,
            start=window.end - whole(range_s, window.period_s),
            end=window.end,
            period_s=window.period_s,
            series=tuple(told.values()),
            fetched_at=max((until for until in reached if until > 0), default=None),
            notes=(*messages, *_undescribed(shelf.planned), *failures(told.values())),
        )

    def _series(self, ask: Ask, track: _Track, window: Window, until: float) -> SeriesHistory:
        times, values = track.times, track.values
        if window.period_s == PERIOD_S and window.periods:
            times, values = self._with_minutes(ask.key, track, window)
        inside = (times >= window.start) & (times < window.end)
        provisional_from = until - window.period_s - (PROVISIONAL_S - PERIOD_S) + 1
        why = (track.failure if track.failed_at >= until else None) or self._unasked(ask.key, until)
        return SeriesHistory(
            ask.owner, ask.label, times[inside].tolist(), values[inside].tolist(), provisional_from, why
        )

    def _read_at(self, track: _Track, key: SeriesKey, window: Window) -> float:
        """When the newest of a series was read."""
        by_the_poller = self._store.asked(key).answered_at if window.period_s == PERIOD_S else None
        return max(track.until, by_the_poller or float("-inf"))

    def _unasked(self, key: SeriesKey, until: float) -> str | None:
        """Why nothing at all is known of a series."""
        return None if until > float("-inf") else self._store.asked(key).failure or "It was not asked yet."

    def _with_minutes(self, key: SeriesKey, track: _Track, window: Window) -> tuple[Integers, Floats]:
        """The poller's minutes among those that were fetched; near the end it may have read them later."""
        [minutes] = self._store.recent([key], window.end - 1, window.periods)
        read_later = (self._store.asked(key).until or 0.0) > track.until
        newer_from = track.until - OVERLAP_S if read_later else float("inf")
        found = dict(zip(track.times.tolist(), track.values.tolist(), strict=True))
        found |= {at: value for at, value in minutes if at not in found or at >= newer_from}
        times = sorted(found)
        return np.array(times, dtype=np.int64), np.array([found[at] for at in times])


def _name(endpoint: Endpoint, window: Window) -> _Name:
    return endpoint.name, endpoint.summary.created_at.timestamp(), window.period_s


def whole(range_s: int, period_s: int) -> int:
    """The range in whole periods."""
    return -(-range_s // period_s) * period_s


def batches(missing: Iterable[tuple[Sequence[SeriesKey], int]], window: Window) -> list[Batch]:
    """Requests for what is missing; together what is missing from the same time on.

    The operator waits for them: they go before what is idle, and after what is on the screen.
    """
    groups: dict[int, list[SeriesKey]] = {}
    for keys, start in missing:
        groups.setdefault(start, []).extend(keys)
    return [
        replace(batch, priority=Priority.WARM)
        for start, keys in groups.items()
        for batch in pack(keys, replace(window, start=start))
    ]


def _undescribed(planned: Planned) -> list[str]:
    """Before an endpoint is described nobody knows its variants, and metrics go by variant."""
    return [] if planned.endpoint.described else [f"{planned.endpoint.name} is not described yet."]


def failures(told: Iterable[SeriesHistory]) -> list[str]:
    """Sentences on what could not be asked, each reason once."""
    series = list(told)
    reasons = Counter(one.why for one in series if one.why)
    return [f"{count} of {len(series)} series were not collected: {why}" for why, count in reasons.items()]
