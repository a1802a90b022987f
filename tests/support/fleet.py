"""Builders of endpoints and snapshots for tests of the screen, and a feed that is fed by hand."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence, Set
from datetime import UTC, datetime, timedelta

from smtop.metrics.clock import utc
from smtop.metrics.domain.details import EndpointDetails, Note, Topic
from smtop.metrics.domain.documents import Document
from smtop.metrics.domain.endpoint import Endpoint, EndpointSummary, Identity, Kind, Moving, Variant
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.history import EndpointHistory, Quote
from smtop.metrics.domain.series import NO_DATA, PERIOD_S, Owner, Point, Sample, SampleState
from smtop.metrics.domain.snapshot import (
    EndpointView,
    FleetSnapshot,
    Problem,
    Saturation,
    SaturationKind,
    Source,
    Spend,
    Vitals,
)
from smtop.metrics.errors import RefusedError
from tests.support.changes import FakeChanges

NOW = datetime(2026, 11, 20, 14, 11, 30, tzinfo=UTC)
NOW_S = NOW.timestamp()

IDENTITY = Identity(
    "123456789012", "eu-west-1", "arn:aws:sts::123456789012:assumed-role/oncall-ro/ana", label="ml-prod"
)


def ok(value: float, *, age_s: int = 150) -> Sample:
    """A settled value."""
    return Sample(SampleState.OK, value, int(NOW_S) - age_s)


def stale(value: float, *, minutes: int) -> Sample:
    """A value that was kept because nothing newer came."""
    return Sample(SampleState.STALE, value, int(NOW_S) - minutes * 60, "throttled")


def variant(name: str = "AllTraffic", weight: float = 1.0, *, shadow: bool = False) -> Variant:
    """A variant with a weight and nothing else."""
    return Variant(name, shadow=shadow, weight=Moving(weight, weight))


def trend(*values: float | None) -> tuple[Point, ...]:
    """One point a minute up to now; None leaves a gap."""
    start = int(NOW_S) // PERIOD_S * PERIOD_S - len(values) * PERIOD_S
    return tuple(Point(start + minute * PERIOD_S, value) for minute, value in enumerate(values) if value is not None)


def vitals(
    *,
    requests: Sample | float = NO_DATA,
    errors: Sample | float = NO_DATA,
    client_errors: Sample | float = NO_DATA,
    p50: Sample | float = NO_DATA,
    p99: Sample | float = NO_DATA,
    saturation: Saturation | None = None,
    points: Sequence[Point] = (),
) -> Vitals:
    """Vitals in which a bare number is a settled value."""
    return Vitals(
        _sample(requests), _sample(errors), _sample(client_errors), _sample(p50), _sample(p99), saturation, points
    )


def _sample(value: Sample | float) -> Sample:
    return value if isinstance(value, Sample) else ok(value)


def saturation(kind: SaturationKind, value: Sample | float, spillover: float | None = None) -> Saturation:
    """A saturation in which a bare number is a settled value."""
    return Saturation(kind, _sample(value), spillover)


def endpoint(
    name: str,
    severity: Severity = Severity.OK,
    *,
    kind: Kind = Kind.REALTIME,
    status: str = "InService",
    status_reason: str | None = None,
    variants: Sequence[Variant] = (variant(),),
    tags: dict[str, str] | None = None,
    findings: Sequence[Finding] = (),
    numbers: Vitals | None = None,
    age_days: int = 30,
    impact: float | None = None,
    metrics: Mapping[Owner, Mapping[str, Sample]] | None = None,
) -> EndpointView:
    """A described endpoint as a snapshot shows it."""
    created = NOW - timedelta(days=age_days)
    arn = f"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/{name}"
    described = Endpoint(
        EndpointSummary(name, arn, status, created, created),
        kind=kind,
        described=True,
        status_reason=status_reason,
        config=f"{name}-v1",
        variants=tuple(variants),
        tags=tags or {},
    )
    hurt = NO_DATA if impact is None else ok(impact)
    return EndpointView(described, severity, numbers or vitals(), tuple(findings), metrics or {}, hurt)


def snapshot(
    *endpoints: EndpointView,
    problems: Sequence[Problem] = (),
    cached: bool = False,
    identity: Identity | None = IDENTITY,
    at: float = NOW_S,
) -> FleetSnapshot:
    """A measured, complete picture; `cached` makes it one that was painted from the cache."""
    moment = utc(at)
    return FleetSnapshot(
        moment,
        identity,
        tuple(endpoints),
        tuple(problems),
        Spend(420, {"GetMetricData": 3}, 0.0042),
        listed_at=None if cached else moment,
        remembered_at=moment if cached else None,
        measured_at=None if cached else moment - timedelta(seconds=100),
        next_poll_at=None if cached else moment + timedelta(seconds=17),
        complete=not cached,
    )


class HandClock:
    """A clock that moves only when it is told to; sleepers wait for `wake`."""

    def __init__(self, wall: float = NOW_S) -> None:
        self.now = wall
        self.slept: list[float] = []
        self._alarm = asyncio.Event()

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self._alarm.wait()
        self._alarm.clear()
        self.now += seconds

    def wake(self) -> None:
        """Ends the sleep that is under way."""
        self._alarm.set()


def fleet(*marks: str) -> FleetSnapshot:
    """One endpoint a word: `a!` is a critical one called a."""
    severities = {"!": Severity.CRITICAL, "~": Severity.WARNING, "z": Severity.IDLE, ".": Severity.OK}
    return snapshot(*(endpoint(mark[:-1], severities[mark[-1]]) for mark in marks))


MANY = snapshot(*(endpoint(f"e{number:03d}", numbers=vitals(requests=float(number))) for number in range(100)))
"""Enough to scroll through."""


class FakeFeed:
    """A feed whose snapshots are pushed by hand; pushing an exception makes the feed fail with it."""

    def __init__(self, *snapshots: FleetSnapshot) -> None:
        self.changes = FakeChanges()
        self.refreshed = 0
        self.looks: list[tuple[str | None, tuple[str, ...]]] = []
        self.wanted: frozenset[str] = frozenset()
        self.touches = 0
        self.intervals: list[int] = []
        self.codes: list[str] = []
        self.signed_in_at: Source | None = None
        self.muted: list[tuple[str, str | None, str, float, bool]] = []
        self.unwritable = False
        self.closed = False
        self.quotes: dict[tuple[str, int], Quote] = {}
        self.past_quotes: dict[tuple[str, int, int], Quote] = {}
        self.histories: dict[tuple[str, int, int], EndpointHistory] = {}
        self.known_histories: dict[str, EndpointHistory] = {}
        self.asked_histories: list[tuple[str, int]] = []
        self.known_details: dict[str, EndpointDetails] = {}
        self.known_documents: dict[str, Sequence[Document]] = {}
        self.asked_details: list[tuple[str, bool]] = []
        self.asked_past: list[tuple[str, int, int]] = []
        self.looked_up: list[str] = []
        self._told_history = asyncio.Event()
        self._queue: asyncio.Queue[FleetSnapshot | Exception] = asyncio.Queue()
        for one in snapshots:
            self._queue.put_nowait(one)

    @property
    def is_drained(self) -> bool:
        """Whether everything that was pushed has been taken."""
        return self._queue.empty()

    def push(self, one: FleetSnapshot | Exception) -> None:
        """The next thing that happens."""
        self._queue.put_nowait(one)

    async def snapshots(self) -> AsyncGenerator[FleetSnapshot, None]:
        while True:
            one = await self._queue.get()
            if isinstance(one, Exception):
                raise one
            yield one

    def refresh(self) -> None:
        self.refreshed += 1

    def look(self, focused: str | None, visible: Sequence[str], wanted: Set[str] = frozenset()) -> None:
        self.looks.append((focused, tuple(visible)))
        self.wanted = frozenset(wanted)

    def ask_every(self, interval_s: int) -> None:
        self.intervals.append(interval_s)

    def touched(self) -> None:
        self.touches += 1

    def sign_in(self, code: str, source: Source | None = None) -> None:
        self.codes.append(code)
        self.signed_in_at = source

    async def mute(self, endpoint: str, rule: str | None, reason: str, seconds: float, *, until_over: bool) -> None:
        if self.unwritable:
            raise RefusedError("Nothing is muted, since it cannot be written down.")
        self.muted.append((endpoint, rule, reason, seconds, until_over))

    async def unmute(self, endpoint: str) -> bool:
        before, self.muted = self.muted, [one for one in self.muted if one[0] != endpoint]
        return len(before) > len(self.muted)

    async def quote(self, endpoint: str, range_s: int, ago_s: int = 0) -> Quote:
        if ago_s:
            return self.past_quotes.get((endpoint, range_s, ago_s), Quote())
        return self.quotes.get((endpoint, range_s), Quote())

    async def history(self, endpoint: str, range_s: int, ago_s: int = 0) -> EndpointHistory:
        if ago_s:
            self.asked_past.append((endpoint, range_s, ago_s))
        else:
            self.asked_histories.append((endpoint, range_s))
        while (endpoint, range_s, ago_s) not in self.histories:
            self._told_history.clear()
            await self._told_history.wait()
        return self.histories[endpoint, range_s, ago_s]

    async def known(self, endpoint: str, range_s: int) -> EndpointHistory:
        self.looked_up.append(endpoint)
        now = int(NOW_S) // PERIOD_S * PERIOD_S
        nothing = EndpointHistory(endpoint, now - range_s, now, PERIOD_S)
        return self.known_histories.get(endpoint, nothing)

    def tell_history(self, history: EndpointHistory, range_s: int, ago_s: int = 0) -> None:
        """From now on this is the answer for that range; until then whoever asked waits."""
        self.histories[history.endpoint, range_s, ago_s] = history
        self._told_history.set()

    async def details(self, endpoint: str, *, anew: bool = False) -> EndpointDetails:
        self.asked_details.append((endpoint, anew))
        gone = Note(Topic.ENDPOINT, f"There is no endpoint {endpoint} any more.")
        return self.known_details.get(endpoint, EndpointDetails(endpoint, NOW_S - 40, notes=(gone,)))

    async def documents(self, endpoint: str) -> Sequence[Document]:
        return self.known_documents.get(endpoint, ())

    async def close(self) -> None:
        self.closed = True
