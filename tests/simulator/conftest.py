"""The simulated AWS in two sizes: a small one inside the test's process, and a process with the default fleet."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulator.small_fleet import LocalAws, SmallFleet, serve_locally
from tests.support.simulated_aws import SimulatedAws, start_simulated_aws


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """One endpoint a kind; time stands still."""
    with serve_locally(SmallFleet()) as local:
        yield local


@pytest.fixture
def sagemaker(aws: LocalAws) -> Iterator[Any]:
    """A boto3 client of the small fleet."""
    client = aws.client("sagemaker")
    yield client
    client.close()


@pytest.fixture
def cloudwatch(aws: LocalAws) -> Iterator[Any]:
    """A boto3 client of the small fleet."""
    client = aws.client("cloudwatch")
    yield client
    client.close()


@pytest.fixture(scope="session")
def simulated_aws() -> Iterator[SimulatedAws]:
    """The default fleet in a process of its own, a hundred times as fast as the world."""
    with start_simulated_aws("--speed", "100") as aws:
        yield aws
