"""Builders and fakes for tests of the engine: a fleet without AWS, and a clock that is moved by hand."""

import asyncio
import heapq
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from statistics import mean

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.clock import Clock
from smtop.metrics.collect.plan import asks
from smtop.metrics.collect.poller import Outside, Poller
from smtop.metrics.domain.billing import billed_by_payer, metrics_billed
from smtop.metrics.domain.catalogue import STANDARD, Catalogue
from smtop.metrics.domain.endpoint import (
    Component,
    Endpoint,
    EndpointSummary,
    Identity,
    Instances,
    Kind,
    Moving,
    Serverless,
    Variant,
)
from smtop.metrics.domain.series import PERIOD_S, MetricId, Owner, Point, Sample, SampleState, SeriesKey
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot, Problem, Spend
from smtop.metrics.errors import AwsError, FaultKind
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
from tests.support.fleet import IDENTITY, NOW, NOW_S

MINUTE = int(NOW_S) // PERIOD_S * PERIOD_S
"""The minute that is under way at NOW."""

NEWEST_SETTLED = 2
"""How many minutes ago the newest settled minute began, at NOW."""

Values = Sequence[float | None]
"""A value a minute, oldest first, up to the newest settled minute; None is a gap."""


def at(ago: int) -> int:
    """The start of the minute `ago` minutes before the one under way."""
    return MINUTE - ago * PERIOD_S


def minutes(*values: float | None, newest: int = NEWEST_SETTLED) -> tuple[Point, ...]:
    """One point a minute, the last one `newest` minutes ago; None leaves a gap."""
    first = newest + len(values) - 1
    return tuple(Point(at(first - index), value) for index, value in enumerate(values) if value is not None)


def fault(kind: FaultKind, operation: str = "cloudwatch:GetMetricData", message: str | None = None) -> AwsError:
    """An error as the adapters raise it."""
    return AwsError(kind, operation, message or f"{operation}: {kind.value}.")


EXPIRED = fault(FaultKind.CREDENTIALS, "sagemaker:ListEndpoints", "The credentials have expired.")
OFFLINE = fault(FaultKind.UNREACHABLE, "sagemaker:ListEndpoints", "No network.")


def hosted(
    name: str = "fraud",
    kind: Kind = Kind.REALTIME,
    *,
    variants: Sequence[Variant] | None = None,
    components: Sequence[Component] = (),
    status: str = "InService",
    status_reason: str | None = None,
    age: timedelta = timedelta(days=30),
) -> Endpoint:
    """A described endpoint of that kind, with one variant unless told otherwise."""
    arn = f"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/{name}"
    created = NOW - age
    return Endpoint(
        EndpointSummary(name, arn, status, created, created),
        kind=kind,
        described=True,
        status_reason=status_reason,
        config=f"{name}-v1",
        variants=(variant_of(kind),) if variants is None else tuple(variants),
        components=tuple(components),
    )


def variant_of(
    kind: Kind = Kind.REALTIME,
    name: str = "AllTraffic",
    *,
    instance_type: str | None = "ml.m5.xlarge",
    shadow: bool = False,
) -> Variant:
    """A variant as endpoints of that kind have it."""
    if kind.is_serverless:
        provisioned = 5 if kind is Kind.SERVERLESS_PROVISIONED else None
        return Variant(name, shadow=shadow, serverless=Serverless(2048, 20, provisioned))
    containers = ("first", "second") if kind in (Kind.MULTI_CONTAINER, Kind.PIPELINE) else ()
    why = None if instance_type else "the config is gone"
    instances = Instances(Moving(2, 2), instance_type, why)
    return Variant(name, shadow=shadow, weight=Moving(1.0, 1.0), instances=instances, containers=containers)


def component(name: str = "llm", variant: str = "AllTraffic") -> Component:
    return Component(name, variant, "InService", Moving(2, 2))


def with_status(endpoint: Endpoint, status: str) -> Endpoint:
    """The same endpoint in another state."""
    return replace(endpoint, summary=replace(endpoint.summary, status=status))


def on(endpoint: Endpoint, variant: str = "AllTraffic") -> Owner:
    """A variant as an owner of series."""
    return Owner(endpoint.name, variant)


def key_of(endpoint: Endpoint, label: str, owner: Owner | None = None) -> SeriesKey:
    """The series that the plan asks for this label."""
    wanted = owner or on(endpoint)
    return next(ask.key for ask in asks(endpoint) if ask.label == label and ask.owner == wanted)


def series(name: str, stat: str = "Average", endpoint: str = "fraud") -> SeriesKey:
    """A series of any name, for tests that only count and pack."""
    return SeriesKey(MetricId("AWS/SageMaker", name, (("EndpointName", endpoint), ("VariantName", "A"))), stat)


