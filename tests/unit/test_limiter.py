"""How fast AWS is asked: an even pace for each operation, and calls in flight that a throttle halves."""

import asyncio

from smtop.metrics.limiter import InFlight, Pace
from tests.support.engine import FakeClock, HastyClock, settle

GET, LIST, DESCRIBE = "cloudwatch:GetMetricData", "cloudwatch:ListMetrics", "sagemaker:DescribeEndpoint"


async def test_a_burst_of_one_second_passes_and_the_rest_is_spaced_evenly() -> None:
    clock = HastyClock()
    pace = Pace(clock, {GET: 8.0})
    start = clock.monotonic()
    for _ in range(8):
        await pace.admit(GET)
    assert clock.slept == []
    for _ in range(16):
        await pace.admit(GET)
    assert clock.slept == [0.125] * 16
    assert clock.monotonic() - start == 2.0


async def test_simultaneous_callers_get_slots_of_their_own() -> None:
    clock = FakeClock()
    pace = Pace(clock, {GET: 2.0})
    callers = [asyncio.ensure_future(pace.admit(GET)) for _ in range(6)]
    await settle()
    assert sum(caller.done() for caller in callers) == 2
    assert sorted(clock.slept) == [0.5, 1.0, 1.5, 2.0]
    await clock.advance(1.0)
    assert sum(caller.done() for caller in callers) == 4
    await clock.advance(1.0)
    assert all(caller.done() for caller in callers)


async def test_operations_do_not_wait_for_each_other_and_unnamed_ones_not_at_all() -> None:
    clock = HastyClock()
    pace = Pace(clock, {GET: 1.0, LIST: 1.0})
    await pace.admit(GET)
    await pace.admit(LIST)
    for _ in range(100):
        await pace.admit(DESCRIBE)
    assert clock.slept == []
    await pace.admit(GET)
    assert len(clock.slept) == 1


async def test_idle_time_is_not_saved_up() -> None:
    clock = HastyClock()
    pace = Pace(clock, {GET: 8.0})
    clock.move(3600)
    for _ in range(9):
        await pace.admit(GET)
    assert len(clock.slept) == 1


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
