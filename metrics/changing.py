"""Changes on their way: what the screen asks of the operator, and the changes that go on behind it."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from typing import Any

from smtop.metrics.actions.invoke import Answer, Invocation
from smtop.metrics.changes import Leave, Past, past_of
from smtop.metrics.domain.change import Change
from smtop.metrics.domain.plan import Plan
from smtop.metrics.journal import Entry
from smtop.metrics.operator import Operator

FOREVER_S = float("inf")
_LOOK_S = 0.02
"""How often it is looked whether a change is written down already."""


class OperatedChanges:
    """The changes of one operator; implements Changes."""

    def __init__(self, operator: Operator) -> None:
        self._operator = operator
        self._under_way: dict[str, asyncio.Task[Entry]] = {}

    @property
    def under_way(self) -> tuple[str, ...]:
        """The changes that are being carried out now, by id."""
        return tuple(change_id for change_id, task in self._under_way.items() if not task.done())

    async def plan(self, change: Change) -> Plan:
        return await self._operator.plan(change)

    async def apply(self, plan: Plan) -> AsyncGenerator[Entry, None]:
        async for entry in self._followed(plan.id, self._operator.carry_out(plan, FOREVER_S)):
            yield entry

    async def finish(self, change_id: str) -> AsyncGenerator[Entry, None]:
        async for entry in self._followed(change_id, self._operator.finish(change_id, FOREVER_S)):
            yield entry

    async def _followed(self, change_id: str, work: Coroutine[Any, Any, Entry]) -> AsyncGenerator[Entry, None]:
        """Does the work whether or not anybody goes on listening."""
        carrying = self._under_way[change_id] = asyncio.ensure_future(work)
        while not carrying.done() and not self._operator.journal.has(change_id):
            await asyncio.wait([carrying], timeout=_LOOK_S)
        if not carrying.done():
            async for entry in self._news(change_id, carrying):
                yield entry
        yield await carrying

    async def invoke(self, wanted: Invocation, wait_s: float) -> Answer:
        return await self._operator.invoke(wanted, wait_s)

    async def _news(self, change_id: str, carrying: asyncio.Task[Entry]) -> AsyncGenerator[Entry, None]:
        """What the journal says while somebody carries the change out; that may end before the change has ended."""
        news = self._operator.journal.follow(change_id)
        reading = asyncio.ensure_future(anext(news, None))
        try:
            while not carrying.done():
                await asyncio.wait([reading, carrying], return_when=asyncio.FIRST_COMPLETED)
                if reading.done():
                    entry = reading.result()
                    if entry is None:
                        return
                    yield entry
                    reading = asyncio.ensure_future(anext(news, None))
        finally:
            reading.cancel()

    async def past(self) -> Past:
        return await asyncio.to_thread(past_of, self._operator.journal)

    async def leave(self) -> Leave:
        gate = self._operator.gate
        return Leave(gate.left_s, gate.why_closed())

    async def open(self, seconds: float) -> Leave:
        await self._operator.open(seconds)
        return await self.leave()

    async def close(self) -> Leave:
        self._operator.gate.close()
        return await self.leave()

    async def stop(self) -> None:
        """Watches no longer; AWS goes on with what it was told, and the journal says how far that was."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
