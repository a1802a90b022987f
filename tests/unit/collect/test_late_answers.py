"""Answers that come long after they were asked: what nobody asked about is not silence."""

import asyncio
from collections.abc import AsyncIterator

from smtop.metrics.collect.plan import asks
from smtop.metrics.collect.tiers import TICK_S
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.series import SampleState, SeriesKey
from smtop.metrics.ports import Batch, BatchAnswer
from tests.support.engine import FakeInventory, Rig, ScriptedMetrics, hosted, minutes, on, row, settle

BUSY, OTHER = hosted("busy", Kind.SERVERLESS), hosted("other", Kind.SERVERLESS)
CALLS = "Invocations.Sum"
LATE_S = 420.0


class HeldMetrics(ScriptedMetrics):
    """Requests about an endpoint that is `held` are answered once they are let go."""

    def __init__(self) -> None:
        super().__init__()
        self.held: str | None = None
        self.let_go = asyncio.Event()

    async def fetch(self, batch: Batch) -> BatchAnswer:
        if self.held and any(("EndpointName", self.held) in key.metric.dimensions for key in batch.series):
            await self.let_go.wait()
        return await super().fetch(batch)


def calls_of(endpoint: Endpoint) -> SeriesKey:
    [calls] = [ask.key for ask in asks(endpoint) if ask.label == CALLS]
    return calls


def steady(source: ScriptedMetrics) -> Rig:
    """One endpoint; it and another that comes later have had, and go on having, fifty calls a minute."""
    made = Rig(FakeInventory(BUSY), source)
    for endpoint in (BUSY, OTHER):
        made.source.tell(calls_of(endpoint), *minutes(*[50.0] * 150, newest=-30))
    return made


async def drained(cycle: AsyncIterator[object]) -> None:
    async for _ in cycle:
        pass


async def test_minutes_after_a_question_are_unknown_however_late_its_answer_lands() -> None:
    source = HeldMetrics()
    made = steady(source)
    made.source.delay_s = LATE_S
    await made.cycle()
    made.source.delay_s = 0.0
    source.held = "busy"
    made.inventory.put(OTHER)
    cycle = asyncio.ensure_future(drained(made.poller.cycle()))
    await settle()
    snapshot = await made.poller.snapshot()
    busy, other = row(snapshot, "busy"), row(snapshot, "other")
    assert other.metrics[on(OTHER)][CALLS].value == 50.0
    assert busy.findings == ()
    assert busy.metrics[on(BUSY)][CALLS].state is SampleState.STALE
    source.let_go.set()
    await cycle
    assert row(await made.poller.snapshot(), "busy").metrics[on(BUSY)][CALLS].value == 50.0


async def test_what_lies_between_a_late_answer_and_the_next_question_is_asked() -> None:
    made = steady(ScriptedMetrics())
    made.source.delay_s = LATE_S
    await made.cycle()
    made.clock.move(TICK_S)
    await made.cycle()
    first, *_, last = (batch.window for batch in made.source.requests if calls_of(BUSY) in batch.series)
    assert first.end < last.end
    assert last.start <= first.end
