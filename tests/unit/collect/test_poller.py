"""Whole cycles over fakes: what is published, what is kept after a failure, what is asked next."""

from datetime import timedelta

import pytest

from smtop.metrics.clock import utc
from smtop.metrics.collect.poller import RETRY_S
from smtop.metrics.domain.billing import metrics_billed
from smtop.metrics.domain.endpoint import Endpoint, Instances, Kind, Moving
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import Owner, Point, SampleState
from smtop.metrics.errors import FaultKind
from smtop.metrics.ports import Completeness
from tests.support.engine import (
    OFFLINE,
    FakeInventory,
    Rig,
    at,
    component,
    fault,
    hosted,
    key_of,
    minutes,
    on,
    rig,
    row,
    variant_of,
    with_status,
)
from tests.support.fleet import IDENTITY, NOW_S

FRAUD = hosted("fraud")


# One cycle


async def test_a_cycle_ends_with_a_complete_picture() -> None:
    snapshot = await rig(FRAUD, hosted("chat", Kind.SERVERLESS)).cycle()
    assert snapshot.complete
    assert snapshot.problems == ()
    assert snapshot.identity == IDENTITY
    assert snapshot.spend.usd == 0.5
    assert [view.severity for view in snapshot.endpoints] == [Severity.OK, Severity.OK]
    assert row(snapshot, "fraud").vitals.requests_per_minute.value == 50.0
    assert len(row(snapshot, "fraud").vitals.trend) == 60
    assert snapshot.data_until == utc(at(1))
    assert snapshot.listed_at is not None
    assert snapshot.measured_at is not None


async def test_rows_appear_before_numbers_and_numbers_before_the_end() -> None:
    made = rig(*(hosted(f"e{index}") for index in range(20)))
    seen = [await made.poller.snapshot() async for _ in made.poller.cycle()]
    first, last = seen[0], seen[-1]
    assert len(first.endpoints) == 20
    assert {view.severity for view in first.endpoints} == {Severity.UNKNOWN}
    assert (first.complete, first.measured_at) == (False, None)
    assert {view.severity for view in last.endpoints} == {Severity.OK}


async def test_no_request_is_above_cloudwatchs_limit_for_a_large_fleet() -> None:
    made = rig(*(hosted(f"e{index}") for index in range(300)))
    await made.cycle()
    assert max(len(batch.series) for batch in made.source.requests) <= 500
    asked = [key for batch in made.source.requests for key in batch.series]
    assert len(asked) == len(set(asked))
    assert sum(metrics_billed(batch.series) for batch in made.source.requests) == metrics_billed(asked)


async def test_an_empty_account_is_a_complete_picture() -> None:
    made = rig()
    snapshot = await made.cycle()
    assert (snapshot.complete, snapshot.endpoints, snapshot.data_until) == (True, (), None)
    assert made.source.requests == []


# The next cycle


async def test_the_first_cycle_reads_three_hours_of_requests_and_a_quarter_of_the_rest() -> None:
    made = rig(FRAUD)
    await made.cycle()
    spans = {key: batch.window.end - batch.window.start for batch in made.source.requests for key in batch.series}
    assert spans.pop(key_of(FRAUD, "Invocations.Sum")) == 10_860
    assert set(spans.values()) == {960}


async def test_the_second_cycle_reads_only_the_minutes_that_may_have_changed() -> None:
    made = rig(FRAUD)
    await made.cycle()
    made.source.requests.clear()
    made.clock.move(60)
    await made.cycle()
    windows = {batch.window for batch in made.source.requests}
    assert all(360 <= one.end - one.start <= 660 for one in windows)
    assert {one.end for one in windows} == {at(-2)}
    assert len(made.source.requests) == 1


async def test_a_late_point_and_one_that_grew_arrive_in_the_next_cycle() -> None:
    made = rig(FRAUD, requests=None)
    key = key_of(FRAUD, "Invocations.Sum")
    made.source.tell(key, *minutes(10.0, None, 70.0, newest=1))
    early = row(await made.cycle(), "fraud")
    assert early.vitals.requests_per_minute.value == 10.0
    made.source.tell(key, *minutes(20.0, 120.0, newest=1))
    made.clock.move(120)
    late = row(await made.cycle(), "fraud")
    assert late.vitals.trend == minutes(10.0, 20.0, 120.0, newest=1)
    assert late.vitals.requests_per_minute.state is SampleState.OK
    assert late.vitals.requests_per_minute.value == 120.0


