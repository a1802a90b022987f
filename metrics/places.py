"""One account and region, or several: whatever the settings name, as one feed or as one picture."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

from smtop.metrics.cache import InventoryCache
from smtop.metrics.changes import past_of
from smtop.metrics.clock import Clock, utc
from smtop.metrics.config import Settings
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.errors import AwsError
from smtop.metrics.federation.feed import Federation, as_problem
from smtop.metrics.federation.merging import Part, merged, without_twins
from smtop.metrics.journal import Journal
from smtop.metrics.monitor import Commons, Monitor
from smtop.metrics.ports import FleetFeed
from smtop.metrics.spread import places

Note = Callable[[str], object]


def watching(settings: Settings, clock: Clock, note: Note) -> Federation:
    """A feed of several accounts and regions, each beginning with what the last run knew of it.

    Raises ConfigError as Monitor does, for any of them.
    """
    each = places(settings)
    monitors = zip(each, _monitors(each, clock, note), strict=True)
    journal = Journal(settings.directories.state, clock)
    return Federation(
        [(monitor.place, _opening(monitor, one)) for one, monitor in monitors],
        clock,
        lambda: asyncio.to_thread(past_of, journal),
    )


def _monitors(each: Sequence[Settings], clock: Clock, note: Note) -> list[Monitor]:
    commons = Commons(clock, random.Random())
    return [Monitor(one, clock, note=note, commons=commons) for one in each]


def _opening(monitor: Monitor, settings: Settings) -> Callable[[], Awaitable[FleetFeed]]:
    async def opened() -> FleetFeed:
        cached = await asyncio.to_thread(InventoryCache(settings).load)
        await monitor.__aenter__()
        if cached is not None:
            monitor.recall(cached)
        return monitor

    return opened


async def take(settings: Settings, clock: Clock, note: Note, only: str | None = None) -> FleetSnapshot:
    """One picture of everything, or of the endpoints of one name. Raises ConfigError, and AwsError for a single place.

    Of several places, one that cannot be asked has a problem, and the others are there.
    """
    each = places(settings)
    monitors = _monitors(each, clock, note)
    if len(monitors) == 1:
        return await _taken(monitors[0], only)
    parts = await asyncio.gather(*(_part(monitor, only) for monitor in monitors))
    kept, twins = without_twins(parts)
    for sentence in twins:
        note(sentence)
    return merged(kept, utc(clock.wall()), twins)


async def _part(monitor: Monitor, only: str | None) -> Part:
    part = Part(monitor.place)
    try:
        part.take(await _taken(monitor, only))
    except AwsError as error:
        part.fault = as_problem(error)
    return part


async def _taken(monitor: Monitor, only: str | None) -> FleetSnapshot:
    async with monitor:
        return await monitor.take(only)
