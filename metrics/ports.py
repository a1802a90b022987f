"""What the engine needs from outside, and what it offers to the screen, as small Protocols owned by the consumer.

Adapters raise `AwsError` and nothing else.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

from smtop.metrics.domain.configs import ConfigSummary, EndpointConfig
from smtop.metrics.domain.details import Deployed, EndpointDetails
from smtop.metrics.domain.documents import Body, Described, Document
from smtop.metrics.domain.endpoint import (
    Endpoint,
    EndpointSummary,
    Identity,
)
from smtop.metrics.domain.history import EndpointHistory, Quote
from smtop.metrics.domain.scaling import ScalableTarget, ScalingActivity, ScalingPolicy, ScheduledAction
from smtop.metrics.domain.series import PERIOD_S, MetricId, Point, SeriesKey
from smtop.metrics.domain.snapshot import FleetSnapshot, Problem, Source
from smtop.metrics.domain.surroundings import Alarm, ModelFacts, Quota

if TYPE_CHECKING:  # it stands above the ports, and is only passed on
    from smtop.metrics.changes import Changes


@dataclass(frozen=True)
class Description:
    """An endpoint as described, with what could not be learned about it on the way."""

    endpoint: Endpoint
    problems: tuple[Problem, ...] = ()


class Inventory(Protocol):
    """What exists in one account and region."""

    async def identity(self) -> Identity:
        """Who the credentials belong to."""

    def summaries(self) -> AsyncIterator[Sequence[EndpointSummary]]:
        """Every endpoint, a page at a time, in AWS's order."""

    async def describe(self, listed: EndpointSummary) -> Description | None:
        """One endpoint with its variants, models and components; None if it has vanished since it was listed."""

    async def tags(self, arn: str) -> Mapping[str, str]:
        """The tags of one resource."""

    def forget(self) -> None:
        """Drops what was remembered of configs and models, so that the next describes read them again."""


class ConfigSource(Protocol):
    """What an endpoint is made from, and what else there is to make it from."""

    async def deployed(self, endpoint: str) -> Deployed:
        """The endpoint as it is described now. Raises AwsError, NOT_FOUND where it has vanished."""

    async def config(self, name: str) -> EndpointConfig:
        """One config; they never change, so each is read once. Raises AwsError, NOT_FOUND where it was deleted."""

    async def configs_named(self, part: str, most: int) -> Sequence[ConfigSummary]:
        """Configs whose name contains `part`, the newest first, at most so many (100 and less are one call)."""


class DocumentSource(Protocol):
    """Single things of SageMaker, as AWS describes them."""

    async def document(self, described: Described, name: str) -> Body:
        """The whole answer about the thing of that name. Raises AwsError, NOT_FOUND where it has vanished."""


class ScalingSource(Protocol):
    """Application Auto Scaling, as far as it scales SageMaker."""

    async def targets(self, resources: Sequence[str]) -> Sequence[ScalableTarget]:
        """What is registered of these resources, in their order."""

    async def policies(self, target: ScalableTarget) -> Sequence[ScalingPolicy]:
        """The policies of a target."""

    async def schedules(self, target: ScalableTarget) -> Sequence[ScheduledAction]:
        """The scheduled actions of a target."""

    async def activities(self, target: ScalableTarget, most: int) -> Sequence[ScalingActivity]:
        """What was done to a target, the newest first, at most so many."""


class FleetScaling(Protocol):
    """The same for everything that is registered in the region."""

    async def all_targets(self) -> Sequence[ScalableTarget]:
        """What is registered of SageMaker."""

    async def all_policies(self) -> Sequence[ScalingPolicy]:
        """The policies of all targets."""

    async def activities_since(self, since: float) -> Sequence[ScalingActivity]:
        """What was done to any target since then (epoch seconds), the newest first; at most a few hundred."""


class PlacedAlarm(NamedTuple):
    """An alarm on the metrics of an endpoint, or of a component whose endpoint the metric does not name."""

    endpoint: str | None
    alarm: Alarm


class AlarmSource(Protocol):
    """CloudWatch's alarms."""

    async def alarms(self) -> Sequence[PlacedAlarm]:
        """Every alarm on metrics of SageMaker, in any state; once for each endpoint that it is about."""


class QuotaSource(Protocol):
    """What the account may have at most."""

    async def quotas(self) -> Mapping[str, Quota]:
        """By instance type, or SERVERLESS of `domain.quotas`; how much is used is not counted."""


class ModelSource(Protocol):
    """What models are made from."""

    async def facts(self, model: str) -> ModelFacts:
        """Those of one model, without sizes. Raises AwsError, NOT_FOUND where it was deleted."""


class SizeSource(Protocol):
    """How large is what models are made from. Everything raises AwsError, NOT_FOUND for what cannot be asked for."""

    async def image_bytes(self, uri: str, account: str) -> int:
        """The compressed size of an image in a registry of this account and region."""

    async def artifact_bytes(self, url: str) -> int:
        """The size of an object in S3."""


