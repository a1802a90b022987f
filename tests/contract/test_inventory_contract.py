"""The Inventory port: what every implementation must do, on the simulated AWS, on moto and in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import timedelta

import boto3
import pytest

from smtop.metrics.aws.descriptions import component
from smtop.metrics.aws.inventory import SageMakerInventory
from smtop.metrics.domain.endpoint import Account, Component, EndpointSummary, Kind, Moving
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import Inventory
from tests.contract.sessions import Connect
from tests.support.engine import FakeInventory, fault, hosted
from tests.support.moto_server import Hosted, MotoAws
from tests.support.simulated_aws import SimulatedAws

SIMULATED_KINDS = {
    "checkout-fraud-slpc": Kind.SERVERLESS_PROVISIONED,
    "faq-answerer-sls": Kind.SERVERLESS,
    "fraud-scorer-prod": Kind.REALTIME,
    "per-store-demand": Kind.MULTI_MODEL,
    "credit-pipeline": Kind.PIPELINE,
    "nlp-toolkit-direct": Kind.MULTI_CONTAINER,
    "doc-ocr-async": Kind.ASYNC,
    "shared-genai-pool": Kind.INFERENCE_COMPONENT,
}

Deny = Callable[[str, str], None]


@dataclass(frozen=True)
class World:
    """An inventory and what is in it; `tagged` is an endpoint with its tags.

    `deny` denies an operation for one endpoint, None where that cannot be done.
    """

    inventory: Inventory
    count: int
    kinds: Mapping[str, Kind]
    account: str
    region: str
    tagged: tuple[str, Mapping[str, str]]
    deny: Deny | None = None


@pytest.fixture(params=["simulated", "moto", "memory"])
async def world(request: pytest.FixtureRequest, connect: Connect) -> AsyncIterator[World]:
    async with _WORLDS[request.param](request, connect) as made:
        yield made


@asynccontextmanager
async def _simulated(request: pytest.FixtureRequest, connect: Connect) -> AsyncIterator[World]:
    aws: SimulatedAws = request.getfixturevalue("simulated")

    def deny(operation: str, name: str) -> None:
        aws.faults(deny=[operation], deny_endpoints={operation: [name]})

    async with connect(aws.environment) as session:
        inventory = SageMakerInventory(session, {})
        yield World(inventory, 40, SIMULATED_KINDS, "123456789012", "us-east-1", _tagged(aws), deny)


def _tagged(aws: SimulatedAws) -> tuple[str, Mapping[str, str]]:
    """Tagged by another client."""
    name = "fraud-scorer-prod"
    with closing(boto3.client("sagemaker", **aws.client_arguments())) as client:
        arn = client.describe_endpoint(EndpointName=name)["EndpointArn"]
        client.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "risk"}, {"Key": "empty", "Value": ""}])
    return name, {"team": "risk", "stage": "prod", "empty": ""}


@asynccontextmanager
async def _moto(request: pytest.FixtureRequest, connect: Connect) -> AsyncIterator[World]:
    aws: MotoAws = request.getfixturevalue("moto")
    fleet: list[Hosted] = request.getfixturevalue("moto_fleet")
    async with connect(aws.environment) as session:
        kinds = {one.name: one.kind for one in fleet}
        tagged = (fleet[0].name, fleet[0].tags)
        yield World(SageMakerInventory(session, {}), len(fleet), kinds, "123456789012", "us-east-1", tagged)


@asynccontextmanager
async def _memory(request: pytest.FixtureRequest, connect: Connect) -> AsyncIterator[World]:
    fleet = [hosted(f"one-{kind.value}", kind) for kind in Kind if kind is not Kind.UNKNOWN]
    inventory = FakeInventory(*fleet)
    calls = {
        "sagemaker:ListEndpoints": "list",
        "sagemaker:DescribeEndpoint": "describe {}",
        "sagemaker:ListTags": "tags {}",
    }

    def deny(operation: str, name: str) -> None:
        inventory.faults[calls[operation].format(name)].append(fault(FaultKind.PERMISSION, operation))

    kinds = {endpoint.name: endpoint.kind for endpoint in fleet}
    inventory.tags_of["one-async"] = {"team": "search"}
    yield World(inventory, len(fleet), kinds, "123456789012", "eu-west-1", ("one-async", {"team": "search"}), deny)


_WORLDS = {"simulated": _simulated, "moto": _moto, "memory": _memory}


async def listed(world: World) -> dict[str, EndpointSummary]:
    return {summary.name: summary async for page in world.inventory.summaries() for summary in page}


async def test_identity_is_an_account_a_region_and_an_arn(world: World) -> None:
    identity = await world.inventory.identity()
    assert (identity.account, identity.region) == (world.account, world.region)
    assert identity.arn.startswith("arn:aws:")
    assert world.account in identity.arn


async def test_every_endpoint_is_listed_once(world: World) -> None:
    names = [summary.name async for page in world.inventory.summaries() for summary in page]
    assert len(names) == len(set(names)) == world.count
    assert set(world.kinds) <= set(names)


async def test_summaries_are_complete_and_their_times_aware(world: World) -> None:
    for summary in (await listed(world)).values():
        assert summary.arn.lower().endswith(f":endpoint/{summary.name.lower()}")
        assert summary.status
        assert summary.created_at.utcoffset() == timedelta(0)
        assert summary.modified_at.utcoffset() == timedelta(0)
        assert summary.created_at <= summary.modified_at


async def test_a_description_tells_the_kind_and_the_variants(world: World) -> None:
    summaries = await listed(world)
    for name, kind in world.kinds.items():
        description = await world.inventory.describe(summaries[name])
        assert description is not None
        endpoint = description.endpoint
        assert (endpoint.name, endpoint.kind, endpoint.described) == (name, kind, True)
        assert description.problems == ()
        assert endpoint.config
        assert endpoint.variants
        for variant in endpoint.variants:
            assert (variant.serverless is not None) == kind.is_serverless
            assert (variant.instances is None) == kind.is_serverless
            assert variant.instances is None or (variant.instances.type or "").startswith("ml.")


async def test_what_has_vanished_is_none(world: World) -> None:
    some = next(iter((await listed(world)).values()))
    gone = some._replace(name="gone-by-now", arn=some.arn.rpartition("/")[0] + "/gone-by-now")
    assert await world.inventory.describe(gone) is None


async def test_descriptions_are_the_same_after_forgetting(world: World) -> None:
    summaries = await listed(world)
    name = next(iter(world.kinds))
    before = await world.inventory.describe(summaries[name])
    world.inventory.forget()
    after = await world.inventory.describe(summaries[name])
    assert before is not None
    assert after is not None
    assert after.endpoint.variants == before.endpoint.variants


async def test_tags_are_those_of_the_resource(world: World) -> None:
    name, tags = world.tagged
    arn = (await listed(world))[name].arn
    assert tags
    assert await world.inventory.tags(arn) == tags


@pytest.mark.parametrize("operation", ["sagemaker:ListEndpoints", "sagemaker:DescribeEndpoint", "sagemaker:ListTags"])
async def test_a_denial_is_an_aws_error_about_that_operation(world: World, operation: str) -> None:
    if world.deny is None:
        pytest.skip("moto denies nothing without IAM set up for it")
    summaries = await listed(world)
    some = summaries[next(iter(world.kinds))]
    world.deny(operation, some.name)
    calls: Mapping[str, Callable[[], Awaitable[object]]] = {
        "sagemaker:ListEndpoints": lambda: listed(world),
        "sagemaker:DescribeEndpoint": lambda: world.inventory.describe(some),
        "sagemaker:ListTags": lambda: world.inventory.tags(some.arn),
    }
    with pytest.raises(AwsError) as caught:
        await calls[operation]()
    assert (caught.value.kind, caught.value.operation) == (FaultKind.PERMISSION, operation)


# what only AWS knows


async def test_a_config_is_read_once_until_it_is_forgotten(simulated: SimulatedAws, connect: Connect) -> None:
    async with connect(simulated.environment) as session:
        inventory = SageMakerInventory(session, {})
        summaries = {summary.name: summary async for page in inventory.summaries() for summary in page}
        some = summaries["fraud-scorer-prod"]

        async def reads() -> int:
            before = int(simulated.calls()["calls"].get("sagemaker:DescribeEndpointConfig", 0))
            await inventory.describe(some)
            return int(simulated.calls()["calls"]["sagemaker:DescribeEndpointConfig"]) - before

        assert [await reads(), await reads()] == [1, 0]
        inventory.forget()
        assert await reads() == 1


async def test_components_and_containers_are_described(simulated: SimulatedAws, connect: Connect) -> None:
    async with connect(simulated.environment) as session:
        inventory = SageMakerInventory(session, {})
        summaries = {summary.name: summary async for page in inventory.summaries() for summary in page}
        pool = await inventory.describe(summaries["shared-genai-pool"])
        direct = await inventory.describe(summaries["nlp-toolkit-direct"])
    assert pool is not None and direct is not None
    assert len(pool.endpoint.components) == 3
    for one in pool.endpoint.components:
        assert one.status in ("InService", "Updating")  # its scaling acts while other tests run
        assert one.variant in {variant.name for variant in pool.endpoint.variants}
        assert one.copies.current is not None and one.copies.current > 0
    (variant,) = direct.endpoint.variants
    assert len(variant.containers) > 1


async def test_the_account_is_what_the_operator_says_of_it(simulated: SimulatedAws, connect: Connect) -> None:
    async with connect(simulated.environment) as session:
        identity = await SageMakerInventory(session, {"123456789012": Account("eu", "prod", "red")}).identity()
    assert (identity.label, identity.kind, identity.color) == ("eu", "prod", "red")


def test_a_failed_component_keeps_what_aws_says_of_it() -> None:
    raw = {"VariantName": "AllTraffic", "InferenceComponentStatus": "Failed", "FailureReason": "No /ping."}
    assert component("llm", raw) == Component("llm", "AllTraffic", "Failed", Moving(None, None), "No /ping.")
    assert component("llm", {}).reason is None
