"""The short way of GetMetricData through botocore: prepared bodies in, pages out.

botocore spends most of its time on validating and writing down five hundred queries that are the same every minute,
and on making objects of an answer that is soon numbers again. Both are left out at its own events. Endpoint rules,
signing, retries and errors stay botocore's: a body is put in before it is signed, and only a good answer is read here.

The events and what comes with them are no documented interface. So nothing is believed: where another botocore writes
or tells something else than this module knows, there is an UnpreparedError before anything is sent, and botocore does
all of it.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from botocore import serialize, validate
from botocore.exceptions import ParamValidationError

from smtop.metrics.aws.pages import Page, read_json, read_xml
from smtop.metrics.clock import utc
from smtop.metrics.domain.billing import metrics_billed
from smtop.metrics.domain.series import PERIOD_S, MetricId, SeriesKey
from smtop.metrics.ports import Window

_MOST_PREPARED = 64
"""Of five hundred series each takes some 100 kB. Those of every minute are fewer; of others none comes back soon."""

_STUBS = {
    "json": b"{}",
    "query": b"<GetMetricDataResponse><GetMetricDataResult/><ResponseMetadata/></GetMetricDataResponse>",
}
"""What is left for botocore's parser."""

_READERS: Mapping[str, Callable[[bytes], Page | None]] = {"json": read_json, "query": read_xml}


class UnpreparedError(Exception):
    """botocore is about to send what this module does not know how to replace."""


@dataclass(frozen=True)
class Prepared:
    """What is the same whenever these series are asked at a period. `heads` are bodies without times, by protocol.

    `owner` is the account whose they are, where it is not the one that is asked.
    """

    series: tuple[SeriesKey, ...]
    period_s: int
    ids: list[str]
    billed: int
    owner: str | None = None
    heads: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """One page to ask for."""

    prepared: Prepared
    window: Window
    token: str | None = None

    def parameters(self) -> dict[str, Any]:
        """The request as botocore takes it."""
        return {"MetricDataQueries": _queries(self.prepared), **_CONSTANT, **self.changing()}

    def changing(self) -> dict[str, Any]:
        """Its part that is new with every page."""
        times = {"StartTime": utc(self.window.start), "EndTime": utc(self.window.end)}
        return times | ({"NextToken": self.token} if self.token else {})


@dataclass(slots=True)
class Passage:
    """One request on the short way: the body that was put in, and the page that was read."""

    request: Request
    body: bytes | None = None
    page: Page | None = None


under_way: ContextVar[Passage | None] = ContextVar("under_way", default=None)
"""The passage of the current task's call."""


class Preparations:
    """What was prepared, by series, period and owner; the least recently used is forgotten first."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[tuple[SeriesKey, ...], int, str | None], Prepared] = OrderedDict()

    def of(self, series: tuple[SeriesKey, ...], period_s: int = PERIOD_S, owner: str | None = None) -> Prepared:
        name = (series, period_s, owner)
        known = self._known.get(name)
        if known is None:
            ids = [f"q{index}" for index in range(len(series))]
            known = self._known[name] = Prepared(series, period_s, ids, metrics_billed(series), owner)
            if len(self._known) > _MOST_PREPARED:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(name)
        return known


def attach(events: Any) -> None:
    """Makes a CloudWatch client take the short way for requests that are `under_way`."""
    events.register("before-call.cloudwatch.GetMetricData", _put_body)
    events.register_first("before-send.cloudwatch.GetMetricData", _check_body)
    events.register("before-parse.cloudwatch.GetMetricData", _read_page)


async def _put_body(**event: Any) -> None:
    passage = under_way.get()
    if passage is None:
        return
    with _as_known():
        model, request = event["model"], passage.request
        for _piece in _write_head(model, request):
            await asyncio.sleep(0)  # a first body takes long to write, and key presses wait for that
        event["params"]["body"] = passage.body = body(model, request)


def _check_body(**event: Any) -> None:
    """Without a body that was put in, nothing would be asked."""
    passage = under_way.get()
    if passage is None:
        return
    with _as_known():
        if passage.body is None or event["request"].body != passage.body:
            raise UnpreparedError("botocore sends another body than was put in")


def _read_page(**event: Any) -> None:
    passage = under_way.get()
    if passage is None:
        return
    with suppress(*_UNKNOWN):  # botocore reads the answer then
        answer, protocol = event["response_dict"], event["operation_model"].service_model.resolved_protocol
        if answer["status_code"] == 200:
            passage.page = _READERS[protocol](answer["body"])
        if passage.page is not None:
            answer["body"] = _STUBS[protocol]


_UNKNOWN = (AttributeError, LookupError, TypeError, ValueError)
"""What comes of using a botocore that is another than this module knows."""


@contextmanager
def _as_known() -> Iterator[None]:
    """Raises UnpreparedError where botocore is not as it is known."""
    try:
        yield
    except _UNKNOWN as error:
        raise UnpreparedError(f"{type(error).__name__}: {error}") from error


def body(model: Any, request: Request) -> bytes:
    """The body that botocore would send, byte for byte. Raises UnpreparedError for a protocol that is not known."""
    for _piece in _write_head(model, request):
        pass
    return _SPLICES[model.service_model.resolved_protocol](model, request)


def _write_head(model: Any, request: Request) -> Iterator[None]:
    """Writes the head of the request's body piece by piece, unless it is known."""
    protocol, prepared = model.service_model.resolved_protocol, request.prepared
    if protocol not in _SPLICES:
        raise UnpreparedError(f"no bodies are prepared in {protocol}")
    if protocol in prepared.heads:
        return
    _prove(model)
    yield from _written_head(model, request)


