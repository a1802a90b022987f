"""The sweep of a large fleet: when it asks what, whom it points at, and that others are judged by their own numbers."""

from collections.abc import Sequence

import pytest

from smtop.metrics.collect.published import Published
from smtop.metrics.collect.sweep import AGAIN_S, LARGE_FLEET, SWEEP_S, Sweep, planned, usd_per_hour
from smtop.metrics.collect.tiers import most_unhealthy
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import MetricId, Point
from smtop.metrics.errors import FaultKind
from smtop.metrics.ports import Priority
from tests.support.engine import (
    FakeClock,
    FakeInventory,
    Rig,
    ScriptedInsights,
    ScriptedMetrics,
    at,
    fault,
    hosted,
    key_of,
    row,
    variant_of,
)

TICK_S = 60
SERVER_ERRORS, CLIENT_ERRORS = "Invocation5XXErrors", "Invocation4XXErrors"
BACKLOG, SPILL = "HasBacklogWithoutCapacity", "ServerlessProvisionedConcurrencySpilloverInvocations"
FLEET = [hosted(f"e{number:03}") for number in range(510)]
LARGE = 50
SMALL_FLEET = FLEET[: LARGE + 10]
QUIET = FLEET[30]


def swept(fleet: Sequence[Endpoint] = FLEET) -> tuple[Sweep, ScriptedInsights, FakeClock]:
    """A sweep of a fleet, due now."""
    insights, clock = ScriptedInsights(), FakeClock()
    sweep = Sweep(insights, Published(ScriptedMetrics(), clock), clock)
    sweep.take(fleet)
    clock.move(SWEEP_S)
    return sweep, insights, clock


def deaf(name: str, metric: str) -> bool:
    return False


# What is asked


def test_a_fleet_of_five_hundred_is_not_swept_and_one_more_is() -> None:
    assert planned(FLEET[:LARGE_FLEET]) == ()
    assert [one.question.metric for one in planned(FLEET[: LARGE_FLEET + 1])] == [SERVER_ERRORS, CLIENT_ERRORS]


def test_only_what_the_fleet_can_have_is_asked_and_counted() -> None:
    batch = [hosted(f"b{number}", Kind.ASYNC) for number in range(7)]
    spare = [hosted("s", Kind.SERVERLESS_PROVISIONED), hosted("t", Kind.SERVERLESS)]
    twins = [hosted("twins", variants=[variant_of(name="a"), variant_of(name="b")])]
    counts = {one.question.metric: one.metrics for one in planned([*FLEET, *batch, *spare, *twins])}
    assert counts == {SERVER_ERRORS: 521, BACKLOG: 7, SPILL: 1, CLIENT_ERRORS: 521}


async def test_metrics_are_counted_by_what_cloudwatch_lists() -> None:
    source = ScriptedMetrics()
    dimensions = (("EndpointName", "gone"), ("VariantName", "A"))
    source.listable = [MetricId("AWS/SageMaker", SERVER_ERRORS, dimensions)]
    published = Published(source, FakeClock())
    assert planned(FLEET, published)[0].metrics == len(FLEET)
    await published.refresh()
    await published.refresh()
    assert [one.metrics for one in planned(FLEET, published)] == [1, 0]


def test_no_question_asks_for_the_maximum_of_a_count_of_errors() -> None:
    everything = [*FLEET, hosted("b", Kind.ASYNC), hosted("s", Kind.SERVERLESS_PROVISIONED)]
    queries = [one.query for one in planned(everything)]
    assert {query.metric: query.stat for query in queries} == {
        SERVER_ERRORS: "Average",
        BACKLOG: "Sum",
        SPILL: "Sum",
        CLIENT_ERRORS: "Average",
    }
    assert {query.group_by for query in queries} == {"EndpointName"}


def test_an_hour_costs_twelve_sweeps_of_no_more_metrics_than_are_gone_through() -> None:
    assert usd_per_hour(planned(FLEET)) == pytest.approx(12 * 2 * len(FLEET) * 0.00001)
    huge = [hosted(f"h{number}", Kind.SERVERLESS) for number in range(10_001)]
    assert usd_per_hour(planned(huge)) == pytest.approx(12 * 20_000 * 0.00001)


# Whom it points at


async def test_offenders_are_pointed_at_the_worst_first_and_strangers_are_not() -> None:
    sweep, insights, _ = swept()
    insights.values[SERVER_ERRORS] = {"e007": 0.5, "e008": 1.0, "e009": 0.024, "e010": 0.0, "stranger": 1.0}
    insights.values[CLIENT_ERRORS] = {"e008": 1.0, "e011": 0.05, "e012": 0.049}
    assert await sweep.run(deaf) == ["e008", "e007", "e011"]
    assert set(insights.priorities) == {Priority.IDLE}
    assert {window.end - window.start for window in insights.windows} == {900}
    assert {window.end % 300 for window in insights.windows} == {0}