async def test_a_point_at_the_end_of_a_window_is_read_once_and_not_lost() -> None:
    made = rig(FRAUD, requests=None)
    key = key_of(FRAUD, "Invocations.Sum")
    made.source.tell(key, *(Point(at(-minute), 1.0) for minute in range(-10, 10)))
    await made.cycle()
    for _ in range(9):
        made.clock.move(60)
        await made.cycle()
    trend = row(await made.poller.snapshot(), "fraud").vitals.trend
    assert [point.at for point in trend] == list(range(trend[0].at, at(-7) + 60, 60))
    assert {point.value for point in trend} == {1.0}


async def test_after_a_gap_everything_since_the_last_answer_is_read_again() -> None:
    made = rig(FRAUD)
    await made.cycle()
    made.inventory.faults["list"] = [OFFLINE] * 5
    for _ in range(5):
        made.clock.move(120)
        await made.cycle()
    made.source.requests.clear()
    await made.cycle()
    starts = {batch.window.start for batch in made.source.requests}
    assert max(starts) <= NOW_S - 300
    assert len(made.source.requests) <= 2


async def test_statistics_of_one_metric_stay_in_one_request_after_one_of_them_failed() -> None:
    made = rig(FRAUD)
    made.source.verdicts[key_of(FRAUD, "ModelLatency.p99")] = [Completeness.ERROR] * 2
    await made.cycle()
    made.source.requests.clear()
    made.clock.move(60)
    await made.cycle()
    asked = [key for batch in made.source.requests for key in batch.series]
    assert sum(metrics_billed(batch.series) for batch in made.source.requests) == metrics_billed(asked)
    [batch] = [batch for batch in made.source.requests if key_of(FRAUD, "ModelLatency.p99") in batch.series]
    assert batch.window.end - batch.window.start == 960


# A fleet that changes


async def test_a_deleted_endpoint_leaves_without_a_problem() -> None:
    made = rig(FRAUD, hosted("old"))
    await made.cycle()
    del made.inventory.endpoints["old"]
    made.source.requests.clear()
    snapshot = await made.cycle()
    assert [view.endpoint.name for view in snapshot.endpoints] == ["fraud"]
    assert snapshot.complete
    assert all("old" not in str(key) for batch in made.source.requests for key in batch.series)


async def test_a_new_variant_is_asked_in_the_cycle_in_which_it_is_seen() -> None:
    made = rig(hosted("fraud", variants=(variant_of(name="Blue"),)))
    await made.cycle()
    both = hosted("fraud", variants=(variant_of(name="Blue"), variant_of(name="Green")), age=timedelta(minutes=30))
    updating = with_status(both, "Updating")
    made.inventory.put(updating)
    made.source.tell(key_of(both, "Invocations.Sum", on(both, "Green")), *minutes(*[5.0] * 5))
    snapshot = await made.cycle()
    assert row(snapshot, "fraud").metrics[on(both, "Green")]["Invocations.Sum"].value == 5.0
    assert row(snapshot, "fraud").severity is Severity.CHANGING


async def test_a_variant_without_weight_and_traffic_is_not_unhealthy() -> None:
    both = hosted("fraud", variants=(variant_of(name="Blue"), variant_of(name="Green")))
    snapshot = await rig(both).cycle()
    assert row(snapshot, "fraud").findings == ()
    assert row(snapshot, "fraud").severity is Severity.OK


async def test_an_endpoint_created_again_is_not_asked_for_its_old_variants() -> None:
    old = hosted("fraud", variants=(variant_of(name="Old"),))
    made = rig(old)
    await made.cycle()
    new = hosted("fraud", variants=(variant_of(name="New"),), age=timedelta(minutes=3))
    made.inventory.put(new)
    made.source.requests.clear()
    snapshot = await made.cycle()
    assert set(row(snapshot, "fraud").metrics) == {on(new, "New")}
    assert row(snapshot, "fraud").vitals.trend == ()
    assert all("Old" not in str(key) for batch in made.source.requests for key in batch.series)


