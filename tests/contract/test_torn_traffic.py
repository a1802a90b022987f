"""Recorded answers that were damaged on their way are refused, or read as botocore reads them."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import botocore.loaders
import pytest
from aiobotocore.parsers import AioResponseParserFactory
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import ResponseParserError, create_parser
from hypothesis import given
from hypothesis import strategies as some

from smtop.metrics.aws.parsers import StrictParsers
from smtop.metrics.aws.protocol import CloudWatchModels
from smtop.metrics.aws.timestamps import parse_timestamp
from tests.contract.test_recorded_traffic import RECORDED, Recorded
from tests.support.fuzzing import examples
from tests.support.malformed import JSON_PIECES, XML_PIECES, torn

SPOKEN = tuple(one for one in RECORDED if one.answer.body and one.service not in ("s3", "sagemaker-runtime"))

GOOD_JSON = tuple(one for one in SPOKEN if one.answer.body[:1] == b"{" and one.answer.status == 200)


@pytest.fixture(scope="module")
def models(parsed_models: botocore.loaders.Loader) -> dict[str, ServiceModel]:
    """Services by the names of their recordings."""
    found = {}
    for recorded in SPOKEN:
        loader = CloudWatchModels(parsed_models) if recorded.is_in_json else parsed_models
        description = loader.load_service_model(recorded.client, "service-2")
        found[recorded.service] = ServiceModel(description, recorded.client)
    return found


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


def ours(model: OperationModel, response: dict[str, Any], runner: asyncio.Runner) -> Any:
    """What smtop's session reads; None where it refuses."""
    factory = AioResponseParserFactory()
    factory.set_parser_defaults(timestamp_parser=parse_timestamp)
    parser = StrictParsers(factory).create_parser(model.service_model.resolved_protocol)
    try:
        return plain(runner.run(parser.parse(response, model.output_shape)))
    except ResponseParserError:
        return None


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    return repr(value) if isinstance(value, float) else value  # no NaN is equal to another


@some.composite
def damaged(draw: some.DrawFn) -> tuple[Recorded, bytes]:
    recorded = draw(some.sampled_from(SPOKEN))
    pieces = JSON_PIECES if recorded.answer.body[:1] == b"{" else XML_PIECES
    return recorded, draw(torn(some.just(recorded.answer.body), pieces))


@given(damaged())
@examples(150)
def test_a_damaged_answer_is_refused_or_read_as_botocore_reads_it(
    models: dict[str, ServiceModel], runner: asyncio.Runner, sent: tuple[Recorded, bytes]
) -> None:
    recorded, body = sent
    model = models[recorded.service].operation_model(recorded.operation)
    response = {"status_code": recorded.answer.status, "headers": dict(recorded.answer.headers), "body": body}
    read = ours(model, response, runner)
    if read is None:
        return
    assert read == plain(create_parser(model.service_model.resolved_protocol).parse(response, model.output_shape))
    if recorded in GOOD_JSON and model.output_shape is not None and model.output_shape.members:
        assert isinstance(json.loads(body), dict)


@pytest.mark.parametrize(
    "recorded", [one for one in SPOKEN if one.answer.body[:1] == b"{" and one.answer.status == 200], ids=str
)
def test_a_list_that_was_cut_off_is_not_a_shorter_one(
    recorded: Recorded, models: dict[str, ServiceModel], runner: asyncio.Runner
) -> None:
    model = models[recorded.service].operation_model(recorded.operation)
    if model.output_shape is not None and model.output_shape.members:
        for body in (recorded.answer.body[:-1], recorded.answer.body[: len(recorded.answer.body) // 2], b""):
            assert ours(model, {"status_code": 200, "headers": {}, "body": body}, runner) is None
