"""CreateModel, DescribeModel, ListModels, DeleteModel."""

from collections.abc import Mapping
from typing import Any

from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.listing import list_rows
from smtop.metrics.simulator.sagemaker.tags import tag
from smtop.metrics.simulator.wire.errors import invalid


def create_model(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """A model needs either one primary container or a list of them."""
    name = request["ModelName"]
    if name in account.models:
        raise account.duplicate("model", name)
    if ("PrimaryContainer" in request) == bool(request.get("Containers")):
        raise invalid("Exactly one of PrimaryContainer and Containers must be specified.")
    account.keep_model(name, {key: value for key, value in request.items() if key != "Tags"}, now)
    arn = account.arn("model", name)
    tag(account, arn, request)
    return {"ModelArn": arn}


def describe_model(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """The request that made the model, its ARN and its age."""
    name = request["ModelName"]
    if name not in account.models:
        raise account.missing("model", name)
    stored = account.models[name]
    return {**stored.request, "ModelArn": account.arn("model", name), "CreationTime": stored.created}


def list_models(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Summaries of the models."""
    rows = [
        {"ModelName": name, "ModelArn": account.arn("model", name), "CreationTime": stored.created}
        for name, stored in account.models.items()
    ]
    return list_rows("Model", rows, request, "Models")


def delete_model(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """AWS lets a model go while endpoints still serve it."""
    name = request["ModelName"]
    if account.models.pop(name, None) is None:
        raise account.missing("model", name)
    account.tags.pop(account.arn("model", name), None)
    return {}
