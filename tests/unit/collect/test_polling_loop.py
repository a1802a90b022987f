"""The loop: when it goes on, what hurries it, what stretches it, and what it leaves behind."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from smtop.metrics.clock import utc
from smtop.metrics.collect.poller import RETRY_S, Poller
from smtop.metrics.collect.tiers import TICK_S
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.errors import AwsError, FaultKind
from tests.support.engine import (
    EXPIRED,
    OFFLINE,
    FakeClock,
    FakeInventory,
    Rig,
    fault,
    hosted,
    settle,
)
from tests.support.fleet import NOW_S

FRAUD = hosted("fraud")


@dataclass
class Loop:
    """A loop that runs in the background, and everything that it has published."""

    seen: list[FleetSnapshot] = field(default_factory=list)

    async def watch(self, poller: Poller) -> None:
        async for snapshot in poller.run():
            self.seen.append(snapshot)

    @property
    def last(self) -> FleetSnapshot:
        return self.seen[-1]


Start = Callable[[Rig], Awaitable[Loop]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts the loop of a rig on a clock that stands still; ends all loops with the test."""
    tasks: list[asyncio.Task[None]] = []

    async def start_one(made: Rig) -> Loop:
        loop = Loop()
        tasks.append(asyncio.ensure_future(loop.watch(made.poller)))
        await settle()
        return loop

    yield start_one
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def listings(made: Rig) -> int:
    return made.inventory.calls.count("list")


def still(*endpoints: Endpoint) -> Rig:
    """A rig whose clock stands still."""
    return Rig(FakeInventory(*endpoints), clock=FakeClock())


async def test_the_loop_rests_for_a_cadence_and_says_when_it_goes_on(start: Start) -> None:
    made = still(FRAUD)
    loop = await start(made)
    assert loop.last.next_poll_at == utc(NOW_S + TICK_S)
    assert loop.last.cadence_s == TICK_S
    assert listings(made) == 1
    await made.clock.advance(TICK_S - 1)
    assert listings(made) == 1
    await made.clock.advance(1)
    assert listings(made) == 2


async def test_progress_is_not_published_for_every_little_thing(start: Start) -> None:
    loop = await start(still(*(hosted(f"e{index}") for index in range(100))))
    assert loop.last.next_poll_at is not None
    assert 2 <= len(loop.seen) <= 5


async def test_a_refresh_ends_the_rest(start: Start) -> None:
    made = still(FRAUD)
    await start(made)
    made.poller.refresh()
    await settle()
    assert listings(made) == 2
    await settle()
    assert listings(made) == 2


async def test_a_long_pause_of_the_machine_is_one_cycle_and_not_many(start: Start) -> None:
    made = still(FRAUD)
    await start(made)
    await made.clock.advance(7200)
    assert listings(made) == 2
    assert made.clock.slept[-1] == TICK_S


@pytest.mark.parametrize("error", [EXPIRED, OFFLINE], ids=lambda error: error.kind.value)
async def test_while_aws_cannot_be_asked_the_loop_tries_again_soon_and_spends_nothing(
    start: Start, error: AwsError
) -> None:
    made = still(FRAUD)
    made.inventory.faults["identity"] = [error] * 3
    loop = await start(made)
    assert loop.last.next_poll_at == utc(NOW_S + RETRY_S)
    await made.clock.advance(RETRY_S)
    assert made.source.requests == []
    await made.clock.advance(RETRY_S)
    await made.clock.advance(RETRY_S)
    assert loop.last.complete
    assert made.clock.slept[-1] == TICK_S


async def test_a_throttled_cycle_is_not_hurried(start: Start) -> None:
    made = still(FRAUD)
    made.inventory.faults["list"] = [fault(FaultKind.THROTTLED, "sagemaker:ListEndpoints")]
    await start(made)
    assert made.clock.slept == [TICK_S]


async def test_a_cycle_that_takes_long_lets_the_missed_ticks_go(start: Start) -> None:
    made = still(FRAUD)
    made.source.delay_s = 150.0
    await start(made)
    await made.clock.advance(150.0)
    assert listings(made) == 1
    assert made.clock.slept[-1] == 30.0
    await made.clock.advance(30.0)
    assert listings(made) == 2


async def test_a_hundred_cycles_leave_no_task_behind(start: Start) -> None:
    made = still(FRAUD)
    await start(made)
    before = len(asyncio.all_tasks())
    for _ in range(100):
        await made.clock.advance(TICK_S)
    assert listings(made) == 101
    assert len(asyncio.all_tasks()) == before
