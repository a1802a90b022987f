"""Whether a cause still harms, minute by minute: what happened, not what CloudWatch shows of it yet.

A trouble is remedied as soon as somebody has changed something of its endpoint, and for so many whole minutes in a row
nothing of its harm is left. That is decided by the harm alone: whatever change ends it will do.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from smtop.metrics.simulator.causes.cause import HOST_METRICS, MIN_S
from smtop.metrics.simulator.instances import spec_of
from smtop.metrics.simulator.journal import Write
from smtop.metrics.simulator.noise import Array
from smtop.metrics.simulator.resources import Deployments, LiveVariant, MetricId, MetricReader

CALM_MIN: Final = 3
_MODELS: Final = "AWS/SageMaker"
_PUBLISHED_S: Final = 1800.0
"""After so long, all samples of a minute are out."""
_FAILED: Final = 0.01
_REFUSED: Final = 0.02
_SPILLED: Final = 0.01
_NEARLY_FULL: Final = 0.75
_BUSY: Final = 0.85
_HAS_ROOM: Final = 0.7
_LOADED: Final = 0.85
_DRAINS: Final = 0.97
_WASTED: Final = 0.2
_FEW_WAITING: Final = 20.0


@dataclass(frozen=True)
class Look:
    """Whole minutes of one endpoint, from `start` to `end` (exclusive, epoch seconds)."""

    reader: MetricReader
    deployments: Deployments
    endpoint: str
    start: int
    end: int

    def variants(self) -> Sequence[LiveVariant]:
        """Those that served at any time within."""
        history = self.deployments.history(self.endpoint)
        return list({variant.name: variant for deployment in history for variant in deployment.variants}.values())

    def values(self, name: str, stat: str, *, namespace: str = _MODELS, **dimensions: str) -> Array:
        """The statistic of every minute, NaN where there is none."""
        metric = MetricId(namespace, name, tuple(sorted(dimensions.items())))
        values = np.full((self.end - self.start) // 60, np.nan)
        at, found = self.reader.read(metric, stat, self.start, self.end, 60, self.end + _PUBLISHED_S)
        values[(np.array(at, dtype=np.int64) - self.start) // 60] = found
        return values

    def of_variants(self, name: str, stat: str, *, namespace: str = _MODELS) -> Array:
        """The same of each variant, shape (variants, minutes)."""
        own = {"namespace": namespace, "EndpointName": self.endpoint}
        rows = [self.values(name, stat, VariantName=variant.name, **own) for variant in self.variants()]
        return np.stack(rows) if rows else np.full((1, (self.end - self.start) // 60), np.nan)


Harmed = NDArray[np.bool_]
Harm = Callable[[Look], Harmed]
"""Whether each minute is one of harm. Where nothing is known, as nobody is served any more, it is."""


def _share(names: Sequence[str], most: float) -> Harm:
    """Of all calls, more than `most` are among the named ones."""

    def harms(look: Look) -> Harmed:
        calls = np.nansum(look.of_variants("Invocations", "Sum"), axis=0)
        hit = sum(np.nansum(look.of_variants(name, "Sum"), axis=0) for name in names)
        return np.asarray((calls == 0) | (hit > most * calls))

    return harms


def _spills(look: Look) -> Harmed:
    """Provisioned concurrency that is gone spills nothing, and is no remedy."""
    used = look.of_variants("ServerlessProvisionedConcurrencyUtilization", "Maximum")
    spilling = _share(("ServerlessProvisionedConcurrencySpilloverInvocations",), _SPILLED)(look)
    return np.asarray(spilling | np.isnan(used).all(axis=0))


def _provisioned(wrong: Callable[[Array], Harmed]) -> Harm:
    def harms(look: Look) -> Harmed:
        used = _peak(look.of_variants("ServerlessProvisionedConcurrencyUtilization", "Maximum"))
        return np.asarray(np.isnan(used) | wrong(used))

    return harms


def _busy(metric: str, most: float = _BUSY, stat: str = "Average") -> Harm:
    """The average instance of some variant is busier than that, or calls fail; with Maximum it is the hottest one."""

    def harms(look: Look) -> Harmed:
        used = look.of_variants(metric, stat, namespace=HOST_METRICS)
        full = np.array([[_full(metric, variant)] for variant in look.variants()] or [[100.0]])
        return np.asarray(~(_peak(used / full) <= most) | _fails(look))

    return harms


def _full(metric: str, variant: LiveVariant) -> float:
    spec = spec_of(variant.instance_type or "")
    return 100.0 * max(spec.gpus if metric == "GPUUtilization" else spec.vcpus, 1)


def _grows(look: Look) -> Harmed:
    """More than a few requests wait, and no fewer than a minute before."""
    waiting = look.values("ApproximateBacklogSize", "Average", EndpointName=look.endpoint)
    before = np.concatenate(([np.nan], waiting[:-1]))
    return np.asarray(~((waiting <= _FEW_WAITING) | (waiting < before)))


def _stays(look: Look) -> Harmed:
    """More than a few requests wait, and it takes more than half an hour until they do not."""
    waiting = look.values("ApproximateBacklogSize", "Average", EndpointName=look.endpoint)
    before = np.concatenate(([np.nan], waiting[:-1]))
    return np.asarray(~((waiting <= _FEW_WAITING) | (waiting < _DRAINS * before)))


def _expires(look: Look) -> Harmed:
    """Requests expire, or nothing is processed."""
    expired, processed = (
        np.nansum(look.of_variants(name, "Sum"), axis=0) for name in ("ExpiredRequests", "InvocationsProcessed")
    )
    return np.asarray((processed == 0) | (expired > 0))


def _misses(look: Look) -> Harmed:
    """Too few calls find their model loaded."""
    hits = look.of_variants("ModelCacheHit", "Average")
    return np.asarray(
        ~(np.nanmin(np.where(np.isnan(hits), np.inf, hits), axis=0) >= _LOADED) | np.isnan(hits).all(axis=0)
    )


def _has_no_capacity(look: Look) -> Harmed:
    without = look.values("HasBacklogWithoutCapacity", "Maximum", EndpointName=look.endpoint)
    return np.asarray(~(without == 0.0))


def _refuses_components(look: Look) -> Harmed:
    """Some component has calls that no copy takes, or is gone."""
    names = {component.name for variant in look.variants() for component in variant.components}
    harmed = np.zeros((look.end - look.start) // 60, dtype=np.bool_)
    for name in names:
        refused = look.values("NoCapacityInvocationFailures", "Sum", InferenceComponentName=name)
        calls = look.values("Invocations", "Sum", InferenceComponentName=name)
        harmed |= ~(calls > 0) | (refused > 0)
    return harmed


def _peak(rows: Array) -> Array:
    """The largest of each minute, NaN where there is none."""
    largest = np.max(np.where(np.isnan(rows), -np.inf, rows), axis=0)
    return np.where(np.isfinite(largest), largest, np.nan)


_fails: Final = _share(("Invocation4XXErrors", "Invocation5XXErrors"), _FAILED)

HARMS: Final[Mapping[str, Harm]] = {
    "pc-exhausted": _spills,
    "pc-high": _provisioned(lambda used: used > _NEARLY_FULL),
    "pc-wasted": _provisioned(lambda used: used < _WASTED),
    "concurrency-limit": _share(("Invocation4XXErrors",), _REFUSED),
    "cpu-saturated": _busy("CPUUtilization"),
    "gpu-saturated": _busy("GPUUtilization"),
    "hot-instance": _busy("CPUUtilization", _HAS_ROOM, "Maximum"),
    "scaling-at-max": _busy("CPUUtilization", _HAS_ROOM),
    "scaling-stuck": _busy("CPUUtilization", _HAS_ROOM),
    "cache-thrash": _misses,
    "backlog-growing": _grows,
    "backlog-never-drains": _stays,
    "requests-expiring": _expires,
    "backlog-without-capacity": _has_no_capacity,
    "component-without-capacity": _refuses_components,
    "bad-canary": _fails,
}
"""How to see that a cause harms, of those that a change of the endpoint can end."""

_CALLERS: Final = "its callers, whom no change of the endpoint reaches"
_MODEL: Final = "its model, which has to be mended and deployed anew"
_DELIVERY: Final = "the topic, the bucket or the role that it depends on"
ELSEWHERE: Final[Mapping[str, str]] = {
    "traffic-gone": _CALLERS,
    "errors-4xx": _CALLERS,
    "errors-5xx": _MODEL,
    "latency-high": _MODEL,
    "latency-near-limit": _MODEL,
    "model-load-failing": _MODEL,
    "container-skew-direct": _CALLERS,
    "container-skew-pipeline": _MODEL,
    "processing-failing": _MODEL,
    "notifications-failing": _DELIVERY,
    "payload-transfer-failing": _DELIVERY,
    "metrics-missing": "the role or the network that keeps metrics from CloudWatch",
    "update-rolled-back": "what was rolled out: the endpoint itself serves as before",
    "endpoint-failed": "what was rolled out: it has to be deployed anew, or deleted",
    "weights-drift": "callers that name a variant, or an update of the weights that has to be made again",
}
"""With what the remedy lies where none is graded: it can be told, and not be practised on a simulated endpoint."""


def harms(
    key: Iterable[Mapping[str, Any]],
    reader: MetricReader,
    deployments: Deployments,
    writes: Iterable[Write],
    now: float,
) -> list[dict[str, Any]]:
    """The troubles of an answer key, each with `can_end`, and `ended_at`: when its harm ended (epoch seconds), or None.
    `elsewhere` says with what the remedy lies where there is none to see.

    A trouble without a way to see its harm cannot end. `ended_at` is known CALM_MIN minutes later.
    """
    return [_told(entry, reader, deployments, writes, now) for entry in key if entry.get("rules") and entry["endpoint"]]


def _told(
    entry: Mapping[str, Any], reader: MetricReader, deployments: Deployments, writes: Iterable[Write], now: float
) -> dict[str, Any]:
    harm, name, ended_at = HARMS.get(entry["cause"]), entry["endpoint"], None
    changed_at = _first_change(name, writes, entry["began_at"])
    if harm is not None and changed_at is not None:
        start, end = int(changed_at // MIN_S) * 60, int(now // MIN_S) * 60
        if end > start:
            ended_at = _first_calm(harm(Look(reader, deployments, name, start - 60, end))[1:], start)
    elsewhere = None if harm else ELSEWHERE.get(entry["cause"])
    return {**entry, "can_end": harm is not None, "ended_at": ended_at, "elsewhere": elsewhere}


def _first_change(endpoint: str, writes: Iterable[Write], since: float) -> float | None:
    """When somebody first changed something of an endpoint; components and scalable targets have its name in theirs."""
    done = (write for write in writes if write.carried_out and write.at >= since)
    return min((write.at for write in done if endpoint in str(write.request)), default=None)


def _first_calm(harmed: Harmed, start: int) -> float | None:
    """The first of CALM_MIN minutes in a row without harm."""
    for minute in range(len(harmed) - CALM_MIN + 1):
        if not harmed[minute : minute + CALM_MIN].any():
            return float(start + minute * 60)
    return None
