"""What an account uses of its quotas."""

import pytest

from smtop.metrics.actions.in_use import listed_usage
from smtop.metrics.domain.endpoint import Endpoint, Instances, Moving, Serverless, Variant
from smtop.metrics.domain.quotas import SERVERLESS, bounded_by, needs_of, usage_of
from smtop.metrics.errors import AwsError, FaultKind
from tests.support.control import FakeControl, hosted
from tests.support.fleet import endpoint

TWO = Instances(Moving(1, 2), "ml.m5.xlarge")
LAMBDA = Serverless(2048, 20)


def described(*variants: Variant) -> Endpoint:
    return endpoint("fraud").endpoint._replace(described=True, variants=variants)


def test_an_inventory_is_counted_by_what_is_wanted() -> None:
    fleet = [
        described(Variant("A", instances=TWO), Variant("B", instances=TWO, shadow=True)),
        described(Variant("A", serverless=LAMBDA)),
        described(Variant("A", serverless=LAMBDA)),
    ]
    assert usage_of(fleet) == {"ml.m5.xlarge": 4, SERVERLESS: 40}


@pytest.mark.parametrize(
    ("quota", "what"),
    [
        ("ml.g5.xlarge for endpoint usage", "ml.g5.xlarge"),
        ("ml.g5.xlarge for training job usage", None),
        ("Total concurrency across all serverless endpoints", SERVERLESS),
        ("Maximum total concurrency that can be shared by serverless endpoints", SERVERLESS),
        ("Maximum number of serverless endpoints", None),
    ],
)
def test_a_quota_is_known_by_its_words(quota: str, what: str | None) -> None:
    assert bounded_by(quota) == what


def test_an_endpoint_needs_more_of_what_its_variants_are_made_from() -> None:
    variants = Variant("A", instances=TWO), Variant("B", instances=TWO), Variant("C", serverless=LAMBDA), Variant("D")
    assert needs_of(described(*variants)) == ("ml.m5.xlarge", SERVERLESS)


def test_an_inventory_with_a_gap_counts_for_nothing() -> None:
    untyped = Variant("A", instances=Instances(Moving(1, 1), None, "config gone"))
    assert usage_of([described(untyped)]) is None
    assert usage_of([described()._replace(described=False)]) is None


async def test_a_fleet_is_described_where_nobody_knows(control: FakeControl) -> None:
    hosted(control, "fraud", {"InitialInstanceCount": 3})
    hosted(control, "sls", {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 20}})
    control.lists["ListEndpoints"] = [{"EndpointName": "fraud"}, {"EndpointName": "sls"}]
    assert await listed_usage(control) == {"ml.m5.xlarge": 3, SERVERLESS: 20}
    control.faults["DescribeEndpointConfig"] = AwsError(FaultKind.PERMISSION, "x:y", "Denied.")
    assert await listed_usage(control) is None
