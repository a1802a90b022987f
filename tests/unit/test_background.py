"""A feed in a thread of its own behaves like the feed itself."""

import asyncio
import threading
from collections.abc import AsyncGenerator

import pytest

from smtop.metrics.background import BackgroundFeed
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.errors import AwsError, ConfigError
from smtop.metrics.journal import State
from smtop.metrics.ports import FleetFeed
from tests.support.changes import applied, entry, weights_plan
from tests.support.engine import OFFLINE
from tests.support.fleet import FakeFeed, endpoint, snapshot

FIRST, SECOND = snapshot(endpoint("a")), snapshot(endpoint("b"))


class WatchedFeed(FakeFeed):
    """Notes which threads it was used from, and when its readers have gone."""

    def __init__(self, *snapshots: FleetSnapshot) -> None:
        super().__init__(*snapshots)
        self.threads: set[str] = set()
        self.left = threading.Event()

    async def snapshots(self) -> AsyncGenerator[FleetSnapshot, None]:
        try:
            async for one in super().snapshots():
                self.threads.add(threading.current_thread().name)
                yield one
        finally:
            self.left.set()

    def refresh(self) -> None:
        self.threads.add(threading.current_thread().name)
        super().refresh()


async def in_background(feed: FleetFeed) -> BackgroundFeed:
    async def opened() -> FleetFeed:
        return feed

    return await BackgroundFeed.opened(opened)


def engine_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "engine"]


async def test_snapshots_come_from_another_thread_in_their_order() -> None:
    behind = WatchedFeed(FIRST, SECOND)
    feed = await in_background(behind)
    reader = feed.snapshots()
    assert [await anext(reader), await anext(reader)] == [FIRST, SECOND]
    feed.refresh()
    feed.look("a", ("a", "b"), {"ModelCacheHit"})
    feed.touched()
    feed.ask_every(300)
    await reader.aclose()
    await feed.close()
    assert behind.threads == {"engine"}
    assert behind.wanted == {"ModelCacheHit"}
    assert behind.intervals == [300]
    assert (behind.refreshed, behind.looks, behind.touches, behind.closed) == (1, [("a", ("a", "b"))], 1, True)
    assert behind.left.is_set()
    assert not engine_threads()


async def test_a_reader_that_is_cancelled_while_it_waits_leaves_the_feed() -> None:
    behind = WatchedFeed()
    feed = await in_background(behind)
    waiting = asyncio.ensure_future(anext(feed.snapshots()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await feed.close()
    assert behind.closed
    assert not engine_threads()


async def test_a_change_is_followed_from_here_and_goes_on_there() -> None:
    behind, plan = FakeFeed(), weights_plan()
    behind.changes.open_s = 60.0
    for news in (entry(plan), applied(plan)):
        behind.changes.tell(news)
    feed = await in_background(behind)
    states = [one.state async for one in feed.changes.apply(plan)]
    await feed.close()
    assert states == [State.UNDER_WAY, State.APPLIED]


async def test_what_fails_there_is_raised_here() -> None:
    behind = FakeFeed()
    behind.push(OFFLINE)
    feed = await in_background(behind)
    with pytest.raises(AwsError, match="No network"):
        await anext(feed.snapshots())
    await feed.close()


async def test_a_feed_that_cannot_be_opened_leaves_no_thread() -> None:
    async def opened() -> FleetFeed:
        raise ConfigError("no such profile")

    with pytest.raises(ConfigError, match="no such profile"):
        await BackgroundFeed.opened(opened)
    assert not engine_threads()
