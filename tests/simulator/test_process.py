"""The simulator as a process: how it starts, what it prints, how it ends; and the tools that talk to it unchanged."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aioboto3
import boto3
import pytest

from smtop.metrics.simulator.fleet import open_fleet
from smtop.metrics.simulator.region import empty_region
from tests.support.simulated_aws import PROJECT, SimulatedAws, start_simulated_aws

ENVIRONMENT = os.environ | {"PYTHONPATH": str(PROJECT / ".dev")}
COMMAND = [sys.executable, "-m", "smtop.metrics.simulator"]
AWS_CLI = Path(sys.executable).with_name("aws")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A simulator that is expected to end by itself."""
    return subprocess.run(
        [*COMMAND, *arguments], env=ENVIRONMENT, capture_output=True, text=True, timeout=30, check=False
    )


def aws_cli(aws: SimulatedAws, *arguments: str) -> Any:
    """What the AWS CLI prints, called with the printed variables alone."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_PAGER": ""}
    done = subprocess.run(
        [AWS_CLI, *arguments, "--output", "json"],
        env=clean | nowhere | aws.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else {}


def test_five_lines_are_printed_and_sigterm_ends_it_quietly() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with subprocess.Popen(
            [*COMMAND, "--endpoints", "3"], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            names = [process.stdout.readline().removeprefix("export ").partition("=")[0] for _ in range(5)]
            process.send_signal(number)
            out, err = process.communicate(timeout=30)
        assert names == [
            "AWS_ENDPOINT_URL",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_REGION",
            "AWS_DEFAULT_REGION",
        ]
        assert (process.returncode, out, err) == (0, "", "")


def test_it_does_not_outlive_its_parent() -> None:
    with subprocess.Popen(
        [*COMMAND, "--endpoints", "3", "--parent-pipe"],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline().startswith("export AWS_ENDPOINT_URL=http://127.0.0.1:")
        process.stdin.close()
        assert process.wait(30) == 0


def test_port_in_use_is_told_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("--port", str(port), "--endpoints", "3")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"Port {port} is already in use.\n")


def test_unknown_scenario_is_refused() -> None:
    done = run("--scenario", "meteor")
    assert done.returncode == 2
    assert "meteor" in done.stderr
    assert "Traceback" not in done.stderr


def test_epoch_and_speed_set_simulated_time() -> None:
    epoch = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    before = datetime.now(UTC).timestamp()
    with start_simulated_aws("--endpoints", "3", "--epoch", str(epoch), "--speed", "2") as aws:
        now = aws.now()
    after = datetime.now(UTC).timestamp()
    assert epoch + (before - epoch) * 2 <= now <= epoch + (after - epoch) * 2


def test_requests_of_the_default_fleet_pass_the_rules_of_aws() -> None:
    """Seeds are stored unchecked; a client must be able to make the same endpoints, however."""
    fleet = open_fleet([], 60, 0, 1_763_640_000.0)
    services = empty_region("eu-west-1", 0.0).services["sagemaker"]
    made = set()
    for seed in fleet.seeds:
        for operation, requests in (("CreateModel", seed.models), ("CreateEndpointConfig", seed.configs)):
            for request in requests:
                services[operation].run(services[operation].shape.read(dict(request), textual=False), 0.0)
                made.add(operation)
    assert made == {"CreateModel", "CreateEndpointConfig"}


def test_aws_cli_reads_the_fleet(simulated_aws: SimulatedAws) -> None:
    identity = aws_cli(simulated_aws, "sts", "get-caller-identity")
    assert identity["Account"] == "123456789012"
    listed = aws_cli(simulated_aws, "sagemaker", "list-endpoints", "--status-equals", "InService", "--max-items", "3")
    names = [endpoint["EndpointName"] for endpoint in listed["Endpoints"]]
    assert len(names) == 3
    shown = aws_cli(simulated_aws, "sagemaker", "describe-endpoint", "--endpoint-name", names[0])
    assert (shown["EndpointName"], shown["EndpointStatus"]) == (names[0], "InService")


def test_aws_cli_reads_metrics(simulated_aws: SimulatedAws) -> None:
    listed = aws_cli(
        simulated_aws, "cloudwatch", "list-metrics", "--metric-name", "CPUUtilization", "--recently-active", "PT3H"
    )
    metric = listed["Metrics"][0]
    queries = [{"Id": "cpu", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Average"}}]
    now = datetime.fromtimestamp(simulated_aws.now(), UTC)
    answer = aws_cli(
        simulated_aws,
        "cloudwatch",
        "get-metric-data",
        "--metric-data-queries",
        json.dumps(queries),
        "--start-time",
        (now - timedelta(hours=1)).isoformat(),
        "--end-time",
        now.isoformat(),
    )
    (result,) = answer["MetricDataResults"]
    assert result["StatusCode"] == "Complete"
    assert len(result["Values"]) == len(result["Timestamps"]) > 30
    assert result["Timestamps"] == sorted(result["Timestamps"], reverse=True)


def test_boto3_makes_changes_and_ends_an_endpoint(simulated_aws: SimulatedAws) -> None:
    client = boto3.client("sagemaker", **simulated_aws.client_arguments())
    role = "arn:aws:iam::123456789012:role/hosting"
    client.create_model(ModelName="life", PrimaryContainer={"Image": "registry/life:1"}, ExecutionRoleArn=role)
    for name, count in (("life-1", 1), ("life-2", 3)):
        variant = {
            "VariantName": "Main",
            "ModelName": "life",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": count,
        }
        client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    soon = {"Delay": 1, "MaxAttempts": 30}
    client.create_endpoint(EndpointName="life", EndpointConfigName="life-1", Tags=[{"Key": "team", "Value": "search"}])
    client.get_waiter("endpoint_in_service").wait(EndpointName="life", WaiterConfig=soon)
    client.update_endpoint(EndpointName="life", EndpointConfigName="life-2")
    client.get_waiter("endpoint_in_service").wait(EndpointName="life", WaiterConfig=soon)
    shown = client.describe_endpoint(EndpointName="life")
    assert shown["ProductionVariants"][0]["CurrentInstanceCount"] == 3
    client.delete_endpoint(EndpointName="life")
    client.get_waiter("endpoint_deleted").wait(EndpointName="life", WaiterConfig=soon)
    client.close()


async def test_aioboto3_reads_the_whole_fleet(simulated_aws: SimulatedAws) -> None:
    session = aioboto3.Session()
    async with session.client("sagemaker", **simulated_aws.client_arguments()) as client:
        pages = [page async for page in client.get_paginator("list_endpoints").paginate(MaxResults=100)]
        names = [endpoint["EndpointName"] for page in pages for endpoint in page["Endpoints"]]
        shown = await asyncio.gather(*(client.describe_endpoint(EndpointName=name) for name in names))
    assert len(names) >= 40
    assert [each["EndpointName"] for each in shown] == names
    assert not _missing_variants(shown)


def _missing_variants(shown: Sequence[dict[str, Any]]) -> list[str]:
    """Endpoints that serve, but say not by what."""
    idle = {"Creating", "Failed"}
    return [
        each["EndpointName"]
        for each in shown
        if each["EndpointStatus"] not in idle and not each.get("ProductionVariants")
    ]


def test_metrics_of_the_fleet_belong_to_its_endpoints(simulated_aws: SimulatedAws) -> None:
    client = boto3.client("cloudwatch", **simulated_aws.client_arguments())
    pages = client.get_paginator("list_metrics").paginate(Dimensions=[{"Name": "EndpointName"}])
    owners = {
        dimension["Value"]
        for page in pages
        for metric in page["Metrics"]
        for dimension in metric["Dimensions"]
        if dimension["Name"] == "EndpointName"
    }
    client.close()
    told = {entry["endpoint"] for entry in simulated_aws.truth() if entry["severity"] == "warning"}
    assert told
    assert told <= owners


@pytest.mark.parametrize("operation", ["sagemaker:DescribeEndpoint", "cloudwatch:ListMetrics"])
def test_calls_are_seen_from_outside(simulated_aws: SimulatedAws, operation: str) -> None:
    before = simulated_aws.calls()["calls"].get(operation, 0)
    service, name = operation.split(":")
    client = boto3.client(service, **simulated_aws.client_arguments())
    if name == "ListMetrics":
        client.list_metrics()
    else:
        client.describe_endpoint(EndpointName=client.list_endpoints()["Endpoints"][0]["EndpointName"])
    client.close()
    assert simulated_aws.calls()["calls"][operation] == before + 1
