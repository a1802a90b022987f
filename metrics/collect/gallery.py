"""The fleet's views, drawn again and again: an endpoint of which nothing new is known keeps the view that it has."""

import asyncio
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from smtop.metrics.analysis.rules import HOURLY
from smtop.metrics.analysis.samples import frontier, last_settled_minute
from smtop.metrics.collect.picture import (
    RECENT_MINUTES,
    Ground,
    Plan,
    Sight,
    Source,
    source,
    unasked,
    view,
)
from smtop.metrics.collect.plan import Ask
from smtop.metrics.collect.trends import TREND_MINUTES, trends
from smtop.metrics.domain.catalogue import INVOCATIONS_NAMESPACE
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.series import PERIOD_S, Points, SeriesKey, Track
from smtop.metrics.domain.snapshot import EndpointView, worst_first
from smtop.metrics.ring import Integers
from smtop.metrics.store import NEVER_ASKED, Asked, Store

LASTS_S = 300.0
"""How long a view may stand when nothing new is heard: its hour of requests slides on, and silence grows long."""

_AT_ONCE = 3
"""Endpoints between two chances for others to do something."""

_READ_AT_ONCE = 60
"""Endpoints whose points are read from the store together: reading them one by one costs the most."""

_NOWHERE: Integers = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Picture:
    """Views of all planned endpoints, worst first, and the newest minute of their data; None without any data."""

    views: tuple[EndpointView, ...]
    reached: int | None


class Basis(NamedTuple):
    """What a view was drawn from, beside the points of its own series."""

    revision: int
    minute: int
    frontier: int
    standing: Hashable
    around: Hashable
    baseline: Hashable
    muted: Hashable


@dataclass
class Frame:
    """One endpoint, where the store keeps its series, and the view that was drawn last.

    `minute` is the one in which it was last answered (epoch seconds): what came later is not known of it. `newest` is
    the newest settled minute of each source. The view stands `until` it grows old by itself.
    """

    endpoint: Endpoint
    asks: Sequence[Ask]
    keys: tuple[SeriesKey, ...]
    places: Integers
    minute: int = 0
    revision: int = -1
    newest: Mapping[Source, int] = field(default_factory=dict)
    basis: Basis | None = None
    view: EndpointView | None = None
    until: float = 0.0


