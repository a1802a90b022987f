"""The Insights port, on the simulated AWS and in memory; what the adapter sends, pays, waits for and refuses."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from smtop.metrics.aws.insights import MetricsInsights, expression
from smtop.metrics.aws.meter import Meter
from smtop.metrics.domain.billing import USD_PER_METRIC_ANALYSED
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import INSIGHTS, Insights, RankingQuery, Window
from tests.contract.scripted_cloudwatch import Reply, metric_data, scripted
from tests.contract.sessions import Connect, CountingGate
from tests.support.engine import ScriptedInsights, fault
from tests.support.moto_server import MotoAws
from tests.support.simulated_aws import SimulatedAws

GET = "cloudwatch:GetMetricData"
CALLS = RankingQuery(
    "Invocations", "Sum", "AWS/SageMaker", ("EndpointName", "VariantName"), "EndpointName", 300, analysed=0
)


@dataclass(frozen=True)
class World:
    """An implementation, the sums of requests that it should tell of each endpoint, and how to deny it."""

    insights: Insights
    window: Window
    sums: Mapping[str, float]
    deny: Callable[[], None]


@pytest.fixture(params=["simulated", "memory"])
async def world(request: pytest.FixtureRequest, connect: Connect) -> AsyncIterator[World]:
    async with _WORLDS[request.param](request, connect) as made:
        yield made


@asynccontextmanager
async def _simulated(request: pytest.FixtureRequest, connect: Connect) -> AsyncIterator[World]:
    aws: SimulatedAws = request.getfixturevalue("simulated")
    window = _settled(aws)
    async with connect(aws.environment) as session:
        yield World(MetricsInsights(session), window, _sums(aws, window), lambda: aws.faults(deny=[GET]))


@asynccontextmanager
async def _memory(request: pytest.FixtureRequest, connect: Connect) -> AsyncIterator[World]:
    insights = ScriptedInsights()
    insights.values["Invocations"] = {"quiet": 1.0, "busy": 80.0}

    def deny() -> None:
        insights.fault = fault(FaultKind.PERMISSION, GET)

    yield World(insights, Window(0, 300), insights.values["Invocations"], deny)


_WORLDS = {"simulated": _simulated, "memory": _memory}


def _settled(aws: SimulatedAws) -> Window:
    """Five minutes that no longer change."""
    end = int(aws.now() - 600) // 300 * 300
    return Window(end - 300, end)


def _sums(aws: SimulatedAws, window: Window) -> dict[str, float]:
    """Requests by endpoint, each variant asked by its name with another client."""
    with closing(boto3.client("cloudwatch", **aws.client_arguments())) as client:
        pages = client.get_paginator("list_metrics").paginate(Namespace="AWS/SageMaker", MetricName="Invocations")
        metrics = [metric for page in pages for metric in page["Metrics"]]
        metrics = [one for one in metrics if {each["Name"] for each in one["Dimensions"]} == set(CALLS.dimensions)]
        queries = [
            {"Id": f"q{number}", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"}}
            for number, metric in enumerate(metrics)
        ]
        times = {"StartTime": datetime.fromtimestamp(window.start, UTC)}
        times["EndTime"] = datetime.fromtimestamp(window.end, UTC)
        results = client.get_metric_data(MetricDataQueries=queries, **times)["MetricDataResults"]
    sums: defaultdict[str, float] = defaultdict(float)
    for metric, result in zip(metrics, results, strict=True):
        name = next(each["Value"] for each in metric["Dimensions"] if each["Name"] == "EndpointName")
        for value in result["Values"]:
            sums[name] += value
    return dict(sums)


def test_in_a_monitoring_account_a_query_is_about_one_account() -> None:
    """Source: CloudWatch user guide, "Query components and syntax in CloudWatch Metrics Insights"."""
    assert " WHERE " not in expression(CALLS)
    schema = 'FROM SCHEMA("AWS/SageMaker", EndpointName, VariantName)'
    assert f"{schema} WHERE AWS.AccountId = '444455556666' GROUP BY" in expression(CALLS, "'444455556666'")


async def test_every_endpoint_has_its_value_the_worst_first(world: World) -> None:
    ranking = await world.insights.rank(CALLS, world.window)
    assert ranking.complete
    assert ranking.messages == ()
    assert {name: value for name, value in ranking.values.items() if value} == pytest.approx(
        {name: value for name, value in world.sums.items() if value}
    )
    assert list(ranking.values.values()) == sorted(ranking.values.values(), reverse=True)


async def test_a_metric_that_nobody_has_is_an_empty_ranking(world: World) -> None:
    assert (await world.insights.rank(replace(CALLS, metric="Nonsense"), world.window)).values == {}


async def test_a_denial_is_an_aws_error(world: World) -> None:
    world.deny()
    with pytest.raises(AwsError) as caught:
        await world.insights.rank(CALLS, world.window)
    assert (caught.value.kind, caught.value.operation) == (FaultKind.PERMISSION, GET)


def test_the_query_keeps_further_dimensions_out_and_asks_for_the_worst() -> None:
    assert expression(replace(CALLS, metric="Invocation5XXErrors", stat="Average")) == (
        'SELECT AVG(Invocation5XXErrors) FROM SCHEMA("AWS/SageMaker", EndpointName, VariantName) '
        "GROUP BY EndpointName ORDER BY SUM() DESC LIMIT 500"
    )


async def test_what_is_gone_through_is_metered_apart_and_paced_by_its_own_quota(
    simulated: SimulatedAws, connect: Connect
) -> None:
    meter, gate, before = Meter(), CountingGate(), simulated.calls()
    metrics = len(_sums(simulated, _settled(simulated)))
    counted = simulated.calls()
    async with connect(simulated.environment, meter, gate) as session:
        await MetricsInsights(session).rank(CALLS, _settled(simulated))
    analysed = simulated.calls()["analysed_metrics"] - before["analysed_metrics"]
    assert analysed >= metrics
    assert simulated.calls()["billed_metrics"] == counted["billed_metrics"]
    assert gate.admitted == [GET, INSIGHTS]
    async with connect(simulated.environment, meter, gate) as session:
        await MetricsInsights(session).rank(replace(CALLS, analysed=analysed), _settled(simulated))
    spend = meter.spend()
    assert (spend.metrics_billed, spend.metrics_analysed) == (0, analysed)
    assert spend.usd == pytest.approx(analysed * USD_PER_METRIC_ANALYSED)
    assert spend.api_calls == {"GetMetricData": 2}


async def test_a_throttle_slows_its_own_quota(simulated: SimulatedAws, connect: Connect) -> None:
    meter, gate = Meter(), CountingGate()
    simulated.faults(throttle={INSIGHTS: {"rate": 0.001, "burst": 0}})
    async with connect(simulated.environment, meter, gate) as session:
        with pytest.raises(AwsError) as caught:
            await MetricsInsights(session).rank(replace(CALLS, analysed=7), _settled(simulated))
    assert caught.value.kind is FaultKind.THROTTLED
    assert set(gate.throttles) == {INSIGHTS}
    assert meter.spend().metrics_analysed == 0


async def test_an_aws_that_does_not_group_is_refused(moto: MotoAws, connect: Connect) -> None:
    async with connect(moto.environment) as session:
        with pytest.raises(AwsError, match="does not group by dimension") as caught:
            await MetricsInsights(session).rank(CALLS, Window(0, 300))
    assert caught.value.kind is FaultKind.INVALID


def _page(*results: tuple[str, str, float], token: str | None = None, message: str = "") -> Reply:
    members = [
        f"<member><Id>ranking</Id><Label>{label}</Label><StatusCode>{status}</StatusCode><Timestamps><member>"
        f"2026-11-20T14:00:00Z</member></Timestamps><Values><member>{value}</member></Values></member>"
        for label, status, value in results
    ]
    return metric_data(*members, token=token, messages=[message] if message else ())


SCRIPTS: tuple[tuple[list[Reply], dict[str, Any]], ...] = (
    (
        [_page(("a", "Complete", 2.0), ("b", "PartialData", 1.0), token="t"), _page(("b", "Complete", 3.0))],
        {"values": {"a": 2.0, "b": 3.0}, "complete": True, "messages": ()},
    ),
    (
        [_page(("a", "PartialData", 2.0), message="Maximum number of allowed metrics exceeded")],
        {"values": {"a": 2.0}, "complete": False, "messages": ("Maximum number of allowed metrics exceeded",)},
    ),
)


@pytest.mark.parametrize(("replies", "expected"), SCRIPTS, ids=["pages", "a part"])
async def test_pages_are_put_together_and_a_part_is_told(
    connect: Connect, replies: list[Reply], expected: dict[str, Any]
) -> None:
    with scripted(*replies) as cloudwatch:
        async with connect(cloudwatch.environment) as session:
            ranking = await MetricsInsights(session).rank(CALLS, Window(0, 300))
    assert vars(ranking) == expected
