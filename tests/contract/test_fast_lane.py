"""The short way through botocore sends what botocore would send, and reads what botocore would read."""

import json
import random
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import botocore.loaders
import pytest
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ParamValidationError
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from smtop.metrics.aws import cloudwatch
from smtop.metrics.aws.cloudwatch import CloudWatchMetrics
from smtop.metrics.aws.fast_lane import Preparations, Request, UnpreparedError, body
from smtop.metrics.aws.pages import Page, page_of, read_json, read_xml
from smtop.metrics.aws.protocol import CloudWatchModels
from smtop.metrics.clock import utc
from smtop.metrics.domain.series import PERIOD_S, MetricId, Point, SeriesKey
from smtop.metrics.ports import Answer, Batch, Completeness, Window
from tests.contract.scripted_cloudwatch import in_json, scripted
from tests.contract.sessions import Connect
from tests.support.moto_server import Hosted, MotoAws
from tests.support.simulated_aws import SimulatedAws

T0 = 1_795_176_000
ODD = ("plain", "a b+c&d=e%f", 'quo"te\\back', "ümläut-日本-😀", "x" * 255, "new\nline\ttab", "</member>", ".")
KEYS = tuple(
    SeriesKey(MetricId("AWS/SageMaker", name, (("EndpointName", value), ("VariantName", name))), stat)
    for name in ODD
    for value, stat in zip(ODD, ("Sum", "p99.9", "tm(10%:90%)", "Average") * 2, strict=True)
)


def operation(protocol: str) -> OperationModel:
    """GetMetricData as botocore models it in this protocol."""
    models = CloudWatchModels(botocore.loaders.create_loader())
    models.in_json = protocol == "json"
    return ServiceModel(models.load_service_model("cloudwatch", "service-2"), "cloudwatch").operation_model(
        "GetMetricData"
    )


JSON, QUERY = operation("json"), operation("query")
MODELS = pytest.mark.parametrize("model", [JSON, QUERY], ids=["json", "query"])


# Bodies


def stock_body(model: OperationModel, request: Request) -> bytes:
    """What goes over the wire when botocore does all of it."""
    serializer = create_serializer(model.service_model.resolved_protocol)
    written = serializer.serialize_to_request(request.parameters(), model)
    sent = AWSRequest("POST", "http://127.0.0.1/", written["headers"], written["body"]).prepare().body
    return sent if isinstance(sent, bytes) else bytes(sent.encode())


@MODELS
def test_a_body_is_what_botocore_would_send_whatever_the_names_and_times(model: OperationModel) -> None:
    prepared = Preparations().of(KEYS)
    for start, token in ((T0, None), (T0 + 60, "to+ken/==&x"), (0, "ü"), (T0, None)):
        request = Request(prepared, Window(start, start + 600), token)
        assert body(model, request) == stock_body(model, request)


def test_the_times_in_the_body_are_those_of_the_window() -> None:
    prepared = Preparations().of(KEYS)
    for start in (T0, T0 + 60):
        sent = json.loads(body(JSON, Request(prepared, Window(start, start + 600))))
        assert (sent["StartTime"], sent["EndTime"]) == (start, start + 600)
        assert [query["MetricStat"]["Metric"]["MetricName"] for query in sent["MetricDataQueries"]] == [
            key.metric.name for key in KEYS
        ]


def test_the_same_series_at_another_period_are_another_body() -> None:
    preparations = Preparations()
    for period_s in (60, 3600, 60):
        sent = json.loads(body(JSON, Request(preparations.of(KEYS, period_s), Window(T0, T0 + 7200, period_s))))
        assert {query["MetricStat"]["Period"] for query in sent["MetricDataQueries"]} == {period_s}


@MODELS
def test_each_query_names_the_account_that_it_is_about_and_costs_no_more(model: OperationModel) -> None:
    preparations = Preparations()
    own, theirs = preparations.of(KEYS), preparations.of(KEYS, owner="444455556666")
    request = Request(theirs, Window(T0, T0 + 600))
    assert body(model, request) == stock_body(model, request)
    assert body(model, request).count(b"444455556666") == len(KEYS)
    assert b"AccountId" not in body(model, Request(own, Window(T0, T0 + 600)))
    assert theirs.billed == own.billed


def test_a_body_in_another_protocol_is_not_made_up() -> None:
    model = operation("query")
    model.service_model.metadata["protocols"] = ["smithy-rpc-v2-cbor"]
    with pytest.raises(UnpreparedError):
        body(model, Request(Preparations().of(KEYS), Window(T0, T0 + 60)))


