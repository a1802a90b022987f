"""The ports of AroundSources over the wire: whole regions, page by page, beside an unmodified boto3."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from smtop.metrics.aws.alarms import CloudWatchAlarms, placed
from smtop.metrics.aws.inventory import SageMakerInventory
from smtop.metrics.aws.quotas import ServiceQuotas
from smtop.metrics.aws.scaling import ApplicationAutoScaling
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.aws.sizes import Image, StoredSizes, image_of
from smtop.metrics.clock import SystemClock
from smtop.metrics.config import Settings
from smtop.metrics.domain.catalogue import COMPONENTS_NAMESPACE, HOSTS_NAMESPACE
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.quotas import SERVERLESS
from smtop.metrics.domain.surroundings import Alarm, AlarmState
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.monitor import Monitor
from smtop.metrics.ports import PlacedAlarm
from smtop.metrics.simulator.resources import EndpointSeed
from tests.contract.sessions import Connect, point_at
from tests.simulator.small_fleet import LocalAws, SmallFleet, config, instances, model, serve_locally, serverless
from tests.support.moto_server import MotoAws
from tests.support.simulated_aws import SimulatedAws

MINUTE = 60.0
MANY = 55
"""Targets of more than one page, policies of six, and the alarms that two of each bring of more than one."""

ACCOUNT = "123456789012"
REGISTRY = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
ARTIFACT = "s3://artifacts/big/model.tar.gz"
TRACKING = {
    "TargetValue": 70.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
}
DENIED = (
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "application-autoscaling:DescribeScalingActivities",
    "cloudwatch:DescribeAlarms",
    "servicequotas:ListServiceQuotas",
    "sagemaker:DescribeModel",
    "ecr:DescribeImages",
    "s3:HeadObject",
)


def place(endpoint: str) -> dict[str, str]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/A",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }


def scaled(number: int) -> EndpointSeed:
    """An endpoint that scales by calls."""
    name = f"e{number:03}"
    policy = {"PolicyName": "calls", "PolicyType": "TargetTrackingScaling"}
    scaling: list[tuple[str, Mapping[str, Any]]] = [
        ("RegisterScalableTarget", {**place(name), "MinCapacity": 1, "MaxCapacity": 4}),
        ("PutScalingPolicy", {**place(name), **policy, "TargetTrackingScalingPolicyConfiguration": TRACKING}),
    ]
    return EndpointSeed(name, [model(name)], [config(f"{name}-1", instances("A", name))], scaling=scaling)


def big() -> EndpointSeed:
    """A serverless endpoint whose model says all that a model can say."""
    container = {
        "Image": f"{REGISTRY}/serving:1.2",
        "ModelDataUrl": ARTIFACT,
        "Environment": {"WORKERS": "4"},
    }
    made = model("big") | {"PrimaryContainer": container}
    return EndpointSeed("big", [made], [config("big-1", serverless("big"))])


def own_alarm(name: str, *dimensions: str) -> dict[str, Any]:
    named = zip(("EndpointName", "VariantName"), dimensions, strict=False)
    return {
        "AlarmName": name,
        "Namespace": "AWS/SageMaker",
        "MetricName": "Invocations",
        "Dimensions": [{"Name": key, "Value": value} for key, value in named],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }


@pytest.fixture(scope="module")
def region() -> Iterator[LocalAws]:
    fleet = [*(scaled(number) for number in range(MANY)), big()]
    alarms = [own_alarm("e000-calls", "e000", "A"), own_alarm("of-nobody")]
    with serve_locally(SmallFleet(fleet, alarms=alarms)) as local:
        yield local


@pytest.fixture
async def session(region: LocalAws, connect: Connect) -> Any:
    async with connect(region.environment) as opened:
        yield opened
    region.control("faults", {})


async def test_targets_and_policies_of_a_region_come_on_all_pages(region: LocalAws, session: AwsSession) -> None:
    scaling = ApplicationAutoScaling(session)
    targets, policies = await scaling.all_targets(), await scaling.all_policies()
    with closing(region.client("application-autoscaling")) as witness:
        pages = witness.get_paginator("describe_scaling_policies").paginate(ServiceNamespace="sagemaker")
        names = {alarm["AlarmName"] for page in pages for one in page["ScalingPolicies"] for alarm in one["Alarms"]}
    assert sorted(target.scalable.resource for target in targets) == [
        place(f"e{n:03}")["ResourceId"] for n in range(MANY)
    ]
    assert {(policy.scalable, policy.target) for policy in policies} == {(one.scalable, 70.0) for one in targets}
    assert {name for policy in policies for name in policy.alarms} == names
    assert len(names) == 2 * MANY


async def test_activities_are_read_as_far_back_as_they_are_wanted(region: LocalAws, session: AwsSession) -> None:
    with closing(region.client("application-autoscaling")) as client:
        client.register_scalable_target(**place("e001"), MinCapacity=2, MaxCapacity=4)
        region.pass_time(10 * MINUTE)
        client.register_scalable_target(**place("e002"), MinCapacity=3, MaxCapacity=4)
    scaling = ApplicationAutoScaling(session)
    lately, all_day = [await scaling.activities_since(region.now - ago * MINUTE) for ago in (5, 1440)]
    assert [(one.scalable.resource, one.description) for one in lately] == [
        (place("e002")["ResourceId"], "Setting desired instance count to 3.")
    ]
    assert {one.scalable.resource for one in all_day} >= {place("e001")["ResourceId"], place("e002")["ResourceId"]}
    assert [one.started_at for one in all_day] == sorted((one.started_at for one in all_day), reverse=True)


async def test_alarms_come_on_all_pages_with_the_endpoints_that_they_are_about(
    region: LocalAws, session: AwsSession
) -> None:
    found = await CloudWatchAlarms(session).alarms()
    with closing(region.client("cloudwatch")) as witness:
        [own] = witness.describe_alarms(AlarmNames=["e000-calls"])["MetricAlarms"]
    [mine] = [one for one in found if one.alarm.name == "e000-calls"]
    assert mine == PlacedAlarm(
        "e000",
        Alarm(
            "e000-calls",
            AlarmState(own["StateValue"]),
            own["StateUpdatedTimestamp"].timestamp(),
            own["StateReason"],
            "Invocations",
            "A",
        ),
    )
    tracking = [one for one in found if one.alarm.scales]
    assert {one.endpoint for one in tracking} == {f"e{number:03}" for number in range(MANY)}
    assert len(found) == len(tracking) + 1 == 2 * MANY + 1


async def test_quotas_are_those_on_hosting(region: LocalAws, session: AwsSession) -> None:
    quotas = await ServiceQuotas(session).quotas()
    with closing(region.client("service-quotas")) as witness:
        pages = witness.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker")
        values = {one["QuotaName"]: one["Value"] for page in pages for one in page["Quotas"]}
    assert {"ml.m5.large", SERVERLESS} < set(quotas)
    assert {quota.name: quota.limit for quota in quotas.values()}.items() <= values.items()
    assert {name for name in values if name.endswith("endpoint usage")} < {quota.name for quota in quotas.values()}


async def test_a_model_has_its_facts_and_they_have_sizes(region: LocalAws, session: AwsSession) -> None:
    facts = await SageMakerInventory(session, {}).facts("big")
    assert (facts.images, facts.artifacts) == ((f"{REGISTRY}/serving:1.2",), (ARTIFACT,))
    assert facts.role == model("big")["ExecutionRoleArn"]
    assert facts.environment == {"WORKERS": "4"}
    sizes = StoredSizes(session)
    with closing(region.client("ecr")) as ecr, closing(region.client("s3")) as s3:
        [image] = ecr.describe_images(repositoryName="serving")["imageDetails"]
        head = s3.head_object(Bucket="artifacts", Key="big/model.tar.gz")
    assert await sizes.image_bytes(facts.images[0], ACCOUNT) == image["imageSizeInBytes"] > 10**9
    by_digest = f"{REGISTRY}/serving@{image['imageDigest']}"
    assert await sizes.image_bytes(by_digest, ACCOUNT) == image["imageSizeInBytes"]
    assert await sizes.artifact_bytes(ARTIFACT) == head["ContentLength"] > 10**7


@pytest.mark.parametrize(
    ("ask", "asked"),
    [
        (lambda sizes: sizes.image_bytes(f"{REGISTRY}/serving:9", ACCOUNT), True),
        (lambda sizes: sizes.image_bytes(f"{REGISTRY}/nothing:1", ACCOUNT), True),
        (lambda sizes: sizes.image_bytes("999999999999.dkr.ecr.us-east-1.amazonaws.com/serving:1.2", ACCOUNT), False),
        (lambda sizes: sizes.image_bytes(f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/serving:1.2", ACCOUNT), False),
        (lambda sizes: sizes.image_bytes("somebody/else:1", ACCOUNT), False),
        (lambda sizes: sizes.artifact_bytes("s3://artifacts/nothing.tar.gz"), True),
        (lambda sizes: sizes.artifact_bytes("s3://artifacts/models/"), False),
    ],
    ids=["no such tag", "no such repository", "another account", "another region", "no ECR", "no object", "a prefix"],
)
async def test_what_has_no_size_is_not_found_and_asked_only_where_it_may_be(
    region: LocalAws, session: AwsSession, ask: Callable[[StoredSizes], Awaitable[int]], asked: bool
) -> None:
    before = sum(region.control("calls")["calls"].values())
    with pytest.raises(AwsError) as caught:
        await ask(StoredSizes(session))
    assert caught.value.kind is FaultKind.NOT_FOUND
    assert (sum(region.control("calls")["calls"].values()) > before) is asked


@pytest.mark.parametrize("operation", DENIED)
async def test_a_refusal_names_the_permission(region: LocalAws, session: AwsSession, operation: str) -> None:
    region.control("faults", {"deny": [operation]})
    scaling, sizes = ApplicationAutoScaling(session), StoredSizes(session)
    calls: Mapping[str, Callable[[], Awaitable[object]]] = dict(
        zip(
            DENIED,
            (
                scaling.all_targets,
                scaling.all_policies,
                lambda: scaling.activities_since(0.0),
                CloudWatchAlarms(session).alarms,
                ServiceQuotas(session).quotas,
                lambda: SageMakerInventory(session, {}).facts("big"),
                lambda: sizes.image_bytes(f"{REGISTRY}/serving:1.2", ACCOUNT),
                lambda: sizes.artifact_bytes(ARTIFACT),
            ),
            strict=True,
        )
    )
    with pytest.raises(AwsError) as caught:
        await calls[operation]()
    assert (caught.value.kind, caught.value.operation) == (FaultKind.PERMISSION, operation)


async def test_what_moto_lacks_is_an_aws_error_and_the_rest_is_empty(moto: MotoAws, connect: Connect) -> None:
    async with connect(moto.environment) as session:
        assert await CloudWatchAlarms(session).alarms() == []
        assert isinstance(await ApplicationAutoScaling(session).all_policies(), list)
        for call in (ServiceQuotas(session).quotas(), ApplicationAutoScaling(session).activities_since(0.0)):
            with pytest.raises(AwsError) as caught:
                await call
            assert caught.value.kind is FaultKind.SERVICE


# Monitor


async def test_a_picture_knows_what_stands_around_and_plans_need_not_ask_what_is_used(
    simulated: SimulatedAws, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(simulated.environment, monkeypatch)
    async with Monitor(settings, SystemClock()) as monitor:
        taken = await monitor.take()
        before = Counter(monitor.spend.api_calls)
        made = await monitor.changes.plan(Resize("search-ranker-prod", count=30))
        asked = Counter(monitor.spend.api_calls) - before
    known = {one.what.partition(" ")[0] for view in taken.endpoints for found in view.findings for one in found.changes}
    assert "alarm" in known
    assert "are in use, and this takes" in " ".join(made.blockers)
    assert asked["DescribeEndpoint"] < 5


# Entries that the simulator does not make


def entry(**members: Any) -> dict[str, Any]:
    return {
        "AlarmName": "a",
        "StateValue": "ALARM",
        "StateUpdatedTimestamp": datetime(2026, 1, 1, tzinfo=UTC),
        **members,
    }


def stat(metric: str, namespace: str = "AWS/SageMaker", **dimensions: str) -> dict[str, Any]:
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    return {"MetricStat": {"Metric": {"Namespace": namespace, "MetricName": metric, "Dimensions": named}}}


def test_metric_math_is_about_every_endpoint_that_it_reads() -> None:
    queries = [
        {"Id": "ratio", "Expression": "errors / calls"},
        stat("Invocation5XXErrors", EndpointName="a", VariantName="v"),
        stat("Invocations", EndpointName="a", VariantName="v"),
        stat("CPUUtilization", HOSTS_NAMESPACE, EndpointName="b"),
        stat("GPUUtilization", COMPONENTS_NAMESPACE, InferenceComponentName="c"),
        stat("CPUUtilization", "AWS/EC2", EndpointName="d"),
    ]
    found = [
        (one.endpoint, one.alarm.variant, one.alarm.component, one.alarm.metric)
        for one in placed(entry(Metrics=queries))
    ]
    assert found == [
        ("a", "v", None, "Invocation5XXErrors, Invocations"),
        ("b", None, None, "CPUUtilization"),
        (None, None, "c", "GPUUtilization"),
    ]


def test_since_is_when_the_state_changed_and_not_what_was_said_of_it() -> None:
    metric = stat("Invocations", EndpointName="a")["MetricStat"]["Metric"]
    changed = datetime(2025, 12, 31, tzinfo=UTC)
    [known] = placed(entry(**metric, StateTransitionedTimestamp=changed))
    [unknown] = placed(entry(**metric))
    assert known.alarm.since == changed.timestamp()
    assert unknown.alarm.since == datetime(2026, 1, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("uri", "image"),
    [
        (f"{REGISTRY}/team/app:1", Image(ACCOUNT, "us-east-1", "team/app", "1")),
        (f"{REGISTRY}/app", Image(ACCOUNT, "us-east-1", "app")),
        (f"{REGISTRY}/app:1@sha256:0a", Image(ACCOUNT, "us-east-1", "app", "1", "sha256:0a")),
        (f"{ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn/app:1", Image(ACCOUNT, "cn-north-1", "app", "1")),
        ("app:1", None),
    ],
)
def test_an_image_is_read_from_its_uri(uri: str, image: Image | None) -> None:
    assert image_of(uri) == image
