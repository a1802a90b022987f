"""How fast AWS is asked: a pace for each operation, urgency, retries, and calls in flight that a throttle halves."""

import asyncio

import pytest

from smtop.metrics.limiter import InFlight, Pace, Rate, RetryBudget, priority
from smtop.metrics.ports import INSIGHTS, Priority
from tests.support.engine import FakeClock, HastyClock, settle

GET, LIST, DESCRIBE = "cloudwatch:GetMetricData", "cloudwatch:ListMetrics", "sagemaker:DescribeEndpoint"


def steady(per_s: float) -> Rate:
    """A rate that only throttles change."""
    return Rate(per_s, per_s)


async def admitted(pace: Pace, count: int, operation: str = GET) -> None:
    for _ in range(count):
        await pace.admit(operation)


async def test_a_burst_of_one_second_passes_and_the_rest_is_spaced_evenly() -> None:
    clock = HastyClock()
    pace = Pace(clock, {GET: steady(8.0)})
    start = clock.monotonic()
    await admitted(pace, 8)
    assert clock.slept == []
    await admitted(pace, 16)
    assert clock.slept == [pytest.approx(0.125)] * 16
    assert clock.monotonic() - start == pytest.approx(2.0)


async def test_metrics_insights_has_a_pace_of_its_own_within_its_quota_of_ten_a_second() -> None:
    clock = HastyClock()
    pace = Pace(clock)
    start = clock.monotonic()
    await admitted(pace, 200, INSIGHTS)
    assert 200 / (clock.monotonic() - start) <= 10
    before = clock.monotonic()
    await pace.admit(GET)
    assert clock.monotonic() == before


async def test_operations_do_not_wait_for_each_other_and_unnamed_ones_not_at_all() -> None:
    clock = HastyClock()
    pace = Pace(clock, {GET: steady(1.0), LIST: steady(1.0)})
    await pace.admit(GET)
    await pace.admit(LIST)
    await admitted(pace, 100, DESCRIBE)
    pace.throttled(DESCRIBE)
    assert clock.slept == []
    await pace.admit(GET)
    assert len(clock.slept) == 1


async def test_idle_time_is_not_saved_up() -> None:
    clock = HastyClock()
    pace = Pace(clock, {GET: steady(8.0)})
    clock.move(3600)
    await admitted(pace, 9)
    assert len(clock.slept) == 1


async def test_the_most_urgent_go_first_and_equals_in_their_order() -> None:
    clock = FakeClock()
    pace = Pace(clock, {GET: steady(1.0)})
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
    pace = Pace(clock, {GET: steady(1.0)})
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
    pace = Pace(clock, {GET: Rate(10.0, 12.0)})
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
    pace = Pace(clock, {GET: steady(8.0)})
    for _ in range(6):
        pace.throttled(GET)
    assert pace.rate_per_s(GET) == 4.0
    for _ in range(20):
        clock.move(2.0)
        pace.throttled(GET)
    assert pace.rate_per_s(GET) == 0.5
    assert pace.rate_per_s(DESCRIBE) is None


def test_retries_are_a_tenth_of_the_calls_after_a_few_that_are_free() -> None:
    budget = RetryBudget(share=0.1, free=2.0)
    assert [budget.allows() for _ in range(4)] == [True, True, False, False]
    allowed = 0
    for _ in range(1000):
        budget.called()
        allowed += budget.allows()
    assert 95 <= allowed <= 100


async def running(limit: InFlight, callers: int) -> tuple[int, asyncio.Event]:
    """How many of `callers` get in at once."""
    release = asyncio.Event()
    inside = 0

    async def call() -> None:
        nonlocal inside
        async with limit:
            inside += 1
            await release.wait()

    tasks = [asyncio.ensure_future(call()) for _ in range(callers)]
    await settle()
    got_in = inside
    release.set()
    await asyncio.gather(*tasks)
    return got_in, release


async def test_no_more_calls_than_allowed_are_under_way() -> None:
    assert (await running(InFlight(start=4), 20))[0] == 4


async def test_a_throttle_halves_and_a_round_of_successes_adds_one() -> None:
    limit = InFlight(start=8)
    limit.throttled()
    assert (await running(limit, 20))[0] == 4
    for _ in range(5):
        limit.succeeded()
    assert (await running(limit, 20))[0] == 5


async def test_one_call_always_gets_through_and_growth_has_a_bound() -> None:
    limit = InFlight(start=2, most=3)
    for _ in range(10):
        limit.throttled()
    assert (await running(limit, 5))[0] == 1
    for _ in range(1000):
        limit.succeeded()
    assert (await running(limit, 5))[0] == 3


async def test_a_call_that_fails_makes_room() -> None:
    limit = InFlight(start=1)
    for _ in range(3):
        try:
            async with limit:
                raise OSError
        except OSError:
            pass
    assert (await running(limit, 2))[0] == 1