@MODELS
def test_what_botocore_would_not_send_is_not_sent(model: OperationModel) -> None:
    empty = SeriesKey(MetricId("AWS/SageMaker", "Invocations", (("EndpointName", ""),)), "Sum")
    with pytest.raises(ParamValidationError, match="Dimensions"):
        body(model, Request(Preparations().of((KEYS[0], empty)), Window(T0, T0 + 60)))


def test_preparations_are_kept_while_they_are_used_and_do_not_pile_up() -> None:
    preparations = Preparations()
    used, unused = preparations.of(KEYS[:1]), preparations.of(KEYS[:2])
    for index in range(1000):
        preparations.of((SeriesKey(MetricId("n", str(index), ()), "Sum"),))
        assert preparations.of(KEYS[:1]) is used
    assert preparations.of(KEYS[:2]) is not unused


# Pages


def stock_page(model: OperationModel, sent: bytes) -> Page:
    parser = create_parser(model.service_model.resolved_protocol)
    return page_of(parser.parse({"status_code": 200, "headers": {}, "body": sent}, model.output_shape))


def rows(page: Page) -> dict[str, Any]:
    """A page in one form, whatever its sequences are."""
    return {
        "results": [
            (page.ids[place], page.statuses[place], list(page.times[place]), list(page.values[place]))
            for place in range(len(page.ids))
        ],
        "notes": dict(page.notes),
        "messages": list(page.messages),
        "token": page.token,
    }


def documents(seed: int) -> dict[str, Any]:
    """An answer with gaps, empty results, shared and odd times, all kinds of numbers and labels."""
    rng = random.Random(seed)
    full = [T0 + PERIOD_S * minute for minute in range(rng.choice((1, 5, 60)))]
    results = []
    for index in range(rng.choice((1, 40))):
        times = [at for at in full if rng.random() < rng.choice((0.0, 0.7, 1.0, 1.0))]
        values = [rng.choice((0.0, 1.5, 3, -2.5e-7, 1.7e30, rng.random() * 1e6)) for _ in times]
        results.append(
            {
                "Id": f"q{index}",
                "Label": rng.choice(('"Timestamps":[1,2]', "a]b[c}{", "日本 😀 <&>", "x\\", "")),
                "Timestamps": times,
                "Values": values,
                "StatusCode": rng.choice(("Complete", "Complete", "PartialData", "InternalError")),
            }
        )
    token = {"NextToken": "t" * rng.choice((1, 400))} if rng.random() < 0.5 else {}
    return {"MetricDataResults": results, "Messages": [], **token}


def xml(document: dict[str, Any], space: str = "") -> bytes:
    """The document as the query protocol has it; `space` stands between tags."""
    results = "".join(_xml_result(result, space) for result in document["MetricDataResults"])
    token = f"<NextToken>{document['NextToken']}</NextToken>" if "NextToken" in document else ""
    inner = f"<MetricDataResults>{results}{space}</MetricDataResults>{space}<Messages/>{token}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{space}<GetMetricDataResponse xmlns="http://x/">{space}'
        f"<GetMetricDataResult>{space}{inner}</GetMetricDataResult>{space}<ResponseMetadata><RequestId>r</RequestId>"
        f"</ResponseMetadata></GetMetricDataResponse>{space}"
    ).encode()


def _xml_result(result: dict[str, Any], space: str) -> str:
    times = [f"{utc(at):%Y-%m-%dT%H:%M:%SZ}" for at in result["Timestamps"]]
    return (
        f"{space}<member>{space}<Timestamps>{_members(times, space)}</Timestamps>{space}<Id>{result['Id']}</Id>"
        f"<Values>{_members(list(map(repr, result['Values'])), space)}</Values><Label>{escape(result['Label'])}</Label>"
        f"<StatusCode>{result['StatusCode']}</StatusCode>{space}</member>"
    )


def _members(texts: Sequence[str], space: str) -> str:
    return "".join(f"{space}<member>{text}</member>" for text in texts) + space * bool(texts)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" ,\n ", "\t: ")])
def test_json_is_read_as_botocore_reads_it(seed: int, separators: tuple[str, str]) -> None:
    for escaped in (True, False):
        sent = json.dumps(documents(seed), separators=separators, ensure_ascii=escaped).encode()
        page = read_json(sent)
        assert page is not None
        assert rows(page) == rows(stock_page(JSON, sent))


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("space", ["", "\n  "])
def test_xml_is_read_as_botocore_reads_it(seed: int, space: str) -> None:
    sent = xml(documents(seed), space)
    page = read_xml(sent)
    assert page is not None
    assert rows(page) == rows(stock_page(QUERY, sent))


