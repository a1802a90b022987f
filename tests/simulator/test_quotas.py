"""Service Quotas, seen through boto3: the limits that SageMaker here enforces, found among all the others."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulator.small_fleet import LocalAws, SmallFleet, config, instances, serve_locally

USAGE = "ml.m5.large for endpoint usage"


@pytest.fixture(scope="module")
def fleet() -> Iterator[LocalAws]:
    """One fleet: no test changes a quota."""
    with serve_locally(SmallFleet()) as local:
        yield local


@pytest.fixture(scope="module")
def client(fleet: LocalAws) -> Iterator[Any]:
    """A boto3 client of Service Quotas."""
    client = fleet.client("service-quotas")
    yield client
    client.close()


@pytest.fixture(scope="module")
def quotas(client: Any) -> dict[str, dict[str, Any]]:
    """Every quota by its name, page by page."""
    pages = client.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker")
    return {quota["QuotaName"]: quota for page in pages for quota in page["Quotas"]}


def test_quotas_on_hosting_stand_among_those_on_other_things(quotas: dict[str, dict[str, Any]]) -> None:
    assert len(quotas) > 200
    assert quotas["Number of serverless endpoints"]["Value"] == 51.0
    assert quotas["Total concurrency across all serverless endpoints"]["Value"] == 1010.0
    assert quotas["ml.g5.xlarge for endpoint usage"] == {
        "ServiceCode": "sagemaker",
        "ServiceName": "Amazon SageMaker",
        "QuotaArn": "arn:aws:servicequotas:us-east-1:123456789012:sagemaker/L-1928E07B",
        "QuotaCode": "L-1928E07B",
        "QuotaName": "ml.g5.xlarge for endpoint usage",
        "Value": 20.0,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
        "QuotaAppliedAtLevel": "ACCOUNT",
    }
    assert len({quota["QuotaCode"] for quota in quotas.values()}) == len(quotas)


def test_value_is_the_one_that_sagemaker_enforces(fleet: LocalAws, quotas: dict[str, dict[str, Any]]) -> None:
    sagemaker, limit = fleet.client("sagemaker"), int(quotas[USAGE]["Value"])
    shown = sagemaker.describe_endpoint(EndpointName="Fraud-Scorer")["ProductionVariants"]
    assert limit > sum(variant["CurrentInstanceCount"] for variant in shown)
    sagemaker.create_endpoint_config(**config("huge", instances("A", "search", limit + 1)))
    with pytest.raises(sagemaker.exceptions.ResourceLimitExceeded, match=f"'{USAGE}' is {limit} Instances"):
        sagemaker.create_endpoint(EndpointName="huge", EndpointConfigName="huge")


def test_one_quota_is_found_by_its_code(client: Any, quotas: dict[str, dict[str, Any]]) -> None:
    code = quotas[USAGE]["QuotaCode"]
    assert client.get_service_quota(ServiceCode="sagemaker", QuotaCode=code)["Quota"] == quotas[USAGE]
    assert client.list_service_quotas(ServiceCode="sagemaker", QuotaCode=code)["Quotas"] == [quotas[USAGE]]


def test_pages_are_as_long_as_asked_for(client: Any) -> None:
    first = client.list_service_quotas(ServiceCode="sagemaker", MaxResults=3)
    second = client.list_service_quotas(ServiceCode="sagemaker", MaxResults=3, NextToken=first["NextToken"])
    names = [quota["QuotaName"] for page in (first, second) for quota in page["Quotas"]]
    assert names == sorted(set(names)) and len(names) == 6


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"ServiceCode": "mainframe"}, "NoSuchResourceException"),
        ({"ServiceCode": "sagemaker", "MaxResults": 101}, "IllegalArgumentException"),
        ({"ServiceCode": "sagemaker", "NextToken": "mine"}, "InvalidPaginationTokenException"),
    ],
)
def test_lists_that_are_refused(client: Any, asked: dict[str, Any], error: str) -> None:
    with pytest.raises(getattr(client.exceptions, error)):
        client.list_service_quotas(**asked)


@pytest.mark.parametrize("where", [("sagemaker", "L-00000000"), ("mainframe", "L-1928E07B")])
def test_what_is_no_quota_is_not_found(client: Any, where: tuple[str, str]) -> None:
    with pytest.raises(client.exceptions.NoSuchResourceException):
        client.get_service_quota(ServiceCode=where[0], QuotaCode=where[1])
