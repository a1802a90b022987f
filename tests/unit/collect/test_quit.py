"""Quitting while CloudWatch is being asked: at once, and without asking or leaving anything behind."""

import asyncio

from smtop.metrics.collect.fetch import IN_FLIGHT
from tests.support.engine import hosted, settle
from tests.support.loops import Loop, still

FLEET = [hosted(f"e{index:03}") for index in range(300)]


async def test_quitting_while_requests_are_under_way_ends_them_and_sends_no_more() -> None:
    before = asyncio.all_tasks()
    made = still(*FLEET)
    made.source.delay_s = 3600.0
    watching = asyncio.ensure_future(Loop().watch(made.poller))
    while len(made.source.requests) < IN_FLIGHT:
        await settle()
    watching.cancel()
    await settle()
    assert watching.cancelled()
    assert asyncio.all_tasks() == before
    asked = len(made.source.requests)
    assert asked == IN_FLIGHT
    await made.clock.advance(7200.0)
    assert len(made.source.requests) == asked
