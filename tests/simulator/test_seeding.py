"""What an account looks like when it opens: as its history left it, not as its configs began."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.support.simulated_aws import SimulatedAws, start_simulated_aws


@pytest.fixture(scope="module")
def opened() -> Iterator[SimulatedAws]:
    """An account whose time stands still: its scaling would move instances within a minute or two."""
    with start_simulated_aws("--speed=1e-9") as aws:
        yield aws


def _counts(aws: SimulatedAws, endpoint: str) -> list[int]:
    client: Any = boto3.client("sagemaker", **aws.client_arguments())
    described = client.describe_endpoint(EndpointName=endpoint)
    return [variant["CurrentInstanceCount"] for variant in described["ProductionVariants"]]


def test_a_seeded_endpoint_shows_the_instances_that_its_last_deployment_left(opened: SimulatedAws) -> None:
    """A scale-out and a scale-in to zero before the account opened are visible in the description."""
    assert _counts(opened, "search-ranker-prod") == [5]
    assert _counts(opened, "video-transcribe-async") == [0]


def test_an_alarm_on_a_troubled_endpoint_fires_although_the_newest_minutes_are_not_published(
    simulated_aws: SimulatedAws,
) -> None:
    """CloudWatch reaches back over missing periods to the newest datapoints there are."""
    client: Any = boto3.client("cloudwatch", **simulated_aws.client_arguments())
    states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in client.describe_alarms()["MetricAlarms"]}
    assert "ALARM" in states.values(), states
    assert "OK" in states.values(), states
