"""What Application Auto Scaling does by itself: schedules, target tracking, and what holds them back; through boto3."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from smtop.metrics.simulator.autoscaling.schedules import is_due
from tests.simulator.small_fleet import EPOCH, LocalAws, SmallFleet, serve_locally
from tests.simulator.test_autoscaling import COPIES, COUNT, PROVISIONED

MAIN = {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/Fraud-Scorer/variant/A", "ScalableDimension": COUNT}
CALLS = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
# EPOCH is 20 November 2025, 12:00 UTC, a Thursday.


@pytest.fixture
def scaling(aws: LocalAws) -> Iterator[Any]:
    """A boto3 client of the small fleet."""
    client = aws.client("application-autoscaling")
    yield client
    client.close()


def register(client: Any, least: int, most: int, where: dict[str, str] = MAIN, **members: Any) -> None:
    client.register_scalable_target(**where, MinCapacity=least, MaxCapacity=most, **members)


def schedule(client: Any, expression: str, name: str = "act", **members: Any) -> None:
    bounds = {"ScalableTargetAction": {"MinCapacity": 3, "MaxCapacity": 5}}
    client.put_scheduled_action(**MAIN, ScheduledActionName=name, Schedule=expression, **{**bounds, **members})


def track(
    client: Any, where: dict[str, str] = MAIN, metric: dict[str, Any] = CALLS, name: str = "calls", **members: Any
) -> None:
    """A policy that tracks 10, without cooldowns unless some are given."""
    tracking = {
        "TargetValue": 10.0,
        "PredefinedMetricSpecification": metric,
        "ScaleOutCooldown": 0,
        "ScaleInCooldown": 0,
    }
    client.put_scaling_policy(
        **where,
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracking | members,
    )


def hold(aws: LocalAws, client: Any, side: str | None, names: tuple[str, ...] = ("calls",)) -> None:
    """Hold one alarm of each policy in ALARM, and every other one in OK."""
    policies = client.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    alarms = [(policy["PolicyName"], alarm["AlarmName"]) for policy in policies for alarm in policy["Alarms"]]
    aws.control(
        "alarms",
        {name: "ALARM" if policy in names and f"-Alarm{side}-" in name else "OK" for policy, name in alarms},
    )


def wanted(sagemaker: Any) -> int:
    return int(
        sagemaker.describe_endpoint(EndpointName="Fraud-Scorer")["ProductionVariants"][0]["DesiredInstanceCount"]
    )


def activities(client: Any, **members: Any) -> list[dict[str, Any]]:
    """The newest first."""
    return list(client.describe_scaling_activities(ServiceNamespace="sagemaker", **members)["ScalingActivities"])


def bounds(client: Any) -> tuple[int, int]:
    (target,) = client.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    return target["MinCapacity"], target["MaxCapacity"]


@pytest.mark.parametrize(
    "expression", ["at(2025-11-20T12:02:00)", "cron(2 12 * * ? *)", "cron(2-5/3 * 20 NOV ? 2025)", "rate(2 minutes)"]
)
def test_scheduled_action_sets_new_bounds_and_moves_into_them(
    aws: LocalAws, scaling: Any, sagemaker: Any, expression: str
) -> None:
    register(scaling, 1, 4)
    schedule(scaling, expression)
    aws.pass_time(119)
    assert (bounds(scaling), wanted(sagemaker)) == ((1, 4), 2)
    aws.pass_time(1)
    assert (bounds(scaling), wanted(sagemaker)) == ((3, 5), 3)
    moved, set_ = sorted(activities(scaling), key=lambda one: one["Description"])
    assert (set_["Description"], set_["Cause"]) == (
        "Setting min capacity to 3 and max capacity to 5",
        "scheduled action name act was triggered",
    )
    assert (moved["Description"], moved["Cause"]) == (
        "Setting desired instance count to 3.",
        "minimum capacity was set to 3",
    )


@pytest.mark.parametrize(
    ("schedule_", "moment", "due"),
    [
        ("cron(30 18 * * ? *)", "2025-11-20T23:30", True),
        ("cron(30 18 ? * MON-FRI *)", "2025-11-21T23:30", True),
        ("cron(30 18 ? * MON-FRI *)", "2025-11-22T23:30", False),
        ("cron(0/15 * * * ? *)", "2025-11-20T12:45", True),
        ("cron(0/15 * * * ? *)", "2025-11-20T12:46", False),
        ("cron(0 0 1,15 * ? *)", "2025-12-15T05:00", True),
        ("cron(0 0 L * ? *)", "2025-11-30T05:00", False),
        ("at(2025-11-20T18:30:00)", "2025-11-20T23:30", True),
        ("rate(1 day)", "2025-11-23T12:00", True),
        ("rate(1 day)", "2025-11-23T12:01", False),
    ],
)
def test_schedules_are_read_in_their_time_zone(schedule_: str, moment: str, due: bool) -> None:
    action = {"Schedule": schedule_, "Timezone": "America/New_York", "CreationTime": EPOCH}
    minute = int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp())
    assert is_due(action, minute) is due
    assert not is_due(action | {"EndTime": minute - 60.0}, minute)


def test_suspended_schedule_does_nothing(aws: LocalAws, scaling: Any, sagemaker: Any) -> None:
    register(scaling, 1, 4, SuspendedState={"ScheduledScalingSuspended": True})
    schedule(scaling, "rate(1 minute)")
    aws.pass_time(300)
    assert (bounds(scaling), activities(scaling)) == ((1, 4), [])


def test_schedule_that_meets_an_update_fails_and_a_manual_resize_is_pulled_back(
    aws: LocalAws, scaling: Any, sagemaker: Any
) -> None:
    register(scaling, 1, 4)
    schedule(scaling, "cron(1,10 12 * * ? *)")
    aws.pass_time(50)
    change = [{"VariantName": "A", "DesiredInstanceCount": 9}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName="Fraud-Scorer", DesiredWeightsAndCapacities=change)
    aws.pass_time(10)
    failed = next(one for one in activities(scaling) if one["StatusCode"] == "Failed")
    assert (failed["Description"], failed["Cause"]) == (
        "Setting desired instance count to 5.",
        "maximum capacity was set to 5",
    )
    aws.pass_time(60)
    assert (bounds(scaling), wanted(sagemaker)) == ((3, 5), 9)
    aws.pass_time(480)
    assert wanted(sagemaker) == 5


def test_target_tracking_follows_its_metric_up_and_down(aws: LocalAws, scaling: Any, sagemaker: Any) -> None:
    """The small fleet's metric is the number of the minute within the hour: 40 at twenty to."""
    custom = {
        "Namespace": "AWS/SageMaker",
        "MetricName": "Invocations",
        "Dimensions": [{"Name": "EndpointName", "Value": "Fraud-Scorer"}, {"Name": "VariantName", "Value": "A"}],
        "Statistic": "Sum",
    }
    register(scaling, 1, 9)
    tracking = {
        "TargetValue": 30.0,
        "CustomizedMetricSpecification": custom,
        "ScaleOutCooldown": 3600,
        "ScaleInCooldown": 0,
    }
    scaling.put_scaling_policy(
        **MAIN,
        PolicyName="calls",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracking,
    )
    aws.pass_time(33 * 60)
    assert wanted(sagemaker) == 1  # fewer than 27 for fifteen minutes
    aws.pass_time(60)
    assert wanted(sagemaker) == 2  # 31, 32, 33: more than 30 for three
    (newest, oldest) = activities(scaling)
    assert (newest["Description"], oldest["Description"]) == (
        "Setting desired instance count to 2.",
        "Setting desired instance count to 1.",
    )
    assert "AlarmHigh" in newest["Cause"] and "in state ALARM triggered policy calls" in newest["Cause"]


