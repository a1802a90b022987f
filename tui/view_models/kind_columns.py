"""The headline columns of the kinds: what a serverless, multi-model, asynchronous fleet is read by.

Values come from `EndpointView.metrics`, merged over production variants, their containers or components. A cell is
blank where the endpoint's kind has no such metric.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf, isinf
from typing import TypeAlias

from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.series import Owner, Sample, SampleState, merged, not_collected
from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.view_models import fmt
from smtop.tui.view_models.blame import blamed
from smtop.tui.view_models.cells import NOTHING, Cell, Paint, sample
from smtop.tui.view_models.columns import ABSENT, COUNT, MILLISECONDS, Column, Pick, Scale, measured

Owners: TypeAlias = Callable[[Endpoint], Sequence[Owner]]
Merge: TypeAlias = Callable[[Iterable[float]], float]

_RECENT_S = 300
"""A value that is so much older than the endpoint's requests says nothing about now."""

_NOT_YET = not_collected("not asked yet")


def _itself(endpoint: Endpoint) -> Sequence[Owner]:
    return (Owner(endpoint.name),)


def _variants(endpoint: Endpoint) -> Sequence[Owner]:
    return [Owner(endpoint.name, variant.name) for variant in endpoint.production]


def _containers(endpoint: Endpoint) -> Sequence[Owner]:
    return [Owner(endpoint.name, variant.name, name) for variant in endpoint.production for name in variant.containers]


def _components(endpoint: Endpoint) -> Sequence[Owner]:
    return [Owner(endpoint.name, part.variant, component=part.name) for part in endpoint.components]


@dataclass(frozen=True)
class Reading:
    """One statistic of an endpoint's parts, merged; `factor` brings CloudWatch's unit to the one that is shown."""

    metric: str
    stat: str
    merge: Merge = max
    owners: Owners = _variants
    factor: float = 1.0

    def __call__(self, view: EndpointView) -> Sample:
        return self.of(view, self.owners(view.endpoint))

    def of(self, view: EndpointView, owners: Sequence[Owner]) -> Sample:
        """The same of some parts only."""
        if not view.metrics:
            return _NOT_YET
        label = f"{self.metric}.{self.stat}"
        own = [view.metrics.get(owner, {}).get(label) for owner in owners]
        told = [_present(view, one) for one in own if one is not None]
        if not told:
            return ABSENT
        whole = merged(told, self.merge)
        return whole if whole.value is None else whole._replace(value=whole.value * self.factor)


def _present(view: EndpointView, told: Sample) -> Sample:
    newest = view.vitals.requests_per_minute.at
    if told.state is SampleState.STALE or told.at is None or newest is None or told.at > newest - _RECENT_S:
        return told
    return Sample(SampleState.NO_DATA, why="nothing in the last minutes")


def _zero_beside_requests(reading: Reading) -> Pick:
    """A count that is not published while nothing happens: its silence is a zero where requests were measured."""

    def pick(view: EndpointView) -> Sample:
        told, requests = reading(view), view.vitals.requests_per_minute
        silent = told.state is SampleState.NO_DATA and told is not ABSENT
        if not silent or requests.value is None:
            return told
        return Sample(requests.state, 0.0, requests.at, filled=True)

    return pick


def _drain(view: EndpointView) -> Sample:
    """Seconds until the backlog is done at the present rate if nothing is added; infinite while nothing is done."""
    backlog, done = BACKLOG_SIZE(view), view.vitals.requests_per_minute
    if backlog.value is None or (done.value is None and backlog.value > 0):
        return backlog if backlog.value is None else done
    per_minute = done.value or 0.0
    seconds = 0.0 if not backlog.value else backlog.value / per_minute * 60 if per_minute else inf
    oldest = min((one.at for one in (backlog, done) if one.at is not None), default=None)
    return merged([backlog, done], max)._replace(value=seconds, at=oldest)


def _percent(value: float) -> Sequence[str]:
    return (f"{value * 100:.0f}",)


def _span(seconds: float) -> Sequence[str]:
    return ("never",) if isinf(seconds) else (fmt.age(seconds),)


