"""CloudWatch's numbers: GetMetricData with all its pages, and ListMetrics."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smtop.metrics.aws.faults import translated
from smtop.metrics.aws.meter import metrics_in_request
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.clock import utc
from smtop.metrics.domain.billing import metrics_billed
from smtop.metrics.domain.series import PERIOD_S, MetricId, Point, SeriesKey
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import Answer, Batch, BatchAnswer, Completeness

_GET = "cloudwatch:GetMetricData"
_LIST = "cloudwatch:ListMetrics"


@dataclass
class _Result:
    """One result while its pages come in; the newest status wins."""

    status: str = Completeness.PARTIAL
    points: dict[int, float] = field(default_factory=dict)
    message: str | None = None


class CloudWatchMetrics:
    """The MetricSource port over one session."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    async def fetch(self, batch: Batch) -> BatchAnswer:
        results = {f"q{index}": _Result() for index in range(len(batch.series))}
        messages: list[str] = []
        token = metrics_in_request.set(metrics_billed(batch.series))
        try:
            with translated(_GET, self._session.profile):
                await self._read_pages(_request(batch), results, messages)
        finally:
            metrics_in_request.reset(token)
        answers = (_answer(result) for result in results.values())
        return BatchAnswer(dict(zip(batch.series, answers, strict=True)), tuple(messages))

    async def published(self, namespace: str) -> AsyncIterator[Sequence[MetricId]]:
        request = {"Namespace": namespace}
        while True:
            with translated(_LIST, self._session.profile):
                page = await self._session.cloudwatch(lambda client: client.list_metrics(**request))
            yield [_metric_id(metric) for metric in page.get("Metrics", ())]
            token = page.get("NextToken")
            if not token:
                return
            if token == request.get("NextToken"):
                raise AwsError(FaultKind.SERVICE, _LIST, f"{_LIST} repeats a page; the rest is left out.")
            request["NextToken"] = token

    async def _read_pages(self, request: dict[str, Any], results: dict[str, _Result], messages: list[str]) -> None:
        seen: set[str] = set()
        while True:
            page = await self._session.cloudwatch(lambda client: client.get_metric_data(**request))
            messages += [str(message.get("Value", "")) for message in page.get("Messages", ())]
            for entry in page.get("MetricDataResults", ()):
                _merge(results, entry)
            token = page.get("NextToken")
            if not token:
                return
            if token in seen:
                raise AwsError(FaultKind.SERVICE, _GET, f"{_GET} repeats a page; its answer is left out.")
            seen.add(token)
            request["NextToken"] = token


def _request(batch: Batch) -> dict[str, Any]:
    return {
        "MetricDataQueries": [_query(f"q{index}", key) for index, key in enumerate(batch.series)],
        "StartTime": utc(batch.window.start),
        "EndTime": utc(batch.window.end),
        "ScanBy": "TimestampAscending",
    }


def _query(query_id: str, key: SeriesKey) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in key.metric.dimensions]
    metric = {"Namespace": key.metric.namespace, "MetricName": key.metric.name, "Dimensions": dimensions}
    return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": PERIOD_S, "Stat": key.stat}}


def _merge(results: dict[str, _Result], entry: Mapping[str, Any]) -> None:
    """Adds one page's part of a result; results that nobody asked for are dropped."""
    result = results.get(str(entry.get("Id")))
    if result is None:
        return
    result.status = str(entry.get("StatusCode") or Completeness.COMPLETE)
    for moment, value in zip(entry.get("Timestamps", ()), entry.get("Values", ()), strict=False):
        result.points[int(moment.timestamp())] = float(value)
    for message in entry.get("Messages", ()):
        result.message = str(message.get("Value", "")) or result.message


def _answer(result: _Result) -> Answer:
    points = tuple(Point(at, value) for at, value in sorted(result.points.items()))
    return Answer.of(_completeness(result.status), points, result.message)


def _completeness(status: str) -> Completeness:
    try:
        return Completeness(status)
    except ValueError:
        return Completeness.ERROR


def _metric_id(metric: Mapping[str, Any]) -> MetricId:
    dimensions = ((str(entry["Name"]), str(entry["Value"])) for entry in metric.get("Dimensions", ()))
    return MetricId(str(metric["Namespace"]), str(metric["MetricName"]), tuple(sorted(dimensions)))
