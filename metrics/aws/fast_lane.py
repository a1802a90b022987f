"""The short way of GetMetricData through botocore: prepared bodies in, pages out.

botocore spends most of its time on validating and writing down five hundred queries that are the same every minute,
and on making objects of an answer that is soon numbers again. Both are left out at its own events. Endpoint rules,
signing, retries and errors stay botocore's: a body is put in before it is signed, and only a good answer is read here.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import ParamValidationError
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator

from smtop.metrics.aws.pages import Page, read_json, read_xml
from smtop.metrics.clock import utc
from smtop.metrics.domain.billing import metrics_billed
from smtop.metrics.domain.series import PERIOD_S, SeriesKey
from smtop.metrics.ports import Window

PAGE = "smtop.page"
"""Where a page that was read here stands in botocore's answer."""

_MOST_PREPARED = 256

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
    """What is the same whenever these series are asked at a period. `heads` are bodies without times, by protocol."""

    series: tuple[SeriesKey, ...]
    period_s: int
    ids: list[str]
    billed: int
    heads: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """One page to ask for."""

    prepared: Prepared
    window: Window
    token: str | None = None

    def parameters(self) -> dict[str, Any]:
        """The request as botocore takes it."""
        return _unchanging(self.prepared) | self.changing()

    def changing(self) -> dict[str, Any]:
        """Its part that is new with every page."""
        times = {"StartTime": utc(self.window.start), "EndTime": utc(self.window.end)}
        return times | ({"NextToken": self.token} if self.token else {})


under_way: ContextVar[Request | None] = ContextVar("under_way", default=None)
"""The request whose body the current task's call is to have."""


class Preparations:
    """What was prepared, by series and period; the least recently used is forgotten first."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[tuple[SeriesKey, ...], int], Prepared] = OrderedDict()

    def of(self, series: tuple[SeriesKey, ...], period_s: int = PERIOD_S) -> Prepared:
        name = (series, period_s)
        known = self._known.get(name)
        if known is None:
            ids = [f"q{index}" for index in range(len(series))]
            known = self._known[name] = Prepared(series, period_s, ids, metrics_billed(series))
            if len(self._known) > _MOST_PREPARED:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(name)
        return known


def attach(events: Any) -> None:
    """Makes a CloudWatch client take the short way for requests that are `under_way`."""
    events.register("before-call.cloudwatch.GetMetricData", _put_body)
    events.register("before-parse.cloudwatch.GetMetricData", _read_page)


def _put_body(model: Any, params: dict[str, Any], **_: object) -> None:
    request = under_way.get()
    if request is not None:
        params["body"] = body(model, request)


def _read_page(
    operation_model: Any, response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object
) -> None:
    protocol = operation_model.service_model.resolved_protocol
    if under_way.get() is None or response_dict["status_code"] != 200 or protocol not in _READERS:
        return
    page = _READERS[protocol](response_dict["body"])
    if page is not None:
        response_dict["body"] = _STUBS[protocol]
        customized_response_dict[PAGE] = page


def body(model: Any, request: Request) -> bytes:
    """The body that botocore would send, byte for byte. Raises UnpreparedError for a protocol that is not known."""
    protocol = model.service_model.resolved_protocol
    if protocol not in _SPLICES:
        raise UnpreparedError(f"no bodies are prepared in {protocol}")
    return _SPLICES[protocol](model, request)


def _json_body(model: Any, request: Request) -> bytes:
    """The times are the last members of the object."""
    head = request.prepared.heads.get("json")
    if head is None:
        _validate(model, request)
        head = request.prepared.heads["json"] = _written(model, _unchanging(request.prepared))[:-1]
    times = {"StartTime": request.window.start, "EndTime": request.window.end}
    changing = times | ({"NextToken": request.token} if request.token else {})
    return b"%b, %b" % (head, json.dumps(changing)[1:].encode())


def _query_body(model: Any, request: Request) -> bytes:
    """The times are the last fields of the form."""
    head = request.prepared.heads.get("query")
    if head is None:
        _validate(model, request)
        fields = _written(model, _unchanging(request.prepared))
        head = request.prepared.heads["query"] = urlencode(fields, doseq=True).encode()
    fields = _written(model, request.changing())
    changing = {name: value for name, value in fields.items() if name not in ("Action", "Version")}
    return b"%b&%b" % (head, urlencode(changing, doseq=True).encode())


_SPLICES: Mapping[str, Callable[[Any, Request], bytes]] = {"json": _json_body, "query": _query_body}


def _validate(model: Any, request: Request) -> None:
    """Raises botocore's ParamValidationError for what it would not send."""
    report = ParamValidator().validate(request.parameters(), model.input_shape)
    if report.has_errors():
        raise ParamValidationError(report=report.generate_report())


def _written(model: Any, parameters: Mapping[str, Any]) -> Any:
    """As botocore writes them down: bytes of a JSON object, or the fields of a form."""
    serializer = create_serializer(model.service_model.resolved_protocol, include_validation=False)
    return serializer.serialize_to_request(parameters, model)["body"]


def _unchanging(prepared: Prepared) -> dict[str, Any]:
    pairs = zip(prepared.ids, prepared.series, strict=True)
    queries = [_query(query_id, key, prepared.period_s) for query_id, key in pairs]
    return {"MetricDataQueries": queries, "ScanBy": "TimestampAscending"}


def _query(query_id: str, key: SeriesKey, period_s: int) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in key.metric.dimensions]
    metric = {"Namespace": key.metric.namespace, "MetricName": key.metric.name, "Dimensions": dimensions}
    return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": period_s, "Stat": key.stat}}
