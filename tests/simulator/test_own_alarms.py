"""PutMetricAlarm and DeleteAlarms, asked by boto3."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.support.simulated_aws import SimulatedAws, start_simulated_aws

ALARM: dict[str, Any] = {
    "AlarmName": "own",
    "MetricName": "HasBacklogWithoutCapacity",
    "Namespace": "AWS/SageMaker",
    "Dimensions": [{"Name": "EndpointName", "Value": "queue"}],
    "Statistic": "Average",
    "Period": 60,
    "EvaluationPeriods": 2,
    "Threshold": 0.5,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "AlarmActions": ["arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1"],
}


@pytest.fixture(scope="module")
def aws() -> Iterator[SimulatedAws]:
    with start_simulated_aws("--endpoints", "1") as started:
        yield started


@pytest.fixture
def client(aws: SimulatedAws) -> Iterator[Any]:
    with closing(boto3.client("cloudwatch", **aws.client_arguments())) as made:
        yield made


def own(client: Any) -> list[dict[str, Any]]:
    alarms: list[dict[str, Any]] = client.describe_alarms(AlarmNames=["own"])["MetricAlarms"]
    return alarms


def test_an_alarm_is_made_replaced_and_deleted(client: Any) -> None:
    client.put_metric_alarm(**ALARM)
    client.put_metric_alarm(**{**ALARM, "Threshold": 1.5})
    (alarm,) = own(client)
    assert {name: alarm[name] for name in ALARM} == {**ALARM, "Threshold": 1.5}
    assert alarm["StateValue"] == "INSUFFICIENT_DATA"
    client.delete_alarms(AlarmNames=["own"])
    assert own(client) == []


def test_what_is_no_alarm(client: Any) -> None:
    with pytest.raises(ClientError, match="comparison"):
        client.put_metric_alarm(**{**ALARM, "ComparisonOperator": "LessThanLowerThreshold"})
    with pytest.raises(ClientError, match="Either"):
        client.put_metric_alarm(**{**ALARM, "ExtendedStatistic": "p99"})
    with pytest.raises(ClientError, match="None of these"):
        client.delete_alarms(AlarmNames=["nonsense"])
