"""What whole cycles ask of which endpoint and when, and that what is asked less often is still told as it is."""

from datetime import timedelta

import pytest

from smtop.metrics.collect.plan import asks
from smtop.metrics.collect.silence import LOOK_BACK_S, PENALTY_S
from smtop.metrics.domain.billing import FIRST_LOOK, USD_PER_METRIC, metrics_billed
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import Point, SampleState
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.errors import FaultKind
from smtop.metrics.ports import Priority
from tests.support.engine import Rig, at, fault, hosted, key_of, minutes, on, rig, row

FRAUD = hosted("fraud")
CALLS = key_of(FRAUD, "Invocations.Sum")
HEADLINE = {"Invocations", "Invocation5XXErrors", "ModelLatency", "CPUUtilization"}
ROW = {"Invocation4XXErrors", "InvocationsPerInstance", "MemoryUtilization", "DiskUtilization"}
TICK_S = 60


def listed(made: Rig) -> Rig:
    """ListMetrics knows all metrics of the fleet."""
    made.source.listable = [ask.key.metric for one in made.inventory.endpoints.values() for ask in asks(one)]
    return made


def last_called(minutes_ago: int, *others: Endpoint) -> Rig:
    """FRAUD, whose last request was that long ago, and busy others."""
    made = rig(FRAUD, *others, requests=None)
    made.source.tell(CALLS, Point(at(minutes_ago), 7.0))
    for other in others:
        made.source.tell(key_of(other, "Invocations.Sum"), *(Point(at(minute), 50.0) for minute in range(-200, 60)))
    return listed(made)


async def asked_in(made: Rig, ticks: int, endpoint: Endpoint = FRAUD) -> list[set[str]]:
    """Names of the endpoint's metrics asked in each of the next cycles, a minute apart."""
    found = []
    for _ in range(ticks):
        made.clock.move(TICK_S)
        found.append(await asked_now(made, endpoint))
    return found


async def asked_now(made: Rig, endpoint: Endpoint = FRAUD) -> set[str]:
    made.source.requests.clear()
    await made.cycle()
    metrics = (key.metric for batch in made.source.requests for key in batch.series)
    return {metric.name for metric in metrics if ("EndpointName", endpoint.name) in metric.dimensions}


async def test_everything_is_asked_at_first_sight() -> None:
    assert await asked_now(rig(FRAUD)) == {ask.key.metric.name for ask in asks(FRAUD)}


async def test_a_row_in_sight_is_asked_every_other_minute_what_else_it_shows_and_rules_read() -> None:
    made = listed(rig(FRAUD))
    made.poller.look(None, ["fraud"])
    await made.cycle()
    assert await asked_in(made, 10) == [HEADLINE, HEADLINE | ROW] * 5


async def test_a_hot_endpoint_out_of_sight_is_asked_its_headline_each_minute_and_the_rest_every_four() -> None:
    made = listed(rig(FRAUD, requests=None))
    made.source.tell(CALLS, *(Point(at(-minute), 5.0) for minute in range(-15, 60)))
    await made.cycle()
    found = []
    for _ in range(12):
        made.poller.touched()
        found += await asked_in(made, 1)
    assert found == [*[HEADLINE] * 3, HEADLINE | ROW] * 3


async def test_a_warm_endpoint_is_asked_its_requests_every_five_minutes_and_the_rest_once_an_hour() -> None:
    made = last_called(30, hosted("other"))
    await made.cycle()
    found = await asked_in(made, 60)
    assert ["Invocations" in asked for asked in found] == [minute % 5 == 4 for minute in range(60)]
    assert [asked - {"Invocations"} for asked in found if asked - {"Invocations"}] == [HEADLINE - {"Invocations"} | ROW]


