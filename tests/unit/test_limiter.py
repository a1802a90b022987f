"""How fast AWS is asked: a pace for each operation and its datapoints, urgency, and a budget for retries."""

import asyncio
import random
from collections.abc import Mapping

import pytest

from smtop.metrics.clock import Clock
from smtop.metrics.limiter import ATTEMPTS, DATAPOINTS, RATES, Pace, Rate, RetryBudget, priority
from smtop.metrics.ports import INSIGHTS, Priority
from tests.support.engine import FakeClock, HastyClock, settle

GET, LIST, DESCRIBE = "cloudwatch:GetMetricData", "cloudwatch:ListMetrics", "sagemaker:DescribeEndpoint"


def steady(per_s: float) -> Rate:
    """A rate that only throttles change."""
    return Rate(per_s, per_s)


def made(clock: Clock, rates: Mapping[str, Rate] = RATES, datapoints: Mapping[str, Rate] = DATAPOINTS) -> Pace:
    return Pace(clock, random.Random(5), rates, datapoints)


async def admitted(pace: Pace, count: int, operation: str = GET) -> None:
    for _ in range(count):
        await pace.admit(operation)


async def test_a_burst_of_one_second_passes_and_the_rest_is_spaced_evenly() -> None:
    clock = HastyClock()
    pace = made(clock, {GET: steady(8.0)})
    start = clock.monotonic()
    await admitted(pace, 8)
    assert clock.slept == []
    await admitted(pace, 16)
    assert clock.slept == [pytest.approx(0.125)] * 16
    assert clock.monotonic() - start == pytest.approx(2.0)


async def test_metrics_insights_has_a_pace_of_its_own_within_its_quota_of_ten_a_second() -> None:
    clock = HastyClock()
    pace = made(clock)
    start = clock.monotonic()
    await admitted(pace, 200, INSIGHTS)
    assert 200 / (clock.monotonic() - start) <= 10
    before = clock.monotonic()
    await pace.admit(GET)
    assert clock.monotonic() == before


async def test_operations_do_not_wait_for_each_other_and_unnamed_ones_not_at_all() -> None:
    clock = HastyClock()
    pace = made(clock, {GET: steady(1.0), LIST: steady(1.0)})
    await pace.admit(GET)
    await pace.admit(LIST)
    await admitted(pace, 100, DESCRIBE)
    assert clock.slept == []
    await pace.admit(GET)
    assert len(clock.slept) == 1


async def test_idle_time_is_not_saved_up() -> None:
    clock = HastyClock()
    pace = made(clock, {GET: steady(8.0)})
    clock.move(3600)
    await admitted(pace, 9)
    assert len(clock.slept) == 1


async def test_the_most_urgent_go_first_and_equals_in_their_order() -> None:
    clock = FakeClock()
    pace = made(clock, {GET: steady(1.0)})
    await pace.admit(GET)
    served: list[str] = []

    async def call(name: str, urgency: Priority) -> None:
        priority.set(urgency)
        await pace.admit(GET)
        served.append(name)

    wanted = [("idle", Priority.IDLE), ("hot", Priority.HOT), ("hot too", Priority.HOT), ("focus", Priority.FOCUS)]
    callers = [asyncio.ensure_future(call(*one)) for one in wanted]
    for _ in range(4):
        await clock.advance(1.0)
    assert served == ["focus", "hot", "hot too", "idle"]
    await asyncio.gather(*callers)


async def test_a_caller_that_gives_up_costs_the_others_nothing_and_leaves_no_task() -> None:
    clock = FakeClock()
    pace = made(clock, {GET: steady(1.0)})
    await pace.admit(GET)
    before = asyncio.all_tasks()
    first, second = (asyncio.ensure_future(pace.admit(GET)) for _ in range(2))
    await settle()
    first.cancel()
    await clock.advance(1.0)
    assert second.done()
    last = asyncio.ensure_future(pace.admit(GET))
    await settle()
    last.cancel()
    await settle()
    assert asyncio.all_tasks() == before


async def test_a_throttle_halves_the_pace_and_full_use_without_one_raises_it() -> None:
    clock = HastyClock()
    pace = made(clock, {GET: Rate(10.0, 12.0)})
    pace.throttled(GET)
    assert pace.rate_per_s(GET) == 5.0
    start = clock.monotonic()
    await admitted(pace, 50)
    assert clock.monotonic() - start == pytest.approx(10.0, rel=0.15)
    assert pace.rate_per_s(GET) == pytest.approx(6.0, rel=0.1)
    await admitted(pace, 2000)
    assert pace.rate_per_s(GET) == 12.0


async def test_throttles_that_come_together_count_once_and_there_is_a_floor() -> None:
    clock = HastyClock()
    pace = made(clock, {GET: steady(8.0)})
    for _ in range(6):
        pace.throttled(GET)
    assert pace.rate_per_s(GET) == 4.0
    for _ in range(20):
        clock.move(2.0)
        pace.throttled(GET)
    assert pace.rate_per_s(GET) == 0.5
    assert pace.rate_per_s(DESCRIBE) is None


