"""Scaling: bounds, policies, schedules, suspending, taking it away, and the way back of each."""

from typing import Any

import pytest

from smtop.metrics.actions.means import Means
from smtop.metrics.actions.planner import plan
from smtop.metrics.domain.change import Bounds, Change, Policy, Restore, Schedule, Suspend, Unscale, from_document
from smtop.metrics.domain.plan import Confirm, Plan
from tests.support.control import FakeControl, hosted

PLACE = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/fraud/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
OFF = {"DynamicScalingInSuspended": False, "DynamicScalingOutSuspended": False, "ScheduledScalingSuspended": False}


@pytest.fixture
def fraud(control: FakeControl) -> FakeControl:
    hosted(control, "fraud", {"InitialInstanceCount": 3})
    return control


@pytest.fixture
def scaled(fraud: FakeControl) -> FakeControl:
    fraud.lists["DescribeScalableTargets"] = [{**PLACE, "MinCapacity": 2, "MaxCapacity": 8, "SuspendedState": OFF}]
    fraud.lists["DescribeScalingPolicies"] = [
        {**PLACE, "PolicyName": "calls", "PolicyType": "TargetTrackingScaling", "PolicyARN": "arn:1"}
    ]
    return fraud


@pytest.fixture
def queue(control: FakeControl) -> FakeControl:
    hosted(control, "fraud", {}, AsyncInferenceConfig={"OutputConfig": {"S3OutputPath": "s3://bucket/out"}})
    return control


async def planned(change: Change, by: Means) -> Plan:
    made = await plan(change, by)
    assert made.blockers == ()
    return made


async def test_what_is_not_registered_gets_the_usual_bounds(fraud: FakeControl, by: Means) -> None:
    made = await planned(Bounds("fraud", most=6), by)
    assert made.after == {"AllTraffic.scaling.least": 1, "AllTraffic.scaling.most": 6}
    assert made.calls[0].params == {**PLACE, "MinCapacity": 1, "MaxCapacity": 6}
    assert made.undo is not None and made.undo["fields"] == {
        "AllTraffic.scaling.least": None,
        "AllTraffic.scaling.most": None,
    }


async def test_bounds_that_move_the_count_say_so(scaled: FakeControl, by: Means) -> None:
    made = await planned(Bounds("fraud", least=4), by)
    assert made.after == {"AllTraffic.scaling.least": 4, "AllTraffic.count": 4}
    assert made.warnings == ("AllTraffic.count is 3 and goes to 4 at once, into the new bounds.",)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (Bounds("fraud", least=5, most=4), "above the most"),
        (Bounds("fraud", least=0), "Only asynchronous"),
        (Bounds("fraud", least=2, most=8), "so already"),
        (Bounds("fraud", variant="B"), "no production variant B"),
        (Policy("fraud", metric="nonsense"), "no metric nonsense"),
        (Policy("fraud", metric="provisioned"), "does not scale"),
        (Policy("fraud", metric="concurrency"), "no usual target"),
        (Policy("fraud", metric="backlog"), "not asynchronous"),
        (Policy("fraud", step=True), "not asynchronous"),
        (Policy("fraud", target=-1.0), "above 0"),
        (Schedule("fraud", "night", "cron(0 20 * * ? *)"), "--min or --max"),
        (Schedule("fraud", "night", "at teatime", least=1), "no schedule"),
        (Suspend("fraud", what=("sideways",)), "no sideways"),
        (Suspend("fraud", resume=True), "so already"),
        (Unscale("fraud", policy="other"), "no policy other"),
    ],
)
async def test_what_cannot_be(scaled: FakeControl, by: Means, change: Change, why: str) -> None:
    assert any(why in sentence for sentence in (await plan(change, by)).blockers)


async def test_the_template_of_target_tracking(fraud: FakeControl, by: Means) -> None:
    made = await planned(Policy("fraud"), by)
    register, put = made.calls
    assert register.params == {**PLACE, "MinCapacity": 1, "MaxCapacity": 4}
    assert put.params["TargetTrackingScalingPolicyConfiguration"] == {
        "TargetValue": 70.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "ScaleInCooldown": 300,
        "ScaleOutCooldown": 60,
        "DisableScaleIn": False,
    }
    assert [call.operation for call in (*register.back, *put.back)] == [
        "DeregisterScalableTarget",
        "DeleteScalingPolicy",
    ]


