"""The MetricSource port: what every implementation must do, on the simulated AWS, on moto and in memory."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from smtop.metrics.aws.cloudwatch import CloudWatchMetrics
from smtop.metrics.domain.series import PERIOD_S, MetricId, Point, SeriesKey
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import Answer, Batch, Completeness, MetricSource, Window
from tests.contract.sessions import Connect
from tests.support.engine import ScriptedMetrics, at, fault
from tests.support.moto_server import VARIANT, Hosted, MotoAws
from tests.support.simulated_aws import SimulatedAws

NOTHING = Answer(Completeness.COMPLETE)


def of(endpoint: str, name: str, stat: str, namespace: str = "AWS/SageMaker") -> SeriesKey:
    dimensions = (("EndpointName", endpoint), ("VariantName", VARIANT))
    return SeriesKey(MetricId(namespace, name, dimensions), stat)


def another(key: SeriesKey, **changes: Any) -> SeriesKey:
    """The same statistic of a metric that differs in these."""
    return SeriesKey(key.metric._replace(**changes), key.stat)


@dataclass(frozen=True)
class World:
    """A source, the points that it has of some series between `start` and `end`, and how to deny an operation.

    `lacks` says what this implementation cannot do, by the word that a test asks for.
    """

    source: MetricSource
    window: Window
    points: Mapping[SeriesKey, tuple[Point, ...]]
    deny: Callable[[str], None] | None = None
    lacks: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> SeriesKey:
        """A series with points."""
        return next(iter(self.points))

    def needs(self, what: str) -> None:
        """Skips the test where this implementation cannot do that."""
        if what in self.lacks:
            pytest.skip(self.lacks[what])


@pytest.fixture(params=["simulated", "moto", "memory"])
async def world(request: pytest.FixtureRequest, connect: Connect) -> AsyncIterator[World]:
    async with _WORLDS[request.param](request, connect) as made:
        yield made


@asynccontextmanager
async def _simulated(request: pytest.FixtureRequest, connect: Connect) -> AsyncIterator[World]:
    """What is expected was read with another client: boto3 with its own parsers."""
    aws: SimulatedAws = request.getfixturevalue("simulated")
    newest = int(aws.now() - 600) // PERIOD_S * PERIOD_S
    window = Window(newest - 600, newest)
    keys = [
        of("ad-click-ctr-prod", "Invocations", "Sum"),
        of("ad-click-ctr-prod", "ModelLatency", "Average"),
        of("ad-click-ctr-prod", "ModelLatency", "p99"),
        of("ad-click-ctr-prod", "CPUUtilization", "Maximum", "/aws/sagemaker/Endpoints"),
    ]
    with closing(boto3.client("cloudwatch", **aws.client_arguments())) as client:
        points = {key: _read(client, key, window) for key in keys}

    def deny(operation: str) -> None:
        aws.faults(deny=[operation])

    async with connect(aws.environment) as session:
        yield World(CloudWatchMetrics(session), window, points, deny)


def _read(client: Any, key: SeriesKey, window: Window) -> tuple[Point, ...]:
    dimensions = [{"Name": name, "Value": value} for name, value in key.metric.dimensions]
    metric = {"Namespace": key.metric.namespace, "MetricName": key.metric.name, "Dimensions": dimensions}
    answer = client.get_metric_data(
        MetricDataQueries=[{"Id": "a", "MetricStat": {"Metric": metric, "Period": PERIOD_S, "Stat": key.stat}}],
        StartTime=datetime.fromtimestamp(window.start, UTC),
        EndTime=datetime.fromtimestamp(window.end, UTC),
    )
    (result,) = answer["MetricDataResults"]
    told = zip(result["Timestamps"], result["Values"], strict=True)
    return tuple(sorted((Point(int(moment.timestamp()), value) for moment, value in told), key=lambda point: point.at))


@asynccontextmanager
async def _moto(request: pytest.FixtureRequest, connect: Connect) -> AsyncIterator[World]:
    aws: MotoAws = request.getfixturevalue("moto")
    hosted = request.getfixturevalue("moto_fleet")[0]
    points = {
        of(hosted.name, measured.name, stat, measured.namespace): (Point(hosted.at, measured.statistic(stat)),)
        for measured in hosted.measured
        for stat in ("Sum", "Average", "Maximum", "SampleCount")
    }
    lacks = {
        "percentiles": "moto answers percentiles with HTTP 500",
        "namespaces": "moto ignores the namespace once dimensions are given",
        "several minutes": "the fleet put into moto has one minute of metrics",
        "denial": "moto denies nothing without IAM set up for it",
    }
    async with connect(aws.environment) as session:
        window = Window(hosted.at - 300, hosted.at + 300)
        yield World(CloudWatchMetrics(session), window, points, None, lacks)


@asynccontextmanager
async def _memory(request: pytest.FixtureRequest, connect: Connect) -> AsyncIterator[World]:
    source = ScriptedMetrics()
    points = {
        of("fraud", "Invocations", "Sum"): tuple(Point(at(ago), float(ago)) for ago in (9, 8, 6, 5)),
        of("fraud", "ModelLatency", "p99"): (Point(at(7), 3.5),),
    }
    for key, own in points.items():
        source.tell(key, *own)
    source.listable = [key.metric for key in points]

    def deny(operation: str) -> None:
        source.list_fault = fault(FaultKind.PERMISSION, operation)
        source.refuse = lambda _: fault(FaultKind.PERMISSION, operation)

    yield World(source, Window(at(10), at(2)), points, deny)


_WORLDS = {"simulated": _simulated, "moto": _moto, "memory": _memory}


async def fetched(world: World, *keys: SeriesKey, window: Window | None = None) -> Mapping[SeriesKey, Answer]:
    reply = await world.source.fetch(Batch(keys, window or world.window))
    assert list(reply.answers) == list(keys)
    return reply.answers


async def test_every_series_is_answered_with_its_points_oldest_first(world: World) -> None:
    answers = await fetched(world, *world.points)
    assert any(answer.points for answer in answers.values())
    for key, answer in answers.items():
        assert answer.completeness is Completeness.COMPLETE
        assert [point.at for point in answer.points] == sorted(point.at for point in answer.points)
        assert [point.at for point in answer.points] == [point.at for point in world.points[key]]
        assert [point.value for point in answer.points] == pytest.approx([point.value for point in world.points[key]])
        assert all(point.at % PERIOD_S == 0 for point in answer.points)


async def test_several_minutes_come_in_one_answer(world: World) -> None:
    world.needs("several minutes")
    assert len((await fetched(world, world.key))[world.key].points) > 3


async def test_percentiles_are_a_statistic_like_others(world: World) -> None:
    world.needs("percentiles")
    percentile = next(key for key in world.points if key.stat == "p99")
    assert (await fetched(world, percentile))[percentile].points == world.points[percentile]


async def test_the_start_is_inside_the_window_and_the_end_is_not(world: World) -> None:
    point = world.points[world.key][0]
    inside, before = Window(point.at, point.at + PERIOD_S), Window(point.at - 2 * PERIOD_S, point.at)
    assert (await fetched(world, world.key, window=inside))[world.key].points == (point,)
    assert point not in (await fetched(world, world.key, window=before))[world.key].points


async def test_a_longer_period_is_summed_up_by_cloudwatch(world: World) -> None:
    period_s = 5 * PERIOD_S
    start = min(
        (point.at // period_s * period_s for point in world.points[world.key]),
        key=lambda at: (at < world.window.start or at + period_s > world.window.end, at),
    )
    window = Window(start, start + period_s, period_s)
    [point] = (await fetched(world, world.key, window=window))[world.key].points
    minutes = [own.value for own in world.points[world.key] if start <= own.at < start + period_s]
    assert point.at == start
    assert point.value == pytest.approx(sum(minutes))


async def test_dimensions_match_as_a_whole_or_not_at_all(world: World) -> None:
    metric = world.key.metric
    fewer = another(world.key, dimensions=metric.dimensions[:1])
    more = another(world.key, dimensions=(*metric.dimensions, ("ZoneName", "a")))
    answers = await fetched(world, fewer, more)
    assert list(answers.values()) == [NOTHING, NOTHING]


async def test_a_metric_that_nobody_publishes_is_complete_and_empty(world: World) -> None:
    unknown = another(world.key, name="Nonsense")
    answers = await fetched(world, unknown, world.key)
    assert answers[unknown] == NOTHING
    assert answers[world.key].points


async def test_another_namespace_is_another_metric(world: World) -> None:
    world.needs("namespaces")
    elsewhere = another(world.key, namespace="AWS/Elsewhere")
    assert (await fetched(world, elsewhere))[elsewhere] == NOTHING


async def test_published_names_every_metric_with_sorted_dimensions(world: World) -> None:
    namespace = world.key.metric.namespace
    metrics = [metric async for page in world.source.published(namespace) for metric in page]
    assert world.key.metric in metrics
    assert {metric.namespace for metric in metrics} == {namespace}
    assert all(metric.dimensions == tuple(sorted(metric.dimensions)) for metric in metrics)


async def test_nothing_is_published_in_an_unknown_namespace(world: World) -> None:
    assert [metric async for page in world.source.published("AWS/Elsewhere") for metric in page] == []


async def test_what_was_heard_of_lately_is_listed_by_its_name(world: World) -> None:
    wanted = world.key.metric
    metrics = [metric async for page in world.source.recent(wanted.namespace, wanted.name) for metric in page]
    assert wanted in metrics
    assert {(metric.namespace, metric.name) for metric in metrics} == {(wanted.namespace, wanted.name)}
    assert [metric async for page in world.source.recent(wanted.namespace, "Nonsense") for metric in page] == []


async def test_a_denial_is_an_aws_error_about_that_operation(world: World) -> None:
    world.needs("denial")
    assert world.deny is not None
    world.deny("cloudwatch:GetMetricData")
    with pytest.raises(AwsError) as caught:
        await fetched(world, world.key)
    assert (caught.value.kind, caught.value.operation) == (FaultKind.PERMISSION, "cloudwatch:GetMetricData")
    world.deny("cloudwatch:ListMetrics")
    with pytest.raises(AwsError) as caught:
        [page async for page in world.source.published(world.key.metric.namespace)]
    assert (caught.value.kind, caught.value.operation) == (FaultKind.PERMISSION, "cloudwatch:ListMetrics")


def test_the_fleet_in_moto_has_the_metrics_that_this_suite_needs(moto_fleet: list[Hosted]) -> None:
    assert moto_fleet[0].measured
