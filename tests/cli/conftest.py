"""A simulated AWS and a shell that knows nothing but it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import boto3
import pytest

from tests.cli.command import TAGGED, Shell
from tests.support.simulated_aws import SimulatedAws, start_simulated_aws


@pytest.fixture(scope="session")
def fleet_aws() -> Iterator[SimulatedAws]:
    """The default fleet, in which every scenario is at work; nobody sets faults on it."""
    with start_simulated_aws() as aws:
        yield aws


@pytest.fixture(scope="session")
def small_aws() -> Iterator[SimulatedAws]:
    """Eight endpoints, one of them tagged, for tests that set faults."""
    with start_simulated_aws("--endpoints", "8") as aws:
        with closing(boto3.client("sagemaker", **aws.client_arguments())) as client:
            arn = client.describe_endpoint(EndpointName=TAGGED)["EndpointArn"]
            client.add_tags(ResourceArn=arn, Tags=[{"Key": "owner", "Value": "ana"}])
        yield aws


@pytest.fixture
def faulty(small_aws: SimulatedAws) -> Iterator[SimulatedAws]:
    """An AWS to set faults on; they are gone afterwards."""
    yield small_aws
    small_aws.faults()


@pytest.fixture
def nowhere(tmp_path: Path) -> Shell:
    """A shell without any AWS set-up."""
    return Shell({}, tmp_path)


@pytest.fixture
def shell(small_aws: SimulatedAws, tmp_path: Path) -> Shell:
    """A shell on the small fleet."""
    return Shell(small_aws.environment, tmp_path)
