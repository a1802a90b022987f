"""Sizes of what scales by itself: who would move it again, and a scalable target that has to step aside."""

from typing import Any

import pytest

from smtop.metrics.actions.apply import Hands, carry_out
from smtop.metrics.actions.gate import WriteGate
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.planner import plan
from smtop.metrics.actions.ports import Receipt
from smtop.metrics.domain.change import Undo
from smtop.metrics.domain.plan import Call, Plan, policy_arn
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.journal import Journal, State
from tests.support.control import FakeControl, hosted
from tests.support.fleet import NOW_S, HandClock
from tests.support.sizes import resized

RESOURCE = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/fraud/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
TARGET = {**RESOURCE, "MinCapacity": 2, "MaxCapacity": 8, "CreationTime": NOW_S - 1e6}
TRACKING = {"TargetValue": 70.0}
POLICY = {
    **RESOURCE,
    "PolicyName": "requests",
    "PolicyARN": "arn:policy",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": TRACKING,
    "Alarms": [{"AlarmName": "own", "AlarmARN": "arn:own"}],
}
STEP = {**POLICY, "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": {"Cooldown": 300}, "Alarms": []}
NIGHT = {
    **RESOURCE,
    "ScheduledActionName": "night",
    "Schedule": "cron(0 20 * * ? *)",
    "Timezone": "UTC",
    "ScalableTargetAction": {"MinCapacity": 1},
}
FIGHT = (
    "AllTraffic is scaled by Application Auto Scaling between 2 and 8{outside}: it will move the count again. Widen "
    "the bounds with `smtop scaling fraud bounds --variant AllTraffic --min 2 --max {most} --write`, or suspend it "
    "with `smtop scaling fraud suspend --variant AllTraffic --write`."
)


@pytest.fixture
def scaled(fleet: FakeControl) -> FakeControl:
    """`fraud` scales between 2 and 8, by a policy and at night."""
    fleet.lists |= {"DescribeScalableTargets": [dict(TARGET)], "DescribeScalingPolicies": [POLICY]}
    fleet.lists["DescribeScheduledActions"] = [NIGHT]
    return fleet


async def test_a_count_that_scaling_would_move_again(scaled: FakeControl, by: Means) -> None:
    assert (await resized(by, count=4)).warnings == (FIGHT.format(outside="", most=8),)
    made = await resized(by, count=9)
    assert made.warnings == (FIGHT.format(outside=", which 9 is outside of", most=9),)
    assert made.blockers == ()


async def test_scaling_that_is_suspended_moves_nothing(scaled: FakeControl, by: Means) -> None:
    scaled.lists["DescribeScalableTargets"][0]["SuspendedState"] = {  # type: ignore[index]
        "DynamicScalingInSuspended": True,
        "DynamicScalingOutSuspended": True,
        "ScheduledScalingSuspended": True,
    }
    assert (await resized(by, count=4)).warnings == ()


async def test_provisioned_concurrency_that_scales(fleet: FakeControl, by: Means) -> None:
    dimension = {"ScalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency"}
    target = {**TARGET, **dimension, "ResourceId": "endpoint/sls/variant/AllTraffic"}
    fleet.lists["DescribeScalableTargets"] = [target]
    assert "between 2 and 8: it will move" in (await resized(by, "sls", provisioned_concurrency=6)).warnings[0]
    assert any(
        "has nothing left to scale" in one for one in (await resized(by, "sls", provisioned_concurrency=0)).warnings
    )
    assert not any("Auto Scaling" in one for one in (await resized(by, "sls", max_concurrency=30)).warnings)


# Another type


def operations(made: Plan) -> list[str]:
    return [call.operation for call in made.calls]


async def test_a_scalable_target_steps_aside_for_another_type(scaled: FakeControl, by: Means) -> None:
    made = await resized(by, type="ml.m5.2xlarge")
    assert made.blockers == ()
    assert operations(made) == [
        "CreateEndpointConfig",
        "DeregisterScalableTarget",
        "UpdateEndpoint",
        "RegisterScalableTarget",
        "PutScalingPolicy",
        "PutScheduledAction",
    ]
    _, down, _, *up = made.calls
    assert down.params == RESOURCE
    assert [(call.operation, call.params) for call in down.back] == [(call.operation, call.params) for call in up]
    assert up[0].params == {**RESOURCE, "MinCapacity": 2, "MaxCapacity": 8}
    assert up[1].params == {name: value for name, value in POLICY.items() if name not in ("PolicyARN", "Alarms")}
    assert up[2].params == NIGHT
    told = made.warnings[-4:]
    assert "AWS refuses another instance type for a scalable target" in told[0]
    assert told[1:] == tuple(call.cli for call in up)


async def test_an_alarm_calls_a_policy_that_comes_back_by_its_new_arn(scaled: FakeControl, by: Means) -> None:
    scaled.lists["DescribeScalingPolicies"] = [STEP]
    alarm = {"AlarmName": "waiting", "AlarmActions": ["arn:mail", "arn:policy"], "OKActions": [], "Threshold": 1.0}
    scaled.lists["DescribeAlarms"] = [{**alarm, "StateValue": "OK"}, {"AlarmName": "other", "AlarmActions": ["arn:x"]}]
    made = await resized(by, type="ml.m5.2xlarge")
    assert operations(made)[-2:] == ["PutScheduledAction", "PutMetricAlarm"]
    action = policy_arn(RESOURCE, "requests")
    assert made.calls[-1].params == {"AlarmName": "waiting", "AlarmActions": ["arn:mail", action], "Threshold": 1.0}
    assert made.calls[1].back[-1] == made.calls[-1]