async def test_a_component_that_moves_to_another_endpoint_is_followed() -> None:
    def fleet(home: str) -> list[Endpoint]:
        return [
            hosted(name, Kind.INFERENCE_COMPONENT, components=[component("chat")] if name == home else [])
            for name in ("one", "two")
        ]

    made = rig(*fleet("one"), requests=None)
    made.source.tell(
        key_of(fleet("one")[0], "Invocations.Sum", Owner("one", "AllTraffic", component="chat")), *minutes(6.0)
    )
    assert row(await made.cycle(), "one").vitals.requests_per_minute.value == 6.0
    moved = [one._replace(summary=one.summary._replace(modified_at=utc(NOW_S))) for one in fleet("two")]
    made.inventory.put(*moved)
    snapshot = await made.cycle()
    assert row(snapshot, "two").vitals.requests_per_minute.value == 6.0
    assert row(snapshot, "one").vitals.requests_per_minute.value is None


# What fails, and until when it is told


async def test_a_failing_list_keeps_the_inventory_which_is_still_measured() -> None:
    made = rig(FRAUD)
    await made.cycle()
    made.inventory.faults["list"] = [fault(FaultKind.THROTTLED, "sagemaker:ListEndpoints")]
    made.source.requests.clear()
    made.clock.move(60)
    snapshot = await made.cycle()
    assert await made.kinds() == [FaultKind.THROTTLED]
    assert [view.endpoint.name for view in snapshot.endpoints] == ["fraud"]
    assert not snapshot.complete
    assert made.source.requests
    assert (await made.cycle()).problems == ()


async def test_denied_metrics_are_told_until_they_are_answered() -> None:
    made = rig(FRAUD)
    denied = fault(FaultKind.PERMISSION)
    made.source.refuse = lambda _: denied
    snapshot = await made.cycle()
    assert [(problem.kind, problem.operation) for problem in snapshot.problems] == [
        (FaultKind.PERMISSION, "cloudwatch:GetMetricData")
    ]
    assert row(snapshot, "fraud").vitals.requests_per_minute.why == str(denied)
    assert row(snapshot, "fraud").severity is Severity.UNKNOWN
    made.source.refuse = None
    assert (await made.cycle()).problems == ()


async def test_a_problem_of_the_metrics_is_kept_while_the_list_fails() -> None:
    made = rig(FRAUD)
    made.source.refuse = lambda _: fault(FaultKind.PERMISSION)
    await made.cycle()
    made.source.refuse = None
    made.inventory.faults["list"] = [OFFLINE]
    await made.cycle()
    assert set(await made.kinds()) == {FaultKind.PERMISSION, FaultKind.UNREACHABLE}
    await made.cycle()
    assert await made.kinds() == []


async def test_one_forbidden_result_marks_its_value_and_no_other() -> None:
    made = rig(FRAUD)
    made.source.verdicts[key_of(FRAUD, "Invocation5XXErrors.Sum")] = [Completeness.FORBIDDEN]
    view = row(await made.cycle(), "fraud")
    assert view.vitals.requests_per_minute.value == 50.0
    assert view.vitals.server_error_ratio.state is SampleState.NOT_COLLECTED


async def test_what_cloudwatch_says_about_a_request_is_shown_with_the_data() -> None:
    made = rig(FRAUD)
    made.source.messages = ["Maximum number of allowed metrics exceeded"]
    snapshot = await made.cycle()
    assert "Maximum number" in snapshot.problems[0].message
    assert row(snapshot, "fraud").vitals.requests_per_minute.value == 50.0
    assert not snapshot.complete


async def test_the_last_values_stay_and_age_while_aws_cannot_be_reached() -> None:
    made = rig(FRAUD)
    await made.cycle()
    made.inventory.faults["list"] = [OFFLINE] * 3
    for _ in range(3):
        made.clock.move(100)
        snapshot = await made.cycle()
    value = row(snapshot, "fraud").vitals.requests_per_minute
    assert (value.state, value.value) == (SampleState.STALE, 50.0)
    made.source.tell(key_of(FRAUD, "Invocations.Sum"), *minutes(*[70.0] * 5, newest=-3))
    recovered = row(await made.cycle(), "fraud").vitals.requests_per_minute
    assert (recovered.state, recovered.value) == (SampleState.OK, 70.0)


