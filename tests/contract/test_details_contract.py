"""The ports ConfigSource and ScalingSource: what every implementation must do, on three different AWS."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from smtop.metrics.aws.configs import SageMakerConfigs
from smtop.metrics.aws.scaling import ApplicationAutoScaling
from smtop.metrics.domain.details import Deployed, DeployedVariant
from smtop.metrics.domain.endpoint import Serverless
from smtop.metrics.domain.scaling import (
    ManagedScaling,
    ScalableTarget,
    ScalingActivity,
    ScalingPolicy,
    ScheduledAction,
    Step,
    Suspension,
)
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import ConfigSource, ScalingSource
from tests.contract.sessions import Connect
from tests.support.details import COUNT, FakeConfigs, FakeScaling, config, scalable
from tests.support.moto_server import Hosted, MotoAws
from tests.support.simulated_aws import SimulatedAws, start_simulated_aws


@dataclass(frozen=True)
class World:
    """Both ports, and an endpoint with its live config, its variant and, on this world, one that scales.

    `deny` denies an operation, None where that cannot be done; `remembers` says whether activities can be asked.
    """

    configs: ConfigSource
    scaling: ScalingSource
    endpoint: str
    config: str
    variant: str
    deny: Callable[[str], None] | None = None
    remembers: bool = True


@pytest.fixture(scope="module")
def own_aws() -> Iterator[SimulatedAws]:
    """A fleet of its own: these tests register what scales."""
    with start_simulated_aws() as aws:
        _scale(boto3.client("application-autoscaling", **aws.client_arguments()), "fraud-scorer-prod", "AllTraffic")
        yield aws
        aws.faults()


@pytest.fixture(params=["simulated", "moto", "memory"])
async def world(request: pytest.FixtureRequest, connect: Connect) -> AsyncIterator[World]:
    async with _WORLDS[request.param](request, connect) as made:
        yield made


@asynccontextmanager
async def _simulated(request: pytest.FixtureRequest, connect: Connect) -> AsyncIterator[World]:
    aws: SimulatedAws = request.getfixturevalue("own_aws")
    aws.faults()
    async with connect(aws.environment) as session:
        ports = SageMakerConfigs(session), ApplicationAutoScaling(session)
        yield World(
            *ports,
            "fraud-scorer-prod",
            "fraud-scorer-prod-cfg-2",
            "AllTraffic",
            lambda operation: aws.faults(deny=[operation]),
        )


@asynccontextmanager
async def _moto(request: pytest.FixtureRequest, connect: Connect) -> AsyncIterator[World]:
    aws: MotoAws = request.getfixturevalue("moto")
    fleet: list[Hosted] = request.getfixturevalue("moto_fleet")
    name = fleet[0].name
    _scale(aws.client("application-autoscaling"), name, "AllTraffic")
    async with connect(aws.environment) as session:
        ports = SageMakerConfigs(session), ApplicationAutoScaling(session)
        yield World(*ports, name, f"{name}-v1", "AllTraffic", remembers=False)


@asynccontextmanager
async def _memory(_request: pytest.FixtureRequest, _connect: Connect) -> AsyncIterator[World]:
    configs = FakeConfigs(config("fraud-v1", created_at=1.0), config("fraud-v2", created_at=2.0))
    configs.deployments["fraud"] = Deployed("fraud-v2", variants=(DeployedVariant("AllTraffic"),))
    own = scalable("fraud")
    scaling = FakeScaling(ScalableTarget(own, 1, 6, frozenset({Suspension.SCALE_IN})))
    scaling.known = [
        ScalingPolicy(own, "calls", "TargetTrackingScaling", "SageMakerVariantInvocationsPerInstance", 70.0, 60, 300),
        ScalingPolicy(own, "wake", "StepScaling", adjustment="ChangeInCapacity", steps=(Step(0.0, None, 1),)),
        ScheduledAction(own, "night", "cron(0 22 * * ? *)", "Europe/Berlin", 2, 3),
        ScalingActivity(
            own, 1.0, "Successful", "Setting desired instance count to 6.", "minimum capacity was set to 6"
        ),
    ]
    denied = {"sagemaker": configs, "application-autoscaling": scaling}
    deny: Callable[[str], None] = lambda operation: denied[operation.partition(":")[0]].refuse(operation)  # noqa: E731
    yield World(configs, scaling, "fraud", "fraud-v2", "AllTraffic", deny)


_WORLDS = {"simulated": _simulated, "moto": _moto, "memory": _memory}


def _scale(client: Any, endpoint: str, variant: str) -> None:
    """Registered between 1 and 6 with scaling in suspended, two policies and a schedule."""
    where = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/{variant}",
        "ScalableDimension": COUNT,
    }
    tracking = {
        "TargetValue": 70.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "ScaleOutCooldown": 60,
        "ScaleInCooldown": 300,
    }
    steps = {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
    }
    with closing(client):
        client.register_scalable_target(**where, MinCapacity=6, MaxCapacity=6)
        client.register_scalable_target(
            **where, MinCapacity=1, MaxCapacity=6, SuspendedState={"DynamicScalingInSuspended": True}
        )
        client.put_scaling_policy(
            **where,
            PolicyName="calls",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=tracking,
        )
        client.put_scaling_policy(
            **where, PolicyName="wake", PolicyType="StepScaling", StepScalingPolicyConfiguration=steps
        )
        client.put_scheduled_action(
            **where,
            ScheduledActionName="night",
            Schedule="cron(0 22 * * ? *)",
            Timezone="Europe/Berlin",
            ScalableTargetAction={"MinCapacity": 2, "MaxCapacity": 3},
        )


async def registered(world: World) -> ScalableTarget:
    (target,) = await world.scaling.targets([f"endpoint/{world.endpoint}/variant/{world.variant}"])
    return target


async def test_a_deployment_names_its_config_and_its_variants(world: World) -> None:
    deployed = await world.configs.deployed(world.endpoint)
    assert (deployed.config, deployed.pending) == (world.config, None)
    assert world.variant in {variant.name for variant in deployed.variants}


async def test_a_config_is_whole_and_has_its_time(world: World) -> None:
    config = await world.configs.config(world.config)
    assert config.name == world.config
    assert config.created_at > 0
    assert world.variant in {variant["VariantName"] for variant in config.variants}
    assert config.models
    assert not config.unknown
    json.dumps(config.document)


async def test_configs_are_found_by_a_part_of_their_name_the_newest_first(world: World) -> None:
    stem = world.config.rpartition("-")[0]
    found = await world.configs.configs_named(stem, 100)
    assert world.config in {one.name for one in found}
    assert [one.created_at for one in found] == sorted((one.created_at for one in found), reverse=True)
    assert len(await world.configs.configs_named(stem, 1)) == 1
    assert await world.configs.configs_named("no-such-name", 100) == []


async def test_what_does_not_exist_is_not_found(world: World) -> None:
    for call in (world.configs.deployed("no-such-name"), world.configs.config("no-such-name")):
        with pytest.raises(AwsError) as caught:
            await call
        assert caught.value.kind is FaultKind.NOT_FOUND


async def test_targets_are_those_of_the_resources(world: World) -> None:
    target = await registered(world)
    assert target.scalable == scalable(world.endpoint, world.variant)
    assert (target.least, target.most, target.suspended) == (1, 6, frozenset({Suspension.SCALE_IN}))
    assert await world.scaling.targets(["endpoint/no-such-name/variant/AllTraffic"]) == []


async def test_policies_tell_what_they_keep_and_what_they_do(world: World) -> None:
    policies = {policy.name: policy for policy in await world.scaling.policies(await registered(world))}
    calls, wake = policies["calls"], policies["wake"]
    assert (calls.kind, calls.metric, calls.target) == (
        "TargetTrackingScaling",
        "SageMakerVariantInvocationsPerInstance",
        70.0,
    )
    assert (calls.scale_out_cooldown_s, calls.scale_in_cooldown_s, calls.never_in) == (60, 300, False)
    assert (wake.kind, wake.adjustment, wake.steps) == ("StepScaling", "ChangeInCapacity", (Step(0.0, None, 1),))


async def test_schedules_have_their_zone_and_their_bounds(world: World) -> None:
    (action,) = await world.scaling.schedules(await registered(world))
    assert (action.name, action.schedule, action.timezone) == ("night", "cron(0 22 * * ? *)", "Europe/Berlin")
    assert (action.least, action.most) == (2, 3)


async def test_activities_tell_what_was_done_and_why(world: World) -> None:
    if not world.remembers:
        pytest.skip("moto answers DescribeScalingActivities with HTTP 500")
    target = await registered(world)
    (activity,) = await world.scaling.activities(target, 20)
    assert activity.description == "Setting desired instance count to 6."
    assert activity.cause == "minimum capacity was set to 6"
    assert activity.started_at > 0


async def test_where_activities_fail_it_is_an_aws_error(moto: MotoAws, connect: Connect) -> None:
    async with connect(moto.environment) as session:
        with pytest.raises(AwsError) as caught:
            await ApplicationAutoScaling(session).activities(ScalableTarget(scalable("fraud"), 1, 2), 20)
    assert caught.value.operation == "application-autoscaling:DescribeScalingActivities"


@pytest.mark.parametrize(
    "operation",
    [
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:ListEndpointConfigs",
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingPolicies",
        "application-autoscaling:DescribeScheduledActions",
        "application-autoscaling:DescribeScalingActivities",
    ],
)
async def test_a_denial_names_the_permission(world: World, operation: str) -> None:
    if world.deny is None:
        pytest.skip("moto denies nothing without IAM set up for it")
    target = await registered(world)
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "sagemaker:DescribeEndpoint": lambda: world.configs.deployed(world.endpoint),
        "sagemaker:DescribeEndpointConfig": lambda: world.configs.config(world.config),
        "sagemaker:ListEndpointConfigs": lambda: world.configs.configs_named("fraud", 100),
        "application-autoscaling:DescribeScalableTargets": lambda: registered(world),
        "application-autoscaling:DescribeScalingPolicies": lambda: world.scaling.policies(target),
        "application-autoscaling:DescribeScheduledActions": lambda: world.scaling.schedules(target),
        "application-autoscaling:DescribeScalingActivities": lambda: world.scaling.activities(target, 20),
    }
    world.deny(operation)
    with pytest.raises(AwsError, match=operation) as caught:
        await calls[operation]()
    assert (caught.value.kind, caught.value.operation) == (FaultKind.PERMISSION, operation)


# what only AWS knows


async def test_a_rollout_names_the_config_on_its_way(simulated: SimulatedAws, connect: Connect) -> None:
    async with connect(simulated.environment) as session:
        deployed = await SageMakerConfigs(session).deployed("basket-affinity")
    assert (deployed.config, deployed.pending) == ("basket-affinity-cfg-1", "basket-affinity-cfg-2")
    assert deployed.pending_since is not None


async def test_images_managed_scaling_and_settings_are_as_described(simulated: SimulatedAws, connect: Connect) -> None:
    async with connect(simulated.environment) as session:
        configs = SageMakerConfigs(session)
        pool, queue = await configs.deployed("shared-genai-pool"), await configs.deployed("doc-ocr-async")
        serverless = await configs.deployed("checkout-fraud-slpc")
    assert pool.variants[0].managed == ManagedScaling("ENABLED", 0, 4)
    assert queue.settings["AsyncInferenceConfig"]["OutputConfig"]["S3OutputPath"].startswith("s3://")
    assert queue.variants[0].images[0].startswith("763104351884.dkr.ecr.")
    assert serverless.variants[0].wanted == Serverless(2048, 120, 26)


async def test_members_that_the_sdk_does_not_know_are_kept_and_named(simulated: SimulatedAws, connect: Connect) -> None:
    _create_with_news(boto3.client("sagemaker", **simulated.client_arguments()))
    async with connect(simulated.environment) as session:
        config = await SageMakerConfigs(session).config("of-tomorrow")
    assert config.document["CrossRegionTrafficConfig"] == {"Peers": ["eu-west-1"]}
    assert config.variants[0]["InstancePools"] == [{"Priority": 1}]
    assert config.unknown == {"CrossRegionTrafficConfig", "ProductionVariants[1].InstancePools"}


def _create_with_news(client: Any) -> None:
    """A config as a client of tomorrow makes it."""

    def add(params: dict[str, Any], **_: object) -> None:
        body = json.loads(params["body"])
        body["CrossRegionTrafficConfig"] = {"Peers": ["eu-west-1"]}
        body["ProductionVariants"][0]["InstancePools"] = [{"Priority": 1}]
        params["body"] = json.dumps(body).encode()

    variant = {"VariantName": "A", "ModelName": "fraud-scorer-prod-model", "InstanceType": "ml.m5.large"}
    with closing(client):
        client.meta.events.register("before-call.sagemaker.CreateEndpointConfig", add)
        client.create_endpoint_config(
            EndpointConfigName="of-tomorrow", ProductionVariants=[{**variant, "InitialInstanceCount": 1}]
        )


async def test_a_config_is_read_once_and_its_errors_are_not_kept(simulated: SimulatedAws, connect: Connect) -> None:
    async with connect(simulated.environment) as session:
        configs = SageMakerConfigs(session)
        simulated.faults(deny=["sagemaker:DescribeEndpointConfig"])
        with pytest.raises(AwsError):
            await configs.config("fraud-scorer-prod-cfg-1")
        simulated.faults()
        before = simulated.calls()["calls"]["sagemaker:DescribeEndpointConfig"]
        first = await configs.config("fraud-scorer-prod-cfg-1")
        assert await configs.config("fraud-scorer-prod-cfg-1") is first
    assert simulated.calls()["calls"]["sagemaker:DescribeEndpointConfig"] == before + 1