def test_cooldown_holds_the_next_step_back(aws: LocalAws, scaling: Any, sagemaker: Any) -> None:
    register(scaling, 1, 9)
    track(scaling, ScaleOutCooldown=300, ScaleInCooldown=600)
    hold(aws, scaling, "High")
    steps = []
    for _ in range(7):
        aws.pass_time(60)
        steps.append(wanted(sagemaker))
    assert steps == [3, 3, 3, 3, 3, 4, 4]
    hold(aws, scaling, "Low")
    aws.pass_time(480)
    assert wanted(sagemaker) == 4


@pytest.mark.parametrize(
    ("side", "held"), [("High", "DynamicScalingOutSuspended"), ("Low", "DynamicScalingInSuspended")]
)
def test_suspended_tracking_does_nothing(aws: LocalAws, scaling: Any, sagemaker: Any, side: str, held: str) -> None:
    register(scaling, 1, 9, SuspendedState={held: True})
    track(scaling)
    hold(aws, scaling, side)
    aws.pass_time(600)
    assert (wanted(sagemaker), activities(scaling, IncludeNotScaledActivities=True)) == (2, [])


def test_bounds_stop_tracking_and_it_says_so_once(aws: LocalAws, scaling: Any, sagemaker: Any) -> None:
    register(scaling, 1, 3)
    track(scaling)
    hold(aws, scaling, "High")
    aws.pass_time(600)
    assert wanted(sagemaker) == 3
    assert len(activities(scaling)) == 1
    stopped, _ = activities(scaling, IncludeNotScaledActivities=True)
    assert stopped["StatusCode"] == "Failed"
    assert stopped["NotScaledReasons"] == [{"Code": "AlreadyAtMaxCapacity", "CurrentCapacity": 3, "MaxCapacity": 3}]