class Gallery:
    """Draws pictures of one store. Not for two drawings at the same time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._frames: dict[str, Frame] = {}

    async def draw(self, plan: Plan, ground: Ground) -> Picture:
        """The fleet as the store has it now; gives way to others after every few endpoints."""
        self._hang(plan)
        await self._read_newest(ground.now)
        latest = max((frame.minute for frame in self._frames.values()), default=int(ground.now))
        fresh = [frame.newest for frame in self._frames.values() if frame.minute >= latest - PERIOD_S]
        known = {found: minute for newest in fresh for found, minute in newest.items()}
        reached = _frontier(known, latest)
        for minute, frames in _by_minute(self._outdated(ground, reached)).items():
            for many in _some(frames, _READ_AT_ONCE):
                asked = [frame for frame in many if not self._paint_unasked(frame, ground)]
                sight = self._sight(asked, ground, minute, reached)
                await asyncio.sleep(0)
                for some in _some(asked, _AT_ONCE):
                    _paint(some, sight)
                    await asyncio.sleep(0)
        views = (frame.view for frame in self._frames.values() if frame.view is not None)
        return Picture(tuple(sorted(views, key=worst_first)), reached if known else None)

    def is_answered(self, spares: Callable[[Ask], bool]) -> bool:
        """Whether all endpoints are described and everything was answered once that is not spared on purpose."""
        frames = self._frames.values()
        return all(frame.endpoint.described for frame in frames) and all(
            self._is_answered(frame, spares) for frame in frames
        )

    def _is_answered(self, frame: Frame, spares: Callable[[Ask], bool]) -> bool:
        if self._store.are_answered(frame.places):
            return True
        return all(self._store.answered_when(ask.key) is not None or spares(ask) for ask in frame.asks)

    def _hang(self, plan: Plan) -> None:
        """A frame for every endpoint in the plan, and for no other. New ones get their places in the store at once."""
        before, self._frames = self._frames, {}
        new: dict[str, tuple[SeriesKey, ...]] = {}
        for endpoint, asks in plan:
            known = before.get(endpoint.name)
            if known is not None and known.endpoint is endpoint and known.asks is asks:
                self._frames[endpoint.name] = known
            else:
                keys = new[endpoint.name] = tuple(ask.key for ask in asks)
                self._frames[endpoint.name] = Frame(endpoint, asks, keys, _NOWHERE)
        places = self._store.columns(tuple(key for keys in new.values() for key in keys))
        for (name, keys), end in zip(new.items(), accumulate(map(len, new.values())), strict=True):
            self._frames[name].places = places[end - len(keys) : end]

    async def _read_newest(self, now: float) -> None:
        """How far the data of each endpoint reaches, where it was asked since."""
        asked = []
        for frame in self._frames.values():
            revision, answered_at = self._store.standing(frame.places)
            minute = int((now if answered_at is None else answered_at) // PERIOD_S) * PERIOD_S
            if (revision, minute) != (frame.revision, frame.minute):
                frame.revision, frame.minute = revision, minute
                asked.append(frame)
        for minute, frames in _by_minute(asked).items():
            for some in _some(frames, _READ_AT_ONCE):
                self._read_newest_of(some, minute)
                await asyncio.sleep(0)

    def _read_newest_of(self, frames: Sequence[Frame], minute: int) -> None:
        keys = [key for frame in frames for key in frame.keys]
        settled = iter(self._store.newest(keys, last_settled_minute(minute), RECENT_MINUTES))
        for frame in frames:
            newest: dict[Source, int] = {}
            for key in frame.keys:
                at = next(settled)
                if at is not None:
                    newest[source(key)] = max(at, newest.get(source(key), 0))
            frame.newest = newest

    def _outdated(self, ground: Ground, reached: int) -> list[Frame]:
        """The frames whose view is not what would be drawn now."""
        outdated, muted = [], ground.judging.revision()
        for name, frame in self._frames.items():
            seen = min(reached, last_settled_minute(frame.minute))
            around = ground.judging.around(name)
            baseline = ground.judging.no_baseline(name)
            basis = Basis(frame.revision, frame.minute, seen, ground.standing(name), around, baseline, muted)
            if basis != frame.basis or ground.now >= frame.until:
                frame.basis = basis
                outdated.append(frame)
        return outdated

    def _hours(self, frames: Sequence[Frame], ground: Ground, minute: int) -> Mapping[str, Points]:
        asked = [(frame.endpoint, frame.asks) for frame in frames if frame.revision]
        return trends(asked, self._store, minute, ground.now)

    def _sight(self, frames: Sequence[Frame], ground: Ground, minute: int, reached: int) -> Sight:
        """What the store has of some endpoints."""
        points: dict[SeriesKey, Track] = {}
        asked = self._asked(frames)
        for minutes, keys in _by_reach(frames, asked, ground).items():
            points |= zip(keys, self._store.recent(keys, minute, minutes), strict=True)
        newest = {found: at for frame in frames for found, at in frame.newest.items()}
        return Sight(ground, minute, asked, points, self._hours(frames, ground, minute), newest, reached)

    def _asked(self, frames: Sequence[Frame]) -> Mapping[SeriesKey, Asked]:
        """How asking went for all series of some frames that were asked."""
        keys = [key for frame in frames for key in frame.keys]
        told = self._store.asked_at(np.concatenate([_NOWHERE, *(frame.places for frame in frames)]))
        return {key: one for key, one in zip(keys, told, strict=True) if one is not NEVER_ASKED}

    def _paint_unasked(self, frame: Frame, ground: Ground) -> bool:
        """Whether a stroke is enough: nothing was ever asked of it, and no rule needs to look."""
        drawn = None if frame.revision else unasked(frame.endpoint, ground.judging)
        if drawn is not None:
            frame.view, frame.until = drawn, ground.now + LASTS_S
        return drawn is not None


def _paint(frames: Iterable[Frame], sight: Sight) -> None:
    for frame in frames:
        frame.view = view(frame.endpoint, frame.asks, sight, frame.view.findings if frame.view else ())
        frame.until = _grows_old_at(frame, sight)


def _by_reach(frames: Sequence[Frame], asked: Mapping[SeriesKey, Asked], ground: Ground) -> dict[int, list[SeriesKey]]:
    """The answered series by how many minutes of them must be seen: an hour, where some rule looks back so far.

    What is read rarely may have its newest value, and the window before it, as far back as its last reading.
    """
    groups: dict[int, list[SeriesKey]] = {}
    for frame in frames:
        looks_back = frame.endpoint.kind.is_serverless or frame.endpoint.kind is Kind.ASYNC
        for ask in frame.asks:
            if asked.get(ask.key, NEVER_ASKED).answered_at is None:
                continue
            cadence_s = ground.terms(ask).cadence_s
            minutes = RECENT_MINUTES + int(cadence_s // PERIOD_S if cadence_s > PERIOD_S else 0)
            if looks_back and ask.label in HOURLY:
                minutes = max(minutes, TREND_MINUTES)
            groups.setdefault(minutes, []).append(ask.key)
    return groups


def _grows_old_at(frame: Frame, sight: Sight) -> float:
    """When the first of its values becomes stale, if nothing is heard until then."""
    ground = sight.ground
    turns = [ground.now + LASTS_S]
    for ask in frame.asks:
        answered_at = sight.asked.get(ask.key, NEVER_ASKED).answered_at
        if answered_at is not None:
            stale_at = answered_at + 2 * ground.terms(ask).cadence_s
            turns += [stale_at] if stale_at >= ground.now else []  # it is stale only after this moment
    return min(turns)


def _by_minute(frames: Iterable[Frame]) -> dict[int, list[Frame]]:
    """Frames that were answered in the same minute, the newest first."""
    groups: dict[int, list[Frame]] = {}
    for frame in frames:
        groups.setdefault(frame.minute, []).append(frame)
    return dict(sorted(groups.items(), reverse=True))


def _some(frames: Sequence[Frame], at_once: int) -> Iterable[Sequence[Frame]]:
    return (frames[first : first + at_once] for first in range(0, len(frames), at_once))


def _frontier(newest: Mapping[Source, int], now: float) -> int:
    """The fleet's frontier by its invocation metrics, or by all metrics where there are none of these."""
    invocations = [minute for (namespace, _), minute in newest.items() if namespace == INVOCATIONS_NAMESPACE]
    return frontier(invocations or list(newest.values()), now)
