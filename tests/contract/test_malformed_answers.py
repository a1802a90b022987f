"""Whatever arrives instead of an answer of GetMetricData is refused, or read as botocore's own parser reads it."""

import asyncio
import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import botocore.loaders
import pytest
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import create_parser
from botocore.utils import parse_timestamp as stock_timestamp
from hypothesis import given
from hypothesis import strategies as some

from smtop.metrics.aws.cloudwatch import CloudWatchMetrics
from smtop.metrics.aws.meter import Meter
from smtop.metrics.aws.pages import Page, read_json, read_xml
from smtop.metrics.aws.protocol import CloudWatchModels
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.aws.timestamps import parse_timestamp
from smtop.metrics.config import Directories, Settings
from smtop.metrics.domain.series import MetricId, SeriesKey
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import Answer, Batch, BatchAnswer, Completeness, Window
from tests.contract.sessions import point_at
from tests.support.canned import Canned, answer_by
from tests.support.fuzzing import examples
from tests.support.malformed import (
    JSON_PIECES,
    MINUTES,
    NONSENSE,
    QUERIES,
    T0,
    XML_PIECES,
    bent,
    documents,
    in_json,
    in_xml,
    torn,
)

KEYS = tuple(
    SeriesKey(MetricId("AWS/SageMaker", f"m{number}", (("EndpointName", "e"),)), "Sum") for number in range(QUERIES)
)
BATCH = Batch(KEYS, Window(T0, T0 + 60 * MINUTES))
LAST = {"json": b'{"MetricDataResults": []}'}
LAST["query"] = (
    b"<GetMetricDataResponse><GetMetricDataResult><MetricDataResults/></GetMetricDataResult>"
    b"<ResponseMetadata/></GetMetricDataResponse>"
)
KNOWN = frozenset(verdict.value for verdict in Completeness)

JSON, BENT_JSON, TORN_JSON = (
    in_json(documents()),
    in_json(bent(documents())),
    torn(in_json(documents()), JSON_PIECES),
)
XML, BENT_XML, TORN_XML = in_xml(documents()), in_xml(bent(documents())), torn(in_xml(documents()), XML_PIECES)


# botocore's own reading


@pytest.fixture(scope="module")
def models(parsed_models: botocore.loaders.Loader) -> dict[str, OperationModel]:
    """GetMetricData by protocol."""
    found = {}
    for protocol in ("json", "query"):
        loader = CloudWatchModels(parsed_models)
        loader.in_json = protocol == "json"
        service = ServiceModel(loader.load_service_model("cloudwatch", "service-2"), "cloudwatch")
        found[protocol] = service.operation_model("GetMetricData")
    return found


def stock(model: OperationModel, body: bytes) -> dict[str, Any] | None:
    """The answer as botocore reads it with nothing of ours; None for what is no answer."""
    protocol = model.service_model.resolved_protocol
    try:
        if protocol == "json" and not isinstance(json.loads(body), dict):
            return None
        parsed = create_parser(protocol).parse({"status_code": 200, "headers": {}, "body": body}, model.output_shape)
    except Exception:
        return None
    return dict(parsed)


def seconds(moments: Sequence[datetime]) -> list[int]:
    return [int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()) for at in moments]


def texts(messages: Sequence[dict[str, Any]] | None) -> list[str]:
    return [message["Value"] for message in messages or () if message.get("Value")]


def rows(parsed: dict[str, Any]) -> dict[str, Any]:
    results = parsed.get("MetricDataResults", [])
    said = {place: texts(result.get("Messages")) for place, result in enumerate(results)}
    return {
        "ids": [result["Id"] for result in results],
        "statuses": [result.get("StatusCode", "Complete") for result in results],
        "times": [seconds(result.get("Timestamps", ())) for result in results],
        "values": [list(map(float, result.get("Values", ()))) for result in results],
        "notes": {place: told[-1] for place, told in said.items() if told},
        "messages": texts(parsed.get("Messages")),
        "token": parsed.get("NextToken"),
    }


