"""The port DocumentSource on two AWS: answers as they were sent."""

import json
from collections.abc import AsyncIterator

import pytest

from smtop.metrics.aws.documents import SageMakerDocuments
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.domain.documents import Described
from smtop.metrics.errors import AwsError, FaultKind
from tests.contract.sessions import Connect
from tests.support.moto_server import Hosted, MotoAws


@pytest.fixture(params=["simulated", "moto"])
async def session(request: pytest.FixtureRequest, connect: Connect) -> AsyncIterator[tuple[AwsSession, str]]:
    """A session, and the name of an endpoint there."""
    aws = request.getfixturevalue(request.param)
    name = "ad-click-ctr-prod"
    if isinstance(aws, MotoAws):
        fleet: list[Hosted] = request.getfixturevalue("moto_fleet")
        name = fleet[0].name
    async with connect(aws.environment) as made:
        yield made, name


async def test_each_thing_is_described_whole(session: tuple[AwsSession, str]) -> None:
    source, name = SageMakerDocuments(session[0]), session[1]
    endpoint = await source.document(Described.ENDPOINT, name)
    assert endpoint["EndpointName"] == name
    config = await source.document(Described.CONFIG, endpoint["EndpointConfigName"])
    model = await source.document(Described.MODEL, config["ProductionVariants"][0]["ModelName"])
    assert model["ModelName"] == config["ProductionVariants"][0]["ModelName"]
    json.dumps([endpoint, config, model], allow_nan=False)
    assert "ResponseMetadata" not in endpoint


async def test_what_is_not_there_is_an_error_of_ours(session: tuple[AwsSession, str]) -> None:
    with pytest.raises(AwsError) as raised:
        await SageMakerDocuments(session[0]).document(Described.ENDPOINT, "no-such-endpoint")
    assert raised.value.kind is FaultKind.NOT_FOUND


async def test_members_that_no_sdk_knows_are_there(session: tuple[AwsSession, str]) -> None:
    def novel(response_dict: dict[str, object], **_: object) -> None:
        response_dict["body"] = json.dumps({**json.loads(str(response_dict["body"], "utf-8")), "Novel": [1]}).encode()  # type: ignore[call-overload]

    source, name = SageMakerDocuments(session[0]), session[1]
    session[0].client("sagemaker").meta.events.register_first("before-parse.sagemaker.DescribeEndpoint", novel)
    assert (await source.document(Described.ENDPOINT, name))["Novel"] == [1]
