"""A large fleet at the start: ranked by what CloudWatch lists of it, described in the order in which it matters."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence

import pytest

from smtop.metrics.collect import describer, discovery, plan, poller, schedule, seeds
from smtop.metrics.collect.budget import unbounded
from smtop.metrics.collect.discovery import SWEEP_S
from smtop.metrics.collect.plan import MAX_DATAPOINTS, MAX_QUERIES, asks
from smtop.metrics.collect.published import Published
from smtop.metrics.collect.requests import batches
from smtop.metrics.collect.schedule import Schedule
from smtop.metrics.collect.seeds import Seeds
from smtop.metrics.collect.shift import LASTS_S
from smtop.metrics.collect.tiers import TICK_S, WARM_S
from smtop.metrics.domain.billing import metrics_billed
from smtop.metrics.domain.catalogue import HOSTS_NAMESPACE
from smtop.metrics.domain.endpoint import Endpoint, EndpointSummary, Kind
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import MetricId, SeriesKey
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.errors import FaultKind
from smtop.metrics.limiter import DATAPOINTS, Pace
from smtop.metrics.ports import Description
from smtop.metrics.store import Store
from tests.support.engine import (
    FakeClock,
    FakeInventory,
    HastyClock,
    Rig,
    ScriptedMetrics,
    fault,
    hosted,
    key_of,
    minutes,
    row,
    settle,
)
from tests.support.fleet import NOW_S
from tests.support.loops import Loop, Start

FLEET = [hosted(f"e{index}") for index in range(6)]
SICK, BUSY = "e4", "e5"
QUARTER_S, HOUR_S = 900, 3600
QUOTA_PER_S = 180_000


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeds, "LARGE_FLEET", 3)
    monkeypatch.setattr(schedule, "LARGE_FLEET", 3)
    monkeypatch.setattr(poller, "LARGE_FLEET", 3)


def large(*endpoints: Endpoint, inventory: FakeInventory | None = None) -> Rig:
    """A fleet with requests; one of it fails, one is called most. CloudWatch lists all its metrics."""
    made = Rig(inventory or FakeInventory(*endpoints), clock=FakeClock())
    for endpoint in endpoints:
        calls = 500.0 if endpoint.name == BUSY else 50.0
        made.source.tell(key_of(endpoint, "Invocations.Sum"), *minutes(*[calls] * 60))
        if endpoint.name == SICK:
            made.source.tell(key_of(endpoint, "Invocation5XXErrors.Sum"), *minutes(*[20.0] * 60))
    made.source.listable = [ask.key.metric for endpoint in endpoints for ask in asks(endpoint)]
    return made


def ranked(loop: Loop) -> FleetSnapshot:
    """The first picture with numbers."""
    return next(one for one in loop.seen if any(view.metrics for view in one.endpoints))


def described(made: Rig) -> list[str]:
    """Names in the order in which they were described."""
    return [call.removeprefix("describe ") for call in made.inventory.calls if call.startswith("describe ")]


def spans_s(made: Rig, key: SeriesKey) -> list[int]:
    return [batch.window.end - batch.window.start for batch in made.source.requests if key in batch.series]


async def test_it_is_ranked_before_anything_is_described(start: Start) -> None:
    first = ranked(await start(large(*FLEET)))
    assert not any(view.endpoint.described for view in first.endpoints)
    assert first.endpoints[0].endpoint.name == SICK
    assert row(first, SICK).severity is Severity.CRITICAL
    assert row(first, BUSY).vitals.requests_per_minute.value == 500.0
    assert not first.complete


async def test_it_is_drawn_in_shares_and_described_once_it_is_whole(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "MAX_QUERIES", 2)
    made = large(*FLEET)
    shown = [sum(bool(view.metrics) for view in one.endpoints) for one in (await start(made)).seen]
    first = next(place for place, measured in enumerate(shown) if measured)
    assert 0 < shown[first] < len(FLEET)
    assert shown == sorted(shown)
    assert described(made)[0] == SICK


async def test_what_is_not_described_is_never_called_fine(start: Start) -> None:
    first = ranked(await start(large(*FLEET)))
    assert {view.severity for view in first.endpoints if view.endpoint.name != SICK} == {Severity.UNKNOWN}
    assert {view.endpoint.kind for view in first.endpoints} == {Kind.UNKNOWN}
    assert "6 endpoints wait to be described" in first.notices[0]


async def test_a_description_brings_the_whole_plan(start: Start) -> None:
    loop = await start(large(*FLEET))
    assert all(view.endpoint.described for view in loop.last.endpoints)
    assert row(loop.last, BUSY).severity is Severity.OK
    assert loop.last.notices == ()
    assert loop.last.complete


async def test_nothing_is_billed_twice_for_it(start: Start) -> None:
    made = large(*FLEET)
    await start(made)
    assert made.source.billed.total() == sum(metrics_billed(ask.key for ask in asks(one)) for one in FLEET)


async def test_the_worst_and_what_is_in_sight_are_described_first_and_then_the_busiest(start: Start) -> None:
    made = large(*FLEET)
    made.poller.look("e3", ["e3", "e2"])
    await start(made)
    order = described(made)
    assert order[0] == SICK
    assert set(order[1:3]) == {"e2", "e3"}
    assert order[3:] == [BUSY, "e0", "e1"]


async def test_only_the_described_are_looked_through_for_what_is_due(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking through all of them after every few would take the square of the fleet."""
    looked_through: list[int] = []
    due = Schedule.due

    async def counted(self: Schedule, names: Iterable[str] | None = None, *, hurried: bool = False) -> object:
        looked_through.append(len(FLEET) if names is None else len(list(names)))
        return await due(self, names, hurried=hurried)

    monkeypatch.setattr(Schedule, "due", counted)
    monkeypatch.setattr(describer, "AT_ONCE", 2)
    await start(large(*FLEET))
    assert looked_through[0] == len(FLEET)
    assert sum(looked_through[1:]) == len(FLEET)