def rows_of(page: Page) -> dict[str, Any]:
    return {
        "ids": list(page.ids),
        "statuses": list(page.statuses),
        "times": [list(times) for times in page.times],
        "values": [list(map(float, values)) for values in page.values],
        "notes": dict(page.notes),
        "messages": list(page.messages),
        "token": page.token,
    }


# The short way alone


def check_page(page: Page | None, model: OperationModel, body: bytes) -> None:
    if page is None:
        return
    parsed = stock(model, body)
    assert parsed is not None
    assert rows_of(page) == rows(parsed)
    assert all(math.isfinite(value) for values in page.values for value in values)


@given(JSON)
@examples(40)
def test_good_json_is_read_the_short_way(models: dict[str, OperationModel], body: bytes) -> None:
    page = read_json(body)
    assert page is not None
    check_page(page, models["json"], body)


@given(some.one_of(BENT_JSON, TORN_JSON))
@examples(120)
def test_other_json_is_left_to_botocore_or_read_like_it(models: dict[str, OperationModel], body: bytes) -> None:
    check_page(read_json(body), models["json"], body)


@given(XML)
@examples(30)
def test_good_xml_is_read_like_botocore(models: dict[str, OperationModel], body: bytes) -> None:
    check_page(read_xml(body), models["query"], body)


@given(some.one_of(BENT_XML, TORN_XML))
@examples(120)
def test_other_xml_is_left_to_botocore_or_read_like_it(models: dict[str, OperationModel], body: bytes) -> None:
    check_page(read_xml(body), models["query"], body)


# All the way


class Channel:
    """CloudWatchMetrics on a session in one protocol that gets the same first page again and again."""

    def __init__(self, protocol: str, runner: asyncio.Runner, settings: Settings) -> None:
        self.protocol = protocol
        self._runner = runner
        self._settings = settings
        self._body = LAST[protocol]
        self.tokens: list[str] = []

    def _answering(self, request: Any) -> Canned:
        if self.protocol == "query" and "X-Amz-Target" in request.headers:
            return Canned(b'{"__type": "UnknownOperationException"}', 404)
        token = self._token(request.body)
        if token is None:
            return Canned(self._body)
        self.tokens.append(token)
        return Canned(LAST[self.protocol])

    def _token(self, body: bytes) -> str | None:
        if self.protocol == "json":
            sent: str | None = json.loads(body).get("NextToken")
            return sent
        return parse_qs(body.decode(), keep_blank_values=True).get("NextToken", [None])[0]

    def open(self) -> None:
        self.session = self._runner.run(AwsSession(self._settings, Meter()).__aenter__())
        self._source = CloudWatchMetrics(self.session)
        self.ask(LAST[self.protocol])

    def ask(self, body: bytes) -> BatchAnswer | None:
        """What comes of a body; None where it was refused as an answer that cannot be read."""
        self._body, self.tokens = body, []
        try:
            with pytest.MonkeyPatch.context() as monkeypatch:
                answer_by(self._answering, monkeypatch)
                return self._runner.run(self._source.fetch(BATCH))
        except AwsError as error:
            assert error.kind is FaultKind.SERVICE
            assert "cannot be read" in str(error) or "repeats a page" in str(error)
            return None


@contextmanager
def channel(protocol: str, folder: Path, loader: botocore.loaders.Loader) -> Iterator[Channel]:
    settings = Settings(Directories(*(folder / name for name in ("config", "state", "cache", "data"))))
    with pytest.MonkeyPatch.context() as monkeypatch, asyncio.Runner() as runner:
        monkeypatch.setattr("botocore.session.create_loader", lambda _: loader)
        named = {"AWS_ACCESS_KEY_ID": "canned", "AWS_SECRET_ACCESS_KEY": "canned", "AWS_REGION": "us-east-1"}
        point_at(named, monkeypatch)
        made = Channel(protocol, runner, settings)
        made.open()
        yield made
        runner.run(made.session.__aexit__())


