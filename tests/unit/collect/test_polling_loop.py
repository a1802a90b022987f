"""The loop: when it goes on, what hurries it, what stretches it, and what it leaves behind."""

import asyncio
import gc
from dataclasses import replace
from itertools import pairwise

import pytest

from smtop.metrics.clock import utc
from smtop.metrics.collect.plan import asks
from smtop.metrics.collect.poller import RETRY_S
from smtop.metrics.collect.tiers import TICK_S
from smtop.metrics.domain.series import PERIOD_S, Point, SeriesKey
from smtop.metrics.errors import AwsError, FaultKind, SignIn
from smtop.metrics.ports import Answer, Answers, Batch, BatchAnswer, Completeness
from tests.support.engine import (
    EXPIRED,
    OFFLINE,
    FakeInventory,
    Rig,
    ScriptedMetrics,
    fault,
    hosted,
    key_of,
    settle,
)
from tests.support.fleet import NOW_S
from tests.support.loops import Start, still

FRAUD = hosted("fraud")


def listings(made: Rig) -> int:
    return made.inventory.calls.count("list")


async def test_the_loop_rests_for_a_cadence_and_says_when_it_goes_on(start: Start) -> None:
    made = still(FRAUD)
    loop = await start(made)
    assert loop.last.next_poll_at == utc(NOW_S + TICK_S)
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
    made.inventory.faults["identity"] = [error] * (6 if error is EXPIRED else 3)
    loop = await start(made)
    assert loop.last.next_poll_at == utc(NOW_S + RETRY_S)
    await made.clock.advance(RETRY_S)
    assert made.source.requests == []
    await made.clock.advance(RETRY_S)
    await made.clock.advance(RETRY_S)
    assert loop.last.complete
    assert made.clock.slept[-1] == TICK_S


async def test_a_refresh_that_does_not_help_is_one_attempt_and_no_more(start: Start) -> None:
    made = still(FRAUD)
    made.inventory.faults["identity"] = [OFFLINE] * 100
    await start(made)
    made.poller.refresh()
    await settle()
    assert made.inventory.calls.count("identity") == 2


async def test_a_refused_code_is_told_before_the_next_sign_in(start: Start) -> None:
    """Signing in anew at once would ask for the next code, and nobody would hear of the last one."""
    refused = AwsError(FaultKind.CREDENTIALS, "sts:AssumeRole", "Not accepted.", SignIn(refused=True))
    made = still(FRAUD)
    made.inventory.faults["identity"] = [refused]
    loop = await start(made)
    assert [problem.message for problem in loop.last.problems] == ["Not accepted."]
    await made.clock.advance(RETRY_S)
    assert loop.last.complete


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


async def test_ten_minutes_of_throttling_pile_nothing_up_and_heal(start: Start) -> None:
    fleet = [hosted(f"e{index}") for index in range(20)]
    made = still(*fleet)
    made.source.refuse = lambda _: fault(FaultKind.THROTTLED)
    loop = await start(made)
    asked: list[int] = []
    tasks: list[int] = []
    for second in range(600):
        await made.clock.advance(1.0)
        if second % 60 == 59:
            asked.append(len(made.source.requests))
            tasks.append(len(asyncio.all_tasks()))
    assert FaultKind.THROTTLED in {problem.kind for problem in loop.last.problems}
    assert max(later - earlier for earlier, later in pairwise(asked)) <= 8
    assert max(tasks) <= tasks[0] + 4
    assert listings(made) <= 11
    made.source.refuse = None
    for _ in range(120):
        await made.clock.advance(1.0)
    assert loop.last.problems == ()
    assert loop.last.complete


async def test_what_is_newly_looked_at_is_asked_before_the_next_cycle(start: Start) -> None:
    made = still(FRAUD, hosted("quiet"))
    loop = await start(made)
    await made.clock.advance(TICK_S)
    await made.clock.advance(TICK_S)
    made.source.requests.clear()
    made.poller.look("quiet", ["fraud", "quiet"])
    await settle()
    asked = {key.metric.dimensions[0][1] for batch in made.source.requests for key in batch.series}
    assert asked == {"quiet"}
    assert listings(made) == 3
    assert loop.last.next_poll_at is not None
    made.source.requests.clear()
    made.poller.look("quiet", ["quiet"])
    await settle()
    assert made.source.requests == []


