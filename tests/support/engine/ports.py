"""What the engine asks AWS through, without AWS."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from smtop.metrics.clock import Clock
from smtop.metrics.domain.billing import billed_by_payer, metrics_billed
from smtop.metrics.domain.endpoint import Endpoint, EndpointSummary, Identity
from smtop.metrics.domain.series import MetricId, Point, SeriesKey
from smtop.metrics.domain.snapshot import Problem
from smtop.metrics.errors import AwsError
from smtop.metrics.limiter import priority
from smtop.metrics.ports import (
    Answer,
    Batch,
    BatchAnswer,
    Completeness,
    Description,
    Priority,
    Ranking,
    RankingQuery,
    Window,
)
from tests.support.engine.moments import in_periods
from tests.support.fleet import IDENTITY


class FakeInventory:
    """The Inventory port over a dictionary. `calls` records what was asked, in order.

    `faults` holds errors by call ("identity", "list", "describe NAME", "tags NAME"): the first of a list is raised by
    the next such call. A list fault is raised after the first page. `vanished` endpoints are listed, then not found.
    """

    PAGE = 3

    def __init__(
        self,
        *endpoints: Endpoint,
        problems: Mapping[str, Sequence[Problem]] | None = None,
        who: Identity = IDENTITY,
    ) -> None:
        self.endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self.tags_of: dict[str, Mapping[str, str]] = {}
        self.vanished: set[str] = set()
        self.faults: defaultdict[str, list[AwsError]] = defaultdict(list)
        self.calls: list[str] = []
        self.most_at_once = 0
        self._problems = problems or {}
        self._who = who
        self._under_way = 0

    def described(self) -> list[str]:
        """Names of the endpoints described since the last time this was asked."""
        names = [call.removeprefix("describe ") for call in self.calls if call.startswith("describe ")]
        self.calls = [call for call in self.calls if not call.startswith("describe ")]
        return sorted(names)

    def put(self, *endpoints: Endpoint) -> None:
        self.endpoints |= {endpoint.name: endpoint for endpoint in endpoints}

    async def identity(self) -> Identity:
        self._called("identity")
        return self._who

    async def summaries(self) -> AsyncIterator[Sequence[EndpointSummary]]:
        listed = [endpoint.summary for endpoint in self.endpoints.values()]
        yield listed[: self.PAGE]
        self._called("list")
        for first in range(self.PAGE, len(listed), self.PAGE):
            yield listed[first : first + self.PAGE]

    async def describe(self, listed: EndpointSummary) -> Description | None:
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        await asyncio.sleep(0)
        self._under_way -= 1
        self._called(f"describe {listed.name}")
        if listed.name in self.vanished or listed.name not in self.endpoints:
            return None
        return Description(self.endpoints[listed.name], tuple(self._problems.get(listed.name, ())))

    async def tags(self, arn: str) -> Mapping[str, str]:
        name = arn.rpartition("/")[2]
        self._called(f"tags {name}")
        return self.tags_of.get(name, {})

    def forget(self) -> None:
        self.calls.append("forget")

    def _called(self, call: str) -> None:
        self.calls.append(call)
        if self.faults[call]:
            raise self.faults[call].pop(0)


class ScriptedMetrics:
    """The MetricSource port over a dictionary of points, with CloudWatch's windows: start inclusive, end exclusive.

    `delay_s` is how long a request takes on `clock`. `refuse` decides whether a whole request fails. `verdicts` are the
    completeness of a series' next answers, in order; Complete afterwards. `listable` is what ListMetrics knows.
    `billed` are the metrics that were asked, by payer.
    """

    def __init__(self, refuse: Callable[[Batch], AwsError | None] | None = None) -> None:
        self.refuse = refuse
        self.clock: Clock | None = None
        self.delay_s = 0.0
        self.requests: list[Batch] = []
        self.priorities: list[Priority] = []
        self.billed: Counter[str] = Counter()
        self.verdicts: defaultdict[SeriesKey, list[Completeness]] = defaultdict(list)
        self.messages: list[str] = []
        self.listable: list[MetricId] = []
        self.list_calls: list[str] = []
        self.list_fault: AwsError | None = None
        self.most_at_once = 0
        self._points: defaultdict[SeriesKey, dict[int, float]] = defaultdict(dict)
        self._under_way = 0

    def tell(self, key: SeriesKey, *points: Point) -> None:
        """From now on CloudWatch has these points too."""
        self._points[key].update({point.at: point.value for point in points})

    async def fetch(self, batch: Batch) -> BatchAnswer:
        self.requests.append(batch)
        self.priorities.append(priority.get())
        self.billed.update(billed_by_payer(batch.series, "nobody", metrics_billed(batch.series)))
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        await asyncio.sleep(0)
        if self.clock and self.delay_s:
            await self.clock.sleep(self.delay_s)
        self._under_way -= 1
        error = self.refuse(batch) if self.refuse else None
        if error is not None:
            raise error
        return BatchAnswer({key: self._answer(key, batch) for key in batch.series}, tuple(self.messages))

    async def published(self, namespace: str) -> AsyncIterator[Sequence[MetricId]]:
        self.list_calls.append(namespace)
        if self.list_fault is not None:
            raise self.list_fault
        yield [metric for metric in self.listable if metric.namespace == namespace]

    async def recent(self, namespace: str, metric: str) -> AsyncIterator[Sequence[MetricId]]:
        self.list_calls.append(f"{namespace} {metric}")
        if self.list_fault is not None:
            raise self.list_fault
        yield [one for one in self.listable if (one.namespace, one.name) == (namespace, metric)]

    def _answer(self, key: SeriesKey, batch: Batch) -> Answer:
        verdicts = self.verdicts[key]
        completeness = verdicts.pop(0) if verdicts else Completeness.COMPLETE
        if completeness in (Completeness.ERROR, Completeness.FORBIDDEN):
            return Answer(completeness)
        known = sorted(self._points[key].items())
        window = batch.window
        inside = [Point(at, value) for at, value in known if window.start <= at < window.end]
        return Answer.of(completeness, in_periods(inside, key.stat, window.period_s))


class ScriptedInsights:
    """The Insights port over values by metric and endpoint, wherever the window lies. `fault` is raised while set."""

    def __init__(self) -> None:
        self.values: defaultdict[str, dict[str, float]] = defaultdict(dict)
        self.messages: tuple[str, ...] = ()
        self.complete = True
        self.fault: AwsError | None = None
        self.queries: list[RankingQuery] = []
        self.windows: list[Window] = []
        self.priorities: list[Priority] = []

    async def rank(self, query: RankingQuery, window: Window) -> Ranking:
        self.queries.append(query)
        self.windows.append(window)
        self.priorities.append(priority.get())
        await asyncio.sleep(0)
        if self.fault is not None:
            raise self.fault
        ranked = sorted(self.values[query.metric].items(), key=lambda item: -item[1])
        return Ranking(dict(ranked[:500]), self.complete, self.messages)
