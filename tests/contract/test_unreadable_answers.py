"""A body that is no answer to the question is refused: botocore alone would take most of these for an empty fleet."""

from typing import Any

import botocore.loaders
import pytest
from aiobotocore.parsers import AioResponseParserFactory
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import ResponseParserError

from smtop.metrics.aws.parsers import StrictParsers

PAGE = b"<html><head><title>502 Bad Gateway</title></head></html>"
XML = b'<?xml version="1.0"?><rss><channel/></rss>'
LISTED = b'{"Endpoints": [{"EndpointName": "fraud", "EndpointArn": "arn"}]}'


def operation(loader: botocore.loaders.Loader, service: str, name: str) -> OperationModel:
    return ServiceModel(loader.load_service_model(service, "service-2"), service).operation_model(name)


async def parsed(model: OperationModel, body: bytes, status: int = 200) -> Any:
    protocol = model.service_model.resolved_protocol
    response = {"body": body, "status_code": status, "headers": {}, "context": {}}
    return await StrictParsers(AioResponseParserFactory()).create_parser(protocol).parse(response, model.output_shape)


@pytest.mark.parametrize("body", [b"", PAGE, LISTED[:40], b"[]", b"null", b"\xe2\xe9\xa1", b'{"Endpoints": 3}'])
async def test_what_is_no_list_of_endpoints_is_none(parsed_models: botocore.loaders.Loader, body: bytes) -> None:
    with pytest.raises(ResponseParserError):
        await parsed(operation(parsed_models, "sagemaker", "ListEndpoints"), body)


@pytest.mark.parametrize("body", [b"", PAGE, XML, b"<GetCallerIdentityResponse><GetCallerIden"])
async def test_what_is_no_identity_is_none(parsed_models: botocore.loaders.Loader, body: bytes) -> None:
    with pytest.raises(ResponseParserError):
        await parsed(operation(parsed_models, "sts", "GetCallerIdentity"), body)


async def test_answers_are_read_as_before(parsed_models: botocore.loaders.Loader) -> None:
    listing = operation(parsed_models, "sagemaker", "ListEndpoints")
    assert [one["EndpointName"] for one in (await parsed(listing, LISTED))["Endpoints"]] == ["fraud"]
    assert "Endpoints" not in await parsed(listing, b"{}")
    described = operation(parsed_models, "sagemaker", "DescribeInferenceComponent")
    assert (await parsed(described, b'{"NaN": NaN}'))["ResponseMetadata"]["HTTPStatusCode"] == 200
    nothing_to_say = operation(parsed_models, "sagemaker", "DeleteEndpoint")
    assert (await parsed(nothing_to_say, b""))["ResponseMetadata"]["HTTPStatusCode"] == 200
    who = b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult>"
    assert (await parsed(operation(parsed_models, "sts", "GetCallerIdentity"), who + b"</GetCallerIdentityResponse>"))[
        "Account"
    ] == "1"


async def test_refusals_in_any_words_stay_refusals(parsed_models: botocore.loaders.Loader) -> None:
    told = await parsed(operation(parsed_models, "sagemaker", "ListEndpoints"), PAGE, status=503)
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 503