@dataclass(frozen=True)
class AroundSources:
    """All that is asked about what stands around endpoints."""

    scaling: FleetScaling
    alarms: AlarmSource
    quotas: QuotaSource
    models: ModelSource
    sizes: SizeSource


@dataclass(frozen=True)
class Window:
    """What to read: `start` inclusive, `end` exclusive (epoch seconds), a value for every `period_s` between them.

    Both are aligned to the period. Statistics are CloudWatch's own over the whole period.
    """

    start: int
    end: int
    period_s: int = PERIOD_S

    @property
    def periods(self) -> int:
        """How many datapoints a series has at most."""
        return -(-(self.end - self.start) // self.period_s)


class Priority(IntEnum):
    """Whose call goes first where calls must wait."""

    VERIFICATION = 0
    FOCUS = 1
    UNHEALTHY = 2
    VISIBLE = 3
    HOT = 4
    WARM = 5
    IDLE = 6
    BACKFILL = 7


@dataclass(frozen=True)
class Batch:
    """Series that are asked in one request. All statistics of one metric are in the same batch, side by side.

    `payers` says for which tier each series is asked.
    """

    series: tuple[SeriesKey, ...]
    window: Window
    priority: Priority = Priority.HOT
    payers: Mapping[SeriesKey, str] = field(default_factory=dict)

    @property
    def datapoints(self) -> int:
        """How many CloudWatch takes it for: one a series and period, whether or not it was measured."""
        return len(self.series) * self.window.periods


class Completeness(StrEnum):
    """What CloudWatch says of one result."""

    COMPLETE = "Complete"
    PARTIAL = "PartialData"
    ERROR = "InternalError"
    FORBIDDEN = "Forbidden"


@dataclass(frozen=True)
class Answer:
    """One series: starts of periods (epoch seconds, ascending), a value for each, and how complete they are."""

    completeness: Completeness
    times: Sequence[int] = ()
    values: Sequence[float] = ()
    message: str | None = None

    @classmethod
    def of(cls, completeness: Completeness, points: Iterable[Point] = (), message: str | None = None) -> "Answer":
        """The answer with these points."""
        told = tuple(points)
        return cls(completeness, tuple(point.at for point in told), tuple(point.value for point in told), message)

    @property
    def points(self) -> tuple[Point, ...]:
        return tuple(Point(at, value) for at, value in zip(self.times, self.values, strict=True))


@dataclass(frozen=True, eq=False)
class Answers(Mapping[SeriesKey, Answer]):
    """Answers to many series, column by column; an Answer is made when somebody looks at it.

    All columns are in the order of `series`, which may be the same tuple again with every poll. `times` and `measured`
    hold the points of each; series that were measured at the same times may share one list of them. `messages` go by
    position.
    """

    series: tuple[SeriesKey, ...]
    verdicts: Sequence[Completeness]
    times: Sequence[Sequence[int]]
    measured: Sequence[Sequence[float]]
    messages: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, answers: Mapping[SeriesKey, Answer]) -> "Answers":
        """The same answers in columns."""
        if isinstance(answers, Answers):
            return answers
        rows = tuple(answers.values())
        return cls(
            tuple(answers),
            [answer.completeness for answer in rows],
            [answer.times for answer in rows],
            [answer.values for answer in rows],
            {place: answer.message for place, answer in enumerate(rows) if answer.message is not None},
        )

    def having(self, verdict: Completeness) -> tuple[SeriesKey, ...]:
        """The series about which CloudWatch says this."""
        if verdict not in self.verdicts:
            return ()
        return tuple(key for key, said in zip(self.series, self.verdicts, strict=True) if said is verdict)

    def __getitem__(self, key: SeriesKey) -> Answer:
        place = self._places[key]
        times, values = tuple(self.times[place]), tuple(map(float, self.measured[place]))
        return Answer(self.verdicts[place], times, values, self.messages.get(place))

    def __iter__(self) -> Iterator[SeriesKey]:
        return iter(self.series)

    def __len__(self) -> int:
        return len(self.series)

    @cached_property
    def _places(self) -> dict[SeriesKey, int]:
        return {key: place for place, key in enumerate(self.series)}


@dataclass(frozen=True)
class BatchAnswer:
    """Answers by series, and what CloudWatch said about the request as a whole."""

    answers: Mapping[SeriesKey, Answer]
    messages: tuple[str, ...] = ()


class MetricSource(Protocol):
    """CloudWatch, as far as it is read."""

    async def fetch(self, batch: Batch) -> BatchAnswer:
        """All pages of one GetMetricData request."""

    def published(self, namespace: str) -> AsyncIterator[Sequence[MetricId]]:
        """Every metric of a namespace that had data within the last two weeks, a page at a time."""

    def recent(self, namespace: str, metric: str) -> AsyncIterator[Sequence[MetricId]]:
        """Every metric of that name that had data within about three hours, a page at a time."""