async def test_what_is_asked_once_an_hour_is_asked_of_each_endpoint_in_a_minute_of_its_own() -> None:
    made = last_called(30)
    for index in range(20):
        made.inventory.put(hosted(f"e{index}"))
        made.source.tell(key_of(hosted(f"e{index}"), "Invocations.Sum"), Point(at(30), 7.0))
    await made.cycle()
    minutes_used = 0
    for _ in range(60):
        made.clock.move(TICK_S)
        made.source.requests.clear()
        await made.cycle()
        asked = [key.metric.name for batch in made.source.requests for key in batch.series]
        minutes_used += "CPUUtilization" in asked
    assert minutes_used > 10


async def test_an_idle_endpoint_is_asked_its_requests_every_quarter_of_an_hour() -> None:
    made = last_called(179)
    made.clock.move(10 * TICK_S)
    await made.cycle()
    assert await asked_in(made, 31) == [*[set()] * 14, {"Invocations"}, *[set()] * 14, {"Invocations"}, set()]


async def test_an_idle_asynchronous_endpoint_is_asked_its_backlog() -> None:
    batch = hosted("batch", Kind.ASYNC)
    made = rig(batch, requests=None)
    await made.cycle()
    assert (await asked_in(made, 15, batch))[-1] == {"ApproximateBacklogSize"}


async def test_no_minute_is_lost_between_two_slow_readings() -> None:
    made = last_called(30)
    await made.cycle()
    made.source.tell(CALLS, *(Point(at(-minute), 3.0) for minute in range(20)))
    await asked_in(made, 20)
    trend = row(await made.poller.snapshot(), "fraud").vitals.trend
    newest = [point.at for point in trend if point.at >= at(0)]
    assert newest == [at(-minute) for minute in range(len(newest))]
    assert len(newest) >= 17


async def test_traffic_makes_an_endpoint_hot_in_the_next_cycle() -> None:
    made = last_called(30)
    await made.cycle()
    made.source.tell(CALLS, Point(at(-3), 5.0))
    found = await asked_in(made, 8)
    assert [asked & {"Invocations"} for asked in found[:5]] == [*[set()] * 4, {"Invocations"}]
    assert [asked & HEADLINE for asked in found[5:]] == [HEADLINE] * 3


async def test_trouble_is_asked_everything_from_the_next_cycle_on() -> None:
    made = listed(rig(FRAUD))
    await made.cycle()
    made.source.tell(key_of(FRAUD, "Invocation5XXErrors.Sum"), *minutes(*[40.0] * 5, newest=-2))
    found = await asked_in(made, 5)
    assert found[0] == HEADLINE
    assert row(await made.poller.snapshot(), "fraud").severity is Severity.CRITICAL
    assert found[-1] == {ask.key.metric.name for ask in asks(FRAUD)}


async def test_an_endpoint_of_which_something_moved_is_asked_everything_in_the_next_cycle_and_then_let_go() -> None:
    made = listed(rig(FRAUD, requests=None))
    made.source.tell(CALLS, *(Point(at(-minute), 50.0) for minute in range(-15, 60)))
    latency = key_of(FRAUD, "ModelLatency.Average")
    made.source.tell(latency, *(Point(at(-minute), 1e5 if minute < 2 else 1.4e5) for minute in range(-15, 60)))
    await made.cycle()
    everything = {ask.key.metric.name for ask in asks(FRAUD)}
    found = []
    for _ in range(20):
        made.poller.touched()
        found += await asked_in(made, 1)
        assert row(await made.poller.snapshot(), "fraud").findings == ()
    first = found.index(everything)
    assert set(map(frozenset, found[:first])) <= {frozenset(HEADLINE), frozenset(HEADLINE | ROW)}
    assert first < 8
    assert found[-1] != everything


async def test_an_endpoint_that_changed_just_now_is_asked_everything() -> None:
    young = hosted("fraud", age=timedelta(minutes=5))
    made = rig(young)
    await made.cycle()
    assert (await asked_in(made, 1))[0] == {ask.key.metric.name for ask in asks(young)}


async def test_a_refresh_asks_a_busy_endpoint_again_and_not_an_idle_one() -> None:
    quiet = hosted("quiet")
    made = rig(FRAUD, requests=None)
    made.inventory.put(quiet)
    made.source.tell(CALLS, *minutes(*[5.0] * 9))
    await made.cycle()
    await asked_in(made, 2)
    made.clock.move(5)
    assert await asked_now(made) == set()
    made.poller.refresh()
    assert await asked_now(made) == HEADLINE
    assert not [key for batch in made.source.requests for key in batch.series if "quiet" in str(key)]


