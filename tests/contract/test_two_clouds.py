"""The simulated AWS and moto, which others wrote, hold the same datapoints: the engine must read the same from both."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from smtop.metrics.collect.plan import asks
from smtop.metrics.config import Directories, Settings
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.series import PERIOD_S, MetricId, Owner, Sample
from smtop.metrics.domain.snapshot import EndpointView
from smtop.metrics.monitor import Monitor
from tests.contract.sessions import point_at
from tests.support.engine import HastyClock
from tests.support.moto_server import MotoAws, start_moto
from tests.support.simulated_aws import SimulatedAws

NAME = "churn-predictor"
STATISTICS = ("SampleCount", "Sum", "Minimum", "Maximum")
MINUTES = 20
SETTLED_S = 600
"""So long ago the simulator has published everything, and nothing grows any more."""


@pytest.fixture
def empty_moto() -> Iterator[MotoAws]:
    with start_moto() as aws:
        yield aws


async def viewed(url: dict[str, str], folder: Path, now: float, monkeypatch: pytest.MonkeyPatch) -> EndpointView:
    """The endpoint as the whole engine sees it at this moment."""
    point_at(url, monkeypatch)
    settings = Settings(Directories(*(folder / name for name in ("config", "state", "cache", "data"))))
    async with Monitor(settings, HastyClock(now)) as monitor:
        snapshot = await monitor.take()
    return next(view for view in snapshot.endpoints if view.endpoint.name == NAME)


def datapoints(client: Any, metric: MetricId, now: float) -> list[dict[str, Any]]:
    """The minutes of one metric, as PutMetricData takes them."""
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    end = datetime.fromtimestamp(now // PERIOD_S * PERIOD_S + PERIOD_S, UTC)
    told = client.get_metric_statistics(
        Namespace=metric.namespace,
        MetricName=metric.name,
        Dimensions=dimensions,
        StartTime=end - timedelta(minutes=MINUTES),
        EndTime=end,
        Period=PERIOD_S,
        Statistics=list(STATISTICS),
    )
    return [
        {
            "MetricName": metric.name,
            "Dimensions": dimensions,
            "Timestamp": point["Timestamp"],
            "StatisticValues": {statistic: point[statistic] for statistic in STATISTICS},
        }
        for point in told["Datapoints"]
    ]


def copy(endpoint: Endpoint, simulated: SimulatedAws, moto: MotoAws, now: float) -> int:
    """Puts an endpoint of one instance type and its datapoints into moto; returns how many these are."""
    [variant] = endpoint.variants
    assert variant.instances is not None
    hosts = {"InstanceType": variant.instances.type, "InitialInstanceCount": variant.instances.count.current}
    metrics = {ask.key.metric for ask in asks(endpoint)}
    with (
        closing(boto3.client("cloudwatch", **simulated.client_arguments())) as theirs,
        closing(moto.client("sagemaker")) as sagemaker,
        closing(moto.client("cloudwatch")) as cloudwatch,
    ):
        sagemaker.create_model(ModelName="m", PrimaryContainer={"Image": "i"}, ExecutionRoleArn="arn:aws:iam::1:role/r")
        sagemaker.create_endpoint_config(
            EndpointConfigName="c", ProductionVariants=[{"VariantName": variant.name, "ModelName": "m", **hosts}]
        )
        sagemaker.create_endpoint(EndpointName=NAME, EndpointConfigName="c")
        count = 0
        for metric in metrics:
            data = datapoints(theirs, metric, now)
            count += len(data)
            if data:
                cloudwatch.put_metric_data(Namespace=metric.namespace, MetricData=data)
    return count


def without_percentiles(view: EndpointView) -> dict[tuple[Owner, str], Sample]:
    """moto knows none."""
    samples = ((owner, label, sample) for owner, own in view.metrics.items() for label, sample in own.items())
    return {
        (owner, label): sample._replace(value=None if sample.value is None else float(f"{sample.value:.6g}"))
        for owner, label, sample in samples
        if ".p" not in label
    }


async def test_the_same_datapoints_are_the_same_values_whoever_serves_them(
    simulated: SimulatedAws, empty_moto: MotoAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = simulated.now() - SETTLED_S
    ours = await viewed(simulated.environment, tmp_path / "ours", now, monkeypatch)
    assert copy(ours.endpoint, simulated, empty_moto, now) > 5 * MINUTES
    theirs = await viewed(dict(empty_moto.environment), tmp_path / "theirs", now, monkeypatch)
    assert theirs.endpoint.kind is ours.endpoint.kind
    assert without_percentiles(theirs) == without_percentiles(ours)
    assert [point.value for point in theirs.vitals.trend][-10:] == [point.value for point in ours.vitals.trend][-10:]
    assert theirs.vitals.server_error_ratio == ours.vitals.server_error_ratio
    assert [finding.id for finding in theirs.findings] == [finding.id for finding in ours.findings]
