"""CloudWatch's numbers: GetMetricData with all its pages, and ListMetrics."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from operator import lt
from typing import Any, TypeVar

from smtop.metrics.aws.fast_lane import Passage, Preparations, Prepared, Request, UnpreparedError, under_way
from smtop.metrics.aws.faults import translated, understood
from smtop.metrics.aws.link import Link
from smtop.metrics.aws.meter import datapoints_in_request, metrics_in_request
from smtop.metrics.aws.pages import COMPLETE, UNREADABLE, Page, page_of
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.domain.billing import billed_by_payer
from smtop.metrics.domain.series import MetricId
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import Answers, Batch, BatchAnswer, Completeness, Window

_GET = "cloudwatch:GetMetricData"
_LIST = "cloudwatch:ListMetrics"
_ROUNDED_S = 3600
V = TypeVar("V")

_VERDICTS = {verdict.value: verdict for verdict in Completeness}


class CloudWatchMetrics:
    """The MetricSource port over one session, that of the monitoring account where there is a link."""

    def __init__(self, session: AwsSession, link: Link | None = None) -> None:
        self._session = session
        self._link = link
        self._told = link.told if link else nullcontext
        self._preparations = Preparations()
        self._short_way = True

    async def fetch(self, batch: Batch) -> BatchAnswer:
        owner = await self._link.owner() if self._link else None
        prepared = self._preparations.of(batch.series, batch.window.period_s, owner)
        with (
            _bound(metrics_in_request, billed_by_payer(batch.series, batch.priority.name.lower(), prepared.billed)),
            _bound(datapoints_in_request, batch.datapoints),
            self._told(),
            translated(_GET, self._session.profile),
        ):
            pages = await self._pages(Request(prepared, batch.window))
        await asyncio.sleep(0)  # several answers may be there at once, and a key press waits for all that is not cut up
        messages = tuple(message for page in pages for message in page.messages)
        span = _span(batch.window)
        answers = _as_it_is(prepared, pages, span) or _merged(prepared, pages, span)
        return BatchAnswer(answers, messages + (self._link.refused(answers) if self._link else ()))

    def published(self, namespace: str) -> AsyncIterator[Sequence[MetricId]]:
        return self._listed({"Namespace": namespace})

    def recent(self, namespace: str, metric: str) -> AsyncIterator[Sequence[MetricId]]:
        return self._listed({"Namespace": namespace, "MetricName": metric, "RecentlyActive": "PT3H"})

    async def _listed(self, request: dict[str, Any]) -> AsyncIterator[Sequence[MetricId]]:
        if self._link and (owner := await self._link.owner()):
            request |= {"IncludeLinkedAccounts": True, "OwningAccount": owner}
        while True:
            with self._told(), translated(_LIST, self._session.profile):
                page = await self._session.cloudwatch(lambda client: client.list_metrics(**request))
                listed = _metric_ids(page)
            yield listed
            token = page.get("NextToken")
            if not token:
                return
            if token == request.get("NextToken"):
                raise AwsError(FaultKind.SERVICE, _LIST, f"{_LIST} repeats a page; the rest is left out.")
            request["NextToken"] = token

    async def _pages(self, request: Request) -> list[Page]:
        pages = [await self._page(request)]
        seen = set()
        while token := pages[-1].token:
            if token in seen:
                raise AwsError(FaultKind.SERVICE, _GET, f"{_GET} repeats a page; its answer is left out.")
            seen.add(token)
            pages.append(await self._page(Request(request.prepared, request.window, token)))
        return pages

    async def _page(self, request: Request) -> Page:
        """One page, by the short way for as long as botocore lets it pass."""
        if self._short_way:
            try:
                return await self._passed(Passage(request))
            except UnpreparedError:
                pass
        response = await self._ask(request.parameters())
        self._short_way = False
        return page_of(response)

    async def _passed(self, passage: Passage) -> Page:
        """The page of a passage. Raises UnpreparedError where botocore took no body, whatever came of that."""
        try:
            with _bound(under_way, passage):
                response = await self._ask({"MetricDataQueries": [], **passage.request.changing()})
        except Exception as error:
            if passage.body is None:
                raise UnpreparedError("no body was put in") from error
            raise
        if passage.body is None:
            raise UnpreparedError("no body was put in")
        return passage.page if passage.page is not None else page_of(response)

    async def _ask(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = await self._session.cloudwatch(lambda client: client.get_metric_data(**parameters))
        return answer


@contextmanager
def _bound(variable: ContextVar[V], value: V) -> Iterator[None]:
    """The variable has this value within the block."""
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


def _span(window: Window) -> range:
    """When the points of an answer can be: CloudWatch rounds a start that is long ago down to a whole hour.

    Source: API reference of GetMetricData, StartTime.
    """
    return range(window.start - max(_ROUNDED_S, window.period_s), window.end + 1)


def _as_it_is(prepared: Prepared, pages: Sequence[Page], span: range) -> Answers | None:
    """The answers of a single page that has a result for every query, in order; None where pages must be merged."""
    page = pages[0]
    if len(pages) > 1 or page.ids != prepared.ids or list(map(len, page.times)) != list(map(len, page.values)):
        return None
    if not all(_is_ascending(times, span) for times in {id(times): times for times in page.times}.values()):
        return None
    return Answers(prepared.series, _verdicts(page.statuses), page.times, page.values, page.notes)


def _verdicts(statuses: Sequence[str]) -> list[Completeness]:
    if statuses.count(COMPLETE) == len(statuses):
        return [Completeness.COMPLETE] * len(statuses)
    return [_VERDICTS.get(status, Completeness.ERROR) for status in statuses]


def _is_ascending(times: Sequence[int], span: range) -> bool:
    """Whether each time is after the one before, and all are in the span."""
    return not times or (times[0] in span and times[-1] in span and all(map(lt, times, times[1:])))


@dataclass
class _Result:
    """One result while its pages are merged; the newest status wins, unless there was something to be rejected."""

    status: str = Completeness.PARTIAL
    points: dict[int, float] = field(default_factory=dict)
    message: str | None = None

    def add(self, status: str, times: Sequence[int], values: Sequence[float], message: str | None) -> None:
        if self.status == UNREADABLE:
            return
        self.status, self.message = status, message or self.message
        self.points.update(zip(times, values, strict=True))

    def reject(self, why: str) -> None:
        """Its points are not believed: which of them are wrong, nobody knows."""
        self.status, self.points, self.message = UNREADABLE, {}, why


def _merged(prepared: Prepared, pages: Sequence[Page], span: range) -> Answers:
    """What all pages say of each query; results that nobody asked for are dropped."""
    results = {query_id: _Result() for query_id in prepared.ids}
    for page in pages:
        for place, query_id in enumerate(page.ids):
            if query_id in results:
                _merge(results[query_id], page, place, span)
    points = [dict(sorted(result.points.items())) for result in results.values()]
    return Answers(
        prepared.series,
        _verdicts([result.status for result in results.values()]),
        [list(own) for own in points],
        [list(own.values()) for own in points],
        {place: result.message for place, result in enumerate(results.values()) if result.message},
    )


def _merge(result: _Result, page: Page, place: int, span: range) -> None:
    times, values, note = page.times[place], page.values[place], page.notes.get(place)
    if page.statuses[place] == UNREADABLE:
        result.reject(note or UNREADABLE)
    elif len(times) != len(values):
        result.reject(f"CloudWatch answered {len(times)} times and {len(values)} values")
    elif not all(at in span for at in times):
        result.reject("CloudWatch answered a time that was not asked")
    else:
        result.add(page.statuses[place], times, values, note)


@understood()
def _metric_ids(page: Mapping[str, Any]) -> list[MetricId]:
    """Raises ResponseParserError where the page makes no sense."""
    return [_metric_id(metric) for metric in page.get("Metrics", ())]


def _metric_id(metric: Mapping[str, Any]) -> MetricId:
    dimensions = ((str(entry["Name"]), str(entry["Value"])) for entry in metric.get("Dimensions", ()))
    return MetricId(str(metric["Namespace"]), str(metric["MetricName"]), tuple(sorted(dimensions)))
