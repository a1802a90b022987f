"""What a plan cannot know when it is made: names that AWS gives to what an earlier call of the plan makes."""

from collections.abc import Mapping
from typing import Any

from smtop.metrics.actions.ports import ControlPlane
from smtop.metrics.domain.plan import POLICY_ARN
from smtop.metrics.errors import AwsError, FaultKind


async def resolved(control: ControlPlane, value: Any) -> Any:
    """The same with every placeholder looked up. Raises AwsError, NOT_FOUND where what it stands for is not there."""
    if isinstance(value, Mapping):
        if POLICY_ARN in value:
            return await _policy_arn(control, value[POLICY_ARN])
        return {name: await resolved(control, one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [await resolved(control, one) for one in value]
    return value


async def _policy_arn(control: ControlPlane, wanted: Mapping[str, str]) -> str:
    operation, (name, place) = "DescribeScalingPolicies", (wanted["PolicyName"], _place(wanted))
    found = await control.entries("application-autoscaling", operation, "ScalingPolicies", **place)
    for policy in found:
        if policy["PolicyName"] == name:
            return str(policy["PolicyARN"])
    sentence = f"The scaling policy {name} is not there, and what needs it cannot be made."
    raise AwsError(FaultKind.NOT_FOUND, f"application-autoscaling:{operation}", sentence)


def _place(wanted: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in wanted.items() if name != "PolicyName"}