async def test_an_earlier_runs_inventory_is_ranked_while_the_list_is_read(start: Start) -> None:
    inventory = SlowList(*FLEET)
    made = large(*FLEET, inventory=inventory)
    made.poller.recall(FLEET, NOW_S)
    loop = await start(made)
    before = loop.last
    assert row(before, SICK).severity is Severity.CRITICAL
    assert before.listed_at is None
    inventory.go.set()
    await settle()
    whole = next(one for one in loop.seen if one.listed_at is not None)
    assert all(row(whole, one.name) is row(before, one.name) for one in FLEET), "the list tells nothing new of them"
    assert made.source.billed.total() == sum(metrics_billed(ask.key for ask in asks(one)) for one in FLEET)


async def test_a_list_that_fails_meanwhile_is_told(start: Start) -> None:
    made = large(*FLEET)
    made.poller.recall(FLEET, NOW_S)
    made.inventory.faults["list"] = [fault(FaultKind.UNREACHABLE, "sagemaker:ListEndpoints")] * 9
    loop = await start(made)
    assert [problem.kind for problem in loop.last.problems] == [FaultKind.UNREACHABLE]
    assert row(loop.last, SICK).severity is Severity.CRITICAL


async def test_requests_are_read_back_an_hour_when_they_are_polled_next(start: Start) -> None:
    made, calls = large(*FLEET), key_of(FLEET[0], "Invocations.Sum")
    await start(made)
    assert [span - QUARTER_S for span in spans_s(made, calls)] == [60]
    await made.clock.advance(60)
    assert [span - HOUR_S for span in spans_s(made, calls)[1:]] == [60]
    await made.clock.advance(60)
    assert max(spans_s(made, calls)[2:]) < QUARTER_S


async def test_what_was_not_called_of_late_is_told_warm_from_idle_at_once(start: Start) -> None:
    quiet = hosted("quiet")
    made = large(*FLEET)
    made.inventory.put(quiet)
    calls = key_of(quiet, "Invocations.Sum")
    made.source.tell(calls, *minutes(7.0, newest=40))
    made.source.listable += [ask.key.metric for ask in asks(quiet)]
    await start(made)
    assert [span - 60 for span in spans_s(made, calls)] == [QUARTER_S, WARM_S]


