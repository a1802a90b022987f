"""Which charts an endpoint of each kind has, and which series are drawn in each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from smtop.metrics.domain.endpoint import Endpoint, Kind, Variant
from smtop.metrics.domain.instance_types import gpus, vcpus
from smtop.tui.view_models import fmt

Scale: TypeAlias = Callable[[float, int, Variant | None], float | None]
"""From CloudWatch's unit to the chart's, by the period and the variant that was measured; None where unknown."""


def as_it_is(value: float, _period_s: int, _variant: Variant | None) -> float:
    return value


def per_minute(value: float, period_s: int, _variant: Variant | None) -> float:
    """A sum over a period as a rate."""
    return value * 60 / period_s


def from_microseconds(value: float, _period_s: int, _variant: Variant | None) -> float:
    return value / 1000


def from_ratio(value: float, _period_s: int, _variant: Variant | None) -> float:
    return value * 100


def of_vcpus(value: float, _period_s: int, variant: Variant | None) -> float | None:
    """A percentage that is summed over processors, as a share of them all."""
    return _shared(value, variant, vcpus)


def of_gpus(value: float, _period_s: int, variant: Variant | None) -> float | None:
    return _shared(value, variant, gpus)


def _shared(value: float, variant: Variant | None, devices: Callable[[str], int | None]) -> float | None:
    instance_type = variant.instances.type if variant and variant.instances else None
    count = devices(instance_type) if instance_type else None
    return value / count if count else None


@dataclass(frozen=True)
class CurveSpec:
    """One curve: a label of series, merged over variants. A counter's silence is a zero where there were requests."""

    name: str
    label: str
    style: str
    merge: Callable[[Iterable[float]], float] = max
    scale: Scale = as_it_is
    zero_beside: str | None = None


@dataclass(frozen=True)
class PanelSpec:
    """One chart. `number` writes its values; `full` is the value at which it is full, if it can be."""

    title: str
    unit: str
    curves: Sequence[CurveSpec]
    number: fmt.Number = fmt.count
    full: float | None = None


_BLUE, _AMBER, _RED, _TEAL = "accent", "warning", "critical", "changing"


def _events(name: str, label: str, style: str = _BLUE, requests: str | None = "Invocations.Sum") -> CurveSpec:
    return CurveSpec(name, label, style, sum, per_minute, requests)


def _time(name: str, label: str, style: str, scale: Scale = from_microseconds) -> CurveSpec:
    return CurveSpec(name, label, style, max, scale)


def _percent(name: str, label: str, style: str, scale: Scale = as_it_is) -> CurveSpec:
    return CurveSpec(name, label, style, max, scale)


def _span(title: str, metric: str, scale: Scale = from_microseconds) -> PanelSpec:
    """The mean and the longest of a time."""
    curves = (_time("max", f"{metric}.Maximum", _AMBER, scale), _time("mean", f"{metric}.Average", _BLUE, scale))
    return PanelSpec(title, "ms", curves, fmt.milliseconds)


