"""What an account looks like when it opens: as its history left it, not as its configs began."""

from typing import Any

import boto3

from tests.support.simulated_aws import SimulatedAws


def _counts(aws: SimulatedAws, endpoint: str) -> list[int]:
    client: Any = boto3.client("sagemaker", **aws.client_arguments())
    described = client.describe_endpoint(EndpointName=endpoint)
    return [variant["CurrentInstanceCount"] for variant in described["ProductionVariants"]]


def test_a_seeded_endpoint_shows_the_instances_that_its_last_deployment_left(simulated_aws: SimulatedAws) -> None:
    """A scale-out and a scale-in to zero before the account opened are visible in the description."""
    assert _counts(simulated_aws, "search-ranker-prod") == [5]
    assert _counts(simulated_aws, "video-transcribe-async") == [0]


def test_an_alarm_on_a_troubled_endpoint_fires_although_the_newest_minutes_are_not_published(
    simulated_aws: SimulatedAws,
) -> None:
    """CloudWatch reaches back over missing periods to the newest datapoints there are."""
    client: Any = boto3.client("cloudwatch", **simulated_aws.client_arguments())
    states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in client.describe_alarms()["MetricAlarms"]}
    assert "ALARM" in states.values(), states
    assert "OK" in states.values(), states
