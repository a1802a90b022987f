"""SimulatePrincipalPolicy: which actions the caller may take, by the same list that refuses them.

The role may do whatever the faults do not deny it; what they deny is denied implicitly, as no policy allows it. Other
principals, policies given with the request, and context keys are not looked at.
"""

from collections.abc import Mapping
from typing import Any

from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.wire.credentials import ACCOUNT_ID, CALLER_ARN
from smtop.metrics.simulator.wire.errors import ServiceError
from smtop.metrics.simulator.wire.operation import Operation
from smtop.metrics.simulator.wire.paging import BadTokenError, issue, redeem
from smtop.metrics.simulator.wire.shapes import Listing, Number, Record, Text

ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/{CALLER_ARN.split('/')[1]}"
DEFAULT_PAGE = 100

SIMULATE = Record(
    {
        "PolicySourceArn": Text(),
        "ActionNames": Listing(Text()),
        "ResourceArns": Listing(Text()),
        "MaxItems": Number(),
        "Marker": Text(),
    }
)


def iam_operations(account: Account) -> Mapping[str, Operation]:
    """The operations on the one role that there is."""
    return {"SimulatePrincipalPolicy": Operation(SIMULATE, lambda request, now: simulate(account, request))}


def simulate(account: Account, request: Mapping[str, Any]) -> dict[str, Any]:
    """A decision for every action on every resource, a page at a time."""
    _check(request)
    resources = request.get("ResourceArns") or ["*"]
    decided = [_decision(account, action, resource) for action in request["ActionNames"] for resource in resources]
    first, most = _first(request), int(request.get("MaxItems", DEFAULT_PAGE))
    page: dict[str, Any] = {"EvaluationResults": decided[first : first + most], "IsTruncated": False}
    if len(decided) > first + most:
        page |= {"IsTruncated": True, "Marker": issue([first + most], _question(request))}
    return page


def _decision(account: Account, action: str, resource: str) -> dict[str, Any]:
    denied = account.denies(action, resource)
    statements = [] if denied else [{"SourcePolicyId": "oncall", "SourcePolicyType": "IAM Policy"}]
    return {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": "implicitDeny" if denied else "allowed",
        "MatchedStatements": statements,
        "MissingContextValues": [],
    }


def _check(request: Mapping[str, Any]) -> None:
    for member in ("PolicySourceArn", "ActionNames"):
        if not request.get(member):
            name = member[0].lower() + member[1:]
            text = f"1 validation error detected: Value null at '{name}' failed to satisfy constraint: "
            raise ServiceError("ValidationException", f"{text}Member must not be null")
    source = request["PolicySourceArn"]
    if ":assumed-role/" in source:
        raise ServiceError(
            "InvalidInput", f"Invalid Entity Arn: {source} does not clearly define entity type and name."
        )
    if source != ROLE:
        raise ServiceError("NoSuchEntity", f"The role with name {source.rpartition('/')[2]} cannot be found.", 404)
    for action in request["ActionNames"]:
        if ":" not in action:
            raise ServiceError("InvalidInput", f"Invalid action: {action}")


def _question(request: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in request.items() if name not in {"Marker", "MaxItems"}}


def _first(request: Mapping[str, Any]) -> int:
    if not request.get("Marker"):
        return 0
    try:
        (first,) = redeem(request["Marker"], _question(request))
    except BadTokenError:
        raise ServiceError("InvalidInput", "Invalid Marker.") from None
    return int(first)