async def test_what_is_asked_each_minute_anyway_needs_no_pointing_at() -> None:
    sweep, insights, _ = swept()
    insights.values[SERVER_ERRORS] = {"e001": 1.0, "e002": 1.0}
    insights.values[CLIENT_ERRORS] = {"e001": 1.0}
    chosen = await sweep.run(lambda name, metric: metric == SERVER_ERRORS)
    assert chosen == ["e001"]


async def test_no_more_are_chosen_than_can_be_looked_at_and_the_rest_comes_next() -> None:
    sweep, insights, clock = swept()
    insights.values[SERVER_ERRORS] = {f"e{number:03}": 1.0 - number / 1000 for number in range(20)}
    first = await sweep.run(deaf)
    assert len(first) == most_unhealthy(len(FLEET)) == 10
    told = "The sweep points at 20 endpoints: the worst 10 are asked everything, the rest by and by."
    assert list(sweep.notices) == [told]
    clock.move(SWEEP_S)
    assert await sweep.run(deaf) == [f"e{number:03}" for number in range(10, 20)]
    assert list(sweep.notices) == []
    clock.move(AGAIN_S - SWEEP_S)
    assert await sweep.run(deaf) == first


# Limits are told


async def test_an_answer_full_of_offenders_may_lack_some() -> None:
    sweep, insights, _ = swept()
    insights.values[SERVER_ERRORS] = {f"e{number:03}": 1.0 for number in range(501)}
    insights.values[CLIENT_ERRORS] = {f"e{number:03}": 0.5 if number < 499 else 0.0 for number in range(501)}
    await sweep.run(deaf)
    assert [notice for notice in sweep.notices if "500 worst" in notice] == [
        f"The sweep got the 500 worst endpoints by {SERVER_ERRORS} and no more: there may be others."
    ]


async def test_more_metrics_than_a_query_goes_through_are_told() -> None:
    sweep, _, _ = swept([hosted(f"h{number}", Kind.SERVERLESS) for number in range(10_001)])
    await sweep.run(deaf)
    assert sweep.notices[0] == f"The sweep sees 10,000 of 10,001 {SERVER_ERRORS}: Metrics Insights takes no more."


@pytest.mark.parametrize("messages", [("Maximum number of allowed metrics exceeded",), ()])
async def test_what_cloudwatch_says_of_a_part_is_told(messages: tuple[str, ...]) -> None:
    sweep, insights, _ = swept()
    insights.messages, insights.complete = messages, bool(messages)
    await sweep.run(deaf)
    said = messages[0] if messages else "CloudWatch says so"
    assert sweep.notices[0] == f"The sweep saw only a part of {SERVER_ERRORS}: {said}."


# Refusals


@pytest.mark.parametrize("kind", [FaultKind.PERMISSION, FaultKind.INVALID])
async def test_a_refusal_is_told_and_remembered(kind: FaultKind) -> None:
    sweep, insights, clock = swept()
    insights.fault = fault(kind, message="Not for you.")
    for _ in range(3):
        assert await sweep.run(deaf) == ()
        clock.move(SWEEP_S)
        sweep.take(FLEET)
    assert len(insights.queries) == 1
    said = "The sweep of the fleet failed: Not for you. It is not tried again in this run."
    assert [(error.kind, str(error)) for error in sweep.errors] == [(kind, said)]
    assert sweep.usd_per_hour == 0.0


async def test_a_passing_fault_is_told_until_a_sweep_succeeds() -> None:
    sweep, insights, clock = swept()
    insights.fault = fault(FaultKind.THROTTLED)
    assert await sweep.run(deaf) == ()
    assert [error.kind for error in sweep.errors] == [FaultKind.THROTTLED]
    assert sweep.usd_per_hour > 0
    insights.fault = None
    assert await sweep.run(deaf) == ()
    assert len(insights.queries) == 1
    clock.move(SWEEP_S)
    await sweep.run(deaf)
    assert len(insights.queries) == 1 + 2
    assert sweep.errors == []


async def test_with_no_connection_the_sweep_leaves_the_word_to_the_polls_and_comes_as_soon_as_it_can() -> None:
    sweep, insights, clock = swept()
    insights.fault = fault(FaultKind.CREDENTIALS)
    assert await sweep.run(deaf) == ()
    assert sweep.errors == []
    insights.fault = None
    clock.move(TICK_S)
    await sweep.run(deaf)
    assert len(insights.queries) == 1 + 2