def _written_head(model: Any, request: Request) -> Iterator[None]:
    protocol, prepared = model.service_model.resolved_protocol, request.prepared
    queries, pieces, named = _queries(prepared), [], all(map(_is_named, prepared.series))
    length = _QUERIES_A_PIECE[protocol]
    for first in range(0, len(queries), length):
        piece = {"MetricDataQueries": queries[first : first + length], **_CONSTANT}
        if not (named and first):
            _validate(model, piece | request.changing())
        pieces.append(_written(model, piece))
        yield
    prepared.heads[protocol] = _JOINTS[protocol](pieces)


def _prove(model: Any) -> None:
    """Raises UnpreparedError unless botocore would write down a small request as it is put together here."""
    key = SeriesKey(MetricId("AWS/SageMaker", "Invocations", (("EndpointName", "e"), ("VariantName", "v"))), "Sum")
    sample = Request(Preparations().of((key,)), Window(0, PERIOD_S), "token")
    written = _written(model, sample.parameters())
    stock = written if isinstance(written, bytes) else urlencode(written, doseq=True).encode()
    for _piece in _written_head(model, sample):
        pass
    if _SPLICES[model.service_model.resolved_protocol](model, sample) != stock:
        raise UnpreparedError("botocore writes requests in another way")


def _json_head(pieces: Sequence[bytes]) -> bytes:
    """One object, still open, whose list of queries is that of all pieces."""
    if not all(piece.startswith(_JSON_OPEN) and piece.endswith(_JSON_CLOSE) for piece in pieces):
        raise UnpreparedError("botocore writes JSON in another way")
    inner = b", ".join(piece[len(_JSON_OPEN) : -len(_JSON_CLOSE)] for piece in pieces)
    return b"%b%b%b" % (_JSON_OPEN, inner, _JSON_CLOSE[:-1])


def _form_head(pieces: Sequence[Mapping[str, str]]) -> bytes:
    (fields,) = pieces
    return urlencode(fields, doseq=True).encode()


def _json_body(_: Any, request: Request) -> bytes:
    """The times are the last members of the object."""
    times = {"StartTime": request.window.start, "EndTime": request.window.end}
    changing = times | ({"NextToken": request.token} if request.token else {})
    return b"%b, %b" % (request.prepared.heads["json"], json.dumps(changing)[1:].encode())


def _form_body(model: Any, request: Request) -> bytes:
    """The times are the last fields of the form."""
    fields = _written(model, request.changing())
    changing = {name: value for name, value in fields.items() if name not in ("Action", "Version")}
    return b"%b&%b" % (request.prepared.heads["query"], urlencode(changing, doseq=True).encode())


_CONSTANT = {"ScanBy": "TimestampAscending"}
_JSON_OPEN, _JSON_CLOSE = b'{"MetricDataQueries": [', b'], "ScanBy": "TimestampAscending"}'
_QUERIES_A_PIECE = {"json": 20, "query": 500}
"""A form numbers its queries through, so that it is written in one piece."""

_JOINTS: Mapping[str, Callable[[Any], bytes]] = {"json": _json_head, "query": _form_head}
_SPLICES: Mapping[str, Callable[[Any, Request], bytes]] = {"json": _json_body, "query": _form_body}


def _is_named(key: SeriesKey) -> bool:
    """Whether nothing of it is empty: two queries of which that is true differ in nothing that botocore looks at."""
    metric = key.metric
    return all((metric.namespace, metric.name, key.stat)) and all(map(all, metric.dimensions))


def _validate(model: Any, parameters: Mapping[str, Any]) -> None:
    """Raises botocore's ParamValidationError for what it would not send."""
    report = validate.ParamValidator().validate(parameters, model.input_shape)
    if report.has_errors():
        raise ParamValidationError(report=report.generate_report())


def _written(model: Any, parameters: Mapping[str, Any]) -> Any:
    """As botocore writes them down: bytes of a JSON object, or the fields of a form."""
    serializer = serialize.create_serializer(model.service_model.resolved_protocol, include_validation=False)
    return serializer.serialize_to_request(parameters, model)["body"]


def _queries(prepared: Prepared) -> list[dict[str, Any]]:
    pairs = zip(prepared.ids, prepared.series, strict=True)
    named = {"AccountId": prepared.owner} if prepared.owner else {}
    return [_query(query_id, key, prepared.period_s) | named for query_id, key in pairs]


def _query(query_id: str, key: SeriesKey, period_s: int) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in key.metric.dimensions]
    metric = {"Namespace": key.metric.namespace, "MetricName": key.metric.name, "Dimensions": dimensions}
    return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": period_s, "Stat": key.stat}}