async def test_an_interval_that_was_chosen_holds_for_what_is_looked_at_too() -> None:
    made = listed(rig(FRAUD))
    made.poller.look("fraud", ("fraud",))
    await made.cycle()
    made.poller.ask_every(300)
    asked = await asked_in(made, 10)
    assert [bool(names) for names in asked] == [minute % 5 == 4 for minute in range(10)]
    picture = await made.poller.snapshot()
    assert row(picture, "fraud").vitals.requests_per_minute.state is SampleState.OK
    assert any("no more often" in notice or "As chosen" in notice for notice in picture.notices)
    made.clock.move(60)
    made.poller.refresh()
    assert await asked_now(made), "F5 does not wait"
    made.poller.ask_every(60)
    assert all(await asked_in(made, 3))


# What the screen looks at


async def test_what_is_looked_at_is_asked_in_the_next_cycle() -> None:
    made = last_called(30)
    await made.cycle()
    made.poller.look(None, ["fraud"])
    assert await asked_in(made, 5) == [*[{"Invocations"}] * 4, HEADLINE]
    made.poller.look("fraud", ["fraud"])
    assert await asked_in(made, 1) == [{ask.key.metric.name for ask in asks(FRAUD)}]
    made.poller.look(None, [])
    assert await asked_in(made, 1) == [set()]


async def test_what_a_view_wants_of_the_rows_in_sight_is_asked_each_minute_and_only_then() -> None:
    made = listed(rig(FRAUD, hosted("hidden")))
    await made.cycle()
    wanted = {"OverheadLatency"}
    made.poller.look(None, ["fraud"], wanted)
    assert await asked_in(made, 3) == [HEADLINE | wanted, HEADLINE | ROW | wanted, HEADLINE | wanted]
    overhead = row(await made.poller.snapshot(), "fraud").metrics[on(FRAUD)]["OverheadLatency.Average"]
    assert overhead.why != "not asked while visible"
    assert "OverheadLatency" not in await asked_now(made, hosted("hidden"))
    made.poller.look(None, ["fraud"])
    assert "OverheadLatency" not in set().union(*await asked_in(made, 4))
    overhead = row(await made.poller.snapshot(), "fraud").metrics[on(FRAUD)]["OverheadLatency.Average"]
    assert overhead.why == "not asked while visible"


async def test_what_a_view_wants_is_in_the_price_and_under_the_budget() -> None:
    made = listed(rig(FRAUD))
    await made.cycle()
    made.poller.look(None, ["fraud"])
    before = (await made.cycle()).spend.usd_per_hour
    made.poller.look(None, ["fraud"], {"OverheadLatency"})
    after = (await made.cycle()).spend.usd_per_hour
    assert after - before == pytest.approx(60 * USD_PER_METRIC)


async def test_requests_go_out_in_the_order_of_their_urgency() -> None:
    fleet = [hosted(f"e{index}") for index in range(4)]
    made = rig(*fleet)
    await made.cycle()
    made.poller.look("e2", ["e1"])
    made.clock.move(TICK_S)
    made.source.requests.clear()
    await made.cycle()
    order = [key.metric.dimensions[0][1] for batch in made.source.requests for key in batch.series]
    assert made.source.priorities[-len(made.source.requests)] is Priority.FOCUS
    assert order[0] == "e2"


async def test_with_no_key_for_a_quarter_of_an_hour_busy_rows_are_asked_every_five_minutes() -> None:
    made = rig(FRAUD)
    made.source.tell(CALLS, *(Point(at(-minute), 5.0) for minute in range(60)))
    await made.cycle()
    await asked_in(made, 15)
    found = await asked_in(made, 10)
    assert found.count(HEADLINE) == 2
    assert any("No key for 15 min" in notice for notice in (await made.poller.snapshot()).notices)
    made.poller.touched()
    assert all(asked >= HEADLINE for asked in await asked_in(made, 3))
    assert (await made.poller.snapshot()).notices == ()