# Counters that say nothing


async def test_a_silent_part_is_looked_up_once_and_then_reads_zero() -> None:
    made = rig(FRAUD, requests=None)
    made.source.listable = [key_of(FRAUD, "Invocations.Sum").metric]
    view = row(await made.cycle(), "fraud")
    assert (view.vitals.requests_per_minute.value, view.severity) == (0.0, Severity.IDLE)
    await made.cycle()
    assert len(made.source.list_calls) == 3


async def test_a_fleet_that_talks_is_not_looked_up() -> None:
    made = rig(FRAUD)
    await made.cycle()
    assert made.source.list_calls == []


async def test_a_denied_list_of_metrics_costs_only_the_zeros() -> None:
    made = rig(FRAUD, hosted("quiet"), requests=None)
    made.source.tell(key_of(FRAUD, "Invocations.Sum"), *minutes(*[50.0] * 10))
    made.source.list_fault = fault(FaultKind.PERMISSION, "cloudwatch:ListMetrics")
    snapshot = await made.cycle()
    assert [problem.operation for problem in snapshot.problems] == ["cloudwatch:ListMetrics"]
    assert row(snapshot, "fraud").vitals.requests_per_minute.value == 50.0
    assert row(snapshot, "fraud").vitals.server_error_ratio.value == 0.0
    assert row(snapshot, "quiet").vitals.requests_per_minute.value is None


async def test_a_failed_look_up_is_no_longer_told_once_nothing_is_silent() -> None:
    quiet = hosted("quiet")
    made = rig(quiet, requests=None)
    made.source.list_fault = fault(FaultKind.THROTTLED, "cloudwatch:ListMetrics")
    await made.cycle()
    assert await made.kinds() == [FaultKind.THROTTLED]
    made.source.tell(key_of(quiet, "Invocations.Sum"), *minutes(1.0, 2.0, newest=-15))
    made.clock.move(900)
    assert (await made.cycle()).problems == ()


async def test_nothing_is_looked_up_while_the_credentials_are_refused() -> None:
    made = rig(hosted("quiet"), requests=None)
    made.source.refuse = lambda _: fault(FaultKind.CREDENTIALS)
    await made.cycle()
    assert made.source.list_calls == []
    made.source.refuse = None
    await made.cycle()
    assert len(made.source.list_calls) == 3


async def test_a_look_up_that_finds_no_network_does_not_hold_the_loop_back_for_long() -> None:
    made = rig(hosted("quiet"), requests=None)
    made.source.list_fault = fault(FaultKind.UNREACHABLE, "cloudwatch:ListMetrics")
    await made.cycle()
    assert await made.kinds() == [FaultKind.UNREACHABLE]
    made.source.list_fault = None
    made.clock.move(RETRY_S)
    assert (await made.cycle()).problems == ()


# An earlier run


async def test_an_earlier_runs_inventory_is_shown_before_aws_has_answered() -> None:
    made = rig(FRAUD)
    made.poller.recall([FRAUD], NOW_S - 600)
    snapshot = await made.poller.snapshot()
    assert row(snapshot, "fraud").vitals.requests_per_minute.state is SampleState.NOT_COLLECTED
    assert (snapshot.listed_at, snapshot.remembered_at, snapshot.complete) == (None, utc(NOW_S - 600), False)
    read = [made.poller.inventory_was_read]
    await made.cycle()
    read.append(made.poller.inventory_was_read)
    assert read == [False, True]
    assert made.inventory.described() == []


@pytest.mark.parametrize(("kind", "found"), [("prod", ["single-instance"]), ("sandbox", []), (None, [])])
async def test_the_kind_of_the_account_tells_that_it_is_production(kind: str | None, found: list[str]) -> None:
    alone = variant_of()._replace(instances=Instances(Moving(1, 1), "ml.m5.xlarge"))
    made = Rig(FakeInventory(hosted("fraud", variants=(alone,)), who=IDENTITY._replace(kind=kind)))
    told = row(await made.cycle(), "fraud").findings
    assert [one.id for one in told if one.id == "single-instance"] == found
