"""The polling loop in the background, for tests of whole runs."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.engine import Rig, settle
from tests.support.loops import Loop, Start


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
