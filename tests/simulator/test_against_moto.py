"""A second opinion: the same requests to moto, where moto is right. Times, images and quotes may differ."""

import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from tests.simulator.small_fleet import SmallFleet, config, instances, model, serve_locally, serverless

CREDENTIALS = {"region_name": "us-east-1", "aws_access_key_id": "any", "aws_secret_access_key": "any"}
# Members that only one side has (moto leaves out what AWS shows, and shows what AWS leaves out).
IGNORED = {"ResponseMetadata", "CreationTime", "LastModifiedTime", "DeployedImages", "DataCaptureConfig"}
IGNORED |= {"Containers", "EnableNetworkIsolation", "VpcConfig"}


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    """A moto server on loopback."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def both(moto_url: str) -> Iterator[tuple[Any, Any]]:
    """Two clients whose accounts hold the same: three models, three configurations, three endpoints."""
    moto = boto3.client("sagemaker", endpoint_url=moto_url, **CREDENTIALS)
    with serve_locally(SmallFleet(seeds=())) as aws:
        ours = aws.client("sagemaker")
        for client in (moto, ours):
            fill(client)
            aws.pass_time(21)
        yield moto, ours
        for name in ("plain", "spread", "light"):
            moto.delete_endpoint(EndpointName=name)
            moto.delete_endpoint_config(EndpointConfigName=f"{name}-1")
            moto.delete_model(ModelName=name)
        moto.close()
        ours.close()


def fill(client: Any) -> None:
    """Real-time, two variants, serverless."""
    variants = {
        "plain": [instances("Main", "plain", 2, InitialVariantWeight=1.0)],
        "spread": [
            instances("A", "spread", InitialVariantWeight=3.0),
            instances("B", "spread", InitialVariantWeight=1.0),
        ],
        "light": [serverless("light", provisioned=3) | {"InitialVariantWeight": 1.0}],
    }
    for name, production in variants.items():
        client.create_model(**model(name))
        client.create_endpoint_config(**config(f"{name}-1", *production))
        tags = [{"Key": "team", "Value": name}]
        client.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-1", Tags=tags)


def comparable(value: Any) -> Any:
    """An answer without what may differ."""
    if isinstance(value, dict):
        return {name: comparable(item) for name, item in value.items() if name not in IGNORED and item != {}}
    return [comparable(item) for item in value] if isinstance(value, list) else value


ASKED: list[tuple[str, dict[str, Any]]] = [
    ("describe_model", {"ModelName": "plain"}),
    ("describe_endpoint_config", {"EndpointConfigName": "spread-1"}),
    ("describe_endpoint_config", {"EndpointConfigName": "light-1"}),
    ("describe_endpoint", {"EndpointName": "plain"}),
    ("describe_endpoint", {"EndpointName": "spread"}),
    ("list_endpoints", {"SortBy": "Name", "SortOrder": "Ascending"}),
    ("list_endpoints", {"SortBy": "Name", "SortOrder": "Descending"}),
    ("list_endpoints", {"SortBy": "Name", "SortOrder": "Ascending", "NameContains": "l"}),
    ("list_endpoints", {"StatusEquals": "Failed"}),
    ("list_endpoint_configs", {"SortBy": "Name", "SortOrder": "Ascending"}),
    ("list_tags", {"ResourceArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/light"}),
]


@pytest.mark.parametrize(("method", "request_"), ASKED)
def test_answers_agree(both: tuple[Any, Any], method: str, request_: dict[str, Any]) -> None:
    moto, ours = (comparable(getattr(client, method)(**request_)) for client in both)
    assert ours == moto
    assert ours


def test_pages_agree(both: tuple[Any, Any]) -> None:
    sizes = [
        [len(page["Endpoints"]) for page in client.get_paginator("list_endpoints").paginate(MaxResults=2)]
        for client in both
    ]
    assert sizes[0] == sizes[1] == [2, 1]


def test_serverless_variants_agree(both: tuple[Any, Any]) -> None:
    shown = [client.describe_endpoint(EndpointName="light")["ProductionVariants"][0] for client in both]
    assert shown[0]["CurrentServerlessConfig"] == shown[1]["CurrentServerlessConfig"]


def test_tags_agree_after_a_change(both: tuple[Any, Any]) -> None:
    arn = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/plain"
    for client in both:
        client.add_tags(ResourceArn=arn, Tags=[{"Key": "env", "Value": "prod"}])
        client.delete_tags(ResourceArn=arn, TagKeys=["team"])
    tags = [client.list_tags(ResourceArn=arn)["Tags"] for client in both]
    assert tags[0] == tags[1] == [{"Key": "env", "Value": "prod"}]


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("describe_endpoint", {"EndpointName": "nope"}),
    ("delete_endpoint", {"EndpointName": "nope"}),
    ("describe_endpoint_config", {"EndpointConfigName": "nope"}),
    ("delete_endpoint_config", {"EndpointConfigName": "nope"}),
    ("describe_model", {"ModelName": "nope"}),
    ("create_endpoint_config", config("new", instances("A", "nope"))),
    (
        "update_endpoint_weights_and_capacities",
        {"EndpointName": "plain", "DesiredWeightsAndCapacities": [{"VariantName": "X", "DesiredWeight": 1}]},
    ),
    (
        "update_endpoint_weights_and_capacities",
        {"EndpointName": "plain", "DesiredWeightsAndCapacities": [{"VariantName": "Main"}, {"VariantName": "Main"}]},
    ),
]


@pytest.mark.parametrize(("method", "request_"), REFUSED)
def test_refusals_agree_up_to_quotes(both: tuple[Any, Any], method: str, request_: dict[str, Any]) -> None:
    told = []
    for client in both:
        with pytest.raises(ClientError) as caught:
            getattr(client, method)(**request_)
        error = caught.value.response["Error"]
        told.append((error["Code"], re.sub("['\"]", "", error["Message"])))
    assert told[0] == told[1]
