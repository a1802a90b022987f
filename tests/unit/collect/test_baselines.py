"""Baselines beside the polling: what is read when and at what price, what is learned, and what is told of it."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest

from smtop.metrics.analysis.judged import Outcome, looks
from smtop.metrics.baseline_file import Kept
from smtop.metrics.collect.baselines.baselines import PIECE, RENEWED_AFTER_S, Baselines
from smtop.metrics.collect.baselines.reader import PAYER
from smtop.metrics.collect.baselines.roster import IDLE, OFF, REFUSED, TOO_LITTLE, UNREAD
from smtop.metrics.collect.fetch import Fetcher
from smtop.metrics.collect.plan import asks
from smtop.metrics.collect.tiers import TICK_S
from smtop.metrics.domain.billing import USD_PER_METRIC
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.series import PERIOD_S, SETTLED_S, Point, SeriesKey
from smtop.metrics.errors import FaultKind
from smtop.metrics.ports import Answer, Completeness, Priority
from smtop.metrics.store import Store
from tests.support.baselines import CALLS, P99, MemoryShelf, aged, key, noisy, tell
from tests.support.engine import MINUTE, FakeClock, FakeInventory, HastyClock, Rig, ScriptedMetrics, fault, hosted, row
from tests.support.fleet import NOW_S
from tests.support.loops import Start

FRAUD = aged()
EACH = 4 * USD_PER_METRIC
"""Of one variant: two metrics in two requests."""


class Class:
    """Baselines with everything around them; `busy` has requests a minute."""

    def __init__(
        self,
        *endpoints: Endpoint,
        kept: Mapping[SeriesKey, Kept] | None = None,
        max_usd_per_hour: float | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.source, self.store, self.shelf = ScriptedMetrics(), Store(), MemoryShelf(kept)
        self.told = 0
        self.baselines = Baselines(
            Fetcher(self.source, self.clock),
            self.store,
            self.clock,
            self.shelf,
            max_usd_per_hour=lambda: max_usd_per_hour,
            told=self._tell,
        )
        self.busy = {endpoint.name: 100.0 for endpoint in endpoints}
        for endpoint in endpoints:
            self.baselines.enrol(endpoint, asks(endpoint))

    def _tell(self) -> None:
        self.told += 1

    async def tick(self, polling_usd: float = 0.0) -> None:
        """All that is done between two cycles."""
        self.baselines.begin(lambda name: self.busy.get(name, 0.0), polling_usd)
        working = self.baselines._working
        assert working is not None
        await working

    def read(self) -> list[str]:
        """The endpoints whose history was asked since the last time, the first first."""
        names = [dict(each.metric.dimensions)["EndpointName"] for one in self.source.requests for each in one.series]
        self.source.requests.clear()
        return list(dict.fromkeys(names))

    def hear(self, of: SeriesKey, *points: Point, minutes: int = 15) -> None:
        """The poller has read a series of the last minutes."""
        now = self.clock.wall()
        start = int(now // PERIOD_S - minutes) * PERIOD_S
        self.store.record({of: Answer.of(Completeness.COMPLETE, points)}, now, start)


@pytest.fixture(scope="module")
def kept() -> dict[SeriesKey, Kept]:
    """What a run has left that has learned FRAUD."""

    async def learned() -> dict[SeriesKey, Kept]:
        made = Class(FRAUD)
        tell(made.source, FRAUD)
        await made.tick()
        await made.baselines.close()
        return made.shelf.kept

    return asyncio.run(learned())


# What is read, and what it costs


async def test_the_history_of_a_variant_is_four_metrics_after_everything_else() -> None:
    made = Class(FRAUD)
    tell(made.source, FRAUD)
    assert made.baselines.why_none("fraud") == UNREAD
    await made.tick()
    assert dict(made.source.billed) == {PAYER: 4}
    assert set(made.source.priorities) == {Priority.BACKFILL}
    calls, p99 = (made.baselines.usual(key(FRAUD, label)) for label in (CALLS, P99))
    assert calls is not None
    assert p99 is not None
    assert calls.expected == pytest.approx(100, rel=0.02)
    assert p99.expected == pytest.approx(200_000, rel=0.1)
    assert made.baselines.why_none("fraud") is None
    assert made.told == 1
    await made.tick()
    assert made.source.billed.total() == 4


async def test_a_piece_a_tick_the_busiest_first_and_never_the_idle() -> None:
    fleet = [aged(f"e{number:02}") for number in range(PIECE + 3)]
    made = Class(*fleet)
    made.busy = {endpoint.name: float(number) for number, endpoint in enumerate(fleet)}
    await made.tick()
    busiest_first = [endpoint.name for endpoint in reversed(fleet)]
    assert made.read() == busiest_first[:PIECE]
    assert made.baselines.usd_per_hour == pytest.approx(2 * EACH)
    await made.tick()
    assert made.read() == busiest_first[PIECE:-1]
    assert made.baselines.usd_per_hour == 0
    assert made.baselines.why_none("e00") == IDLE


@pytest.mark.parametrize(
    "endpoint",
    [aged(age=timedelta(hours=20)), hosted("fraud", Kind.ASYNC)],
    ids=["too young", "asynchronous"],
)
async def test_what_has_no_history_that_tells_is_not_asked(endpoint: Endpoint) -> None:
    made = Class(endpoint)
    await made.tick()
    assert made.source.requests == []
    assert made.baselines.why_none("fraud") == (None if endpoint.kind is Kind.ASYNC else TOO_LITTLE)


async def test_a_history_with_too_few_points_makes_no_baseline() -> None:
    made = Class(FRAUD)
    await made.tick()
    assert made.baselines.usual(key(FRAUD, P99)) is None
    assert made.baselines.why_none("fraud") == TOO_LITTLE
    made.read()
    await made.tick()
    assert made.read() == []


async def test_a_budget_that_is_used_up_leaves_no_history() -> None:
    made = Class(FRAUD, max_usd_per_hour=0.01)
    for _ in range(3):
        await made.tick(polling_usd=0.01)
        made.clock.move(TICK_S)
    assert made.source.requests == []
    assert made.baselines.notices == ("The budget leaves nothing for the history of baselines: $0.00004, once.",)
    assert made.baselines.usd_per_hour == 0


async def test_what_a_budget_leaves_is_spent_bit_by_bit() -> None:
    fleet = [aged(f"e{number}") for number in range(4)]
    made = Class(*fleet, max_usd_per_hour=0.01)
    spent = []
    for _ in range(8):
        await made.tick(polling_usd=0.01 - 31 * EACH)  # two minutes for each endpoint
        spent.append(made.source.billed[PAYER] // 4)
        made.clock.move(TICK_S)
    assert spent == [0, 1, 1, 2, 2, 3, 3, 4]
    assert made.baselines.notices == ()


async def test_what_cannot_be_read_is_read_again_later() -> None:
    made = Class(FRAUD)
    tell(made.source, FRAUD)
    made.source.refuse = lambda batch: fault(FaultKind.THROTTLED)
    await made.tick()
    assert made.baselines.why_none("fraud") == REFUSED
    made.source.refuse = None
    made.read()
    await made.tick()
    assert made.read() == []
    made.clock.move(2000)
    await made.tick()
    assert made.baselines.why_none("fraud") is None


# What is kept


async def test_what_was_learned_is_not_paid_for_again(kept: dict[SeriesKey, Kept]) -> None:
    made = Class(FRAUD, kept=kept)
    made.clock.move(TICK_S * 10)
    await made.tick()
    assert made.source.requests == []
    assert set(kept) == {key(FRAUD, CALLS), key(FRAUD, P99)}
    made.hear(key(FRAUD, P99))
    made.hear(key(FRAUD, CALLS))
    await made.tick()
    assert made.baselines.usual(key(FRAUD, CALLS)) is not None


async def test_after_a_day_without_smtop_only_what_is_missing_is_read(kept: dict[SeriesKey, Kept]) -> None:
    made = Class(FRAUD, kept=kept)
    made.clock.move(RENEWED_AFTER_S + SETTLED_S)
    await made.tick()
    starts = {one.window.start for one in made.source.requests}
    assert min(starts) >= min(one.until for one in kept.values())
    assert made.source.billed[PAYER] <= 4


async def test_an_endpoint_that_was_created_anew_begins_anew(kept: dict[SeriesKey, Kept]) -> None:
    anew = aged(age=timedelta(days=1, hours=20))
    on_disk, in_memory = Class(anew, kept=kept), Class(FRAUD, kept=kept)
    await in_memory.tick()
    assert in_memory.baselines.usual(key(FRAUD, P99)) is not None
    in_memory.baselines.enrol(anew, asks(anew))
    for made in (on_disk, in_memory):
        assert made.baselines.usual(key(anew, P99)) is None
        await made.tick()
        assert made.read() == ["fraud"]


async def test_what_belongs_to_endpoints_not_seen_yet_is_kept(kept: dict[SeriesKey, Kept]) -> None:
    chat = aged("chat")
    made = Class(chat, kept=kept)
    tell(made.source, chat)
    await made.tick()
    await made.baselines.close()
    assert made.shelf.saves == 1
    assert set(made.shelf.kept) == {*kept, key(chat, CALLS), key(chat, P99)}


async def test_what_smtop_did_not_write_is_read_again(kept: dict[SeriesKey, Kept]) -> None:
    made = Class(FRAUD, kept={of: one._replace(document='{"usual": 3}') for of, one in kept.items()})
    tell(made.source, FRAUD)
    await made.tick()
    assert made.source.billed[PAYER] == 4
    assert made.baselines.why_none("fraud") is None


# What is learned


async def learned_until(made: Class, of: SeriesKey) -> int:
    """The first minute that was not learned."""
    await made.baselines._memory.save()
    until: int = made.shelf.kept[of].until
    return until


async def test_only_what_grows_no_more_is_learned(kept: dict[SeriesKey, Kept]) -> None:
    made, p99 = Class(FRAUD, kept=kept), key(FRAUD, P99)
    made.clock.move(600)
    points = [Point(MINUTE + place * PERIOD_S, 200_000.0) for place in range(-5, 10)]
    made.hear(p99, *points)
    await made.tick()
    until = await learned_until(made, p99)
    assert until == int((NOW_S + 600 - SETTLED_S) // PERIOD_S + 1) * PERIOD_S
    usual = made.baselines.usual(p99)
    assert usual is not None
    assert len(usual.scores) == 3
    made.clock.move(TICK_S)
    made.hear(p99, *points)  # read twice, the same: those are settled
    await made.tick()
    assert await learned_until(made, p99) == points[-1].at + PERIOD_S


async def test_silence_is_learned_as_a_zero_of_calls_and_as_nothing_of_latency(kept: dict[SeriesKey, Kept]) -> None:
    made = Class(FRAUD, kept=kept)
    await made.tick()
    before = made.baselines.usual(key(FRAUD, P99))
    made.clock.move(1800)
    for label in (CALLS, P99):
        made.hear(key(FRAUD, label), minutes=40)
    await made.tick()
    calls, p99 = (made.baselines.usual(key(FRAUD, label)) for label in (CALLS, P99))
    assert calls is not None
    assert min(calls.scores) > 0.9
    assert calls.low > 0
    assert p99 is not None
    assert before is not None
    assert p99.expected == pytest.approx(before.expected, rel=0.05)


async def test_what_was_not_asked_for_an_hour_says_nothing(kept: dict[SeriesKey, Kept]) -> None:
    made = Class(FRAUD, kept=kept)
    await made.tick()
    made.clock.move(3600)
    assert made.baselines.usual(key(FRAUD, P99)) is None


# In the poller


def polled(endpoint: Endpoint, shelf: MemoryShelf | None, clock: FakeClock | None = None) -> Rig:
    made = Rig(FakeInventory(endpoint), clock=clock or HastyClock(), shelf=shelf)
    tell(made.source, endpoint, minutes=200)
    return made


async def test_who_asks_once_knows_what_an_earlier_run_has_learned(kept: dict[SeriesKey, Kept]) -> None:
    made = polled(FRAUD, MemoryShelf(kept))
    await made.cycle()
    await made.poller.recall_baselines()
    view = row(await made.poller.snapshot(), "fraud")
    assert view.no_baseline is None
    assert PAYER not in made.source.billed


async def test_of_a_single_endpoint_the_history_is_read(kept: dict[SeriesKey, Kept]) -> None:
    shelf = MemoryShelf()
    made = polled(FRAUD, shelf)
    made.source.tell(key(FRAUD, P99), *noisy(200_000.0, 2 * 1440))
    made.source.tell(key(FRAUD, CALLS), *noisy(100.0, 2 * 1440))
    await made.cycle()
    await made.poller.recall_baselines(["fraud"])
    assert row(await made.poller.snapshot(), "fraud").no_baseline is None
    assert made.source.billed[PAYER] == 4
    assert set(shelf.kept) == set(kept)


@pytest.mark.parametrize(("shelf", "why"), [(None, OFF), (MemoryShelf(), UNREAD)])
async def test_rules_that_need_a_baseline_say_that_there_is_none(shelf: MemoryShelf | None, why: str) -> None:
    made = polled(FRAUD, shelf)
    view = row(await made.cycle(), "fraud")
    of = {look.rule.id: look for look in looks(view)}
    assert (of["latency-high"].outcome, of["latency-high"].why) == (Outcome.UNKNOWN, why)
    assert of["errors-5xx"].outcome is Outcome.QUIET


async def test_slow_answers_are_told_beside_the_cycles(start: Start, kept: dict[SeriesKey, Kept]) -> None:
    made = polled(FRAUD, MemoryShelf(kept), FakeClock())
    made.source.tell(key(FRAUD, P99), *(Point(MINUTE - ago * PERIOD_S, 900_000.0) for ago in range(2, 20)))
    loop = await start(made)
    await asyncio.sleep(0.05)  # the shelf is read in a thread
    await made.clock.advance(TICK_S)
    found = {finding.id for finding in row(loop.last, "fraud").findings}
    assert "latency-high" in found