def subject(endpoint: Endpoint, values: Mapping[Owner, Mapping[str, Values]]) -> Subject:
    """An endpoint at NOW with these settled minutes; its samples are their newest values."""
    points = {owner: {label: minutes(*own) for label, own in labels.items()} for owner, labels in values.items()}
    samples = {
        owner: {label: Sample(SampleState.OK, own[-1].value, own[-1].at) for label, own in labels.items() if own}
        for owner, labels in points.items()
    }
    return Subject(endpoint, samples, points, NOW_S, at(NEWEST_SETTLED))


async def settle() -> None:
    """Lets every task run until it waits for something."""
    for _ in range(200):
        await asyncio.sleep(0)


class FakeClock:
    """A clock that moves when it is told to; sleepers wake when it passes their time."""

    def __init__(self, wall: float = NOW_S) -> None:
        self.slept: list[float] = []
        self._wall = wall
        self._monotonic = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def wall(self) -> float:
        return self._wall

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._monotonic + seconds, len(self.slept), wake))
        await wake

    def set_wall(self, wall: float) -> None:
        """Somebody sets the clock; no time passes."""
        self._wall = wall

    def move(self, seconds: float) -> None:
        """Time passes, and nobody wakes yet."""
        self._wall += seconds
        self._monotonic += seconds

    async def advance(self, seconds: float) -> None:
        """Time passes; whoever was due wakes and runs until the next wait."""
        await settle()
        self.move(seconds)
        while self._sleepers and self._sleepers[0][0] <= self._monotonic:
            _, _, wake = heapq.heappop(self._sleepers)
            if not wake.done():
                wake.set_result(None)
        await settle()


class HastyClock(FakeClock):
    """A clock on which every sleep is over at once, and time has passed all the same."""

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.move(seconds)
        await asyncio.sleep(0)


class FakeInventory:
    """The Inventory port over a dictionary. `calls` records what was asked, in order.

    `faults` holds errors by call ("identity", "list", "describe NAME", "tags NAME"): the first of a list is raised by
    the next such call. A list fault is raised after the first page. `vanished` endpoints are listed, then not found.
    """

    PAGE = 3

    def __init__(self, *endpoints: Endpoint, problems: Mapping[str, Sequence[Problem]] | None = None) -> None:
        self.endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self.tags_of: dict[str, Mapping[str, str]] = {}
        self.vanished: set[str] = set()
        self.faults: defaultdict[str, list[AwsError]] = defaultdict(list)
        self.calls: list[str] = []
        self.most_at_once = 0
        self._problems = problems or {}
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
        return IDENTITY

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


@dataclass
class Rig:
    """A poller with all that it reaches; without `insights` it never sweeps."""

    inventory: FakeInventory
    source: ScriptedMetrics = field(default_factory=ScriptedMetrics)
    clock: FakeClock = field(default_factory=HastyClock)
    max_usd_per_hour: float | None = None
    insights: ScriptedInsights | None = None
    catalogue: Catalogue = STANDARD
    renewed: int = 0
    renewal_fails: AwsError | None = None
    poller: Poller = field(init=False)

    def __post_init__(self) -> None:
        outside = Outside(self.inventory, self.source, lambda: Spend(usd=0.5), self._renew, self.insights)
        self.source.clock = self.clock
        self.poller = Poller(outside, self.clock, max_usd_per_hour=self.max_usd_per_hour, catalogue=self.catalogue)

    async def _renew(self) -> None:
        self.renewed += 1
        if self.renewal_fails is not None:
            raise self.renewal_fails

    async def cycle(self) -> FleetSnapshot:
        """One cycle, and the picture after it."""
        async for _ in self.poller.cycle():
            pass
        return await self.poller.snapshot()

    async def kinds(self) -> list[FaultKind]:
        return [problem.kind for problem in (await self.poller.snapshot()).problems]


def rig(*endpoints: Endpoint, requests: float | None = 50.0, max_usd_per_hour: float | None = None) -> Rig:
    """A fleet whose first variants have had this many requests a minute for two hours."""
    made = Rig(FakeInventory(*endpoints), max_usd_per_hour=max_usd_per_hour)
    for endpoint in endpoints:
        keys = [ask.key for ask in asks(endpoint) if ask.label in ("Invocations.Sum", "InvocationsProcessed.Sum")]
        if requests is not None and keys:
            made.source.tell(keys[0], *minutes(*[requests] * 120, newest=0))
    return made


def in_periods(points: Sequence[Point], stat: str, period_s: int) -> list[Point]:
    """Minutes as CloudWatch sums them up over a longer period; a percentile is here the largest of the period."""
    periods: defaultdict[int, list[float]] = defaultdict(list)
    for point in points:
        periods[point.at // period_s * period_s].append(point.value)
    merge = _MERGES.get(stat, max)
    return [Point(start, merge(values)) for start, values in sorted(periods.items())]


_MERGES: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum,
    "SampleCount": sum,
    "Minimum": min,
    "Average": mean,
}


def row(snapshot: FleetSnapshot, name: str) -> EndpointView:
    return next(view for view in snapshot.endpoints if view.endpoint.name == name)