@pytest.fixture(scope="module")
def json_channel(tmp_path_factory: pytest.TempPathFactory, parsed_models: botocore.loaders.Loader) -> Iterator[Channel]:
    with channel("json", tmp_path_factory.mktemp("json"), parsed_models) as made:
        yield made


@pytest.fixture(scope="module")
def xml_channel(tmp_path_factory: pytest.TempPathFactory, parsed_models: botocore.loaders.Loader) -> Iterator[Channel]:
    with channel("query", tmp_path_factory.mktemp("query"), parsed_models) as made:
        yield made


def is_sound(result: dict[str, Any]) -> bool:
    """Whether botocore's reading of a result can be true."""
    times, values = seconds(result.get("Timestamps", ())), result.get("Values", ())
    return (
        len(times) == len(values)
        and all(T0 - 3600 <= at <= T0 + 60 * MINUTES for at in times)
        and all(isinstance(value, int | float) and abs(value) <= 3e38 for value in values)
    )


def check_answer(answer: Answer, results: Sequence[dict[str, Any]]) -> None:
    """What smtop makes of the results of one query, beside what botocore has read."""
    if not all(map(is_sound, results)):
        assert (answer.completeness, answer.times) == (Completeness.ERROR, ())
        assert answer.message
        return
    points = {
        at: float(value)
        for result in results
        for at, value in zip(seconds(result.get("Timestamps", ())), result.get("Values", ()), strict=True)
    }
    assert dict(zip(answer.times, answer.values, strict=True)) == points
    assert list(answer.times) == sorted(points)
    status = results[-1].get("StatusCode", "Complete") if results else "PartialData"
    assert answer.completeness == (status if status in KNOWN else "InternalError")
    said = [text for result in results for text in texts(result.get("Messages"))]
    assert answer.message == (said[-1] if said else None)


def check(channel: Channel, model: OperationModel, body: bytes) -> BatchAnswer | None:
    """Asks; what is not refused is what botocore has read, point by point."""
    reply = channel.ask(body)
    if reply is None:
        return None
    parsed = stock(model, body)
    assert parsed is not None
    for number, key in enumerate(KEYS):
        check_answer(
            reply.answers[key], [one for one in parsed.get("MetricDataResults", ()) if one["Id"] == f"q{number}"]
        )
    assert list(reply.messages) == texts(parsed.get("Messages"))
    assert channel.tokens == ([parsed["NextToken"]] if parsed.get("NextToken") else [])
    return reply


@given(JSON)
@examples(20)
def test_good_json_is_taken(models: dict[str, OperationModel], json_channel: Channel, body: bytes) -> None:
    assert check(json_channel, models["json"], body) is not None


@given(some.one_of(BENT_JSON, TORN_JSON))
@examples(80)
def test_other_json_is_refused_or_taken_as_botocore_reads_it(
    models: dict[str, OperationModel], json_channel: Channel, body: bytes
) -> None:
    check(json_channel, models["json"], body)


@given(XML)
@examples(20)
def test_good_xml_is_taken(models: dict[str, OperationModel], xml_channel: Channel, body: bytes) -> None:
    assert check(xml_channel, models["query"], body) is not None


@given(some.one_of(BENT_XML, TORN_XML))
@examples(80)
def test_other_xml_is_refused_or_taken_as_botocore_reads_it(
    models: dict[str, OperationModel], xml_channel: Channel, body: bytes
) -> None:
    check(xml_channel, models["query"], body)


# Times