# In whole cycles


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fleet is large that has more than fifty endpoints: whole cycles of five hundred take seconds."""
    monkeypatch.setattr("smtop.metrics.collect.sweep.LARGE_FLEET", LARGE)


def watched(fleet: Sequence[Endpoint] = SMALL_FLEET, *, max_usd_per_hour: float | None = None) -> Rig:
    """A fleet without a request for hours."""
    made = Rig(FakeInventory(*fleet), max_usd_per_hour=max_usd_per_hour, insights=ScriptedInsights())
    labels = (f"{SERVER_ERRORS}.Sum", f"{CLIENT_ERRORS}.Sum")
    made.source.listable = [key_of(endpoint, label).metric for endpoint in fleet for label in labels]
    return made


async def tick(made: Rig) -> None:
    """A cycle, a minute after the last; a picture of so many rows takes longer, and is made where it matters."""
    made.clock.move(TICK_S)
    made.poller.touched()
    async for _ in made.poller.cycle():
        pass


async def found_after(made: Rig, most: int) -> int | None:
    """QUIET fails from the second cycle on: after how many more it is critical."""
    await tick(made)
    await tick(made)
    for label in ("Invocations.Sum", f"{SERVER_ERRORS}.Sum"):
        made.source.tell(key_of(QUIET, label), *(Point(at(-minute), 30.0) for minute in range(2, 40)))
    if made.insights is not None:
        made.insights.values[SERVER_ERRORS][QUIET.name] = 1.0
    for minute in range(1, most + 1):
        await tick(made)
        if minute >= 4 and row(await made.poller.snapshot(), QUIET.name).severity is Severity.CRITICAL:
            return minute
    return None


@pytest.mark.usefixtures("large")
async def test_an_idle_endpoint_that_fails_is_found_within_one_sweep_whose_price_is_told() -> None:
    made = watched()
    assert await found_after(made, SWEEP_S // TICK_S + 1) is not None
    view = row(await made.poller.snapshot(), QUIET.name)
    assert [finding.id for finding in view.findings] == ["errors-5xx"]
    spend = (await made.poller.snapshot()).spend
    assert spend.usd_by_tier["sweep"] == pytest.approx(12 * 2 * len(SMALL_FLEET) * 0.00001, abs=1e-6)
    assert spend.usd_per_hour == pytest.approx(sum(spend.usd_by_tier.values()), abs=1e-5)


@pytest.mark.usefixtures("large")
async def test_a_suspect_without_findings_is_asked_everything_a_few_times_and_left_alone() -> None:
    made = watched()
    assert made.insights is not None
    made.insights.values[CLIENT_ERRORS][QUIET.name] = 1.0
    asked = []
    for _ in range(14):
        made.source.requests.clear()
        await tick(made)
        metrics = [key.metric for batch in made.source.requests for key in batch.series]
        asked.append(len({one.name for one in metrics if ("EndpointName", QUIET.name) in one.dimensions}))
    sweeps = len(made.insights.queries) // 2
    assert sweeps == 2
    assert asked == [11, 0, 0, 0, 0, 0, 0, 11, 11, 11, 0, 0, 0, 0]


@pytest.mark.usefixtures("large")
async def test_a_small_fleet_is_not_swept() -> None:
    small = watched(FLEET[:LARGE])
    for _ in range(12):
        await tick(small)
    assert small.insights is not None
    assert small.insights.queries == []
    assert "sweep" not in (await small.poller.snapshot()).spend.usd_by_tier


@pytest.mark.usefixtures("large")
async def test_a_budget_gives_the_sweep_up_before_it_slows_anything_down() -> None:
    made = watched(max_usd_per_hour=0.015)
    for _ in range(8):
        await tick(made)
    snapshot = await made.poller.snapshot()
    assert made.insights is not None
    assert made.insights.queries == []
    assert snapshot.notices == ("To stay within $0.015 an hour smtop leaves the sweep out.",)
    assert "sweep" not in snapshot.spend.usd_by_tier


@pytest.mark.usefixtures("large")
async def test_a_refused_sweep_is_a_problem_of_a_picture_that_is_whole_otherwise() -> None:
    made = watched()
    assert made.insights is not None
    made.insights.fault = fault(FaultKind.PERMISSION)
    for _ in range(7):
        await tick(made)
    snapshot = await made.poller.snapshot()
    assert [problem.kind for problem in snapshot.problems] == [FaultKind.PERMISSION]
    assert len(snapshot.endpoints) == len(SMALL_FLEET)