async def test_with_nobody_there_trouble_is_still_asked_each_minute() -> None:
    broken = hosted("fraud", status="Failed")
    made = rig(broken)
    await made.cycle()
    await asked_in(made, 15)
    assert all(await asked_in(made, 5, broken))


# States


async def test_a_value_that_is_read_every_five_minutes_is_not_stale_before_two_of_them() -> None:
    made = last_called(30)
    made.source.tell(key_of(FRAUD, "CPUUtilization.Average"), *(Point(at(minute), 40.0) for minute in range(30)))
    made.poller.look(None, ["fraud"])
    await made.cycle()
    states: list[SampleState] = []
    made.source.refuse = lambda _: fault(FaultKind.THROTTLED)
    for _ in range(12):
        made.clock.move(TICK_S)
        view = row(await made.poller.snapshot(), "fraud") if not states else row(await made.cycle(), "fraud")
        states.append(view.metrics[on(FRAUD)]["CPUUtilization.Average"].state)
    assert states[:9] == [SampleState.OK] * 9
    assert states[-1] is SampleState.STALE


async def test_what_is_not_asked_keeps_its_value_for_two_cadences_and_then_says_so() -> None:
    made = rig(FRAUD)
    made.source.tell(key_of(FRAUD, "OverheadLatency.Average"), *(Point(at(minute), 40.0) for minute in range(30)))
    shown = []
    await made.cycle()
    for _ in range(3):
        made.clock.move(TICK_S)
        shown.append(row(await made.cycle(), "fraud").metrics[on(FRAUD)]["OverheadLatency.Average"])
    assert [sample.state for sample in shown] == [SampleState.OK, SampleState.OK, SampleState.NOT_COLLECTED]
    assert shown[-1].why == "not asked while hot"


async def test_a_row_that_is_read_rarely_stays_complete_and_idle() -> None:
    made = last_called(200)
    made.source.listable = [CALLS.metric]
    await made.cycle()
    for _ in range(40):
        made.clock.move(TICK_S)
        snapshot = await made.cycle()
        assert row(snapshot, "fraud").vitals.requests_per_minute.value == 0.0
        assert row(snapshot, "fraud").severity is Severity.IDLE
        assert snapshot.complete


async def test_minutes_that_were_not_read_yet_are_not_zero() -> None:
    busy = [hosted(f"e{index}") for index in range(8)]
    made = last_called(30, *busy)
    made.source.tell(CALLS, *(Point(at(-minute), 9.0) for minute in range(-4, 30)))
    made.source.tell(CALLS, *(Point(at(minute), 9.0) for minute in range(5, 60)))
    made.poller.look(None, [])
    await made.cycle()
    for _ in range(12):
        made.clock.move(TICK_S)
        assert row(await made.cycle(), "fraud").vitals.requests_per_minute.value == 9.0


# What a row reads rarely


def refusing(*endpoints: Endpoint, since: int = 200) -> Rig:
    """Busy endpoints that answer every fifth request with 4XX, from so many minutes ago on."""
    made = listed(rig(*endpoints, requests=None))
    for endpoint in endpoints:
        made.source.tell(key_of(endpoint, "Invocations.Sum"), *(Point(at(minute), 50.0) for minute in range(-90, 200)))
        errors = key_of(endpoint, "Invocation4XXErrors.Sum")
        made.source.tell(errors, *(Point(at(minute), 10.0) for minute in range(-90, since)))
    return made


def finding_ids(snapshot: FleetSnapshot, name: str) -> list[str]:
    return [finding.id for finding in row(snapshot, name).findings]