ENTRY: dict[str, Any] = {
    "Id": "q0",
    "Label": "l",
    "Timestamps": [T0, T0 + 60],
    "Values": [1.0, 2.0],
    "StatusCode": "Complete",
}


@pytest.mark.parametrize(
    "change",
    [
        {"Timestamps": [float(T0), T0 + 60.0]},
        {"Timestamps": [T0 + 60, T0]},
        {"Timestamps": [T0, T0]},
        {"Values": [1, 2]},
        {"Label": None},
        {"StatusCode": None},
        {"Timestamps": None, "Values": None},
        {"Values": ["NaN", 2.0]},
        {"Values": [float("nan"), 2.0]},
        {"Values": ["1.5", "2.5"]},
        {"Messages": [{"Code": "c", "Value": "one"}, {"Code": "c", "Value": "two"}]},
        {"Messages": []},
    ],
)
def test_odd_json_is_read_as_botocore_reads_it_or_left_to_it(change: dict[str, Any]) -> None:
    document = {"MetricDataResults": [ENTRY, ENTRY | change], "Messages": [{"Code": "c", "Value": "about all"}]}
    sent = json.dumps(document).encode()
    page, stock = read_json(sent), stock_page(JSON, sent)
    assert page is None or rows(page) == rows(stock)
    assert all(value == value for values in stock.values for value in values)  # noqa: PLR0124 - only NaN differs


@pytest.mark.parametrize(
    "sent", [b"", b"{}", b"[]", b'{"MetricDataResults": 7}', b'{"MetricDataResults": [{}]}', b'{"MetricDataResults": [']
)
def test_what_is_no_answer_in_json_is_left_to_botocore(sent: bytes) -> None:
    assert read_json(sent) is None


IN_JSON = json.dumps({"MetricDataResults": [ENTRY], "NextToken": "a"}).encode()


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        (b"1.0, 2.0", b"1e400, 2.0"),
        (b"1.0, 2.0", b"1000000000000000000000000000001, 123456789012345678901234567890.5"),
        (b"1.0, 2.0", b"18446744073709551616, -9223372036854775809"),
        (b"1.0, 2.0", b"9007199254740993.0, 0.1000000000000000055511151231257827021181583404541015625"),
        (b"1.0, 2.0", b"-0, 5e-324"),
        (b"1.0, 2.0", b"Infinity, -Infinity"),
        (b"1.0, 2.0", b"true, false"),
        (b"1.0, 2.0", b"null, 2.0"),
        (b'"Id": "q0"', b'"Id": "q7", "Id": "q0"'),
        (b'"Values"', b'"Values": [7.0], "Values"'),
        (b'"Label": "l"', rb'"Label": "\ud800"'),
        (b'"Label": "l"', b'"Label": "tab\there"'),
        (b'"NextToken": "a"', b'"NextToken": null'),
        (b'"StatusCode": "Complete"', b'"StatusCode": null'),
    ],
)
def test_json_that_parsers_disagree_on_is_read_as_botocore_reads_it_or_left_to_it(usual: bytes, odd: bytes) -> None:
    assert usual in IN_JSON
    sent = IN_JSON.replace(usual, odd)
    page = read_json(sent)
    assert page is None or rows(page) == rows(stock_page(JSON, sent)), sent


@pytest.mark.parametrize(
    "sent",
    [
        IN_JSON.replace(b'"l"', b'"\xff"'),
        b"\xef\xbb\xbf" + IN_JSON,
        IN_JSON + b"{}",
        IN_JSON.replace(str(T0).encode(), b"1e30"),
        IN_JSON.replace(str(T0).encode(), b"253402300800"),
    ],
)
def test_json_that_botocore_would_refuse_is_left_to_it(sent: bytes) -> None:
    assert read_json(sent) is None


