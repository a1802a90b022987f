"""Before a deletion IAM is asked whether the way back is allowed, for the role behind the session."""

import pytest

from smtop.metrics.actions.permissions import role_arn
from smtop.metrics.domain.change import Delete
from tests.contract.leaping import Local

ROLE = "arn:aws:iam::123456789012:role/oncall-readonly"


async def warnings(local: Local) -> list[str]:
    """What the plan of a deletion says about recreating."""
    made = await local.operator.plan(Delete("batch"))
    assert made.blockers == ()
    return [sentence for sentence in made.warnings if "recreate" in sentence]


async def test_the_role_of_the_session_is_asked_about(local: Local) -> None:
    caller = (await local.operator.control.identity()).arn
    assert caller == "arn:aws:sts::123456789012:assumed-role/oncall-readonly/smtop-demo"
    assert role_arn(caller) == ROLE
    assert await warnings(local) == []


async def test_what_is_denied_is_a_warning(local: Local) -> None:
    local.aws.control("faults", {"deny": ["sagemaker:CreateEndpoint"]})
    assert await warnings(local) == ["You may not recreate it: sagemaker:CreateEndpoint is denied."]
    local.aws.control("faults", {"deny": ["sagemaker:CreateEndpoint", "sagemaker:AddTags"]})
    assert await warnings(local) == ["You may not recreate it: sagemaker:CreateEndpoint, sagemaker:AddTags are denied."]


async def test_who_may_not_ask_iam_is_told_that_nobody_knows(local: Local) -> None:
    local.aws.control("faults", {"deny": ["iam:SimulatePrincipalPolicy"]})
    (told,) = await warnings(local)
    assert told.startswith("Whether you may recreate it is unknown: iam:SimulatePrincipalPolicy is denied")


@pytest.mark.parametrize(
    ("caller", "asked"),
    [
        ("arn:aws-cn:sts::123456789012:assumed-role/ops/ana@corp", "arn:aws-cn:iam::123456789012:role/ops"),
        ("arn:aws:iam::123456789012:user/ana", "arn:aws:iam::123456789012:user/ana"),
        ("arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:root"),
    ],
)
def test_users_are_asked_about_themselves(caller: str, asked: str) -> None:
    assert role_arn(caller) == asked
