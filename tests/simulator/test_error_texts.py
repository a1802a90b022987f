"""What SageMaker refuses, and in which words. Operators and tools match these texts, so they are AWS's to the letter.

Sources: public error reports for the texts in full, the API reference for the rules; see each table.
"""

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.simulator.small_fleet import (
    ROLE,
    LocalAws,
    component,
    config,
    instances,
    model,
    serverless,
)

ARN = "arn:aws:sagemaker:us-east-1:123456789012"
INVALID = "ValidationException"
Refusal = tuple[str, dict[str, Any], str]


def two(name: str, **members: Any) -> dict[str, Any]:
    """Two instance variants."""
    return config(name, instances("A", "fraud-a"), instances("B", "fraud-b"), **members)


def resize(endpoint: str, *changes: dict[str, Any]) -> dict[str, Any]:
    """An UpdateEndpointWeightsAndCapacities request."""
    return {"EndpointName": endpoint, "DesiredWeightsAndCapacities": list(changes)}


def traffic(kind: str, **members: Any) -> dict[str, Any]:
    """A blue/green deployment configuration."""
    routing = {"Type": kind, "WaitIntervalInSeconds": 60, **members}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}


def percent(value: int) -> dict[str, Any]:
    """A share of the fleet."""
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def rolling(value: int = 20) -> dict[str, Any]:
    """A rolling deployment configuration."""
    return {"RollingUpdatePolicy": {"MaximumBatchSize": percent(value), "WaitIntervalInSeconds": 0}}


def update(endpoint: str, to: str, **members: Any) -> dict[str, Any]:
    """An UpdateEndpoint request."""
    return {"EndpointName": endpoint, "EndpointConfigName": to, **members}


EXACT: list[Refusal] = [
    ("describe_endpoint", {"EndpointName": "None"}, f'Could not find endpoint "{ARN}:endpoint/none".'),
    ("delete_endpoint", {"EndpointName": "nope"}, f'Could not find endpoint "{ARN}:endpoint/nope".'),
    ("update_endpoint", update("nope", "fraud-1"), f'Could not find endpoint "{ARN}:endpoint/nope".'),
    (
        "describe_endpoint_config",
        {"EndpointConfigName": "nope"},
        f'Could not find endpoint configuration "{ARN}:endpoint-config/nope".',
    ),
    (
        "create_endpoint",
        {"EndpointName": "new", "EndpointConfigName": "nope"},
        f'Could not find endpoint configuration "{ARN}:endpoint-config/nope".',
    ),
    ("describe_model", {"ModelName": "nope"}, f'Could not find model "{ARN}:model/nope".'),
    ("create_endpoint_config", config("c", instances("A", "nope")), f'Could not find model "{ARN}:model/nope".'),
    (
        "describe_inference_component",
        {"InferenceComponentName": "nope"},
        f'Could not find inference component "{ARN}:inference-component/nope".',
    ),
    (
        "create_endpoint",
        {"EndpointName": "Fraud-Scorer", "EndpointConfigName": "fraud-1"},
        f'Cannot create already existing endpoint "{ARN}:endpoint/fraud-scorer".',
    ),
    (
        "create_endpoint_config",
        two("fraud-1"),
        f'Cannot create already existing endpoint configuration "{ARN}:endpoint-config/fraud-1".',
    ),
    ("create_model", model("search"), f'Cannot create already existing model "{ARN}:model/search".'),
    (
        "update_endpoint_weights_and_capacities",
        resize("Fraud-Scorer", {"VariantName": "A"}, {"VariantName": "A"}),
        'The variant name "A" was non-unique within the request.',
    ),
    (
        "update_endpoint_weights_and_capacities",
        resize("Fraud-Scorer", {"VariantName": "C", "DesiredWeight": 1}),
        'The variant name(s) "C" is/are not present within endpoint configuration "fraud-1".',
    ),
    (
        "list_endpoints",
        {"MaxResults": 101},
        "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: "
        "Member must have value less than or equal to 100",
    ),
    (
        "create_endpoint_config",
        config("c", serverless("search", most=500)),
        "1 validation error detected: Value '500' at 'productionVariants.1.member.serverlessConfig.maxConcurrency' "
        "failed to satisfy constraint: Member must have value less than or equal to 200",
    ),
    (
        "create_endpoint_config",
        config("c", serverless("search", memory_mb=1500)),
        "1 validation error detected: Value '1500' at 'productionVariants.1.member.serverlessConfig.memorySizeInMB' "
        "failed to satisfy constraint: Member must satisfy enum value set: [1024, 2048, 3072, 4096, 5120, 6144]",
    ),
    (
        "describe_endpoint",
        {"EndpointName": "under_score"},
        "1 validation error detected: Value 'under_score' at 'endpointName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
    ),
    (
        "list_endpoints",
        {"SortBy": "Size", "StatusEquals": "Fine"},
        "2 validation errors detected: Value 'Size' at 'sortBy' failed to satisfy constraint: Member must satisfy "
        "enum value set: [Name, CreationTime, Status]; Value 'Fine' at 'statusEquals' failed to satisfy constraint: "
        "Member must satisfy enum value set: [OutOfService, Creating, Updating, SystemUpdating, RollingBack, "
        "InService, Deleting, Failed, UpdateRollbackFailed]",
    ),
]