async def test_a_finding_stays_though_there_are_too_many_sick_to_ask_them_everything() -> None:
    fleet = [hosted(f"e{index:02}") for index in range(14)]
    made = refusing(*fleet)
    await made.cycle()
    for _ in range(20):
        made.clock.move(TICK_S)
        made.poller.touched()
        snapshot = await made.cycle()
        assert [finding_ids(snapshot, one.name) for one in fleet] == [["errors-4xx"]] * 14
        assert {row(snapshot, one.name).vitals.client_error_ratio.value for one in fleet} == {0.2}


@pytest.mark.parametrize(("visible", "found_within"), [(["fraud"], 8), ([], 18)])
async def test_a_fault_that_shows_nowhere_else_is_found_while_nobody_looks_closer(
    visible: list[str], found_within: int
) -> None:
    made = refusing(FRAUD, since=0)
    made.poller.look(None, visible)
    assert finding_ids(await made.cycle(), "fraud") == []
    seen = []
    for _ in range(found_within + 10):
        made.clock.move(TICK_S)
        made.poller.touched()
        seen.append(finding_ids(await made.cycle(), "fraud"))
    first = seen.index(["errors-4xx"])
    assert first < found_within
    assert seen[first:] == [["errors-4xx"]] * (len(seen) - first)


async def test_the_columns_of_a_row_in_sight_always_have_a_value() -> None:
    made = listed(rig(FRAUD))
    made.poller.look(None, ["fraud"])
    made.source.tell(CALLS, *(Point(at(-minute), 5.0) for minute in range(60)))
    await made.cycle()
    for _ in range(20):
        made.clock.move(TICK_S)
        made.poller.touched()
        errors = row(await made.cycle(), "fraud").vitals.client_error_ratio
        assert (errors.state, errors.value) == (SampleState.OK, 0.0)


# Pruning


async def published_and_cycled(made: Rig, *names: str) -> None:
    made.source.listable = [ask.key.metric for ask in asks(FRAUD) if ask.spec.name in names]
    await made.cycle()
    await asked_in(made, 1)


async def test_what_cloudwatch_does_not_list_is_not_asked_and_has_no_data() -> None:
    made = rig(FRAUD)
    made.poller.look("fraud", ["fraud"])
    await published_and_cycled(made, "Invocations", "OverheadLatency")
    [asked] = await asked_in(made, 1)
    errors = {"Invocation4XXErrors", "InvocationModelErrors", "Invocation5XXErrors"}
    assert asked == HEADLINE | errors | {"OverheadLatency", "InvocationsPerInstance"}
    sample = row(await made.poller.snapshot(), "fraud").metrics[on(FRAUD)]["DiskUtilization.Average"]
    assert (sample.state, sample.why) == (SampleState.NO_DATA, "CloudWatch lists no such metric")
    assert (await made.poller.snapshot()).complete


async def test_an_endpoint_that_changed_lately_is_asked_what_is_not_listed_yet() -> None:
    young = hosted("fraud", age=timedelta(minutes=20))
    made = rig(young)
    made.poller.look("fraud", ["fraud"])
    await published_and_cycled(made, "Invocations")
    assert await asked_in(made, 1) == [{ask.key.metric.name for ask in asks(young)}]


async def test_a_row_stays_though_nothing_of_it_is_listed() -> None:
    made = rig(FRAUD, requests=None)
    await published_and_cycled(made)
    assert (await asked_in(made, 14))[-1] == {"Invocations"}
    assert [view.endpoint.name for view in (await made.poller.snapshot()).endpoints] == ["fraud"]


async def test_a_denied_list_prunes_nothing_and_what_that_means_is_told_once_it_is_known() -> None:
    made = listed(rig(FRAUD))
    made.poller.look("fraud", ["fraud"])
    made.source.list_fault = fault(FaultKind.PERMISSION, "cloudwatch:ListMetrics")
    await made.cycle()
    assert await asked_in(made, 3) == [{ask.key.metric.name for ask in asks(FRAUD)}] * 3
    snapshot = await made.poller.snapshot()
    assert (snapshot.problems, snapshot.complete) == ((), True)
    [notice] = snapshot.notices
    assert "cloudwatch:ListMetrics is denied" in notice
    assert "billed" in notice
    made.source.list_fault = None
    made.poller.touched()
    await asked_in(made, 10)
    made.poller.touched()
    await asked_in(made, 6)
    assert (await made.poller.snapshot()).notices == ()


