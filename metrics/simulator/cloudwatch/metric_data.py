"""GetMetricData: up to 500 series an answer and 100,800 datapoints a page."""

from collections.abc import Mapping
from typing import Any

from smtop.metrics.simulator.cloudwatch.queries import MOST_DATAPOINTS, Query, read_queries
from smtop.metrics.simulator.cloudwatch.windows import cut
from smtop.metrics.simulator.resources import MetricReader
from smtop.metrics.simulator.wire.errors import ServiceError
from smtop.metrics.simulator.wire.paging import BadTokenError, issue, redeem
from smtop.metrics.simulator.wire.query_protocol import Timestamp

Points = tuple[list[int], list[float]]


def get_metric_data(reader: MetricReader, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """One page. A series that is cut by the page's end is PartialData and goes on under the same Id.

    Later pages are read as of the first page's `now`, which the token carries: a page never shows a newer world.
    """
    queries = [query for query in read_queries(request) if query.shown]
    first, skip, as_of = _place(request, now)
    room = int(request.get("MaxDatapoints", MOST_DATAPOINTS))
    results: list[dict[str, Any]] = []
    token = None
    for position in range(first, len(queries)):
        query = queries[position]
        times, values = ([], []) if token else read(reader, query, request, as_of)
        times, values = times[skip:], values[skip:]
        cut_off = token is not None or len(times) > room
        if cut_off and token is None:
            token = issue([position, skip + room, as_of], request)
        results.append(_result(query, (times[:room], values[:room]), complete=not cut_off))
        room, skip = room - min(room, len(times)), 0
    answer: dict[str, Any] = {"MetricDataResults": results, "Messages": []}
    return answer | ({"NextToken": token} if token else {})


def read(reader: MetricReader, query: Query, request: Mapping[str, Any], now: float) -> Points:
    """The whole series in the order that the request asks for, newest first by default."""
    window = cut(request["StartTime"], request["EndTime"], query.period, now)
    if window is None or (query.unit is not None and query.unit != reader.units(query.metric)):
        return [], []
    times, values = reader.read(query.metric, query.stat, window.start, window.end, window.period, now)
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


def _result(query: Query, points: Points, complete: bool) -> dict[str, Any]:
    return {
        "Id": query.id,
        "Label": query.label,
        "Timestamps": [Timestamp(at) for at in points[0]],
        "Values": [float(value) for value in points[1]],
        "StatusCode": "Complete" if complete else "PartialData",
    }
