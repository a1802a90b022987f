"""How often an endpoint is asked, and what: by what the screen looks at, by trouble, and by traffic.

The price of a poll is the number of metrics in it, however long its window: asking less often loses no minute.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Severity
from smtop.metrics.ports import Priority

TICK_S = 60
"""The shortest cadence, and the step in which all cadences come."""

HOT_S, WARM_S = 900, 10_800
"""Traffic within this time makes an endpoint hot or warm; without any it is idle."""

CHANGED_S = 900
"""For this long after a change an endpoint is watched like a sick one."""

QUIET_CYCLES = 3
"""So many cycles in a row must agree before an endpoint is asked less."""

MOST_VISIBLE = 40
_MOST_UNHEALTHY, _UNHEALTHY_SHARE = 10, 0.02


class Tier(StrEnum):
    """Classes of endpoints, those asked most first."""

    FOCUS = "focus"
    UNHEALTHY = "unhealthy"
    VISIBLE = "visible"
    HOT = "hot"
    QUIET = "quiet"
    """In sight, without a request of late."""
    WARM = "warm"
    IDLE = "idle"

    @property
    def rank(self) -> int:
        """0 for the one asked most."""
        return _RANKS[self]


_RANKS = {tier: rank for rank, tier in enumerate(Tier)}


class Breadth(IntEnum):
    """How much is asked of an endpoint; each includes those before it."""

    PULSE = 0
    """Requests, or the backlog: whether anything happens."""
    HEADLINE = 1
    """The four metrics that its row lives from."""
    ROW = 2
    """What else columns and rules read: nothing that can be found wrong is beyond it."""
    ALL = 3


@dataclass(frozen=True)
class Service:
    """What a tier gets: the metrics of each breadth every how many seconds, and in which order under pressure.

    `every_s` goes as far as the tier is asked, narrowest breadth first; nothing is read more often than `least_s`.
    """

    priority: Priority
    every_s: tuple[int, ...]
    least_s: int = TICK_S

    @property
    def cadence_s(self) -> int:
        """Seconds between two readings of the pulse, which is read most often."""
        return max(self.every_s[0], self.least_s)

    @property
    def widest(self) -> Breadth:
        """All that is asked at any cadence."""
        return Breadth(len(self.every_s) - 1)

    def cadence_of(self, breadth: Breadth) -> int | None:
        """Seconds between two readings of metrics of this breadth; None where they are not asked."""
        return max(self.every_s[breadth], self.least_s) if breadth <= self.widest else None


SERVICES: Mapping[Tier, Service] = {
    # seconds between two readings of the: pulse, headline, row, all
    Tier.FOCUS: Service(Priority.FOCUS, (60, 60, 60, 60)),
    Tier.UNHEALTHY: Service(Priority.UNHEALTHY, (60, 60, 60, 60)),
    Tier.VISIBLE: Service(Priority.VISIBLE, (60, 60, 120)),
    Tier.HOT: Service(Priority.HOT, (60, 60, 240)),
    Tier.QUIET: Service(Priority.HOT, (60, 300, 900)),
    Tier.WARM: Service(Priority.WARM, (300, 3600, 3600)),
    Tier.IDLE: Service(Priority.IDLE, (900,)),
}

LASTS_S: Mapping[Breadth, int] = {Breadth.PULSE: 900, Breadth.HEADLINE: 300, Breadth.ROW: 900, Breadth.ALL: 60}
"""What is no longer asked counts as if it were read so often: its last value is shown for twice as long."""

_RESPONSES = ("Invocations", "Invocation5XXErrors", "ModelLatency")
_HOSTS = (*_RESPONSES, "GPUUtilization", "CPUUtilization")

HEADLINES: Mapping[Kind, tuple[str, ...]] = {
    Kind.REALTIME: _HOSTS,
    Kind.PIPELINE: _HOSTS,
    Kind.MULTI_CONTAINER: _HOSTS,
    Kind.MULTI_MODEL: (*_RESPONSES, "ModelCacheHit"),
    Kind.SERVERLESS: (*_RESPONSES, "ServerlessConcurrentExecutionsUtilization"),
    Kind.SERVERLESS_PROVISIONED: (*_RESPONSES, "ServerlessProvisionedConcurrencyUtilization"),
    Kind.ASYNC: ("ApproximateBacklogSize", "HasBacklogWithoutCapacity", "InvocationsProcessed", "InvocationFailures"),
    Kind.INFERENCE_COMPONENT: (
        *_RESPONSES,
        *("GPUUtilizationNormalized", "CPUUtilizationNormalized", "NoCapacityInvocationFailures"),
    ),
}
"""Four metrics a variant or component: the processor is the GPU where there may be one, and the CPU elsewhere."""

_ROW = frozenset(
    {
        *("Invocation4XXErrors", "Invocation5XXErrors", "ModelLatency"),
        *("InvocationsPerInstance", "InvocationsPerCopy"),
        *("CPUUtilization", "CPUUtilizationNormalized", "GPUUtilization", "GPUUtilizationNormalized"),
        *("MemoryUtilization", "MemoryUtilizationNormalized", "DiskUtilization"),
        *("ServerlessConcurrentExecutionsUtilization", "ServerlessProvisionedConcurrencySpilloverInvocations"),
        *("ModelSetupTime", "ModelLoadingTime", "ModelLoadingWaitTime", "ModelUnloadingTime"),
        *("ApproximateAgeOfOldestRequest", "ExpiredRequests", "NotificationFailures"),
        *("RequestDownloadFailures", "ResponseUploadFailures"),
    }
)
"""What columns and rules read, where it is no headline."""

_CONTAINERS = frozenset({"ContainerLatency", "Invocations", "Invocation5XXErrors"})
"""What rules read of a container beside its variant."""

TRAFFIC = frozenset({"Invocations", "InvocationsProcessed", "ApproximateBacklogSize"})
"""Metrics above zero where something is asked of an endpoint."""

_PULSES: Mapping[Kind, str] = {Kind.ASYNC: "ApproximateBacklogSize"}


def breadth_of(metric: str, kind: Kind, *, without_gpu: bool) -> Breadth:
    """The least breadth that includes this metric of a variant, a component or the endpoint itself."""
    if metric == _PULSES.get(kind, "Invocations"):
        return Breadth.PULSE
    if metric in HEADLINES[kind] and (without_gpu or not metric.startswith("CPU")):
        return Breadth.HEADLINE
    return Breadth.ROW if metric in _ROW else Breadth.ALL


def breadth_of_container(metric: str) -> Breadth:
    """The least breadth that includes this metric of a container."""
    return Breadth.ROW if metric in _CONTAINERS else Breadth.ALL


@dataclass(frozen=True)
class Facts:
    """What is known of an endpoint: its last request and last change (epoch seconds), its state, its severity.

    `traffic_at` is None where nothing was seen within WARM_S. A `suspected` one is to be looked at, whatever is known;
    one that `stirs` where there is room, since that may be nothing.
    """

    traffic_at: float | None
    changed_at: float
    in_service: bool
    severity: Severity
    suspected: bool = False
    stirs: bool = False


@dataclass(frozen=True)
class Look:
    """What the screen shows: the endpoint under the cursor, and the rows in sight, with these metrics of each."""

    focused: str | None = None
    visible: frozenset[str] = frozenset()
    wanted: frozenset[str] = frozenset()

    def wants(self, name: str, metric: str) -> bool:
        """Whether a metric of an endpoint is on the screen, whatever its tier is asked."""
        return metric in self.wanted and name in self.visible


def is_unhealthy(facts: Facts, now: float) -> bool:
    """Whether the endpoint is in trouble, or about to be, changing, or has changed just now."""
    found = facts.severity in (Severity.CRITICAL, Severity.WARNING, Severity.CHANGING)
    told = found or facts.suspected or facts.stirs
    return told or not facts.in_service or now - facts.changed_at < CHANGED_S


def by_traffic(facts: Facts, now: float) -> Tier:
    """Hot, warm or idle."""
    if facts.traffic_at is None or now - facts.traffic_at > WARM_S:
        return Tier.IDLE
    return Tier.HOT if now - facts.traffic_at <= HOT_S else Tier.WARM


def wanted(facts: Facts, now: float) -> Tier:
    """The tier that trouble and traffic ask for, whatever is looked at."""
    return Tier.UNHEALTHY if is_unhealthy(facts, now) else by_traffic(facts, now)


def most_unhealthy(endpoints: int) -> int:
    """How many unhealthy endpoints of a fleet are asked everything; the others are asked as if they were in sight."""
    return max(_MOST_UNHEALTHY, int(endpoints * _UNHEALTHY_SHARE))


@dataclass
class _Held:
    """A tier that is held against quick changes, and for how many cycles in a row a lower one was due."""

    tier: Tier
    quiet: int = 0


class Tiers:
    """The tiers of a fleet from cycle to cycle: up at once, down after QUIET_CYCLES cycles that agree."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}

    def assign(self, fleet: Mapping[str, Facts], look: Look, now: float) -> dict[str, Tier]:
        """The tier of every endpoint in this cycle. What the screen shows is not held: it follows the screen."""
        self._held = {name: self._hold(name, facts, now) for name, facts in fleet.items()}
        served = self._with_room(fleet)
        tiers = {}
        for name, held in self._held.items():
            tier = Tier.VISIBLE if held.tier is Tier.UNHEALTHY and name not in served else held.tier
            tiers[name] = _seen(name, tier, look)
        return tiers

    def _hold(self, name: str, facts: Facts, now: float) -> _Held:
        due = wanted(facts, now)
        held = self._held.get(name)
        if held is None or due.rank <= held.tier.rank or held.quiet + 1 >= QUIET_CYCLES:
            return _Held(due)
        return _Held(held.tier, held.quiet + 1)

    def _with_room(self, fleet: Mapping[str, Facts]) -> set[str]:
        """The worst of the unhealthy, as many as there is room for; and the suspected, who are few."""
        sick = [name for name, held in self._held.items() if held.tier is Tier.UNHEALTHY]
        sick.sort(key=lambda name: (fleet[name].severity.rank, self._held[name].quiet, name))
        return {*sick[: most_unhealthy(len(fleet))], *(name for name in sick if fleet[name].suspected)}


def _seen(name: str, tier: Tier, look: Look) -> Tier:
    if name == look.focused:
        return Tier.FOCUS
    if name in look.visible:
        tier = min(tier, Tier.VISIBLE if tier.rank <= Tier.HOT.rank else Tier.QUIET, key=lambda one: one.rank)
    return tier


def look_at(focused: str | None, visible: Iterable[str], wanted: Iterable[str] = ()) -> Look:
    """A look at no more rows than a large terminal shows."""
    return Look(focused, frozenset(list(dict.fromkeys(visible))[:MOST_VISIBLE]), frozenset(wanted))
