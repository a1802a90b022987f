"""CreateEndpointConfig, DescribeEndpointConfig, ListEndpointConfigs, DeleteEndpointConfig."""

from collections.abc import Mapping
from typing import Any

from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.config_rules import check_config
from smtop.metrics.simulator.sagemaker.listing import list_rows
from smtop.metrics.simulator.sagemaker.resources import Stored
from smtop.metrics.simulator.sagemaker.tags import tag


def create_endpoint_config(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """A configuration never changes and takes its name for good, until it is deleted."""
    name = request["EndpointConfigName"]
    if name in account.configs:
        raise account.duplicate("endpoint-config", name)
    check_config(account, request)
    keep_config(account, request, now)
    arn = account.arn("endpoint-config", name)
    tag(account, arn, request)
    return {"EndpointConfigArn": arn}


def keep_config(account: Account, request: Mapping[str, Any], created: float) -> None:
    """Store a configuration as it was sent, with the weight that AWS fills in."""
    kept = {key: value for key, value in request.items() if key != "Tags"}
    for member in ("ProductionVariants", "ShadowProductionVariants"):
        if member in kept:
            kept[member] = [{"InitialVariantWeight": 1.0, **variant} for variant in kept[member]]
    account.configs[request["EndpointConfigName"]] = Stored(kept, created)


def describe_endpoint_config(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """The request that made the configuration, its ARN and its age."""
    name = request["EndpointConfigName"]
    stored = account.find_config(name)
    arn = account.arn("endpoint-config", name)
    return {**stored.request, "EndpointConfigArn": arn, "CreationTime": stored.created}


def list_endpoint_configs(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Summaries of the configurations."""
    rows = [
        {
            "EndpointConfigName": name,
            "EndpointConfigArn": account.arn("endpoint-config", name),
            "CreationTime": stored.created,
        }
        for name, stored in account.configs.items()
    ]
    return list_rows("EndpointConfig", rows, request, "EndpointConfigs")


def delete_endpoint_config(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """AWS advises against it while an endpoint uses the configuration, but does not refuse."""
    name = request["EndpointConfigName"]
    account.find_config(name)
    del account.configs[name]
    account.tags.pop(account.arn("endpoint-config", name), None)
    return {}