def _yes_or_no(value: float) -> Sequence[str]:
    return ("YES",) if value > 0 else ("no",)


_SHARE, _SPAN, _FLAG = Scale(_percent, 100.0), Scale(_span), Scale(_yes_or_no)
_MS_PER_US = 0.001
_WIDTHS = (6, 7, 8)


def _column(id: str, title: str, priority: int, reading: Reading, scale: Scale = COUNT) -> Column:  # noqa: A002
    return measured(id, title, _widths(title), priority, reading, scale, reading.metric)


def _widths(title: str) -> tuple[int, int, int]:
    """Room for the title and for the sort mark behind it."""
    narrow, middling, wide = (max(width, len(title) + 1) for width in _WIDTHS)
    return narrow, middling, wide


def _milliseconds(id: str, title: str, priority: int, metric: str, stat: str = "Average") -> Column:  # noqa: A002
    return _column(id, title, priority, Reading(metric, stat, max, factor=_MS_PER_US), MILLISECONDS)


# Serverless

_COLD = _zero_beside_requests(Reading("ModelSetupTime", "SampleCount", sum))
_PC = "ServerlessProvisionedConcurrency"

PC_USED = _column("pc", "PC%", 2, Reading(f"{_PC}Utilization", "Maximum"), _SHARE)
CONCURRENCY = _column("conc", "CONC%", 3, Reading("ServerlessConcurrentExecutionsUtilization", "Maximum"), _SHARE)
EXECUTIONS = _column("exec", "EXEC", 5, Reading(f"{_PC}Executions", "Maximum", sum))
SERVED = _column("served", "SERVED/m", 4, Reading(f"{_PC}Invocations", "Sum", sum))
SPILLED = _column("spill", "SPILL/m", 2, Reading(f"{_PC}SpilloverInvocations", "Sum", sum))
COLD = measured("cold", "COLD/m", _widths("COLD/m"), 3, _COLD, COUNT, "ModelSetupTime")
SETUP = _milliseconds("setup", "SETUPms", 9, "ModelSetupTime")


def _provisioned(view: EndpointView, _width: int, _paint: Paint) -> Cell:
    count = _provisioned_count(view)
    return blamed(Cell(f"{count:.0f}"), view, "provisioned") if count else NOTHING


def _provisioned_count(view: EndpointView) -> float | None:
    settings = [variant.serverless for variant in view.endpoint.production if variant.serverless]
    return float(sum(one.provisioned_concurrency or 0 for one in settings)) if settings else None


PROVISIONED = Column("provisioned", "PC", (4, 4, 4), 6, _provisioned, _provisioned_count, True, True)

# Multi-model

CACHE = _column("cache", "CACHE%", 2, Reading("ModelCacheHit", "Average", min), _SHARE)
LOADED = _column("loaded", "LOADED", 2, Reading("LoadedModelCount", "Sum", sum))
LOADS = _column("loads", "LOADS/m", 4, Reading("ModelLoadingTime", "SampleCount", sum))
LOAD_TIME = _milliseconds("load", "LOADms", 3, "ModelLoadingTime")
UNLOADS = _column("unloads", "UNLD/m", 8, Reading("ModelUnloadingTime", "SampleCount", sum))
UNLOAD_TIME = _milliseconds("unload", "UNLDms", 4, "ModelUnloadingTime")
LOADING_WAIT = _milliseconds("wait", "WAITms", 5, "ModelLoadingWaitTime")

# Asynchronous

BACKLOG_SIZE = Reading("ApproximateBacklogSize", "Maximum", max, _itself)
BACKLOG = _column("backlog", "BACKLOG", 2, BACKLOG_SIZE)
OLDEST = _column("oldest", "OLDEST", 2, Reading("ApproximateAgeOfOldestRequest", "Maximum", max, _itself), _SPAN)
PER_INSTANCE = _column("per-inst", "/INST", 4, Reading("ApproximateBacklogSizePerInstance", "Average", max, _itself))
NO_CAPACITY = _column("no-cap", "NO-CAP", 3, Reading("HasBacklogWithoutCapacity", "Maximum", max, _itself), _FLAG)
DRAIN = measured("drain", "DRAIN", _widths("DRAIN"), 3, _drain, _SPAN, "ApproximateBacklogSize")
FAILED = _column("failed", "FAIL/m", 4, Reading("InvocationFailures", "Sum", sum))
EXPIRED = _column("expired", "EXPIRED", 9, Reading("ExpiredRequests", "Sum", sum))

