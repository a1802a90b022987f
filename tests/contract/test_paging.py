"""GetMetricData and ListMetrics over several pages, in pieces, and with answers that make no sense."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from smtop.metrics.aws.cloudwatch import CloudWatchMetrics
from smtop.metrics.aws.meter import Meter
from smtop.metrics.aws.timestamps import parse_timestamp
from smtop.metrics.domain.series import MetricId, Point, SeriesKey
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import Answer, Batch, BatchAnswer, Completeness, Window
from tests.contract.scripted_cloudwatch import (
    Reply,
    ScriptedCloudWatch,
    metric_data,
    metric_list,
    refusal,
    result,
    scripted,
)
from tests.contract.sessions import Connect, CountingGate

T0 = int(datetime(2026, 11, 20, 14, 0, tzinfo=UTC).timestamp())
FIRST, SECOND = (
    SeriesKey(MetricId("AWS/SageMaker", name, (("EndpointName", "fraud"), ("VariantName", "A"))), "Sum")
    for name in ("Invocations", "Invocation5XXErrors")
)
BATCH = Batch((FIRST, SECOND), Window(T0, T0 + 600))


@asynccontextmanager
async def source_on(
    connect: Connect, cloudwatch: ScriptedCloudWatch, meter: Meter | None = None, gate: CountingGate | None = None
) -> AsyncIterator[CloudWatchMetrics]:
    """CloudWatchMetrics on a session of its own."""
    async with connect(cloudwatch.environment, meter, gate) as session:
        yield CloudWatchMetrics(session)


async def fetched(connect: Connect, *replies: Reply) -> BatchAnswer:
    with scripted(*replies) as cloudwatch:
        async with source_on(connect, cloudwatch) as source:
            return await source.fetch(BATCH)


async def test_a_request_has_all_queries_and_an_aligned_window(connect: Connect) -> None:
    with scripted(metric_data()) as cloudwatch:
        async with source_on(connect, cloudwatch) as source:
            await source.fetch(BATCH)
    (form,) = cloudwatch.requests
    assert form["Action"] == "GetMetricData"
    assert (form["StartTime"], form["EndTime"]) == ("2026-11-20T14:00:00Z", "2026-11-20T14:10:00Z")
    assert form["ScanBy"] == "TimestampAscending"
    for index, key in enumerate(BATCH.series, start=1):
        query = f"MetricDataQueries.member.{index}."
        assert form[f"{query}MetricStat.Metric.MetricName"] == key.metric.name
        assert form[f"{query}MetricStat.Metric.Namespace"] == "AWS/SageMaker"
        assert form[f"{query}MetricStat.Stat"] == "Sum"
        assert form[f"{query}MetricStat.Period"] == "60"
        assert form[f"{query}MetricStat.Metric.Dimensions.member.2.Value"] == "A"
        assert f"{query}MetricStat.Unit" not in form


async def test_an_id_that_appears_on_several_pages_is_one_series(connect: Connect) -> None:
    """PartialData means that more is to come; what the last page says of a series counts."""
    pages = [
        metric_data(
            result("q0", [("2026-11-20T14:00:00Z", 1.0)], status="PartialData"),
            result("q1", [("2026-11-20T14:00:00Z", 7.0)]),
            token="t1",
        ),
        metric_data(result("q0", [("2026-11-20T14:02:00Z", 3.0)], status="PartialData"), token="t2"),
        metric_data(result("q0", [("2026-11-20T14:01:00Z", 2.0)])),
    ]
    with scripted(*pages) as cloudwatch:
        async with source_on(connect, cloudwatch) as source:
            reply = await source.fetch(BATCH)
    points = (Point(T0, 1.0), Point(T0 + 60, 2.0), Point(T0 + 120, 3.0))
    assert reply.answers[FIRST] == Answer.of(Completeness.COMPLETE, points)
    assert reply.answers[SECOND] == Answer.of(Completeness.COMPLETE, (Point(T0, 7.0),))
    first, *later = cloudwatch.requests
    assert "NextToken" not in first
    assert [form.pop("NextToken") for form in later] == ["t1", "t2"]
    assert later == [first, first]


async def test_a_point_that_comes_twice_is_kept_once_with_its_later_value(connect: Connect) -> None:
    moment = "2026-11-20T14:00:00Z"
    reply = await fetched(
        connect, metric_data(result("q0", [(moment, 1.0)]), token="t"), metric_data(result("q0", [(moment, 2.0)]))
    )
    assert reply.answers[FIRST].points == (Point(T0, 2.0),)


async def test_a_page_that_repeats_for_ever_is_an_error(connect: Connect) -> None:
    pages = [metric_data(result("q0"), token="same") for _ in range(5)]
    with scripted(*pages) as cloudwatch:
        async with source_on(connect, cloudwatch) as source:
            with pytest.raises(AwsError, match="repeats a page") as caught:
                await source.fetch(BATCH)
    assert (caught.value.kind, len(cloudwatch.requests)) == (FaultKind.SERVICE, 2)


async def test_data_that_stays_partial_is_said_to_be(connect: Connect) -> None:
    reply = await fetched(connect, metric_data(result("q0", [("2026-11-20T14:00:00Z", 1.0)], status="PartialData")))
    assert reply.answers[FIRST] == Answer.of(Completeness.PARTIAL, (Point(T0, 1.0),))


async def test_a_series_that_is_not_in_the_answer_is_not_complete(connect: Connect) -> None:
    """Silence about a query is no statement that nothing happened."""
    reply = await fetched(connect, metric_data(result("q1")))
    assert reply.answers[FIRST].completeness is not Completeness.COMPLETE
    assert reply.answers[SECOND] == Answer(Completeness.COMPLETE)


@pytest.mark.parametrize(
    ("status", "completeness"),
    [
        ("InternalError", Completeness.ERROR),
        ("Forbidden", Completeness.FORBIDDEN),
        ("SomethingNew", Completeness.ERROR),
        (None, Completeness.COMPLETE),
    ],
)
async def test_one_result_may_fail_alone(connect: Connect, status: str | None, completeness: Completeness) -> None:
    reply = await fetched(connect, metric_data(result("q0", status=status, message="not today"), result("q1")))
    assert reply.answers[FIRST] == Answer.of(completeness, (), "not today")
    assert reply.answers[SECOND] == Answer(Completeness.COMPLETE)


async def test_messages_about_the_request_are_passed_on_and_unasked_results_are_not(connect: Connect) -> None:
    told = "Maximum number of allowed metrics exceeded"
    reply = await fetched(
        connect, metric_data(result("q0"), result("q7", [("2026-11-20T14:00:00Z", 1.0)]), messages=[told])
    )
    assert reply.messages == (told,)
    assert list(reply.answers) == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-11-20T14:00:00Z", T0),
        ("2026-11-20T14:00:00.000Z", T0),
        ("2026-11-20T14:00:00+00:00", T0),
        ("2026-11-20T16:00:00+02:00", T0),
    ],
)
async def test_times_on_the_wire_are_utc_whatever_their_offset(connect: Connect, written: str, at: int) -> None:
    reply = await fetched(connect, metric_data(result("q0", [(written, 1.0)])))
    assert reply.answers[FIRST].points == (Point(at, 1.0),)


@pytest.mark.parametrize("value", [T0, float(T0), f"{T0}", f"{T0}.0", "2026-11-20T14:00:00Z"])
def test_the_timestamp_parser_takes_what_either_protocol_sends(value: object) -> None:
    """JSON services send epoch numbers, query services ISO 8601."""
    assert parse_timestamp(value) == datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    assert parse_timestamp(value).tzinfo is UTC


@pytest.mark.parametrize("value", ["", "yesterday", None])
def test_what_is_no_time_is_a_value_error(value: object) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_timestamp(value)


async def test_published_reads_every_page_and_sorts_dimensions(connect: Connect) -> None:
    pages = [
        metric_list(("AWS/SageMaker", "Invocations", [("VariantName", "A"), ("EndpointName", "e")]), token="more"),
        metric_list(("AWS/SageMaker", "Backlog", [])),
    ]
    with scripted(*pages) as cloudwatch:
        async with source_on(connect, cloudwatch) as source:
            read = [list(page) async for page in source.published("AWS/SageMaker")]
    assert read == [
        [MetricId("AWS/SageMaker", "Invocations", (("EndpointName", "e"), ("VariantName", "A")))],
        [MetricId("AWS/SageMaker", "Backlog", ())],
    ]
    assert [form["Namespace"] for form in cloudwatch.requests] == ["AWS/SageMaker"] * 2
    assert [form.get("NextToken") for form in cloudwatch.requests] == [None, "more"]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refusal("Throttling", "Rate exceeded"), FaultKind.THROTTLED),
        (refusal("ExpiredToken", "The security token included in the request is expired", 403), FaultKind.CREDENTIALS),
        (refusal("AccessDenied", "User: a is not authorized", 403), FaultKind.PERMISSION),
        (refusal("ValidationError", "The parameter MetricDataQueries is too long."), FaultKind.INVALID),
        (refusal("RequestEntityTooLarge", "too large", 413), FaultKind.TOO_LARGE),
        (refusal("ServiceUnavailable", "later", 503), FaultKind.SERVICE),
        (refusal("NeverHeardOf", "hm", 418), FaultKind.SERVICE),
        (Reply(500, "<html><body>Bad gateway</body></html>"), FaultKind.SERVICE),
        (Reply(200, "no XML at all"), FaultKind.SERVICE),
        (Reply(502, "<html><br></html>"), FaultKind.SERVICE),
        (Reply(0, ""), FaultKind.UNREACHABLE),
    ],
)
async def test_every_failure_is_an_aws_error_of_its_kind(connect: Connect, reply: Reply, kind: FaultKind) -> None:
    with pytest.raises(AwsError) as caught:
        await fetched(connect, reply)
    assert (caught.value.kind, caught.value.operation) == (kind, "cloudwatch:GetMetricData")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [("Throttling", 400, FaultKind.THROTTLED), ("ExpiredToken", 403, FaultKind.CREDENTIALS)],
)
async def test_a_failure_on_a_later_page_fails_the_request(
    connect: Connect, code: str, status: int, kind: FaultKind
) -> None:
    with pytest.raises(AwsError) as caught:
        await fetched(connect, metric_data(result("q0"), token="t"), refusal(code, "No more.", status))
    assert caught.value.kind is kind


async def test_the_gate_is_told_of_every_throttle_and_of_nothing_else(connect: Connect) -> None:
    throttle, failure = refusal("Throttling", "Rate exceeded"), refusal("ServiceUnavailable", "later", 503)
    gate = CountingGate()
    with scripted(throttle, failure, metric_data()) as cloudwatch:
        async with connect(cloudwatch.environment, None, gate) as session:
            await CloudWatchMetrics(session).fetch(BATCH)
    assert gate.throttles == ["cloudwatch:GetMetricData"]


async def test_repetitions_are_counted_and_admitted_but_only_answers_are_billed(connect: Connect) -> None:
    """A 503 is repeated; the gate sees both calls with their datapoints, and two pages are billed for two metrics each.

    The first call of all is the one in JSON, which this service refuses.
    """
    replies = [refusal("ServiceUnavailable", "later", 503), metric_data(result("q0"), token="t"), metric_data()]
    meter, gate = Meter(), CountingGate()
    with scripted(*replies) as cloudwatch:
        async with connect(cloudwatch.environment, meter, gate) as session:
            await CloudWatchMetrics(session).fetch(BATCH)
    assert len(cloudwatch.requests) == 3
    assert gate.admitted == ["cloudwatch:GetMetricData"] * 4
    assert gate.datapoints == [len(BATCH.series) * 10] * 4
    assert gate.retries == [(1, 0.0)]
    assert meter.spend().api_calls == {"GetMetricData": 4}
    assert meter.spend().metrics_billed == 4
    assert meter.spend().usd == pytest.approx(4 * 0.01 / 1000)
