"""Whether a call was carried out, by its effect: for every operation that changes something."""

from typing import Any

import pytest

from smtop.metrics.actions.probes import OPERATIONS, holds, was_made
from smtop.metrics.domain.plan import Call
from smtop.metrics.errors import AwsError, FaultKind
from tests.support.control import FakeControl, hosted

PLACE = {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/fraud/variant/A", "ScalableDimension": "count"}
TARGET = {**PLACE, "MinCapacity": 1, "MaxCapacity": 4}
POLICY = {**PLACE, "PolicyName": "p", "PolicyType": "StepScaling"}
ACTION = {**PLACE, "ScheduledActionName": "s", "Schedule": "at(2026-11-21T00:00:00)"}
ALARM = {"AlarmName": "a", "MetricName": "m", "Threshold": 1.0}
COMPONENT = "InferenceComponentName"


def capacity(**wanted: Any) -> dict[str, Any]:
    return {"EndpointName": "fraud", "DesiredWeightsAndCapacities": [{"VariantName": "A", **wanted}]}


def copies(count: int) -> dict[str, Any]:
    return {COMPONENT: "llm", "DesiredRuntimeConfig": {"CopyCount": count}}


MADE: list[tuple[str, dict[str, Any]]] = [
    ("UpdateEndpointWeightsAndCapacities", capacity(DesiredWeight=1.0, DesiredInstanceCount=1)),
    ("UpdateEndpoint", {"EndpointName": "fraud", "EndpointConfigName": "fraud-cfg"}),
    ("UpdateEndpoint", {"EndpointName": "moving", "EndpointConfigName": "coming"}),
    ("UpdateInferenceComponentRuntimeConfig", copies(2)),
    ("CreateModel", {"ModelName": "m"}),
    ("CreateEndpointConfig", {"EndpointConfigName": "fraud-cfg"}),
    ("CreateEndpoint", {"EndpointName": "fraud"}),
    ("CreateInferenceComponent", {COMPONENT: "llm"}),
    ("DeleteModel", {"ModelName": "gone"}),
    ("DeleteEndpointConfig", {"EndpointConfigName": "gone"}),
    ("DeleteEndpoint", {"EndpointName": "gone"}),
    ("DeleteEndpoint", {"EndpointName": "going"}),
    ("DeleteInferenceComponent", {COMPONENT: "gone"}),
    ("RegisterScalableTarget", {**TARGET, "RoleARN": "kept elsewhere"}),
    ("PutScalingPolicy", POLICY),
    ("PutScheduledAction", {**ACTION, "StartTime": 1.0}),
    ("DeregisterScalableTarget", {**PLACE, "ResourceId": "another"}),
    ("DeleteScalingPolicy", {**PLACE, "PolicyName": "another"}),
    ("DeleteScheduledAction", {**PLACE, "ScheduledActionName": "another"}),
    ("PutMetricAlarm", {**ALARM, "AlarmActions": ["arn:x"]}),
    ("DeleteAlarms", {"AlarmNames": ["another"]}),
]
NOT_MADE: list[tuple[str, dict[str, Any]]] = [
    ("UpdateEndpointWeightsAndCapacities", capacity(DesiredWeight=0.5)),
    ("UpdateEndpointWeightsAndCapacities", capacity(ServerlessUpdateConfig={"MaxConcurrency": 4})),
    ("UpdateEndpoint", {"EndpointName": "fraud", "EndpointConfigName": "other"}),
    ("UpdateInferenceComponentRuntimeConfig", copies(3)),
    ("CreateModel", {"ModelName": "gone"}),
    ("CreateEndpointConfig", {"EndpointConfigName": "gone"}),
    ("CreateEndpoint", {"EndpointName": "gone"}),
    ("CreateInferenceComponent", {COMPONENT: "gone"}),
    ("DeleteModel", {"ModelName": "m"}),
    ("DeleteEndpointConfig", {"EndpointConfigName": "fraud-cfg"}),
    ("DeleteEndpoint", {"EndpointName": "fraud"}),
    ("DeleteInferenceComponent", {COMPONENT: "llm"}),
    ("RegisterScalableTarget", {**TARGET, "MaxCapacity": 5}),
    ("PutScalingPolicy", {**POLICY, "PolicyType": "TargetTrackingScaling"}),
    ("PutScheduledAction", {**ACTION, "Schedule": "at(2026-11-22T00:00:00)"}),
    ("DeregisterScalableTarget", PLACE),
    ("DeleteScalingPolicy", {**PLACE, "PolicyName": "p"}),
    ("DeleteScheduledAction", {**PLACE, "ScheduledActionName": "s"}),
    ("PutMetricAlarm", {**ALARM, "Threshold": 2.0}),
    ("DeleteAlarms", {"AlarmNames": ["a"]}),
]


@pytest.fixture
def aws(control: FakeControl) -> FakeControl:
    """`fraud` serves with scaling and an alarm, `moving` is on its way to another config, `going` is being deleted."""
    hosted(control, "fraud", {"VariantName": "A"})
    hosted(control, "moving", {})
    moving = control.documents["DescribeEndpoint", "moving"]
    pending = {"PendingDeploymentSummary": {"EndpointConfigName": "coming"}}
    control.documents["DescribeEndpoint", "moving"] = {**moving, **pending}
    hosted(control, "going", {}, status="Deleting")
    control.documents["DescribeModel", "m"] = {"ModelName": "m"}
    component = {COMPONENT: "llm", "InferenceComponentStatus": "InService", "RuntimeConfig": {"DesiredCopyCount": 2}}
    control.documents["DescribeInferenceComponent", "llm"] = component
    control.lists = {
        "DescribeScalableTargets": [TARGET],
        "DescribeScalingPolicies": [POLICY],
        "DescribeScheduledActions": [ACTION],
        "DescribeAlarms": [ALARM],
    }
    return control


@pytest.mark.parametrize(("operation", "params"), MADE, ids=[name for name, _ in MADE])
async def test_the_effect_is_there(aws: FakeControl, operation: str, params: dict[str, Any]) -> None:
    assert await was_made(aws, Call("x", operation, params))


@pytest.mark.parametrize(("operation", "params"), NOT_MADE, ids=[name for name, _ in NOT_MADE])
async def test_the_effect_is_missing(aws: FakeControl, operation: str, params: dict[str, Any]) -> None:
    assert not await was_made(aws, Call("x", operation, params))


def test_each_operation_is_tried_both_ways() -> None:
    assert {name for name, _ in MADE} == {name for name, _ in NOT_MADE} == OPERATIONS


async def test_what_cannot_be_asked_is_not_guessed(aws: FakeControl) -> None:
    aws.faults["DescribeEndpoint"] = AwsError(FaultKind.UNREACHABLE, "sagemaker:DescribeEndpoint", "No answer.")
    for operation, params in (MADE[0], MADE[1], MADE[6]):
        with pytest.raises(AwsError, match="No answer"):
            await was_made(aws, Call("x", operation, params))


def test_a_document_may_have_more_than_was_wanted() -> None:
    assert holds({"a": 1, "b": {"c": [1, {"d": 2, "e": 3}]}}, {"b": {"c": [1, {"d": 2}]}})
    assert not holds({"a": [1, 2]}, {"a": [1]})
    assert not holds({}, {"a": None, "b": 1})
