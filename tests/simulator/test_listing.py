"""Lists, pages, filters and tags of SageMaker."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from smtop.metrics.simulator.resources import EndpointSeed
from tests.simulator.small_fleet import EPOCH, LocalAws, SmallFleet, config, instances, model, serve_locally

FLEET = tuple(
    EndpointSeed(
        f"ranker-{number:03}",
        [model(f"ranker-{number:03}")],
        [config(f"ranker-{number:03}-v1", instances("Main", f"ranker-{number:03}"))],
        created_ago_s=1000.0 - number,
        modified_ago_s=500.0,
        status="Failed" if number % 50 == 7 else "InService",
    )
    for number in range(230)
)


@pytest.fixture
def large() -> Iterator[LocalAws]:
    """230 endpoints, created a second apart in the order of their names."""
    with serve_locally(SmallFleet(seeds=FLEET)) as local:
        yield local


@pytest.fixture
def client(large: LocalAws) -> Iterator[Any]:
    """A boto3 client of the large fleet."""
    made = large.client("sagemaker")
    yield made
    made.close()


def names(answer: dict[str, Any]) -> list[str]:
    """Names of listed endpoints."""
    return [endpoint["EndpointName"] for endpoint in answer["Endpoints"]]


def test_default_page_is_the_ten_newest(client: Any) -> None:
    answer = client.list_endpoints()
    assert names(answer) == [f"ranker-{number:03}" for number in range(229, 219, -1)]
    assert "NextToken" in answer


@pytest.mark.parametrize("order", ["Ascending", "Descending"])
@pytest.mark.parametrize("key", ["Name", "CreationTime", "Status"])
@pytest.mark.parametrize("size", [7, 100])
def test_pages_hold_every_endpoint_once(client: Any, key: str, order: str, size: int) -> None:
    pages = client.get_paginator("list_endpoints").paginate(SortBy=key, SortOrder=order, MaxResults=size)
    found = [name for page in pages for name in names(page)]
    assert len(found) == len(FLEET)
    assert set(found) == {seed.name for seed in FLEET}
    if key != "Status":
        assert found == sorted(found, reverse=order == "Descending")


def test_last_page_has_no_token(client: Any) -> None:
    answer = client.list_endpoints(NameContains="ranker-00", MaxResults=10)
    assert len(answer["Endpoints"]) == 10
    assert "NextToken" not in answer


def test_endpoint_that_goes_between_pages_hides_no_other(large: LocalAws, client: Any) -> None:
    first = client.list_endpoints(SortBy="Name", SortOrder="Ascending")
    client.delete_endpoint(EndpointName="ranker-003")
    large.pass_time(11)
    second = client.list_endpoints(SortBy="Name", SortOrder="Ascending", NextToken=first["NextToken"])
    assert names(second)[0] == "ranker-010"


def test_token_of_another_question_is_refused(client: Any) -> None:
    token = client.list_endpoints()["NextToken"]
    with pytest.raises(client.exceptions.ClientError, match="Invalid pagination token"):
        client.list_endpoints(NextToken=token, NameContains="ranker")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"StatusEquals": "Failed"}, ["ranker-207", "ranker-157", "ranker-107", "ranker-057", "ranker-007"]),
        ({"NameContains": "-11", "StatusEquals": "InService", "MaxResults": 1}, ["ranker-119"]),
        ({"CreationTimeBefore": datetime.fromtimestamp(EPOCH - 998, UTC)}, ["ranker-001", "ranker-000"]),
        ({"CreationTimeAfter": datetime.fromtimestamp(EPOCH - 773, UTC)}, ["ranker-229", "ranker-228"]),
        ({"LastModifiedTimeBefore": datetime.fromtimestamp(EPOCH - 501, UTC)}, []),
        ({"NameContains": "nothing"}, []),
    ],
)
def test_filters(client: Any, filters: dict[str, Any], expected: list[str]) -> None:
    assert names(client.list_endpoints(**filters)) == expected


def test_modified_endpoints_are_found_by_time(large: LocalAws, client: Any) -> None:
    large.pass_time(5)
    client.update_endpoint(EndpointName="ranker-042", EndpointConfigName="ranker-042-v1")
    after = datetime.fromtimestamp(EPOCH, UTC)
    assert names(client.list_endpoints(LastModifiedTimeAfter=after)) == ["ranker-042"]


def test_configs_and_models_are_listed(client: Any) -> None:
    configs = client.list_endpoint_configs(NameContains="ranker-22", SortBy="Name", SortOrder="Ascending", MaxResults=3)
    assert [each["EndpointConfigName"] for each in configs["EndpointConfigs"]] == [f"ranker-22{n}-v1" for n in range(3)]
    pages = client.get_paginator("list_models").paginate(MaxResults=100)
    assert sum(len(page["Models"]) for page in pages) == len(FLEET)


def test_tags_from_creation_and_after(sagemaker: Any) -> None:
    sagemaker.create_endpoint_config(
        **config("tagged", instances("Main", "batch"), Tags=[{"Key": "team", "Value": "search"}])
    )
    arn = sagemaker.describe_endpoint_config(EndpointConfigName="tagged")["EndpointConfigArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "ads"}, {"Key": "env", "Value": "prod"}])
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["env", "never-there"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "ads"}]


def test_tags_of_a_seed_are_found_by_the_listed_arn(sagemaker: Any) -> None:
    (summary,) = sagemaker.list_endpoints(NameContains="Fraud")["Endpoints"]
    assert summary["EndpointArn"].endswith("endpoint/fraud-scorer")
    assert sagemaker.list_tags(ResourceArn=summary["EndpointArn"])["Tags"] == [{"Key": "team", "Value": "risk"}]
