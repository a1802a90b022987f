"""China, GovCloud and the like: the same services under other ARNs, addresses and prices."""

import json
from pathlib import Path

import botocore
import pytest

from smtop.metrics.actions.permissions import role_arn
from smtop.metrics.aws.sizes import image_of
from smtop.metrics.domain.endpoint import EndpointSummary, Identity, Instances, Moving, Serverless, Variant
from smtop.metrics.domain.prices import Prices
from smtop.metrics.operator import is_amazons
from tests.support.fleet import NOW

PARTITIONS = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text())["partitions"]
PUBLIC = [one for one in PARTITIONS if not one["id"].startswith("aws-iso")]
PLACES = [("aws", "us-east-1"), ("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")]


@pytest.mark.parametrize("partition", PUBLIC, ids=lambda one: one["id"])
def test_every_public_partition_s_addresses_are_amazon_s_own(partition: dict[str, dict[str, str]]) -> None:
    for suffix in (partition["outputs"]["dnsSuffix"], partition["outputs"]["dualStackDnsSuffix"]):
        assert is_amazons(f"https://api.sagemaker.some-region-1.{suffix}")
        assert is_amazons(f"https://api-fips.sagemaker.some-region-1.{suffix}/")
    assert not is_amazons("http://127.0.0.1:4566")
    assert not is_amazons("https://amazonaws.com.example.org")


@pytest.mark.parametrize(("partition", "region"), PLACES)
def test_account_and_region_are_read_from_any_arn(partition: str, region: str) -> None:
    arn = f"arn:{partition}:sagemaker:{region}:123456789012:endpoint/fraud"
    summary = EndpointSummary("fraud", arn, "InService", NOW, NOW)
    assert (summary.account, summary.region, summary.address) == (
        "123456789012",
        region,
        f"123456789012/{region}/fraud",
    )
    assert EndpointSummary("fraud", "", "InService", NOW, NOW).account == ""


@pytest.mark.parametrize(("partition", "region"), PLACES)
def test_a_caller_s_role_stays_in_its_partition(partition: str, region: str) -> None:
    caller = f"arn:{partition}:sts::123456789012:assumed-role/oncall/ana"
    assert role_arn(caller) == f"arn:{partition}:iam::123456789012:role/oncall"
    assert Identity("123456789012", region, caller).partition == partition


@pytest.mark.parametrize("suffix", ["amazonaws.com", "amazonaws.com.cn", "amazonaws.eu"])
def test_images_are_found_in_any_registry(suffix: str) -> None:
    image = image_of(f"123456789012.dkr.ecr.some-region-1.{suffix}/team/model:3")
    assert image is not None
    assert (image.account, image.region, image.repository, image.tag) == (
        "123456789012",
        "some-region-1",
        "team/model",
        "3",
    )


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
def test_prices_that_are_not_known_there_are_none_and_not_nothing(region: str) -> None:
    prices = Prices.load()
    hosted = Variant("A", instances=Instances(Moving(2, 2), "ml.m5.xlarge"))
    kept_warm = Variant("A", serverless=Serverless(2048, 10, 5))
    assert prices.endpoint_usd_per_hour([hosted], region) is None
    assert prices.endpoint_usd_per_hour([kept_warm], region) is None
    assert (prices.endpoint_usd_per_hour([hosted], "us-east-1") or 0) > 0
