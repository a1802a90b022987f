"""SageMaker's operations by name, as the wire finds them."""

from collections.abc import Callable, Mapping
from typing import Any

from smtop.metrics.simulator.sagemaker import components, endpoint_configs, endpoints, models, tags
from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.describe import describe_endpoint
from smtop.metrics.simulator.sagemaker.quotas import Quotas
from smtop.metrics.simulator.sagemaker.shapes import REQUESTS
from smtop.metrics.simulator.wire.operation import Handler, Operation
from smtop.metrics.simulator.wire.shapes import check

AccountHandler = Callable[[Account, Mapping[str, Any], float], dict[str, Any]]


def sagemaker_operations(account: Account, quotas: Quotas) -> Mapping[str, Operation]:
    """The operations on one account within its quotas."""
    hosting = endpoints.Endpoints(quotas)
    handlers = {
        "CreateModel": models.create_model,
        "DescribeModel": models.describe_model,
        "ListModels": models.list_models,
        "DeleteModel": models.delete_model,
        "CreateEndpointConfig": endpoint_configs.create_endpoint_config,
        "DescribeEndpointConfig": endpoint_configs.describe_endpoint_config,
        "ListEndpointConfigs": endpoint_configs.list_endpoint_configs,
        "DeleteEndpointConfig": endpoint_configs.delete_endpoint_config,
        "CreateEndpoint": hosting.create,
        "UpdateEndpoint": hosting.update,
        "UpdateEndpointWeightsAndCapacities": hosting.resize,
        "DescribeEndpoint": describe_endpoint,
        "ListEndpoints": endpoints.list_endpoints,
        "DeleteEndpoint": endpoints.delete_endpoint,
        "CreateInferenceComponent": components.create_component,
        "DescribeInferenceComponent": components.describe_component,
        "ListInferenceComponents": components.list_components,
        "UpdateInferenceComponent": components.update_component,
        "UpdateInferenceComponentRuntimeConfig": components.resize_component,
        "DeleteInferenceComponent": components.delete_component,
        "ListTags": tags.list_tags,
        "AddTags": tags.add_tags,
        "DeleteTags": tags.delete_tags,
    }
    return {name: Operation(REQUESTS[name], _checked(name, account, handle)) for name, handle in handlers.items()}


def _checked(name: str, account: Account, handle: AccountHandler) -> Handler:
    def run(request: dict[str, Any], now: float) -> dict[str, Any]:
        check(REQUESTS[name], request)
        return handle(account, request, now)

    return run
