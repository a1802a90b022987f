"""Whether the way back is allowed: asked of IAM, which may not answer; then it is unknown, and said to be."""

import re

from smtop.metrics.actions.means import Means
from smtop.metrics.errors import AwsError

RECREATING = (
    "sagemaker:CreateEndpoint",
    "sagemaker:CreateEndpointConfig",
    "sagemaker:CreateModel",
    "sagemaker:CreateInferenceComponent",
    "sagemaker:AddTags",
    "application-autoscaling:RegisterScalableTarget",
    "application-autoscaling:PutScalingPolicy",
    "application-autoscaling:PutScheduledAction",
)
"""What recreating an endpoint may need."""

_ASSUMED = re.compile(r"arn:(?P<partition>[^:]+):sts::(?P<account>\d+):assumed-role/(?P<role>[^/]+)/.+")


async def recreation_warnings(means: Means) -> list[str]:
    """A sentence where recreating is denied, or where nobody can tell."""
    caller = (await means.control.identity()).arn
    try:
        results = await means.control.entries(
            "iam",
            "SimulatePrincipalPolicy",
            "EvaluationResults",
            PolicySourceArn=role_arn(caller),
            ActionNames=list(RECREATING),
        )
    except AwsError as error:
        return [f"Whether you may recreate it is unknown: {error}"]
    denied = [str(one["EvalActionName"]) for one in results if one["EvalDecision"] != "allowed"]
    verb = "is" if len(denied) == 1 else "are"
    return [f"You may not recreate it: {', '.join(denied)} {verb} denied."] if denied else []


def role_arn(caller: str) -> str:
    """The role behind a session; a role with a path has another ARN, which only IAM knows."""
    match = _ASSUMED.fullmatch(caller)
    if match is None:
        return caller
    return f"arn:{match['partition']}:iam::{match['account']}:role/{match['role']}"
