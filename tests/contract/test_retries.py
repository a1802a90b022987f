"""What failed in passing is sent again, as often and as late as the gate says; what was refused is not."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from smtop.metrics.aws.cloudwatch import CloudWatchMetrics
from smtop.metrics.aws.edge import retry_after_s
from smtop.metrics.aws.inventory import SageMakerInventory
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.domain.series import MetricId, SeriesKey
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import Batch, Window
from tests.contract.scripted_cloudwatch import Reply, in_json, refusal, scripted
from tests.contract.sessions import Connect, CountingGate
from tests.support.simulated_aws import SimulatedAws

KEY = SeriesKey(MetricId("AWS/SageMaker", "Invocations", ()), "Sum")
BATCH = Batch((KEY,), Window(0, 600))
GOOD = in_json({"MetricDataResults": []})
THROTTLE = in_json({"__type": "ThrottlingException", "message": "Rate exceeded"}, 400)
ATTEMPTS = CountingGate.ATTEMPTS


@pytest.mark.parametrize(
    "failure",
    [
        THROTTLE,
        in_json({"__type": "InternalFailure", "message": "hm"}, 500),
        in_json({"__type": "ServiceUnavailable", "message": "later"}, 503),
        Reply(502, "<html>Bad gateway</html>"),
        Reply(0, ""),
    ],
    ids=["throttle", "500", "503", "502", "hang-up"],
)
async def test_a_failure_in_passing_is_sent_again(connect: Connect, failure: Reply) -> None:
    gate = CountingGate()
    with scripted(GOOD, failure, failure, GOOD, to_json=None) as script:
        async with connect(script.environment, None, gate) as session:
            source = CloudWatchMetrics(session)
            await source.fetch(BATCH)
            await source.fetch(BATCH)
    assert [attempts for attempts, _ in gate.retries] == [1, 2]
    assert gate.admitted == ["cloudwatch:GetMetricData"] * 4
    assert script.bodies[1] == script.bodies[3]


async def test_without_a_further_retry_the_failure_is_told(connect: Connect) -> None:
    with scripted(*[THROTTLE] * 9, to_json=None) as script:
        async with connect(script.environment, None, CountingGate()) as session:
            with pytest.raises(AwsError) as caught:
                await CloudWatchMetrics(session).fetch(BATCH)
    assert caught.value.kind is FaultKind.THROTTLED
    assert len(script.bodies) == ATTEMPTS


@pytest.mark.parametrize(
    "refused",
    [
        in_json({"__type": "ValidationError", "message": "no"}, 400),
        in_json({"__type": "AccessDenied", "message": "no"}, 403),
        in_json({"__type": "ExpiredToken", "message": "no"}, 403),
    ],
)
async def test_what_is_refused_is_not_sent_again(connect: Connect, refused: Reply) -> None:
    gate = CountingGate()
    with scripted(refused, to_json=None) as script:
        async with connect(script.environment, None, gate) as session:
            with pytest.raises(AwsError):
                await CloudWatchMetrics(session).fetch(BATCH)
    assert (gate.retries, len(script.bodies)) == ([], 1)


async def test_the_gate_is_told_how_long_aws_wants_it_to_wait(connect: Connect) -> None:
    gate = CountingGate()
    with scripted(replace(THROTTLE, headers={"Retry-After": "7"}), GOOD, to_json=None) as script:
        async with connect(script.environment, None, gate) as session:
            await CloudWatchMetrics(session).fetch(BATCH)
    assert gate.retries == [(1, 7.0)]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0.0),
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": "soon"}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "Fri, 20 Nov 2026 12:00:09 GMT", "date": "Fri, 20 Nov 2026 12:00:00 GMT"}, 9.0),
        ({"retry-after": "Fri, 20 Nov 2026 11:00:00 GMT", "date": "Fri, 20 Nov 2026 12:00:00 GMT"}, 0.0),
        ({"retry-after": "Fri, 20 Nov 2026 12:00:09 GMT"}, 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_after_that_of_the_answer(headers: dict[str, str], seconds: float) -> None:
    assert retry_after_s(headers) == seconds


async def identity(session: AwsSession) -> object:
    return await SageMakerInventory(session, {}).identity()


async def endpoints(session: AwsSession) -> object:
    return [page async for page in SageMakerInventory(session, {}).summaries()]


async def metrics(session: AwsSession) -> object:
    return [page async for page in CloudWatchMetrics(session).published("AWS/SageMaker")]


INVENTORY = [
    ("sts:GetCallerIdentity", identity),
    ("sagemaker:ListEndpoints", endpoints),
    ("cloudwatch:ListMetrics", metrics),
]


@pytest.mark.parametrize(("operation", "call"), INVENTORY, ids=[operation for operation, _ in INVENTORY])
@pytest.mark.parametrize("fault", ["fail", "throttle"])
async def test_every_other_call_is_sent_again_too(
    simulated: SimulatedAws,
    connect: Connect,
    operation: str,
    call: Callable[[AwsSession], Awaitable[object]],
    fault: str,
) -> None:
    faults: dict[str, Any] = {"fail": 503, "throttle": {"rate": 1e-6, "burst": 0}}
    gate = CountingGate()
    async with connect(simulated.environment, None, gate) as session:
        await call(session)
        assert gate.retries == []
        gate.admitted.clear()
        simulated.faults(**{fault: {operation: faults[fault]}})
        with pytest.raises(AwsError) as caught:
            await call(session)
    assert caught.value.kind is {"fail": FaultKind.SERVICE, "throttle": FaultKind.THROTTLED}[fault]
    assert gate.admitted == [operation] * ATTEMPTS
    assert gate.throttles == [operation] * ATTEMPTS * (fault == "throttle")


async def test_the_operator_may_want_fewer_attempts(connect: Connect) -> None:
    gate = CountingGate()
    with scripted(refusal("Throttling", "Rate exceeded")) as script:
        async with connect(script.environment | {"AWS_MAX_ATTEMPTS": "1"}, None, gate) as session:
            with pytest.raises(AwsError):
                await CloudWatchMetrics(session).fetch(BATCH)
    assert gate.retries == []