# Several containers

_LATENCY = Reading("ContainerLatency", "Average", max, _containers, _MS_PER_US)


def _each_container(view: EndpointView, width: int, paint: Paint) -> Cell:
    """`embed 40, parse 12`: the mean latency of each container in milliseconds, the slowest first."""
    told = [(owner.container or "", _LATENCY.of(view, (owner,))) for owner in _containers(view.endpoint)]
    if not told:
        return NOTHING
    told.sort(key=lambda pair: -(pair[1].value or 0.0))
    texts = (f"{paint.plain(name)} {sample(one, fmt.milliseconds, 6, paint).text}" for name, one in told)
    return blamed(Cell(fmt.cut(", ".join(texts), width, paint.glyphs)), view, "containers")


def _container_count(view: EndpointView, _width: int, _paint: Paint) -> Cell:
    return Cell(str(len(_containers(view.endpoint)))) if view.endpoint.described else NOTHING


CONTAINERS = Column(
    "containers",
    "CONTAINERS ms",
    (20, 34, 60),
    3,
    _each_container,
    lambda view: _LATENCY(view).value,
    largest_first=True,
    metrics=("ContainerLatency",),
)
CONTAINER_COUNT = Column(
    "parts", "N", (2, 2, 2), 5, _container_count, lambda view: float(len(_containers(view.endpoint))), True, True
)
SLOWEST = _column("slowest", "SLOWms", 2, _LATENCY, MILLISECONDS)
CONTAINER_ERRORS = _column("c5xx", "5XX/m", 2, Reading("Invocation5XXErrors", "Sum", sum, _containers))
CONTAINER_MEMORY = _column("cmem", "MEM%", 7, Reading("MemoryUtilization", "Average", max, _containers, 0.01), _SHARE)

# Inference components


def _copies(view: EndpointView, _width: int, _paint: Paint) -> Cell:
    """`5`, or `3/5` while AWS is on its way to five."""
    copies = [part.copies for part in view.endpoint.components]
    if not copies:
        return NOTHING
    current = sum(one.current or 0 for one in copies)
    desired = sum(one.current or 0 if one.desired is None else one.desired for one in copies)
    if current == desired:
        return blamed(Cell(str(current)), view, "copies")
    found = blamed(Cell(f"{current}/{desired}"), view, "copies")
    return found if found.style != "normal" else found._replace(style="changing")


def _copies_count(view: EndpointView) -> float | None:
    parts = view.endpoint.components
    return float(sum(part.copies.current or 0 for part in parts)) if parts else None


COPIES = Column("copies", "COPIES", (7, 7, 8), 2, _copies, _copies_count, True, True)
COMPONENTS = Column(
    "comps",
    "COMPS",
    (6, 6, 6),
    6,
    lambda view, _width, _paint: Cell(str(len(view.endpoint.components))),
    lambda view: float(len(view.endpoint.components)),
    True,
    True,
)
PER_COPY = _column("per-copy", "/COPY", 4, Reading("InvocationsPerCopy", "Sum", max, _components))
CONCURRENT = _column("conc-copy", "CONC/COPY", 5, Reading("ConcurrentRequestsPerCopy", "Maximum", max, _components))
REFUSED = _column("no-room", "NO-CAP/m", 3, Reading("NoCapacityInvocationFailures", "Sum", sum, _components))
GPU = _column("gpu", "GPU%", 4, Reading("GPUUtilizationNormalized", "Average", max, _components, 0.01), _SHARE)
GPU_RESERVED = _column("gpu-res", "GPU-RES%", 6, Reading("GPUReservation", "Average", max, _variants, 0.01), _SHARE)
CPU_RESERVED = _column("cpu-res", "CPU-RES%", 7, Reading("CPUReservation", "Average", max, _variants, 0.01), _SHARE)