PLAIN = xml({"MetricDataResults": [ENTRY], "NextToken": "a"})


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        (b"<Id>q0</Id>", b"<Id>&#113;0</Id>"),
        (b"<Id>q0</Id>", b"<Id><![CDATA[q0]]></Id>"),
        (b"<Id>q0</Id>", b"<!-- no comment --><Id>q0</Id>"),
        (b"<Id>q0</Id>", b""),
        (b"<NextToken>a", b"<NextToken>a&amp;b"),
        (b"<Label>l</Label>", b"<Label>a &amp; b</Label>"),
        (b"<Label>l</Label>", b"<Label/>"),
        (b"<Label>l</Label>", b"<New>of next year</New>"),
        (b"<Label>l</Label>", b"<Messages><member><Code>c</Code><Value>said</Value></member></Messages>"),
        (b"<StatusCode>Complete</StatusCode>", b""),
        (b"<member>1.0</member>", b"<member>NaN</member>"),
        (b"<Messages/>", b"<Messages><member><Code>c</Code><Value>said</Value></member></Messages>"),
        (b"<Values>", b'<Values kind="new">'),
        (b"</GetMetricDataResult>", b"<Extra/></GetMetricDataResult>"),
    ],
)
def test_odd_xml_is_read_as_botocore_reads_it_or_left_to_it(usual: bytes, odd: bytes) -> None:
    assert usual in PLAIN
    sent = PLAIN.replace(usual, odd)
    page = read_xml(sent)
    assert page is None or rows(page) == rows(stock_page(QUERY, sent))


def test_times_with_an_offset_are_utc() -> None:
    sent = PLAIN.replace(b"2026-11-20T12:00:00Z", b"2026-11-20T14:00:00+02:00")
    assert sent != PLAIN
    page = read_xml(sent)
    assert page is not None
    assert rows(page) == rows(stock_page(QUERY, PLAIN))


# All of it


def not_here(*_: object) -> Page:
    raise AssertionError("the long way was taken")


def window_on(now: float, minutes: int = 10) -> Window:
    end = int(now) // PERIOD_S * PERIOD_S
    return Window(end - minutes * PERIOD_S, end)


async def test_the_short_way_is_taken_in_json(
    simulated: SimulatedAws, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloudwatch, "page_of", not_here)
    dimensions = (("EndpointName", "fraud-scorer-prod"), ("VariantName", "AllTraffic"))
    key = SeriesKey(MetricId("/aws/sagemaker/Endpoints", "CPUUtilization", dimensions), "Average")
    async with connect(simulated.environment) as session:
        reply = await CloudWatchMetrics(session).fetch(Batch((key,), window_on(simulated.now())))
    assert reply.answers[key].completeness is Completeness.COMPLETE


async def test_the_short_way_is_taken_in_xml(
    moto: MotoAws, moto_fleet: list[Hosted], connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloudwatch, "page_of", not_here)
    key = SeriesKey(MetricId("AWS/SageMaker", "Nothing", (("EndpointName", "of-moto"),)), "Sum")
    async with connect(moto.environment) as session:
        reply = await CloudWatchMetrics(session).fetch(Batch((key,), Window(T0, T0 + 600)))
    assert reply.answers == {key: Answer(Completeness.COMPLETE)}


async def test_where_bodies_cannot_be_prepared_botocore_makes_them(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> bytes:
        raise UnpreparedError("not today")

    monkeypatch.setattr("smtop.metrics.aws.fast_lane.body", never)
    batch = Batch(KEYS[:1], Window(T0, T0 + 600))
    with scripted(in_json({"MetricDataResults": [ENTRY]}), to_json=None) as script:
        async with connect(script.environment) as session:
            reply = await CloudWatchMetrics(session).fetch(batch)
    assert reply.answers[KEYS[0]].points == (Point(T0, 1.0), Point(T0 + 60, 2.0))
    (sent,) = script.bodies
    assert json.loads(stock_body(JSON, Request(Preparations().of(KEYS[:1]), batch.window))) == sent


async def test_pages_in_json_are_joined_and_what_is_said_is_kept(connect: Connect) -> None:
    first = {"Id": "q0", "Timestamps": [T0], "Values": [1.0], "StatusCode": "PartialData"}
    second = {"Id": "q1", "Timestamps": [], "Values": [], "StatusCode": "Forbidden", "Messages": [{"Value": "no"}]}
    pages = [
        in_json({"MetricDataResults": [first, second], "Messages": [{"Value": "slow"}], "NextToken": "t"}),
        in_json({"MetricDataResults": [ENTRY | {"Timestamps": [T0, T0 - 60]}, ENTRY | {"Id": "q9"}]}),
    ]
    with scripted(*pages, to_json=None) as script:
        async with connect(script.environment) as session:
            reply = await CloudWatchMetrics(session).fetch(Batch(KEYS[:2], Window(T0, T0 + 600)))
    assert reply.messages == ("slow",)
    assert reply.answers == {
        KEYS[0]: Answer.of(Completeness.COMPLETE, [Point(T0 - 60, 2.0), Point(T0, 1.0)]),
        KEYS[1]: Answer(Completeness.FORBIDDEN, message="no"),
    }
    assert [sent.get("NextToken") for sent in script.bodies] == [None, "t"]