# AWS publishes the rule, not the sentence: what is checked is that the rule holds and the sentence names the matter.
RULES: list[Refusal] = [
    (
        "create_endpoint_config",
        config("c", *(instances(f"V{i}", "search") for i in range(11))),
        "less than or equal to 10",
    ),
    ("create_endpoint_config", config("c", instances("A", "search"), instances("A", "search")), "unique"),
    (
        "create_endpoint_config",
        config("c", instances("A", "search", InstanceType="ml.x")),
        "'ml.x' at '.*instanceType'",
    ),
    (
        "create_endpoint_config",
        config("c", {"VariantName": "A", "ModelName": "search"}),
        "InstanceType or ServerlessConfig",
    ),
    ("create_endpoint_config", config("c", serverless("search") | {"InstanceType": "ml.m5.large"}), "cannot both"),
    (
        "create_endpoint_config",
        config("c", serverless("search"), instances("B", "search")),
        "Only one production variant",
    ),
    ("create_endpoint_config", config("c", serverless("search", most=5, provisioned=6)), "ProvisionedConcurrency 6"),
    ("create_endpoint_config", config("c", instances("A", None)), "ExecutionRoleArn must be specified"),
    (
        "create_endpoint_config",
        config("c", instances("A", None), instances("B", "search"), ExecutionRoleArn=ROLE),
        "all variants or for none",
    ),
    ("create_endpoint_config", two("c", ShadowProductionVariants=[instances("S", "search")]), "exactly one production"),
    ("create_model", {"ModelName": "m", "ExecutionRoleArn": ROLE}, "PrimaryContainer and Containers"),
    ("update_endpoint", update("batch", "search-1"), "to a serverless endpoint"),
    (
        "update_endpoint",
        update("batch", "fraud-1"),
        "AsyncInferenceConfig parameter cannot be removed from this .* batch",
    ),
    (
        "update_endpoint",
        update("batch", "batch-1", DeploymentConfig=traffic("ALL_AT_ONCE") | rolling()),
        "Only one of BlueGreen",
    ),
    ("update_endpoint", update("Fraud-Scorer", "fraud-1", DeploymentConfig=rolling()), "multiple variants"),
    ("update_endpoint", update("search", "search-1", DeploymentConfig=rolling()), "serverless"),
    ("update_endpoint", update("batch", "batch-1", DeploymentConfig=rolling(60)), "between 5 and 50 percent"),
    ("update_endpoint", update("batch", "batch-1", DeploymentConfig=traffic("CANARY")), "CanarySize must be"),
    (
        "update_endpoint",
        update("batch", "batch-1", DeploymentConfig=traffic("ALL_AT_ONCE", CanarySize=percent(5))),
        "CanarySize must not be",
    ),
    (
        "update_endpoint",
        update("batch", "batch-1", DeploymentConfig=traffic("LINEAR", LinearStepSize=percent(5))),
        "between 10 and 50 percent",
    ),
    (
        "update_endpoint",
        update("search", "fraud-1", DeploymentConfig=traffic("ALL_AT_ONCE")),
        "Variant names must match",
    ),
    (
        "update_endpoint_weights_and_capacities",
        resize("Fraud-Scorer", {"VariantName": "A", "DesiredInstanceCount": 0}),
        "DesiredInstanceCount 0",
    ),
    (
        "update_endpoint_weights_and_capacities",
        resize(
            "Fraud-Scorer",
            {"VariantName": "A", "DesiredInstanceCount": 3},
            {"VariantName": "B", "DesiredInstanceCount": 3},
        ),
        "capacity of only one variant",
    ),
    (
        "update_endpoint_weights_and_capacities",
        resize("search", {"VariantName": "AllTraffic", "DesiredInstanceCount": 2}),
        "serverless variant AllTraffic",
    ),
    (
        "update_endpoint_weights_and_capacities",
        resize("search", {"VariantName": "AllTraffic", "ServerlessUpdateConfig": {"ProvisionedConcurrency": 11}}),
        "less than or equal to MaxConcurrency 10",
    ),
    (
        "update_endpoint_weights_and_capacities",
        resize("Fraud-Scorer", {"VariantName": "A", "ServerlessUpdateConfig": {"MaxConcurrency": 1}}),
        "instance-based variant A",
    ),
    ("delete_endpoint", {"EndpointName": "chat"}, "because it has inference components"),
    (
        "create_inference_component",
        component("c", "batch", "batch") | {"VariantName": "Main"},
        "does not support inference",
    ),
    ("create_inference_component", component("c", "chat", "nope"), "Could not find model"),
    (
        "create_inference_component",
        component("chat-llama", "chat", "llama"),
        "Cannot create already existing inference",
    ),
    ("list_tags", {"ResourceArn": f"{ARN}:endpoint/nope"}, "Could not find endpoint"),
    ("list_endpoints", {"NextToken": "made-up"}, "Invalid pagination token"),
]