MOMENTS = some.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))  # noqa: DTZ001 - naive ones are wanted too
DIGITS = some.text("0123456789.eE+-_ ", max_size=14)
FORMATS = (
    *("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S+02:00"),
    *("%Y-%m-%dT%H:%M:%S-0730", "%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y%m%dT%H%M%SZ", "%a, %d %b %Y %H:%M:%S GMT"),
    *("%a, %d %b %Y %H:%M:%S +0200", "%d %b %Y %H:%M:%S GMT", "%G-W%V-%u", "%Y%m%d", "%H:%M", "%Y-%jT%H:%M:%S"),
)
WRITTEN = some.builds(lambda at, form: at.strftime(form), MOMENTS, some.sampled_from(FORMATS))


@given(some.one_of(WRITTEN, torn(WRITTEN.map(str.encode), (b"Z", b"T", b"0", b"-", b":")), DIGITS, NONSENSE))
@examples(300)
def test_a_time_is_refused_or_what_botocore_takes_it_for(written: Any) -> None:
    written = written.decode("utf-8", "replace") if isinstance(written, bytes) else written
    try:
        ours = parse_timestamp(written)
    except ValueError:
        return
    theirs = stock_timestamp(written)
    assert ours == (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    "written",
    [
        *(T0, float(T0), str(T0), f"{T0}.0", f"{T0 / 1e9!r}E9", "2026-11-20T12:00:00Z", "2026-11-20T12:00:00.000Z"),
        *("2026-11-20T12:00:00", "2026-11-20T14:00:00+02:00", "2026-11-20T05:00:00-0700", "20261120T120000Z"),
        *("Fri, 20 Nov 2026 12:00:00 GMT", "Fri, 20 Nov 2026 13:00:00 +0100", "20 Nov 2026 12:00:00 GMT"),
    ],
)
def test_every_form_that_aws_has_used_is_read(written: object) -> None:
    assert parse_timestamp(written) == datetime.fromtimestamp(T0, UTC)


# What was found


GOOD = {"Id": "q0", "Label": "l", "Timestamps": [T0, T0 + 60], "Values": [1.0, 2.0], "StatusCode": "Complete"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"Values": [1.0]},
        {"Values": [1.0, "NaN"]},
        {"Values": [1.0, float("nan")]},
        {"Values": [1.0, 1e39]},
        {"Values": "12"},
        {"Timestamps": [T0, T0 + 86_400 * 365]},
        {"Timestamps": [T0, 10]},
    ],
    ids=repr,
)
def test_a_result_that_cannot_be_true_is_an_error_of_its_own(json_channel: Channel, wrong: dict[str, Any]) -> None:
    reply = json_channel.ask(json.dumps({"MetricDataResults": [GOOD | wrong, GOOD | {"Id": "q1"}]}).encode())
    assert reply is not None
    bad, good = (reply.answers[key] for key in KEYS[:2])
    assert (bad.completeness, bad.times) == (Completeness.ERROR, ())
    assert str(bad.message).startswith("CloudWatch answered ")
    assert (good.completeness, good.times) == (Completeness.COMPLETE, (T0, T0 + 60))


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"MetricDataResults": [GOOD]}).encode()[:-1],
        *(b"", b"null", b"[]", b'"later"', b"<html>a proxy</html>", b"\xff\xfe", b'{"MetricDataResults": 7}'),
        *(b'{"MetricDataResults": [null]}', b'{"MetricDataResults": [{"Id": []}]}', b'{"MetricDataResults": [{}]}'),
        *(b'{"Messages": 1}', b'{"NextToken": 1}'),
    ],
)
def test_what_is_no_answer_in_json_is_refused(json_channel: Channel, body: bytes) -> None:
    assert json_channel.ask(body) is None


@pytest.mark.parametrize(
    "body",
    [
        *(LAST["query"][:-1], b"", b"<html/>", b"<GetMetricDataResponse/>", b'{"MetricDataResults": []}'),
        LAST["query"].replace(b"<MetricDataResults/>", b"<MetricDataResults/>" * 2 + b"<NextToken/><NextToken/>"),
    ],
)
def test_what_is_no_answer_in_xml_is_refused(xml_channel: Channel, body: bytes) -> None:
    assert xml_channel.ask(body) is None
