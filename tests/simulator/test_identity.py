"""Whether an action would be allowed, asked before it is taken: IAM's simulation, seen through boto3."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.simulator.small_fleet import LocalAws, SmallFleet, serve_locally

ROLE = "arn:aws:iam::123456789012:role/oncall-readonly"
RECREATE = ["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig", "iam:PassRole"]


@pytest.fixture(scope="module")
def fleet() -> Iterator[LocalAws]:
    """One fleet: each test says what is denied."""
    with serve_locally(SmallFleet()) as local:
        yield local


@pytest.fixture(scope="module")
def iam(fleet: LocalAws) -> Iterator[Any]:
    """A boto3 client of IAM."""
    client = fleet.client("iam")
    yield client
    client.close()


def decisions(iam: Any, *actions: str, **members: Any) -> list[tuple[str, str, str]]:
    """Action, resource and decision, through every page."""
    pages = iam.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=ROLE, ActionNames=list(actions), **members
    )
    results = [result for page in pages for result in page["EvaluationResults"]]
    return [(one["EvalActionName"], one["EvalResourceName"], one["EvalDecision"]) for one in results]


def test_what_is_not_denied_is_allowed(fleet: LocalAws, iam: Any) -> None:
    fleet.control("faults", {"deny": ["sagemaker:CreateEndpoint"]})
    assert [decision for _, _, decision in decisions(iam, *RECREATE)] == ["implicitDeny", "allowed", "allowed"]
    fleet.control("faults", {})
    assert {decision for _, _, decision in decisions(iam, *RECREATE)} == {"allowed"}


def test_simulation_says_what_the_call_would_meet(fleet: LocalAws, iam: Any) -> None:
    fleet.control("faults", {"deny_endpoints": {"sagemaker:DeleteEndpoint": ["Fraud-Scorer"]}})
    arns = [f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{name}" for name in ("fraud-scorer", "search")]
    found = decisions(iam, "sagemaker:DeleteEndpoint", ResourceArns=arns)
    assert [(resource, decision) for _, resource, decision in found] == [
        (arns[0], "implicitDeny"),
        (arns[1], "allowed"),
    ]
    sagemaker = fleet.client("sagemaker")
    with pytest.raises(ClientError, match="AccessDenied"):
        sagemaker.delete_endpoint(EndpointName="Fraud-Scorer")
    fleet.control("faults", {})


def test_decisions_come_in_pages(iam: Any) -> None:
    first = iam.simulate_principal_policy(PolicySourceArn=ROLE, ActionNames=RECREATE, MaxItems=2)
    assert (first["IsTruncated"], len(first["EvaluationResults"])) == (True, 2)
    assert len(decisions(iam, *RECREATE, PaginationConfig={"PageSize": 1})) == 3


@pytest.mark.parametrize(
    ("source", "code", "words"),
    [
        (
            "arn:aws:sts::123456789012:assumed-role/oncall-readonly/smtop-demo",
            "InvalidInput",
            "does not clearly define entity type and name.",
        ),
        ("arn:aws:iam::123456789012:role/ghost", "NoSuchEntity", "The role with name ghost cannot be found."),
    ],
)
def test_only_the_role_itself_can_be_asked_about(iam: Any, source: str, code: str, words: str) -> None:
    with pytest.raises(ClientError, match=words) as caught:
        iam.simulate_principal_policy(PolicySourceArn=source, ActionNames=RECREATE)
    assert caught.value.response["Error"]["Code"] == code


def test_who_may_not_ask_is_told_so(fleet: LocalAws, iam: Any) -> None:
    fleet.control("faults", {"deny": ["iam:SimulatePrincipalPolicy"]})
    with pytest.raises(ClientError, match="not authorized to perform: iam:SimulatePrincipalPolicy") as caught:
        decisions(iam, *RECREATE)
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    fleet.control("faults", {})
