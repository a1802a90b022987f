"""JSON where CloudWatch speaks it; where it does not, the query protocol, found out by one question and remembered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest

from smtop.metrics.aws.cloudwatch import CloudWatchMetrics
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.domain.series import MetricId, Point, SeriesKey
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import Answer, Batch, Completeness, Window
from tests.contract.scripted_cloudwatch import (
    Reply,
    ScriptedCloudWatch,
    in_json,
    metric_data,
    metric_list,
    refusal,
    result,
    scripted,
)
from tests.contract.sessions import Connect

T0 = int(datetime(2026, 11, 20, 14, 0, tzinfo=UTC).timestamp())
KEY = SeriesKey(MetricId("AWS/SageMaker", "Invocations", (("EndpointName", "fraud"),)), "Sum")
BATCH = Batch((KEY,), Window(T0, T0 + 600))
IN_QUERY = metric_data(result("q0", [("2026-11-20T14:00:00Z", 2.0)]))
HTML = Reply(500, "<!doctype html><title>500 Internal Server Error</title>", "text/html")
ORDINARY = [
    in_json({"__type": "com.amazonaws.cloudwatch#ThrottlingException", "message": "Rate exceeded"}, 400),
    in_json({"__type": "InternalFailure"}, 500),
    Reply(503, "<html>later</html>", "text/html"),
    Reply(429, "slow down", "text/plain"),
]


def told(query_id: str = "q0", **more: Any) -> dict[str, Any]:
    entry = {"Id": query_id, "Label": "l", "Timestamps": [T0], "Values": [2.0], "StatusCode": "Complete"}
    return {"MetricDataResults": [entry | more], "Messages": []}


@asynccontextmanager
async def session_on(connect: Connect, cloudwatch: ScriptedCloudWatch) -> AsyncIterator[AwsSession]:
    """A session without the SDK's own repetitions."""
    async with connect(cloudwatch.environment) as session:
        yield session


async def test_a_service_that_speaks_json_is_asked_in_json(connect: Connect) -> None:
    listed = {"Namespace": "AWS/SageMaker", "MetricName": "Invocations", "Dimensions": [{"Name": "b", "Value": "é"}]}
    with scripted(in_json(told()), in_json({"Metrics": [listed]}), to_json=None) as cloudwatch:
        async with session_on(connect, cloudwatch) as session:
            source = CloudWatchMetrics(session)
            reply = await source.fetch(BATCH)
            pages = [list(page) async for page in source.published("AWS/SageMaker")]
    assert reply.answers == {KEY: Answer.of(Completeness.COMPLETE, [Point(T0, 2.0)])}
    assert pages == [[MetricId("AWS/SageMaker", "Invocations", (("b", "é"),))]]
    assert (len(cloudwatch.bodies), cloudwatch.requests) == (2, [])
    assert (cloudwatch.bodies[0]["StartTime"], cloudwatch.bodies[0]["EndTime"]) == (T0, T0 + 600)


@pytest.mark.parametrize(
    "to_json", [HTML, refusal("MissingAction", "no Action"), in_json({"__type": "UnknownOperationException"}, 404)]
)
async def test_a_service_without_json_is_asked_in_json_once(connect: Connect, to_json: Reply) -> None:
    with scripted(IN_QUERY, IN_QUERY, metric_list(), to_json=to_json) as cloudwatch:
        async with session_on(connect, cloudwatch) as session:
            source = CloudWatchMetrics(session)
            for _ in range(2):
                assert (await source.fetch(BATCH)).answers[KEY].points == (Point(T0, 2.0),)
            await session.renew()
            assert [list(page) async for page in source.published("AWS/SageMaker")] == [[]]
    assert (len(cloudwatch.bodies), len(cloudwatch.requests)) == (1, 3)


async def test_listing_finds_the_protocol_out_as_well(connect: Connect) -> None:
    with scripted(metric_list(), IN_QUERY, to_json=HTML) as cloudwatch:
        async with session_on(connect, cloudwatch) as session:
            source = CloudWatchMetrics(session)
            assert [list(page) async for page in source.published("AWS/SageMaker")] == [[]]
            await source.fetch(BATCH)
    assert (len(cloudwatch.bodies), len(cloudwatch.requests)) == (1, 2)


@pytest.mark.parametrize("trouble", ORDINARY)
async def test_an_ordinary_failure_says_nothing_about_the_protocol(connect: Connect, trouble: Reply) -> None:
    with scripted(trouble, in_json(told()), to_json=None) as cloudwatch:
        async with session_on(connect, cloudwatch) as session:
            source = CloudWatchMetrics(session)
            with pytest.raises(AwsError):
                await source.fetch(BATCH)
            assert (await source.fetch(BATCH)).answers[KEY].points == (Point(T0, 2.0),)
    assert (len(cloudwatch.bodies), cloudwatch.requests) == (2, [])


async def test_an_outage_of_both_protocols_is_no_refusal_of_one(connect: Connect) -> None:
    with scripted(HTML, HTML, in_json(told()), to_json=None) as cloudwatch:
        async with session_on(connect, cloudwatch) as session:
            source = CloudWatchMetrics(session)
            with pytest.raises(AwsError) as caught:
                await source.fetch(BATCH)
            assert (await source.fetch(BATCH)).answers[KEY].points == (Point(T0, 2.0),)
    assert caught.value.kind is FaultKind.SERVICE
    assert (len(cloudwatch.bodies), len(cloudwatch.requests)) == (2, 1)


async def test_what_has_spoken_json_is_not_asked_in_the_query_protocol(connect: Connect) -> None:
    with scripted(in_json(told()), HTML, in_json(told()), to_json=None) as cloudwatch:
        async with session_on(connect, cloudwatch) as session:
            source = CloudWatchMetrics(session)
            await source.fetch(BATCH)
            with pytest.raises(AwsError):
                await source.fetch(BATCH)
            await source.fetch(BATCH)
    assert (len(cloudwatch.bodies), cloudwatch.requests) == (3, [])


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("com.amazonaws.cloudwatch#ThrottlingException", 400, FaultKind.THROTTLED),
        ("InvalidParameterValueException", 400, FaultKind.INVALID),
        ("MissingRequiredParameterException", 400, FaultKind.INVALID),
        ("AccessDeniedException", 400, FaultKind.PERMISSION),
        ("ExpiredTokenException", 400, FaultKind.CREDENTIALS),
        ("InternalServiceFault", 500, FaultKind.SERVICE),
    ],
)
async def test_errors_in_json_are_of_the_same_kinds(connect: Connect, code: str, status: int, kind: FaultKind) -> None:
    with scripted(in_json({"__type": code, "message": "no"}, status), to_json=None) as cloudwatch:
        async with session_on(connect, cloudwatch) as session:
            with pytest.raises(AwsError) as caught:
                await CloudWatchMetrics(session).fetch(BATCH)
    assert (caught.value.kind, cloudwatch.requests) == (kind, [])


async def test_the_models_of_other_sessions_stay_as_they_are(connect: Connect) -> None:
    with scripted(in_json(told()), to_json=None) as cloudwatch:
        async with session_on(connect, cloudwatch) as session:
            await CloudWatchMetrics(session).fetch(BATCH)
            assert botocore.session.get_session().get_service_model("cloudwatch").resolved_protocol == "query"