def test_nothing_scales_while_the_endpoint_is_updated(aws: LocalAws, scaling: Any, sagemaker: Any) -> None:
    register(scaling, 1, 9)
    track(scaling)
    hold(aws, scaling, "High")
    aws.pass_time(50)
    sagemaker.update_endpoint(
        EndpointName="Fraud-Scorer", EndpointConfigName="fraud-1", RetainAllVariantProperties=True
    )
    aws.pass_time(10)
    (stopped,) = activities(scaling, IncludeNotScaledActivities=True)
    assert stopped["NotScaledReasons"][0]["Code"] == "TargetServicePutResourceAsUnscalable"
    aws.pass_time(60)
    assert wanted(sagemaker) == 3


def test_out_if_any_policy_wants_to_and_in_only_if_all_do(aws: LocalAws, scaling: Any, sagemaker: Any) -> None:
    register(scaling, 2, 9)
    for name in ("calls", "others"):
        track(scaling, name=name)
    hold(aws, scaling, "High", names=("others",))
    aws.pass_time(60)
    assert wanted(sagemaker) == 3
    hold(aws, scaling, "Low", names=("others",))
    aws.pass_time(180)
    assert len(activities(scaling)) == 1


def test_provisioned_concurrency_and_copies_are_tracked_too(aws: LocalAws, scaling: Any, sagemaker: Any) -> None:
    slots = {**MAIN, "ResourceId": "endpoint/search/variant/AllTraffic", "ScalableDimension": PROVISIONED}
    copies = {**MAIN, "ResourceId": "inference-component/chat-llama", "ScalableDimension": COPIES}
    register(scaling, 1, 9, where=slots)
    register(scaling, 1, 9, where=copies)
    track(scaling, slots, {"PredefinedMetricType": "SageMakerVariantProvisionedConcurrencyUtilization"})
    track(scaling, copies, {"PredefinedMetricType": "SageMakerInferenceComponentInvocationsPerCopy"})
    hold(aws, scaling, "High")
    aws.pass_time(60)
    (variant,) = sagemaker.describe_endpoint(EndpointName="search")["ProductionVariants"]
    component = sagemaker.describe_inference_component(InferenceComponentName="chat-llama")
    assert variant["DesiredServerlessConfig"]["ProvisionedConcurrency"] == 5
    assert component["RuntimeConfig"]["DesiredCopyCount"] == 3


def test_long_silence_is_made_up_for_by_an_hour_at_most() -> None:
    with serve_locally(SmallFleet()) as aws:
        scaling, sagemaker = aws.client("application-autoscaling"), aws.client("sagemaker")
        register(scaling, 1, 50)
        track(scaling, ScaleOutCooldown=600)
        hold(aws, scaling, "High")
        aws.pass_time(7 * 86400)
        assert wanted(sagemaker) == 2 + 7
        scaling.close()
        sagemaker.close()