async def test_what_a_view_wants_of_its_rows_is_asked_before_the_next_cycle(start: Start) -> None:
    made = still(FRAUD, hosted("quiet"))
    made.source.listable = [ask.key.metric for one in made.inventory.endpoints.values() for ask in asks(one)]
    await start(made)
    await made.clock.advance(TICK_S)
    await made.clock.advance(TICK_S)
    made.source.requests.clear()
    made.poller.look(None, ["fraud", "quiet"], {"DiskUtilization"})
    await settle()
    asked = {(key.metric.name, *key.metric.dimensions[0]) for batch in made.source.requests for key in batch.series}
    assert asked == {("DiskUtilization", "EndpointName", name) for name in ("fraud", "quiet")}
    made.source.requests.clear()
    made.poller.look(None, ["quiet", "fraud"], {"DiskUtilization"})
    await settle()
    assert made.source.requests == []


async def test_a_glance_that_fails_is_tried_by_the_next_cycle_and_no_sooner(start: Start) -> None:
    made = still(FRAUD)
    loop = await start(made)
    await made.clock.advance(TICK_S)
    await made.clock.advance(TICK_S)
    made.source.refuse = lambda _: fault(FaultKind.UNREACHABLE)
    made.source.requests.clear()
    made.poller.look("fraud", ["fraud"])
    await settle()
    assert 1 <= len(made.source.requests) <= 3
    assert loop.last.is_cut_off
    made.source.refuse = None
    await made.clock.advance(TICK_S)
    assert not loop.last.is_cut_off


class Steady(ScriptedMetrics):
    """Five requests a minute in one series, for ever; the same question is answered with the same tuple of series."""

    def __init__(self, key: SeriesKey) -> None:
        super().__init__()
        self._key = key
        self._series: dict[tuple[SeriesKey, ...], tuple[SeriesKey, ...]] = {}

    async def fetch(self, batch: Batch) -> BatchAnswer:
        told = Answers.of((await super().fetch(batch)).answers)
        return BatchAnswer(replace(told, series=self._series.setdefault(told.series, told.series)))

    def _answer(self, key: SeriesKey, batch: Batch) -> Answer:
        minutes = range(batch.window.start, batch.window.end, PERIOD_S) if key == self._key else ()
        return Answer.of(Completeness.COMPLETE, (Point(at, 5.0) for at in minutes))


async def test_a_day_leaves_no_task_and_no_memory_and_bills_no_more_at_its_end() -> None:
    """After a few hours everything that is kept has its size; objects are counted, since pages of memory are noisy."""
    fleet = (FRAUD, hosted("quiet"))
    made = Rig(FakeInventory(*fleet), Steady(key_of(FRAUD, "Invocations.Sum")))
    gc.freeze()  # the modules and tests of this process, of which nothing is to be counted
    tasks, billed, objects = len(asyncio.all_tasks()), [], []
    for _ in range(24):
        made.source.billed.clear()
        made.source.requests.clear()
        made.source.priorities.clear()
        made.inventory.calls.clear()
        made.clock.slept.clear()
        for _ in range(60):
            made.clock.move(TICK_S)
            async for _ in made.poller.cycle():
                pass
        await made.poller.snapshot()
        gc.collect()
        billed.append(made.source.billed.total())
        objects.append(len(gc.get_objects()))
    gc.unfreeze()
    assert len(asyncio.all_tasks()) == tasks
    assert max(billed[2:]) == min(billed[2:])
    assert max(objects[4:]) - min(objects[4:]) < 200
    assert made.renewed == 0


async def test_a_hundred_cycles_leave_no_task_behind(start: Start) -> None:
    made = still(FRAUD)
    await start(made)
    before = len(asyncio.all_tasks())
    for _ in range(100):
        await made.clock.advance(TICK_S)
    assert listings(made) == 101
    assert len(asyncio.all_tasks()) == before
