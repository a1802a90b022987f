"""ListTags, AddTags, DeleteTags; and the tags given at creation."""

from collections.abc import Mapping
from typing import Any

from smtop.metrics.simulator.sagemaker.account import KINDS, Account
from smtop.metrics.simulator.wire.errors import invalid

MOST_TAGS = 50


def tag(account: Account, arn: str, request: Mapping[str, Any]) -> None:
    """Put the request's tags on a resource, replacing values of keys that are there."""
    merged = account.tags.get(arn, {}) | {each["Key"]: each["Value"] for each in request.get("Tags", ())}
    if len(merged) > MOST_TAGS:
        raise invalid(f"The number of tags for {arn} exceeds the limit of {MOST_TAGS}.")
    account.tags[arn] = merged


def list_tags(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """All tags fit one page: a resource has at most fifty."""
    return {"Tags": _shown(account, _existing(account, request["ResourceArn"]))}


def add_tags(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """The tags after the change."""
    arn = _existing(account, request["ResourceArn"])
    tag(account, arn, request)
    return {"Tags": _shown(account, arn)}


def delete_tags(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Keys that are not there are no error."""
    arn = _existing(account, request["ResourceArn"])
    for key in request["TagKeys"]:
        account.tags.get(arn, {}).pop(key, None)
    return {}


def _shown(account: Account, arn: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in account.tags.get(arn, {}).items()]


def _existing(account: Account, arn: str) -> str:
    kind, _, name = arn.split(":", 5)[-1].partition("/")
    if kind not in KINDS:
        raise invalid(f"Resource {arn} does not support tagging.")
    if account.arn(kind, name) not in account.tags:  # every resource has an entry, tagged or not, while it exists
        raise account.missing(kind, name)
    return account.arn(kind, name)
