"""Application Auto Scaling, seen through boto3: bounds, policies with their alarms, scheduled actions, activities."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.simulator.small_fleet import SEEDS, LocalAws, SmallFleet, config, instances, model, serve_locally
from tests.support.simulated_aws import SimulatedAws

COUNT = "sagemaker:variant:DesiredInstanceCount"
PROVISIONED = "sagemaker:variant:DesiredProvisionedConcurrency"
COPIES = "sagemaker:inference-component:DesiredCopyCount"
FRAUD = {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/Fraud-Scorer/variant/A", "ScalableDimension": COUNT}
CALLS = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
TRACKING = {"TargetValue": 70.0, "PredefinedMetricSpecification": CALLS}
EVERY_NIGHT = {"Schedule": "cron(0 22 * * ? *)", "ScalableTargetAction": {"MinCapacity": 1}}


@pytest.fixture
def scaling(aws: LocalAws) -> Iterator[Any]:
    """A boto3 client of the small fleet."""
    client = aws.client("application-autoscaling")
    yield client
    client.close()


def register(client: Any, least: int | None = 1, most: int | None = 4, **where: Any) -> None:
    bounds = {"MinCapacity": least, "MaxCapacity": most}
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    client.register_scalable_target(**{**FRAUD, **where}, **given)


def targets(client: Any) -> list[dict[str, Any]]:
    return list(client.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"])


def wanted(sagemaker: Any, variant: int = 0) -> int:
    variants = sagemaker.describe_endpoint(EndpointName="Fraud-Scorer")["ProductionVariants"]
    return int(variants[variant]["DesiredInstanceCount"])


def activities(client: Any) -> list[dict[str, Any]]:
    return list(client.describe_scaling_activities(ServiceNamespace="sagemaker")["ScalingActivities"])


def test_a_target_is_registered_described_and_changed_in_part(aws: LocalAws, scaling: Any) -> None:
    register(scaling)
    (target,) = targets(scaling)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 4)
    assert target["CreationTime"].timestamp() == aws.now
    assert not any(target["SuspendedState"].values())
    scaling.register_scalable_target(**FRAUD, SuspendedState={"DynamicScalingInSuspended": True})
    register(scaling, None, 6)
    (target,) = targets(scaling)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 6)
    assert [name for name, on in target["SuspendedState"].items() if on] == ["DynamicScalingInSuspended"]


@pytest.mark.parametrize(
    ("resource", "dimension", "least"),
    [
        ("endpoint/Fraud-Scorer/variant/B", COUNT, 1),
        ("endpoint/search/variant/AllTraffic", PROVISIONED, 1),
        ("inference-component/chat-llama", COPIES, 0),
    ],
)
def test_each_kind_of_resource_has_its_dimension(scaling: Any, resource: str, dimension: str, least: int) -> None:
    register(scaling, least, 8, ResourceId=resource, ScalableDimension=dimension)
    assert [(one["ResourceId"], one["ScalableDimension"]) for one in targets(scaling)] == [(resource, dimension)]


@pytest.mark.parametrize(
    ("where", "bounds", "words"),
    [
        ({"ResourceId": "endpoint/ghost/variant/A"}, (1, 2), "doesn't exist: endpoint/ghost/variant/A"),
        ({"ResourceId": "endpoint/search/variant/AllTraffic"}, (1, 2), "doesn't exist"),
        ({}, (3, 2), "Maximum capacity cannot be less than minimum capacity"),
        ({}, (None, 2), "must be specified for a new scalable target"),
        ({"ScalableDimension": "sagemaker:variant:Weight"}, (1, 2), "failed to satisfy constraint"),
        ({"ServiceNamespace": "ecs"}, (1, 2), "Unsupported service namespace"),
    ],
)
def test_what_cannot_be_registered(scaling: Any, where: dict[str, Any], bounds: tuple[Any, Any], words: str) -> None:
    with pytest.raises(scaling.exceptions.ValidationException, match=words):
        register(scaling, *bounds, **where)
    assert targets(scaling) == []


def test_registering_moves_what_lies_outside_of_the_bounds_at_once(aws: LocalAws, scaling: Any, sagemaker: Any) -> None:
    register(scaling, 3, 6)
    assert wanted(sagemaker) == 3
    (activity,) = activities(scaling)
    assert (activity["StatusCode"], activity["Cause"]) == ("InProgress", "minimum capacity was set to 3")
    assert activity["Description"] == "Setting desired instance count to 3."
    aws.pass_time(21)
    (activity,) = activities(scaling)
    assert activity["StatusCode"] == "Successful"
    register(scaling, 1, 1)
    assert wanted(sagemaker) == 1
    assert activities(scaling)[0]["Cause"] == "maximum capacity was set to 1"


def test_components_and_provisioned_concurrency_move_too(aws: LocalAws, scaling: Any, sagemaker: Any) -> None:
    register(scaling, 4, 5, ResourceId="inference-component/chat-llama", ScalableDimension=COPIES)
    register(scaling, 1, 2, ResourceId="endpoint/search/variant/AllTraffic", ScalableDimension=PROVISIONED)
    aws.pass_time(21)
    component = sagemaker.describe_inference_component(InferenceComponentName="chat-llama")
    (variant,) = sagemaker.describe_endpoint(EndpointName="search")["ProductionVariants"]
    assert component["RuntimeConfig"]["CurrentCopyCount"] == 4
    assert variant["CurrentServerlessConfig"]["ProvisionedConcurrency"] == 2


def test_target_tracking_brings_its_two_alarms_and_takes_them_with_it(scaling: Any, cloudwatch: Any) -> None:
    register(scaling)
    put = {**FRAUD, "PolicyName": "calls", "PolicyType": "TargetTrackingScaling"}
    made = scaling.put_scaling_policy(**put, TargetTrackingScalingPolicyConfiguration=TRACKING)
    names = {alarm["AlarmName"] for alarm in made["Alarms"]}
    alarms = {alarm["AlarmName"]: alarm for alarm in cloudwatch.describe_alarms()["MetricAlarms"]}
    assert names == set(alarms)
    high, low = sorted(alarms.values(), key=lambda alarm: -alarm["Threshold"])
    assert (high["Threshold"], high["EvaluationPeriods"], low["Threshold"], low["EvaluationPeriods"]) == (70, 3, 63, 15)
    assert {(one["Name"], one["Value"]) for one in high["Dimensions"]} == {
        ("EndpointName", "Fraud-Scorer"),
        ("VariantName", "A"),
    }
    (policy,) = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert (policy["PolicyName"], policy["TargetTrackingScalingPolicyConfiguration"]) == ("calls", TRACKING)
    scaling.delete_scaling_policy(**FRAUD, PolicyName="calls")
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []
    assert scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"] == []


def test_a_policy_is_replaced_and_may_never_scale_in(scaling: Any, cloudwatch: Any) -> None:
    register(scaling)
    put = {**FRAUD, "PolicyName": "calls", "PolicyType": "TargetTrackingScaling"}
    scaling.put_scaling_policy(**put, TargetTrackingScalingPolicyConfiguration=TRACKING)
    scaling.put_scaling_policy(**put, TargetTrackingScalingPolicyConfiguration={**TRACKING, "DisableScaleIn": True})
    (policy,) = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert [one["AlarmName"] for one in policy["Alarms"]] == [alarm["AlarmName"]]
    assert "AlarmHigh" in alarm["AlarmName"]


def test_step_policies_are_kept_without_alarms(scaling: Any) -> None:
    register(scaling)
    steps = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": [{"ScalingAdjustment": 1}], "Cooldown": 60}
    scaling.put_scaling_policy(
        **FRAUD, PolicyName="wake", PolicyType="StepScaling", StepScalingPolicyConfiguration=steps
    )
    (policy,) = scaling.describe_scaling_policies(**FRAUD)["ScalingPolicies"]
    assert (policy["StepScalingPolicyConfiguration"], policy["Alarms"]) == (steps, [])


def test_scheduled_actions_are_kept_changed_and_deleted(scaling: Any) -> None:
    register(scaling)
    put = {**FRAUD, "ScheduledActionName": "night"}
    scaling.put_scheduled_action(**put, **EVERY_NIGHT, Timezone="Europe/Berlin", EndTime=2_000_000_000)
    scaling.put_scheduled_action(**put, Schedule="cron(0 23 * * ? *)")
    (action,) = scaling.describe_scheduled_actions(ServiceNamespace="sagemaker")["ScheduledActions"]
    assert (action["Schedule"], action["Timezone"]) == ("cron(0 23 * * ? *)", "Europe/Berlin")
    assert action["ScalableTargetAction"] == {"MinCapacity": 1}
    assert "EndTime" not in action
    scaling.delete_scheduled_action(**FRAUD, ScheduledActionName="night")
    assert scaling.describe_scheduled_actions(ServiceNamespace="sagemaker")["ScheduledActions"] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Schedule": "every night"}, "Schedule expression must have"),
        ({"ScalableTargetAction": {}}, "minimum or the maximum capacity"),
    ],
)
def test_a_scheduled_action_that_makes_no_sense_is_refused(scaling: Any, change: dict[str, Any], words: str) -> None:
    register(scaling)
    with pytest.raises(scaling.exceptions.ValidationException, match=words):
        scaling.put_scheduled_action(**FRAUD, ScheduledActionName="night", **{**EVERY_NIGHT, **change})


def test_what_is_not_registered_has_nothing(scaling: Any) -> None:
    missing = scaling.exceptions.ObjectNotFoundException
    with pytest.raises(missing, match="No scalable target registered for service namespace: sagemaker"):
        scaling.put_scheduled_action(**FRAUD, ScheduledActionName="night", **EVERY_NIGHT)
    with pytest.raises(missing, match="No scaling policy found for"):
        scaling.delete_scaling_policy(**FRAUD, PolicyName="calls")
    with pytest.raises(missing, match="No scheduled action found for"):
        scaling.delete_scheduled_action(**FRAUD, ScheduledActionName="night")
    with pytest.raises(missing, match="No scalable target found for"):
        scaling.deregister_scalable_target(**FRAUD)


def test_deregistering_takes_policies_alarms_and_schedules_with_it(scaling: Any, cloudwatch: Any) -> None:
    register(scaling)
    put = {**FRAUD, "PolicyName": "calls", "PolicyType": "TargetTrackingScaling"}
    scaling.put_scaling_policy(**put, TargetTrackingScalingPolicyConfiguration=TRACKING)
    scaling.put_scheduled_action(**FRAUD, ScheduledActionName="night", **EVERY_NIGHT)
    scaling.deregister_scalable_target(**FRAUD)
    assert targets(scaling) == []
    assert scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"] == []
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []
    register(scaling)
    assert scaling.describe_scheduled_actions(ServiceNamespace="sagemaker")["ScheduledActions"] == []


def test_an_endpoint_that_is_deleted_is_deregistered_with_it(aws: LocalAws, scaling: Any, sagemaker: Any) -> None:
    register(scaling)
    sagemaker.delete_endpoint(EndpointName="Fraud-Scorer")
    aws.pass_time(11)
    assert targets(scaling) == []


def test_who_may_not_deregister_may_not_delete_what_scales(aws: LocalAws, scaling: Any, sagemaker: Any) -> None:
    register(scaling)
    aws.control("faults", {"deny": ["application-autoscaling:DeregisterScalableTarget"]})
    with pytest.raises(
        sagemaker.exceptions.ClientError, match=r"A.* scalable target exists for a variant being deleted"
    ):
        sagemaker.delete_endpoint(EndpointName="Fraud-Scorer")
    sagemaker.delete_endpoint(EndpointName="batch")


def test_a_registered_variant_keeps_its_instance_type_but_may_have_another_model(scaling: Any, sagemaker: Any) -> None:
    register(scaling)
    other = instances("B", "fraud-b", 1, InitialVariantWeight=0.25)
    larger = instances("A", "fraud-a", 2) | {"InstanceType": "ml.m5.xlarge"}
    sagemaker.create_endpoint_config(**config("fraud-larger", larger, other))
    sagemaker.create_endpoint_config(**config("fraud-gone", other))
    for name in ("fraud-larger", "fraud-gone"):
        with pytest.raises(sagemaker.exceptions.ClientError, match="must be deregistered as scalable targets"):
            sagemaker.update_endpoint(EndpointName="Fraud-Scorer", EndpointConfigName=name)
    sagemaker.create_model(**model("fraud-c"))
    sagemaker.create_endpoint_config(**config("fraud-newer", instances("A", "fraud-c", 2), other))
    sagemaker.update_endpoint(EndpointName="Fraud-Scorer", EndpointConfigName="fraud-newer")


def test_lists_come_in_pages(scaling: Any) -> None:
    for variant in ("A", "B"):
        register(scaling, ResourceId=f"endpoint/Fraud-Scorer/variant/{variant}")
    pages = list(
        scaling.get_paginator("describe_scalable_targets").paginate(
            ServiceNamespace="sagemaker", PaginationConfig={"PageSize": 1}
        )
    )
    assert [len(page["ScalableTargets"]) for page in pages] == [1, 1]
    with pytest.raises(scaling.exceptions.InvalidNextTokenException):
        scaling.describe_scalable_targets(ServiceNamespace="sagemaker", NextToken="mine")
    named = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[FRAUD["ResourceId"]])
    assert len(named["ScalableTargets"]) == 1


def test_other_services_have_nothing_here(scaling: Any) -> None:
    assert scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"] == []
    assert scaling.describe_scaling_activities(ServiceNamespace="ecs")["ScalingActivities"] == []


def test_a_fleet_without_scaling_seeds_has_no_targets() -> None:
    with serve_locally(SmallFleet(SEEDS[:1])) as aws:
        client = aws.client("application-autoscaling")
        assert targets(client) == activities(client) == []
        client.close()


def test_resizes_in_the_default_fleets_past_are_activities_of_its_policies(simulated_aws: SimulatedAws) -> None:
    client = boto3.client("application-autoscaling", **simulated_aws.client_arguments())
    past = [one for one in activities(client) if one["StartTime"].timestamp() < simulated_aws.epoch()]
    client.close()
    done = {one["ResourceId"].split("/")[1]: one for one in past}
    assert set(done) == {"search-ranker-prod", "nightly-embeddings-async", "video-transcribe-async"}
    assert done["search-ranker-prod"]["Description"] == "Setting desired instance count to 5."
    assert "AlarmHigh" in done["search-ranker-prod"]["Cause"]
    assert done["nightly-embeddings-async"]["Description"] == "Setting desired instance count to 0."
    assert "in state ALARM triggered policy backlog-per-instance" in done["nightly-embeddings-async"]["Cause"]