async def test_cpu_counts_for_each_vcpu(scaled: FakeControl, by: Means) -> None:
    made = await planned(Policy("fraud", metric="cpu", target=60), by)
    tracking = made.calls[0].params["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["TargetValue"] == 240.0
    assert tracking["CustomizedMetricSpecification"]["Dimensions"] == [
        {"Name": "EndpointName", "Value": "fraud"},
        {"Name": "VariantName", "Value": "AllTraffic"},
    ]
    assert "100 % for each of 4 vCPUs" in made.warnings[0]
    assert "calls already" in made.warnings[1]


async def test_any_metric_can_be_named(scaled: FakeControl, by: Means) -> None:
    made = await planned(Policy("fraud", metric="Acme/ML:QueueTime:Average", target=9), by)
    custom = made.calls[0].params["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"]
    assert (custom["Namespace"], custom["MetricName"], custom["Statistic"]) == ("Acme/ML", "QueueTime", "Average")


async def test_requests_that_wait_wake_an_endpoint(queue: FakeControl, by: Means) -> None:
    made = await planned(Policy("fraud", step=True), by)
    _, put, alarm = made.calls
    assert put.params["StepScalingPolicyConfiguration"]["StepAdjustments"] == [
        {"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}
    ]
    assert alarm.params["MetricName"] == "HasBacklogWithoutCapacity"
    assert '"$(aws application-autoscaling describe-scaling-policies' in alarm.cli
    assert made.undo is not None and made.undo["documents"]["alarms"] == ["smtop-leave-zero-fraud"]


async def test_a_schedule_says_when_it_happens_in_both_times(scaled: FakeControl, by: Means) -> None:
    made = await planned(Schedule("fraud", "night", "cron(0 20 * * ? *)", least=1, most=2), by)
    assert made.calls[0].params["ScalableTargetAction"] == {"MinCapacity": 1, "MaxCapacity": 2}
    assert "20:00 UTC" in made.warnings[0] and "here" in made.warnings[0]


async def test_suspending_says_what_goes_on(scaled: FakeControl, by: Means) -> None:
    made = await planned(Suspend("fraud", what=("in",)), by)
    assert made.calls[0].params["SuspendedState"] == {**OFF, "DynamicScalingInSuspended": True}
    assert made.after == {"AllTraffic.scaling.suspended": ["DynamicScalingInSuspended"]}


async def test_taking_all_away_can_be_taken_back(scaled: FakeControl, by: Means) -> None:
    made = await planned(Unscale("fraud"), by)
    (call,) = made.calls
    assert (call.operation, made.confirm) == ("DeregisterScalableTarget", Confirm.TYPE_NAME)
    assert [back.operation for back in call.back] == ["RegisterScalableTarget", "PutScalingPolicy"]
    inverse = from_document(made.undo or {})
    assert isinstance(inverse, Restore)
    scaled.lists.clear()
    back = await planned(inverse, by)
    assert [one.operation for one in back.calls] == ["RegisterScalableTarget", "PutScalingPolicy"]
    assert back.calls[0].params == {**PLACE, "MinCapacity": 2, "MaxCapacity": 8, "SuspendedState": OFF}


async def test_what_was_not_there_is_taken_away_again(fraud: FakeControl, by: Means) -> None:
    inverse = from_document((await planned(Policy("fraud"), by)).undo or {})
    fraud.lists["DescribeScalableTargets"] = [{**PLACE, "MinCapacity": 1, "MaxCapacity": 4}]
    back = await planned(inverse, by)
    assert [one.operation for one in back.calls] == ["DeregisterScalableTarget"]


async def test_serverless_on_demand_scales_by_itself(control: FakeControl, by: Means) -> None:
    settings: dict[str, Any] = {"MemorySizeInMB": 2048, "MaxConcurrency": 20}
    hosted(control, "sls", {"ServerlessConfig": settings})
    assert "scales by itself" in (await plan(Bounds("sls"), by)).blockers[0]
    hosted(control, "pc", {"ServerlessConfig": {**settings, "ProvisionedConcurrency": 5}})
    made = await planned(Policy("pc"), by)
    assert made.calls[0].params["ScalableDimension"] == "sagemaker:variant:DesiredProvisionedConcurrency"
    assert "at 0" not in " ".join(made.warnings)
