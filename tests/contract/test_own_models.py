"""The SDK's data without what smtop never asks: what it does ask is as it was."""

from typing import Any

import botocore.session
import pytest
from botocore.loaders import create_loader
from botocore.regions import EndpointResolver

from smtop.metrics.aws.models import ITS_OWN, own_models
from smtop.metrics.aws.operations import ALLOWED, CHANGING, iam_prefix
from smtop.metrics.aws.session import LATER, SERVICES

OF_CREDENTIALS = ("sso", "sso-oidc", "sts")


@pytest.fixture
def own() -> Any:
    own_models.cache_clear()
    return own_models(None)


def resolver(loader: Any) -> EndpointResolver:
    return EndpointResolver(loader.load_data_with_path("endpoints")[0])


@pytest.mark.parametrize("service", [*SERVICES, *LATER, *OF_CREDENTIALS])
def test_a_service_is_found_where_it_was_in_every_partition(own: Any, service: str) -> None:
    whole = create_loader()
    prefix = whole.load_service_model(service, "service-2")["metadata"]["endpointPrefix"]
    ours, theirs = resolver(own), resolver(whole)
    partitions = [partition["partition"] for partition in whole.load_data("endpoints")["partitions"]]
    regions = [*botocore.session.get_session().get_available_regions("sts"), "cn-north-1", "us-gov-west-1", "xx-new-1"]
    for region in regions:
        assert ours.construct_endpoint(prefix, region) == theirs.construct_endpoint(prefix, region)
    for partition in partitions:
        assert ours.get_available_endpoints(prefix, partition) == theirs.get_available_endpoints(prefix, partition)


@pytest.mark.parametrize("service", [service for service in (*SERVICES, *LATER) if service not in ITS_OWN])
def test_what_is_left_of_a_model_is_as_it_was(own: Any, service: str) -> None:
    whole = create_loader().load_service_model(service, "service-2")
    lean = own.load_service_model(service, "service-2")
    wanted = {name for name in whole["operations"] if f"{iam_prefix(service)}:{name}" in ALLOWED | CHANGING}
    assert set(lean["operations"]) == wanted
    assert lean["operations"].items() <= whole["operations"].items()
    assert lean["shapes"].items() <= whole["shapes"].items()
    assert lean["metadata"] == whole["metadata"]


def test_what_the_sdk_asks_itself_is_left_whole(own: Any) -> None:
    for service in {*OF_CREDENTIALS, *ITS_OWN}:
        assert own.load_service_model(service, "service-2") == create_loader().load_service_model(service, "service-2")
