"""Changes on moto, a second AWS that is not written by us, as far as it does them.

It takes a weight without a count for "no count" and the other way round, so that only what was sent is looked at
afterwards. UpdateEndpoint, inference components and SimulatePrincipalPolicy are 500s there.
"""

import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import Any

import pytest

from smtop.metrics.clock import ScaledClock
from smtop.metrics.config import Settings
from smtop.metrics.domain.change import Change, Delete, Resize, Undo, Weights
from smtop.metrics.journal import Entry, State
from smtop.metrics.operator import Operator, operating
from tests.contract.leaping import PATIENCE_S
from tests.contract.sessions import point_at
from tests.support.moto_server import ROLE, MotoAws, start_moto

SPEED = 200.0
"""What moto cannot do is tried again; the pauses are not to be waited for."""


@pytest.fixture(scope="module")
def moto_aws() -> Iterator[MotoAws]:
    """`fraud` with two variants."""
    with start_moto() as aws:
        with closing(aws.client("sagemaker")) as client:
            client.create_model(ModelName="m", PrimaryContainer={"Image": "image"}, ExecutionRoleArn=ROLE)
            shared = {"ModelName": "m", "InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 2}
            variants = [{"VariantName": name, "InitialVariantWeight": 1.0, **shared} for name in "AB"]
            client.create_endpoint_config(EndpointConfigName="fraud-1", ProductionVariants=variants)
            client.create_endpoint(EndpointName="fraud", EndpointConfigName="fraud-1")
        yield aws


@pytest.fixture
def client(moto_aws: MotoAws) -> Iterator[Any]:
    with closing(moto_aws.client("sagemaker")) as made:
        yield made


@pytest.fixture
async def operator(moto_aws: MotoAws, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Operator]:
    point_at(moto_aws.environment, monkeypatch)
    async with operating(settings, ScaledClock(time.time(), SPEED), random.Random(4)) as made:
        made.gate.open()
        yield made


async def carried_out(operator: Operator, change: Change) -> Entry:
    made = await operator.plan(change)
    assert made.blockers == ()
    entry = await operator.go_on(operator.journal.begin(made).id, PATIENCE_S)
    assert (entry.state, entry.error) == (State.APPLIED, None)
    return entry


def live(client: Any, member: str) -> list[Any]:
    return [variant.get(member) for variant in client.describe_endpoint(EndpointName="fraud")["ProductionVariants"]]


async def test_weights_there_and_back(operator: Operator, client: Any) -> None:
    done = await carried_out(operator, Weights("fraud", {"A": 3, "B": 1.5}))
    assert live(client, "DesiredWeight") == [3.0, 1.5]
    await carried_out(operator, Undo(done.id))
    assert live(client, "DesiredWeight") == [1.0, 1.0]


async def test_a_count_there_and_back(operator: Operator, client: Any) -> None:
    kept = [{"VariantName": name, "DesiredWeight": 1.0, "DesiredInstanceCount": 2} for name in "AB"]
    client.update_endpoint_weights_and_capacities(EndpointName="fraud", DesiredWeightsAndCapacities=kept)
    done = await carried_out(operator, Resize("fraud", variant="A", count=3))
    assert live(client, "DesiredInstanceCount") == [3, 2]
    await carried_out(operator, Undo(done.id))
    assert live(client, "DesiredInstanceCount") == [2, 2]


async def test_a_deletion_there_and_back(operator: Operator, client: Any) -> None:
    """Nothing has components where each variant has a model: that moto cannot list them does not matter."""
    arn = client.describe_endpoint(EndpointName="fraud")["EndpointArn"]
    client.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "risk"}])
    before = client.describe_endpoint_config(EndpointConfigName="fraud-1")["ProductionVariants"]
    made = await operator.plan(Delete("fraud", with_config=True))
    assert any(sentence.startswith("Whether you may recreate it is unknown: ") for sentence in made.warnings)
    done = await carried_out(operator, Delete("fraud", with_config=True))
    with pytest.raises(client.exceptions.ClientError, match="Could not find"):
        client.describe_endpoint(EndpointName="fraud")
    await carried_out(operator, Undo(done.id))
    assert client.describe_endpoint_config(EndpointConfigName="fraud-1")["ProductionVariants"] == before
    assert client.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "risk"}]