_PROCESSED = "InvocationsProcessed.Sum"
_REQUESTS = PanelSpec("Requests", "a minute", (_events("requests", "Invocations.Sum", requests=None),))
_ERRORS = PanelSpec(
    "Errors",
    "a minute",
    (_events("5XX", "Invocation5XXErrors.Sum", _RED), _events("4XX", "Invocation4XXErrors.Sum", _AMBER)),
)
_LATENCY = PanelSpec(
    "Model latency",
    "ms",
    (_time("p99", "ModelLatency.p99", _AMBER), _time("p50", "ModelLatency.p50", _BLUE)),
    fmt.milliseconds,
)
_OVERHEAD = _span("Overhead latency", "OverheadLatency")
_HOSTS = PanelSpec(
    "Instances",
    "%",
    (
        _percent("GPU", "GPUUtilization.Average", _AMBER, of_gpus),
        _percent("CPU", "CPUUtilization.Average", _BLUE, of_vcpus),
    ),
    full=100.0,
)
_MEMORY = PanelSpec(
    "Memory and disk",
    "%",
    (
        _percent("GPU memory", "GPUMemoryUtilization.Maximum", _AMBER, of_gpus),
        _percent("memory", "MemoryUtilization.Maximum", _BLUE),
        _percent("disk", "DiskUtilization.Maximum", _TEAL),
    ),
    full=100.0,
)
_CONCURRENCY = PanelSpec(
    "Concurrency",
    "%",
    (_percent("used", "ServerlessConcurrentExecutionsUtilization.Maximum", _BLUE, from_ratio),),
    full=100.0,
)
_PROVISIONED = PanelSpec(
    "Provisioned concurrency",
    "%",
    (_percent("used", "ServerlessProvisionedConcurrencyUtilization.Maximum", _BLUE, from_ratio),),
    full=100.0,
)
_SPILLOVER = PanelSpec(
    "Spillover",
    "a minute",
    (_events("requests", "ServerlessProvisionedConcurrencySpilloverInvocations.Sum", _AMBER),),
)
_COLD_STARTS = PanelSpec("Cold starts", "a minute", (_events("starts", "ModelSetupTime.SampleCount"),))
_CACHE = PanelSpec(
    "Model cache", "% hit", (CurveSpec("hits", "ModelCacheHit.Average", _BLUE, min, from_ratio),), full=100.0
)
_LOADING = _span("Waiting for a model", "ModelLoadingWaitTime")
_BACKLOG = PanelSpec("Backlog", "requests", (CurveSpec("waiting", "ApproximateBacklogSize.Maximum", _BLUE),))
_OLDEST = PanelSpec(
    "Oldest request waits", "s", (CurveSpec("waiting", "ApproximateAgeOfOldestRequest.Maximum", _BLUE),)
)
_DONE = PanelSpec("Requests done", "a minute", (_events("requests", _PROCESSED, requests=None),))
_FAILURES = PanelSpec(
    "Failures",
    "a minute",
    (
        _events("failed", "InvocationFailures.Sum", _RED, _PROCESSED),
        _events("expired", "ExpiredRequests.Sum", _AMBER, _PROCESSED),
    ),
)
_SHARES = PanelSpec(
    "Devices",
    "%",
    (
        _percent("GPU", "GPUUtilizationNormalized.Average", _AMBER),
        _percent("CPU", "CPUUtilizationNormalized.Average", _BLUE),
    ),
    full=100.0,
)
_NO_ROOM = PanelSpec(
    "Refused for lack of capacity", "a minute", (_events("requests", "NoCapacityInvocationFailures.Sum", _RED),)
)
_RESERVED = PanelSpec(
    "Reserved",
    "%",
    (_percent("GPU", "GPUReservation.Average", _AMBER), _percent("CPU", "CPUReservation.Average", _BLUE)),
    full=100.0,
)

_ON_HOSTS = (_REQUESTS, _ERRORS, _LATENCY, _HOSTS, _MEMORY, _OVERHEAD)

_PANELS: Mapping[Kind, Sequence[PanelSpec]] = {
    Kind.MULTI_MODEL: (_REQUESTS, _ERRORS, _LATENCY, _CACHE, _LOADING, _HOSTS),
    Kind.ASYNC: (_DONE, _FAILURES, _BACKLOG, _OLDEST, _LATENCY, _HOSTS),
    Kind.SERVERLESS: (_REQUESTS, _ERRORS, _LATENCY, _CONCURRENCY, _COLD_STARTS, _OVERHEAD),
    Kind.SERVERLESS_PROVISIONED: (_REQUESTS, _ERRORS, _LATENCY, _PROVISIONED, _SPILLOVER, _COLD_STARTS),
    Kind.INFERENCE_COMPONENT: (_REQUESTS, _ERRORS, _LATENCY, _SHARES, _NO_ROOM, _RESERVED),
}


def panels_of(endpoint: Endpoint) -> Sequence[PanelSpec]:
    """The charts of an endpoint, the most telling first: the first four fit on a small terminal."""
    return _PANELS.get(endpoint.kind, _ON_HOSTS)