async def test_what_is_not_paced_is_after_its_first_throttle_at_half_of_what_was_too_much() -> None:
    clock = HastyClock()
    pace = made(clock, {})
    await admitted(pace, 7, DESCRIBE)
    clock.move(1.0)
    await admitted(pace, 40, DESCRIBE)
    assert (pace.rate_per_s(DESCRIBE), clock.slept) == (None, [])
    pace.throttled(DESCRIBE)
    assert pace.rate_per_s(DESCRIBE) == 20.0
    start = clock.monotonic()
    await admitted(pace, 20, DESCRIBE)
    assert clock.monotonic() - start == pytest.approx(1.0, rel=0.1)
    await admitted(pace, 5000, DESCRIBE)
    assert pace.rate_per_s(DESCRIBE) == 50.0


async def test_what_is_not_paced_is_soon_as_fast_again_however_little_was_asked_when_it_was_throttled() -> None:
    clock = HastyClock()
    pace = made(clock, {})
    await pace.admit(DESCRIBE)
    pace.throttled(DESCRIBE)
    start = clock.monotonic()
    await admitted(pace, 200, DESCRIBE)
    assert clock.monotonic() - start < 20.0


# Datapoints


async def test_datapoints_are_spaced_however_few_the_calls() -> None:
    clock = HastyClock()
    pace = made(clock, {GET: steady(100.0)}, {GET: steady(1000.0)})
    start = clock.monotonic()
    for _ in range(10):
        await pace.admit(GET, 500)
    assert clock.monotonic() - start == pytest.approx(4.0)
    await pace.admit(LIST, 500)
    assert clock.monotonic() - start == pytest.approx(4.0)


async def test_in_no_second_are_more_datapoints_asked_than_the_budget_and_what_was_saved_up() -> None:
    clock = HastyClock()
    pace = made(clock)
    rng, asked = random.Random(1), []
    for _ in range(300):
        size = rng.randrange(1, 9000)
        await pace.admit(GET, size)
        asked.append((clock.monotonic(), size))
    per_s = max(sum(size for at, size in asked if start <= at < start + 1.0) for start, _ in asked)
    assert 60_000 <= per_s <= 2 * DATAPOINTS[GET].most <= 180_000


async def test_a_request_beyond_a_second_of_the_budget_passes_when_that_is_full_and_others_wait_for_it() -> None:
    clock = HastyClock()
    pace = made(clock, {}, {GET: steady(1000.0)})
    start = clock.monotonic()
    await pace.admit(GET, 5000)
    assert clock.slept == []
    await pace.admit(GET, 1)
    assert clock.monotonic() - start == pytest.approx(4.001)


async def test_urgent_datapoints_go_first() -> None:
    clock = FakeClock()
    pace = made(clock, {}, {GET: steady(1000.0)})
    await pace.admit(GET, 1000)
    served: list[str] = []

    async def call(name: str, urgency: Priority) -> None:
        priority.set(urgency)
        await pace.admit(GET, 1000)
        served.append(name)

    callers = [asyncio.ensure_future(call(urgency.name, urgency)) for urgency in (Priority.BACKFILL, Priority.FOCUS)]
    for _ in range(2):
        await clock.advance(1.0)
    assert served == ["FOCUS", "BACKFILL"]
    await asyncio.gather(*callers)


def test_a_throttle_halves_calls_and_datapoints() -> None:
    pace = made(HastyClock())
    pace.throttled(GET)
    assert (pace.rate_per_s(GET), pace.datapoints_per_s(GET)) == (5.0, 30_000.0)
    assert pace.datapoints_per_s(LIST) is None


# Retries


async def test_pauses_before_retries_are_random_and_grow_and_there_are_few_of_them() -> None:
    shortest, longest = [9.0, 9.0], [0.0, 0.0]
    for seed in range(200):
        clock = HastyClock()
        pace = Pace(clock, random.Random(seed))
        assert [await pace.may_retry(attempts) for attempts in range(1, ATTEMPTS + 2)] == [True, True, False, False]
        shortest = [min(pair) for pair in zip(shortest, clock.slept, strict=True)]
        longest = [max(pair) for pair in zip(longest, clock.slept, strict=True)]
    assert longest == [pytest.approx(2.0, rel=0.1), pytest.approx(8.0, rel=0.1)]
    assert shortest == [pytest.approx(0.5, rel=0.3)] * 2


async def test_what_aws_wants_waited_is_waited_unless_it_is_long() -> None:
    clock = HastyClock()
    pace = made(clock)
    assert await pace.may_retry(1, 7.0)
    assert clock.slept == [7.0]
    assert not await pace.may_retry(1, 3600.0)
    assert clock.slept == [7.0]


async def test_retries_of_all_operations_share_one_budget() -> None:
    pace = made(HastyClock(), {})
    granted = [await pace.may_retry(1) for _ in range(100)]
    assert granted == sorted(granted, reverse=True)
    free = granted.count(True)
    assert 0 < free < 50
    for operation in (GET, LIST, DESCRIBE, "sts:GetCallerIdentity"):
        await admitted(pace, 10, operation)
    assert [await pace.may_retry(1) for _ in range(6)].count(True) in (3, 4)


def test_retries_are_a_tenth_of_the_calls_after_a_few_that_are_free() -> None:
    budget = RetryBudget(share=0.1, free=2.0)
    assert [budget.allows() for _ in range(4)] == [True, True, False, False]
    allowed = 0
    for _ in range(1000):
        budget.called()
        allowed += budget.allows()
    assert 95 <= allowed <= 100
