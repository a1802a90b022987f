"""GetMetricData: up to 500 series an answer and 100,800 datapoints a page."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from smtop.metrics.simulator.cloudwatch.insights import answer, matched
from smtop.metrics.simulator.cloudwatch.queries import MOST_DATAPOINTS, Insights, Query, read_insights, read_queries
from smtop.metrics.simulator.cloudwatch.windows import cut
from smtop.metrics.simulator.resources import MetricReader
from smtop.metrics.simulator.wire.errors import ServiceError
from smtop.metrics.simulator.wire.paging import BadTokenError, issue, redeem
from smtop.metrics.simulator.wire.query_protocol import Timestamp

Points = tuple[list[int], list[float]]


@dataclass(frozen=True)
class _Series:
    """One result: its Id and label, and how to read its points."""

    id: str
    label: str
    read: Callable[[], Points]


def get_metric_data(reader: MetricReader, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """One page. A series that is cut by the page's end is PartialData and goes on under the same Id.

    Later pages are read as of the first page's `now`, which the token carries: a page never shows a newer world. The
    series of a Metrics Insights query come last, all under its Id.
    """
    queries, insights = read_queries(request), read_insights(request)
    first, skip, as_of = _place(request, now)
    series = [_Series(query.id, query.label, partial(read, reader, query, request, as_of)) for query in _shown(queries)]
    series += _insights_series(reader, insights, request, as_of)
    room = int(request.get("MaxDatapoints", MOST_DATAPOINTS))
    results: list[dict[str, Any]] = []
    token = None
    for position in range(first, len(series)):
        times, values = ([], []) if token else series[position].read()
        times, values = times[skip:], values[skip:]
        cut_off = token is not None or len(times) > room
        if cut_off and token is None:
            token = issue([position, skip + room, as_of], request)
        results.append(_result(series[position], (times[:room], values[:room]), complete=not cut_off))
        room, skip = room - min(room, len(times)), 0
    page: dict[str, Any] = {"MetricDataResults": results, "Messages": _messages(reader, insights, as_of)}
    return page | ({"NextToken": token} if token else {})


def analysed_metrics(reader: MetricReader, request: Mapping[str, Any], now: float) -> int:
    """How many metrics the Metrics Insights query of an answered request has gone through."""
    insights = read_insights(request)
    return len(matched(reader, insights.query, now).metrics) if insights else 0


def _shown(queries: list[Query]) -> list[Query]:
    return [query for query in queries if query.shown]


def _insights_series(
    reader: MetricReader, insights: Insights | None, request: Mapping[str, Any], now: float
) -> Iterator[_Series]:
    if insights is None or not insights.shown:
        return
    span = request["StartTime"], request["EndTime"]
    for one in answer(reader, insights.query, span, insights.period, now):
        label = " ".join(part for part in (insights.label, one.label) if part) or insights.id
        points = list(one.points), list(one.points.values())
        yield _Series(insights.id, label, partial(_scanned, points, request))


def _messages(reader: MetricReader, insights: Insights | None, now: float) -> list[dict[str, str]]:
    """As much as possible is answered, and the rest is said. The code is what Grafana's data source looks for."""
    if insights is None or not matched(reader, insights.query, now).exceeded:
        return []
    return [{"Code": "MaxMetricsExceeded", "Value": "Maximum number of allowed metrics exceeded"}]


def read(reader: MetricReader, query: Query, request: Mapping[str, Any], now: float) -> Points:
    """The whole series in the order that the request asks for, newest first by default."""
    window = cut(request["StartTime"], request["EndTime"], query.period, now)
    if window is None or (query.unit is not None and query.unit != reader.units(query.metric)):
        return [], []
    return _scanned(reader.read(query.metric, query.stat, window.start, window.end, window.period, now), request)


def _scanned(points: Points, request: Mapping[str, Any]) -> Points:
    times, values = points
    if request.get("ScanBy", "TimestampDescending") == "TimestampDescending":
        return times[::-1], values[::-1]
    return times, values


def _place(request: Mapping[str, Any], now: float) -> tuple[int, int, float]:
    if not request.get("NextToken"):
        return 0, 0, now
    try:
        position, skip, as_of = redeem(request["NextToken"], request)
    except BadTokenError:
        raise ServiceError("InvalidNextToken", "The next token specified is invalid.") from None
    return position, skip, as_of


def _result(series: _Series, points: Points, complete: bool) -> dict[str, Any]:
    return {
        "Id": series.id,
        "Label": series.label,
        "Timestamps": [Timestamp(at) for at in points[0]],
        "Values": [float(value) for value in points[1]],
        "StatusCode": "Complete" if complete else "PartialData",
    }