@dataclass(frozen=True)
class RankingQuery:
    """Asks for one metric of a whole account, the worst `group_by` first; CloudWatch itself finds out who has it.

    `dimensions` are all dimensions of the metric. `stat` is Sum or Average over all observations of `period_s`.
    `analysed` is how many metrics CloudWatch will probably go through: its answer does not tell.
    """

    metric: str
    stat: str
    namespace: str
    dimensions: tuple[str, ...]
    group_by: str
    period_s: int
    analysed: int


@dataclass(frozen=True)
class Ranking:
    """The largest value of any period by group, worst first; `complete` is False where CloudWatch left some out."""

    values: Mapping[str, float]
    complete: bool = True
    messages: tuple[str, ...] = ()


class Insights(Protocol):
    """CloudWatch Metrics Insights."""

    async def rank(self, query: RankingQuery, window: Window) -> Ranking:
        """All pages of one query, of at most 500 groups. Raises AwsError, INVALID where groups are not understood."""


INSIGHTS = "cloudwatch:GetMetricData with Metrics Insights"
"""What such a request is called at the gate, beside GetMetricData: it has a quota of its own."""


class Gate(Protocol):
    """Asked about every wire call, pages and retries included. Operations are named as `cloudwatch:GetMetricData`."""

    async def admit(self, operation: str, datapoints: int = 0) -> None:
        """Returns when the call may be sent; `datapoints` are those that it asks for, whether or not there are any."""

    def throttled(self, operation: str) -> None:
        """AWS has answered a call that there were too many."""

    async def may_retry(self, attempts: int, retry_after_s: float = 0.0) -> bool:
        """Whether a call that failed in passing, after so many attempts, is to be sent again; True comes after a pause.

        `retry_after_s` is how long AWS wants the pause to be at least.
        """


class FleetFeed(Protocol):
    """All that the screen knows of the engine. An `endpoint` is named by its key, as snapshots have it."""

    @property
    def changes(self) -> "Changes":
        """The way to change what is seen."""

    def snapshots(self) -> AsyncGenerator[FleetSnapshot, None]:
        """Snapshots as they are made; a slow reader gets the newest and misses those between."""

    def refresh(self) -> None:
        """Asks for a poll now; returns at once."""

    def look(self, focused: str | None, visible: Sequence[str], wanted: Set[str] = frozenset()) -> None:
        """What the screen shows: the endpoint under the cursor, and the rows in sight; they are asked most.

        `wanted` names metrics that are then asked of all rows in sight, beyond what every such row is asked.
        """

    def ask_every(self, interval_s: int) -> None:
        """No metric is polled more often than every so many seconds (60 to 900); returns at once.

        A budget may make some rarer still. What a newly looked at endpoint lacks, and histories, do not wait.
        """

    def touched(self) -> None:
        """Somebody has pressed a key; after a while without one the fleet is asked less often."""

    def sign_in(self, code: str, source: Source | None = None) -> None:
        """A code of the MFA device, which the next attempt to sign in uses; returns at once.

        `source` is that of the problem which it solves, where several are watched.
        """

    async def mute(self, endpoint: str, rule: str | None, reason: str, seconds: float, *, until_over: bool) -> None:
        """A rule, or all of them, counts no more on an endpoint for so long, or at most until what it found is over.

        Raises RefusedError where that cannot be written down.
        """

    async def unmute(self, endpoint: str) -> bool:
        """Everything counts again on an endpoint; whether anything did not. Raises RefusedError."""

    async def quote(self, endpoint: str, range_s: int, ago_s: int = 0) -> Quote:
        """What `history` would be billed for at most; nothing is asked."""

    async def history(self, endpoint: str, range_s: int, ago_s: int = 0) -> EndpointHistory:
        """The `range_s` seconds of an endpoint up to now, or up to `ago_s` seconds ago. What was read before is not
        asked again.

        What could not be asked stands in its notes, never in an error.
        """

    async def details(self, endpoint: str, *, anew: bool = False) -> EndpointDetails:
        """What the page of an endpoint shows beyond its metrics; kept for a few minutes, unless it is wanted anew.

        What could not be asked stands in its notes, never in an error.
        """

    async def documents(self, endpoint: str) -> Sequence[Document]:
        """What AWS answers about an endpoint, its configs, their models and its components, asked now.

        What is refused says so in its place; nothing where there is no such endpoint.
        """

    async def known(self, endpoint: str, range_s: int) -> EndpointHistory:
        """What was read of the last `range_s` seconds already; nothing is asked."""

    async def close(self) -> None:
        """Stops polling and lets go of all connections."""
