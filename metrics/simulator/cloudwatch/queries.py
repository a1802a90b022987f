"""The queries of a GetMetricData request: read, and refused in CloudWatch's words.

CloudWatch names every offending member in one ValidationError, one a line.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smtop.metrics.simulator.cloudwatch.insights_query import (
    InsightsQuery,
    SyntaxRefusedError,
    is_insights,
    parse,
)
from smtop.metrics.simulator.cloudwatch.statistics import computed, known
from smtop.metrics.simulator.cloudwatch.windows import valid_period
from smtop.metrics.simulator.resources import MetricId
from smtop.metrics.simulator.wire.errors import invalid

MOST_QUERIES = 500
MOST_DATAPOINTS = 100_800
STATISTICS_A_BILLED_METRIC = 5
MOST_EXPRESSION = 2048
_ID = r"[a-z][a-zA-Z0-9_]*"


@dataclass(frozen=True)
class Query:
    """One series that is asked for."""

    id: str
    metric: MetricId
    stat: str
    period: int
    unit: str | None
    label: str
    shown: bool
    account: str | None = None


@dataclass(frozen=True)
class Insights:
    """The Metrics Insights query of a request."""

    id: str
    query: InsightsQuery
    period: int
    label: str | None
    shown: bool


def metric_id(namespace: str, name: str, dimensions: Sequence[Mapping[str, str]]) -> MetricId:
    """The identity of a metric: dimensions count as a set."""
    return MetricId(namespace, name, tuple(sorted((each["Name"], each["Value"]) for each in dimensions)))


def read_queries(request: Mapping[str, Any]) -> list[Query]:
    """The queries of a request that name a metric. Raises ValidationError."""
    queries = request.get("MetricDataQueries", [])
    complaints = list(_complaints(request, queries))
    if complaints:
        raise invalid("\n".join(complaints))
    return [_query(query) for query in queries if "MetricStat" in query]


def read_insights(request: Mapping[str, Any]) -> Insights | None:
    """The Metrics Insights query of a request that `read_queries` has found to be a good one."""
    for query in request.get("MetricDataQueries", []):
        if "Expression" in query:
            parsed = parse(query["Expression"])
            return Insights(query["Id"], parsed, query["Period"], query.get("Label"), query.get("ReturnData", True))
    return None


def has_expression(request: Mapping[str, Any]) -> bool:
    """Whether a request, good or bad, asks more than metrics by their names."""
    return any("Expression" in query for query in request.get("MetricDataQueries", ()))


def billed_metrics(request: Mapping[str, Any]) -> int:
    """What AWS bills for the metrics that an answered request names: five statistics of one metric count as one."""
    asked: dict[tuple[str | None, MetricId], set[str]] = defaultdict(set)
    for query in read_queries(request):
        asked[query.account, query.metric].add(query.stat)
    return sum(-(-len(stats) // STATISTICS_A_BILLED_METRIC) for stats in asked.values())


def _query(query: Mapping[str, Any]) -> Query:
    wanted = query["MetricStat"]
    metric = wanted["Metric"]
    identity = metric_id(metric["Namespace"], metric["MetricName"], metric.get("Dimensions", ()))
    label = query.get("Label", metric["MetricName"])
    shown = query.get("ReturnData", True)
    how = (wanted["Stat"], wanted["Period"], wanted.get("Unit"))
    return Query(query["Id"], identity, *how, label, shown, query.get("AccountId"))


def _complaints(request: Mapping[str, Any], queries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for name in ("MetricDataQueries", "StartTime", "EndTime"):
        if not request.get(name):
            yield f"The parameter {name} is required."
    if request.get("StartTime", 0) >= request.get("EndTime", float("inf")):
        yield "The parameter StartTime must be less than the parameter EndTime."
    if len(queries) > MOST_QUERIES:
        yield f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}."
        return
    most = request.get("MaxDatapoints", MOST_DATAPOINTS)
    if not 1 <= most <= MOST_DATAPOINTS:
        yield f"The value {most} for parameter MaxDatapoints must be between 1 and {MOST_DATAPOINTS}."
    if request.get("ScanBy", "TimestampAscending") not in {"TimestampAscending", "TimestampDescending"}:
        yield f"The value {request['ScanBy']} for parameter ScanBy is not valid."
    for position, query in enumerate(queries, start=1):
        yield from _query_complaints(query, f"MetricDataQueries.member.{position}")
    if any(times > 1 for times in Counter(query.get("Id") for query in queries).values()):
        yield "The values for parameter Id in MetricDataQueries are not unique."
    if sum("Expression" in query for query in queries) > 1:
        yield "Only one Metrics Insights query is allowed in a request."


def _query_complaints(query: Mapping[str, Any], path: str) -> Iterator[str]:
    name = query.get("Id")
    if name is None:
        yield f"The parameter {path}.Id is required."
    elif len(name) > 255 or not re.fullmatch(_ID, name):
        yield f"The value {name} for parameter {path}.Id is not matching the expected pattern ^{_ID}$."
    if ("MetricStat" in query) == ("Expression" in query):
        yield f"Exactly one of the parameters {path}.MetricStat and {path}.Expression must be specified."
    elif "Expression" in query:
        yield from _expression_complaints(query, path)
    else:
        yield from _stat_complaints(query["MetricStat"], f"{path}.MetricStat")


def _expression_complaints(query: Mapping[str, Any], path: str) -> Iterator[str]:
    text = query["Expression"]
    if not 1 <= len(text) <= MOST_EXPRESSION:
        yield f"The parameter {path}.Expression must have a length between 1 and {MOST_EXPRESSION}."
    elif not is_insights(text):
        yield f"The simulator has no metric math and no search: {path}.Expression cannot be evaluated."
    elif "Period" not in query:
        yield f"The parameter {path}.Period is required."
    elif not valid_period(query["Period"]):
        yield f"The value {query['Period']} for parameter {path}.Period must be 1, 5, 10, 20, 30 or a multiple of 60."
    else:
        try:
            parse(text)
        except SyntaxRefusedError as error:
            yield f"Error in expression '{query.get('Id')}': {error}."


def _stat_complaints(wanted: Mapping[str, Any], path: str) -> Iterator[str]:
    metric = wanted.get("Metric", {})
    for name in ("Namespace", "MetricName"):
        if not metric.get(name):
            yield f"The parameter {path}.Metric.{name} is required."
    if len(metric.get("Dimensions", ())) > 30:
        yield f"The collection {path}.Metric.Dimensions must not have a size greater than 30."
    yield from _dimension_complaints(metric.get("Dimensions", ()), f"{path}.Metric")
    if "Period" not in wanted:
        yield f"The parameter {path}.Period is required."
    elif not valid_period(wanted["Period"]):
        yield f"The value {wanted['Period']} for parameter {path}.Period must be 1, 5, 10, 20, 30 or a multiple of 60."
    yield from _statistic_complaints(wanted.get("Stat"), path)


def _dimension_complaints(dimensions: Sequence[Mapping[str, Any]], path: str) -> Iterator[str]:
    for position, dimension in enumerate(dimensions, start=1):
        for name in ("Name", "Value"):
            if not dimension.get(name):
                yield f"The parameter {path}.Dimensions.member.{position}.{name} is required."


def _statistic_complaints(stat: str | None, path: str) -> Iterator[str]:
    if stat is None:
        yield f"The parameter {path}.Stat is required."
    elif not known(stat):
        yield f"The value {stat} for parameter {path}.Stat is not a valid statistic."
    elif not computed(stat):
        yield f"The simulator computes no trimmed statistics: {stat} of parameter {path}.Stat."
