"""The poller and what stands around endpoints: when it is asked, and what comes of it."""

import asyncio

from smtop.metrics.collect.tiers import TICK_S
from smtop.metrics.domain.surroundings import Alarm, AlarmState
from smtop.metrics.errors import FaultKind
from smtop.metrics.limiter import most_attempts, priority
from smtop.metrics.ports import PlacedAlarm, Priority
from tests.support.around import ALARMS, FakeRegion
from tests.support.engine import OFFLINE, FakeClock, FakeInventory, Rig, hosted, row, settle
from tests.support.fleet import NOW_S
from tests.support.loops import Start

FRAUD, CHAT = hosted("fraud"), hosted("chat")


def looking(region: FakeRegion, **members: object) -> Rig:
    return Rig(FakeInventory(FRAUD, CHAT), clock=FakeClock(), around=region.sources, **members)  # type: ignore[arg-type]


async def test_it_is_asked_beside_the_cycles_and_shown_when_it_is_there(start: Start) -> None:
    region, held = FakeRegion(), asyncio.Event()
    alarms = region.alarms

    async def late() -> list[PlacedAlarm]:
        await held.wait()
        return list(await alarms())

    region.alarms = late  # type: ignore[method-assign]
    region.placed = [PlacedAlarm("fraud", Alarm("fraud-5xx", AlarmState.ALARM, NOW_S))]
    made = looking(region)
    loop = await start(made)
    await made.clock.advance(TICK_S)
    before = loop.last
    assert made.inventory.calls.count("list") == 2
    held.set()
    await settle()
    assert loop.last is not before
    assert row(loop.last, "fraud") is not row(before, "fraud")


async def test_an_endpoint_around_which_nothing_is_new_keeps_its_view() -> None:
    region = FakeRegion()
    made = looking(region)
    await made.cycle()
    await made.poller.look_around()
    before = await made.poller.snapshot()
    region.placed = [PlacedAlarm("fraud", Alarm("fraud-5xx", AlarmState.ALARM, NOW_S))]
    made.clock.move(TICK_S * 3)
    await made.poller.look_around()
    made.clock.move(-TICK_S * 3)
    after = await made.poller.snapshot()
    assert row(after, "fraud") is not row(before, "fraud")
    assert row(after, "chat") is row(before, "chat")


async def test_a_refusal_is_a_problem_of_the_picture_once() -> None:
    region = FakeRegion()
    region.refuse(ALARMS)
    made = looking(region)
    await made.cycle()
    await made.poller.look_around()
    snapshot = await made.cycle()
    assert [problem.operation for problem in snapshot.problems] == [ALARMS]
    assert not snapshot.complete


async def test_what_aws_cannot_answer_is_no_problem_of_the_picture() -> None:
    region = FakeRegion()
    region.refuse(ALARMS, FaultKind.SERVICE)
    made = looking(region)
    await made.cycle()
    await made.poller.look_around()
    assert (await made.poller.snapshot()).problems == ()


async def test_nothing_is_asked_before_there_is_an_inventory() -> None:
    region = FakeRegion()
    made = looking(region)
    made.inventory.faults["list"] = [OFFLINE]
    await made.cycle()
    await made.poller.look_around()
    assert not region.asked


async def test_what_a_narrowed_fleet_uses_is_no_use_of_the_account() -> None:
    made = looking(FakeRegion())
    await made.cycle()
    assert made.poller.used == {"ml.m5.xlarge": 4}
    made.poller.narrow("fraud")
    await made.cycle()
    assert made.poller.used is None


async def test_it_is_never_urgent() -> None:
    region, seen = FakeRegion(), []

    async def quotas() -> dict[str, object]:
        seen.append((priority.get(), most_attempts.get()))
        return {}

    region.quotas = quotas  # type: ignore[method-assign, assignment]
    made = looking(region)
    await made.cycle()
    await made.poller.look_around()
    assert seen == [(Priority.BACKFILL, 2)]
    assert priority.get() is not Priority.BACKFILL