async def test_a_metric_silent_for_an_hour_is_asked_every_half_an_hour() -> None:
    made = rig(FRAUD, requests=None)
    made.source.tell(CALLS, *(Point(at(-minute), 5.0) for minute in range(-15, 180)))
    await made.cycle()
    for _ in range(LOOK_BACK_S // TICK_S):
        made.poller.touched()
        await asked_in(made, 1)
    found = []
    for _ in range(2 * PENALTY_S // TICK_S):
        made.poller.touched()
        found += await asked_in(made, 1)
    times = {name: sum(name in asked for asked in found) for name in HEADLINE}
    assert times == {"Invocations": 60, "Invocation5XXErrors": 60, "ModelLatency": 2, "CPUUtilization": 2}


async def test_a_silent_metric_is_asked_at_once_when_its_endpoint_is_needed_more() -> None:
    made = last_called(30)
    made.poller.look(None, ["fraud"])
    await made.cycle()
    for _ in range(LOOK_BACK_S // TICK_S + 1):
        made.poller.touched()
        await asked_in(made, 1)
    assert await asked_in(made, 1) == [{"Invocations"}]
    made.poller.look("fraud", ["fraud"])
    assert (await asked_in(made, 1))[0] >= HEADLINE


# Money


async def test_the_plan_in_force_is_priced_by_the_hour_and_by_tier() -> None:
    made = last_called(30, hosted("busy"))
    spend = (await made.cycle()).spend
    assert spend.usd == 0.5
    assert spend.usd_by_tier == {"hot": 0.003, "warm": 0.00019}
    assert spend.usd_per_hour == 0.00319
    assert spend.usd_per_day == pytest.approx(0.00319 * 24)


async def test_what_is_projected_is_what_is_asked() -> None:
    made = last_called(30, hosted("busy"), hosted("sick", status="Failed"))
    made.poller.look(None, ["busy"])
    await made.cycle()
    await asked_in(made, 1)
    projected = (await made.poller.snapshot()).spend.usd_per_hour
    by_tier = (await made.poller.snapshot()).spend.usd_by_tier
    made.source.billed.clear()
    for _ in range(60):
        made.poller.touched()
        await asked_in(made, 1)
    assert made.source.billed.total() * USD_PER_METRIC == pytest.approx(projected, rel=0.03)
    spent = {tier: metrics * USD_PER_METRIC for tier, metrics in made.source.billed.items()}
    assert spent == pytest.approx(by_tier, rel=0.1)


async def test_the_first_look_is_paid_for_as_such() -> None:
    made = listed(rig(FRAUD))
    await made.cycle()
    assert made.source.billed == {FIRST_LOOK: metrics_billed(ask.key for ask in asks(FRAUD))}
    made.source.billed.clear()
    await asked_in(made, 1)
    assert made.source.billed == {"hot": len(HEADLINE)}


async def test_a_budget_is_respected_within_one_cycle_and_told() -> None:
    fleet = [hosted(f"e{index}") for index in range(50)]
    made = rig(*fleet)
    free = (await made.cycle()).spend.usd_per_hour
    tight = rig(*fleet, max_usd_per_hour=free / 3)
    await tight.cycle()
    tight.clock.move(TICK_S)
    snapshot = await tight.cycle()
    assert snapshot.spend.usd_per_hour <= free / 3
    assert "hot endpoints every 5 min" in snapshot.notices[0]
    assert snapshot.complete


async def test_a_budget_below_the_price_of_a_first_look_at_everything_asks_headlines() -> None:
    made = listed(rig(FRAUD, max_usd_per_hour=0.0001))
    assert await asked_now(made) == HEADLINE
    made.clock.move(TICK_S)
    sample = row(await made.cycle(), "fraud").metrics[on(FRAUD)]["OverheadLatency.Average"]
    assert (sample.state, sample.why) == (SampleState.NOT_COLLECTED, "not asked while hot")