def refuse(client: Any, method: str, request: dict[str, Any]) -> tuple[str, str]:
    """Code and text of a refused call."""
    with pytest.raises(ClientError) as caught:
        getattr(client, method)(**request)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


@pytest.mark.parametrize(("method", "request_", "text"), EXACT)
def test_text_is_the_one_of_aws(sagemaker: Any, method: str, request_: dict[str, Any], text: str) -> None:
    assert refuse(sagemaker, method, request_) == (INVALID, text)


@pytest.mark.parametrize(("method", "request_", "pattern"), RULES)
def test_rule_is_enforced(sagemaker: Any, method: str, request_: dict[str, Any], pattern: str) -> None:
    code, text = refuse(sagemaker, method, request_)
    assert code == INVALID
    assert re.search(pattern, text), text


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("update_endpoint", update("Fraud-Scorer", "fraud-1")),
        ("update_endpoint_weights_and_capacities", resize("Fraud-Scorer", {"VariantName": "A", "DesiredWeight": 2})),
        ("delete_endpoint", {"EndpointName": "Fraud-Scorer"}),
    ],
)
def test_moving_endpoint_takes_no_change(aws: LocalAws, sagemaker: Any, method: str, request_: dict[str, Any]) -> None:
    sagemaker.update_endpoint(EndpointName="Fraud-Scorer", EndpointConfigName="fraud-1")
    text = f'Cannot update in-progress endpoint "{ARN}:endpoint/fraud-scorer".'
    assert refuse(sagemaker, method, request_) == (INVALID, text)
    aws.pass_time(21)
    getattr(sagemaker, method)(**request_)


def test_quota_of_instances(sagemaker: Any) -> None:
    for number, (kind, count) in enumerate([("ml.g5.xlarge", 21), ("ml.m5.large", 20)]):
        variant = instances("A", "search", count, InstanceType=kind)
        sagemaker.create_endpoint_config(**config(f"large-{number}", variant))
    with pytest.raises(
        sagemaker.exceptions.ResourceLimitExceeded, match=r"'ml\.g5\.xlarge for endpoint usage' is 20 Inst"
    ):
        sagemaker.create_endpoint(EndpointName="large-0", EndpointConfigName="large-0")
    # The account opened with six of the other type in use, and with room for twenty more.
    sagemaker.create_endpoint(EndpointName="large-1", EndpointConfigName="large-1")


def test_quota_of_serverless_concurrency(sagemaker: Any) -> None:
    for number in range(6):
        sagemaker.create_endpoint_config(**config(f"sl-{number}", serverless("search", most=200)))
    for number in range(5):
        sagemaker.create_endpoint(EndpointName=f"sl-{number}", EndpointConfigName=f"sl-{number}")
    with pytest.raises(sagemaker.exceptions.ResourceLimitExceeded, match="current utilization of 1010"):
        sagemaker.create_endpoint(EndpointName="sl-5", EndpointConfigName="sl-5")