async def test_what_does_not_come_back_as_it_was_is_said(scaled: FakeControl, by: Means) -> None:
    scaled.lists["DescribeScalingPolicies"] = [STEP]
    scaled.lists["DescribeScheduledActions"] = [{**NIGHT, "Schedule": "at(2020-01-01T00:00:00)"}]
    scaled.faults["DescribeAlarms"] = AwsError(FaultKind.PERMISSION, "cloudwatch:DescribeAlarms", "Denied.")
    made = await resized(by, type="ml.m5.2xlarge")
    assert operations(made)[-1] == "PutScalingPolicy"
    assert made.warnings[-2:] == (
        "The policy requests comes back under another ARN: name it to the alarms that call it. They could not be asked "
        "for: Denied.",
        "Scheduled actions that are over do not come back: night.",
    )


async def test_scaling_that_cannot_be_asked_is_said(fleet: FakeControl, by: Means) -> None:
    fleet.faults["DescribeScalableTargets"] = AwsError(FaultKind.PERMISSION, "x:y", "Denied.")
    made = await resized(by, type="ml.m5.2xlarge")
    assert any("Whether AllTraffic is a scalable target is not known" in sentence for sentence in made.warnings)


HELD = {
    "RegisterScalableTarget": "DescribeScalableTargets",
    "PutScalingPolicy": "DescribeScalingPolicies",
    "PutScheduledAction": "DescribeScheduledActions",
}


class Aws(FakeControl):
    """Does what `fraud` is told, at once. Where it `gives_up`, no update comes to anything."""

    gives_up = False

    async def send(self, call: Call) -> Receipt:
        receipt = await super().send(call)
        wanted = dict(call.params)
        match call.operation:
            case "CreateEndpointConfig":
                self.documents["DescribeEndpointConfig", wanted["EndpointConfigName"]] = wanted
            case "DeleteEndpointConfig":
                del self.documents["DescribeEndpointConfig", wanted["EndpointConfigName"]]
            case "UpdateEndpoint":
                self._update(wanted["EndpointConfigName"])
            case "DeregisterScalableTarget":
                self.lists |= {operation: [] for operation in HELD.values()}
            case operation:
                self.lists[HELD[operation]] = [wanted]
        return receipt

    def _update(self, config: str) -> None:
        assert not self.lists["DescribeScalableTargets"]
        came = {"FailureReason": "No capacity."} if self.gives_up else {"EndpointConfigName": config}
        self.documents["DescribeEndpoint", "fraud"] = {**self.documents["DescribeEndpoint", "fraud"], **came}


@pytest.fixture
def control() -> FakeControl:
    return Aws()


async def carried_out(made: Plan, control: FakeControl, journal: Journal) -> Any:
    gate = WriteGate(HandClock())
    gate.open()
    entry = journal.begin(made)
    return await carry_out(Hands(control, journal, gate, HandClock()), entry.id)


async def test_an_update_that_aws_gives_up_leaves_everything_as_it_was(
    scaled: Aws, by: Means, journal: Journal
) -> None:
    scaled.gives_up = True
    made = await resized(by, type="ml.m5.2xlarge")
    entry = await carried_out(made, scaled, journal)
    assert entry.state is State.FAILED
    assert str(entry.error).startswith("AWS took fraud back to fraud-cfg: No capacity. ")
    assert str(entry.error).endswith(" What was done before that was taken back.")
    assert [call.operation for call in scaled.sent] == [
        "CreateEndpointConfig",
        "DeregisterScalableTarget",
        "UpdateEndpoint",
        "RegisterScalableTarget",
        "PutScalingPolicy",
        "PutScheduledAction",
        "DeleteEndpointConfig",
    ]


async def test_scaling_that_cannot_be_put_back_takes_the_type_back_and_says_how(
    scaled: Aws, by: Means, journal: Journal
) -> None:
    made = await resized(by, type="ml.m5.2xlarge")
    scaled.faults["PutScalingPolicy"] = AwsError(FaultKind.PERMISSION, "x:PutScalingPolicy", "Denied.")
    entry = await carried_out(made, scaled, journal)
    assert entry.state is State.FAILED
    assert "finish with: aws application-autoscaling put-scaling-policy --policy-name requests" in entry.error
    assert scaled.documents["DescribeEndpoint", "fraud"]["EndpointConfigName"] == "fraud-cfg"
    assert scaled.lists["DescribeScalableTargets"][0]["MinCapacity"] == 2
    assert ("DescribeEndpointConfig", made.after["config"]) not in scaled.documents


async def test_the_way_back_steps_aside_as_well(scaled: Aws, by: Means, journal: Journal) -> None:
    done = await carried_out(await resized(by, type="ml.m5.2xlarge"), scaled, journal)
    assert done.state is State.APPLIED
    made = await plan(Undo(done.id), by)
    assert made.blockers == ()
    assert operations(made)[0] == "DeregisterScalableTarget"
    assert made.after == {"AllTraffic.type": "ml.m5.xlarge", "config": "fraud-cfg"}


async def test_a_type_can_change_where_nothing_scales(control: FakeControl, by: Means) -> None:
    hosted(control, "plain", {})
    made = await resized(by, "plain", type="ml.m5.2xlarge")
    assert operations(made) == ["CreateEndpointConfig", "UpdateEndpoint"]