async def test_silent_endpoints_are_told_and_described_last(start: Start) -> None:
    made = large(*FLEET)
    made.inventory.put(hosted("a-silent-one"))
    loop = await start(made)
    assert described(made)[-1] == "a-silent-one"
    assert "1 of them have published nothing" in ranked(loop).notices[0]
    assert row(ranked(loop), "a-silent-one").severity is Severity.UNKNOWN


async def test_without_the_lists_everything_is_described_as_ever(start: Start) -> None:
    made = large(*FLEET)
    made.source.list_fault = fault(FaultKind.PERMISSION, "cloudwatch:ListMetrics")
    loop = await start(made)
    assert all(view.endpoint.described for view in loop.last.endpoints)
    assert row(loop.last, SICK).severity is Severity.CRITICAL


async def test_a_small_fleet_is_neither_ranked_first_nor_listed(start: Start) -> None:
    made = large(*FLEET[:3])
    await start(made)
    assert made.source.list_calls == []
    assert spans_s(made, key_of(FLEET[0], "Invocations.Sum")) == [WARM_S + 60]


async def test_who_asks_only_once_describes_all_and_asks_all() -> None:
    made = large(*FLEET)
    await made.cycle()
    assert made.source.list_calls == []
    assert spans_s(made, key_of(FLEET[0], "Invocations.Sum")) == [WARM_S + 60]


async def test_describing_goes_on_beside_the_polls_of_the_next_minutes(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "_IN_FLIGHT", 1)
    inventory = SlowlyDescribed(*FLEET)
    made = large(*FLEET, inventory=inventory)
    inventory.clock = made.clock
    loop = await start(made)
    last = ranked(loop).endpoints[-1].endpoint.name
    for minute in (1, 2):
        asked_before = len(made.source.requests)
        for seconds in STEPS_S:
            await made.clock.advance(seconds)
        assert len(described(made)) == 2 * minute + 1
        asked = {key.metric.dimensions[0][1] for batch in made.source.requests[asked_before:] for key in batch.series}
        assert last in asked, "what is not described yet is polled all the same"
    for seconds in STEPS_S * 3:
        await made.clock.advance(seconds)
    assert sorted(described(made)) == sorted(one.name for one in FLEET), "each is described once"
    assert loop.last.complete


async def test_what_describing_runs_into_meanwhile_is_told(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "_IN_FLIGHT", 1)
    inventory = SlowlyDescribed(*FLEET)
    made = large(*FLEET, inventory=inventory)
    inventory.clock = made.clock
    inventory.faults["describe e1"] = [fault(FaultKind.UNREACHABLE, "sagemaker:DescribeEndpoint")]
    loop = await start(made)
    for _ in range(4):
        await made.clock.advance(LASTS_S)
    told = {problem.kind for snapshot in loop.seen for problem in snapshot.problems}
    assert told == {FaultKind.UNREACHABLE}
    for _ in range(4):
        await made.clock.advance(TICK_S)
    assert loop.last.complete
    assert loop.last.problems == ()


async def test_describing_goes_on_while_cloudwatch_is_slow(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(describer, "AT_ONCE", 2)
    made = large(*FLEET)
    made.poller.recall([one._replace(config=None) for one in FLEET[:2]], NOW_S - 2 * SWEEP_S)
    made.source.listable = []
    made.source.delay_s = 5.0
    await start(made)
    assert made.source.requests, "an answer is awaited"
    assert len(described(made)) == len(FLEET)


async def test_no_cycle_waits_for_the_long_lists_of_what_is_published(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, go, begun = large(*FLEET), asyncio.Event(), list[str]()

    async def published(namespace: str) -> AsyncIterator[Sequence[MetricId]]:
        begun.append(namespace)
        await go.wait()
        yield [metric for metric in made.source.listable if metric.namespace == namespace]

    monkeypatch.setattr(made.source, "published", published)
    loop = await start(made)
    for _ in range(2):
        await made.clock.advance(60.0)
    assert begun, "they are read by now"
    assert loop.last.next_poll_at is not None
    assert loop.last.problems == ()
    go.set()
    await settle()
    await made.clock.advance(60.0)
    assert len(begun) == len(set(begun)), "each is read once, however long that takes"


class SlowList(FakeInventory):
    """The first list comes when it is let go."""

    def __init__(self, *endpoints: Endpoint) -> None:
        super().__init__(*endpoints)
        self.go = asyncio.Event()

    async def summaries(self) -> AsyncIterator[Sequence[EndpointSummary]]:
        await self.go.wait()
        async for page in super().summaries():
            yield page


STEPS_S = (TICK_S / 2, LASTS_S - TICK_S / 2, TICK_S - LASTS_S)
"""A minute: to a description, to the end of the shift, and to the next cycle."""


class SlowlyDescribed(FakeInventory):
    """Each description takes half of the time between two cycles."""

    clock: FakeClock

    async def describe(self, listed: EndpointSummary) -> Description | None:
        found = await super().describe(listed)
        await self.clock.sleep(TICK_S / 2)
        return found


KINDS = (Kind.SERVERLESS, Kind.SERVERLESS_PROVISIONED, Kind.ASYNC)


@pytest.mark.parametrize("kind", KINDS)
async def test_metrics_of_one_kind_tell_it(kind: Kind) -> None:
    one = hosted("fraud", kind)
    stand_in = await sown(one)
    assert stand_in.kind is kind
    assert [variant.name for variant in stand_in.variants] == ["AllTraffic"]
    assert not stand_in.described


async def test_a_host_that_reserves_for_components_is_told() -> None:
    reserved = MetricId(HOSTS_NAMESPACE, "CPUReservation", (("EndpointName", "llm"), ("VariantName", "A")))
    assert (await sown(hosted("llm"), reserved)).kind is Kind.INFERENCE_COMPONENT


@pytest.mark.parametrize("kind", [Kind.REALTIME, *KINDS])
async def test_what_is_asked_first_is_part_of_the_plan_whole_metrics_at_a_time(kind: Kind) -> None:
    one = hosted("fraud", kind)
    read = await read_seeds(one)
    first, planned = read.asks(read.of(one._replace(described=False))), asks(one)
    assert first
    assert {ask.key for ask in first} < {ask.key for ask in planned}
    metrics = {ask.key.metric for ask in first}
    assert {ask.key for ask in first} == {ask.key for ask in planned if ask.key.metric in metrics}


async def sown(endpoint: Endpoint, *metrics: MetricId) -> Endpoint:
    bare = endpoint._replace(described=False, kind=Kind.UNKNOWN, variants=())
    return (await read_seeds(endpoint, *metrics)).of(bare)


async def read_seeds(endpoint: Endpoint, *metrics: MetricId) -> Seeds:
    source = ScriptedMetrics()
    source.listable = list(metrics) or [ask.key.metric for ask in asks(endpoint)]
    found = Seeds(source)
    found.expect(seeds.LARGE_FLEET + 1)
    await found.ready()
    return found


async def test_the_ranking_of_thousands_stays_within_the_quota_of_datapoints() -> None:
    """Of 180,000 a second; nothing is asked of it in one go that CloudWatch would not answer."""
    fleet = [hosted(f"e{index:04}") for index in range(900)]
    made = large(*fleet)
    clock = HastyClock()
    pace, admitted = Pace(clock, random.Random(1)), Counter[int]()
    read = Seeds(made.source)
    read.expect(len(fleet))
    await read.ready()
    plans = [(one, read.asks(read.of(one._replace(described=False)))) for one in fleet]
    planned = Schedule(Store(), Published(made.source, clock), clock, unbounded)
    planned.take(plans)
    for batch in batches(planned.due_to_rank(), Store(), clock.wall()):
        assert batch.datapoints <= MAX_DATAPOINTS
        assert len(batch.series) <= MAX_QUERIES
        await pace.admit("cloudwatch:GetMetricData", batch.datapoints)
        admitted[int(clock.monotonic())] += batch.datapoints
    assert admitted.total() >= len(fleet) * 6 * QUARTER_S // 60
    assert max(admitted.values()) <= 2 * DATAPOINTS["cloudwatch:GetMetricData"].start < QUOTA_PER_S
