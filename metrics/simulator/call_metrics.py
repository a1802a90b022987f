"""The samples of the metrics about calls: counts, ratios, latencies, concurrency. Durations come in seconds."""

from collections.abc import Callable
from typing import Final

import numpy as np

from smtop.metrics.simulator import samples
from smtop.metrics.simulator.ailments import Ail
from smtop.metrics.simulator.hosting import SERVERLESS_KINDS, Kind, Stretch, View
from smtop.metrics.simulator.noise import Array, key, normal_quantile, normals, thinned
from smtop.metrics.simulator.samples import Samples
from smtop.metrics.simulator.workload import TIME_LIMIT_S

Derive = Callable[[View], Samples]

_TEN_SECONDS: Final = np.linspace(-1.2, 1.6, 6)[None, :]
_DOWNLOAD_MB_PER_S: Final = 160.0


def count(name: str) -> Derive:
    return lambda view: samples.each(view.count(name))


def ratio(name: str, of: str = "calls") -> Derive:
    return lambda view: samples.hits(view.count(name), view.count(of))


def times(view: View, name: str, quantile: Callable[[Array], Array], purpose: str, scale: float = 1e6) -> Samples:
    """Durations in seconds of the things counted in a column, scaled to the metric's unit."""
    stream = key(view.stretch.stream, purpose)
    return samples.calls(
        stream, view.minutes, view.column(name), view.count(name), lambda chance: quantile(chance) * scale
    )


def lognormal(chance: Array, median: float | Array, sigma: float) -> Array:
    return np.asarray(median * np.exp(sigma * normal_quantile(chance)), dtype=np.float64)


def model_seconds(view: View, chance: Array) -> Array:
    """Service time plus the wait in front of it; both grow with the same chance, so that quantiles add.

    Nobody waits longer for a container than the endpoint does; a queue is more patient.
    """
    stretch = view.stretch
    slowness = np.reshape(1.0 + np.asarray(view.ailing(Ail.SLOWER)), (-1, 1))
    service = lognormal(chance, stretch.profile.median_ms / 1000.0 / stretch.speed * slowness, stretch.profile.sigma)
    waiters = np.maximum(view.column("wait_chance"), 1e-9)[:, None]
    wait = np.maximum(-np.log((1.0 - chance) / waiters), 0.0) * (view.column("wait_s")[:, None] / waiters)
    whole = np.asarray(service + wait + view.column("delay_s")[:, None] + _hot_seconds(view, chance), dtype=np.float64)
    return whole if stretch.kind is Kind.ASYNC else np.minimum(whole, TIME_LIMIT_S)


def _hot_seconds(view: View, chance: Array) -> Array | float:
    """What calls to a hot instance wait beyond the others."""
    if "hot_s" not in view.stretch.columns:
        return 0.0
    return np.where(chance > 1.0 - view.column("hot_share")[:, None], view.column("hot_s")[:, None], 0.0)


def model_latency(view: View) -> Samples:
    if view.stretch.kind is Kind.COMPONENTS and not view.stretch.copies:
        parts = [model_latency(view.part(part)) for part in view.stretch.parts if part.copies]
        return samples.joined(parts) if parts else samples.nothing(len(view.minutes))
    return times(view, "answered", lambda chance: model_seconds(view, chance), "model")


def overhead(view: View) -> Samples:
    return times(view, "answered", lambda chance: overhead_seconds(view, chance), "overhead")


def overhead_seconds(view: View, chance: Array) -> Array:
    """The platform's own time; the slowest calls of a minute are those that waited for a container or a model."""
    profile = view.stretch.profile
    own = lognormal(chance, profile.overhead_ms / 1000.0, 0.4)
    slow, extra = None, np.zeros(1)
    if view.stretch.kind in SERVERLESS_KINDS:
        slow, extra = "cold", lognormal(chance, profile.setup_s, 0.2)
    elif "misses" in view.stretch.columns:
        slow, extra = "misses", lognormal(chance, load_s(view.stretch), 0.3)
    if slow is None:
        return own
    share = view.column(slow) / np.maximum(view.column("answered"), 1.0)
    return np.asarray(own + np.where(chance > 1.0 - share[:, None], extra, 0.0), dtype=np.float64)


def setup_time(view: View) -> Samples:
    return times(view, "cold", lambda chance: lognormal(chance, view.stretch.profile.setup_s, 0.2), "setup")


def per_instance(view: View) -> Samples:
    return samples.each(view.count("calls"), 1.0 / max(1, view.stretch.variant.instances))


def per_copy(view: View) -> Samples:
    return samples.each(view.count("calls"), 1.0 / max(1, view.stretch.copies))


def in_flight(view: View) -> Samples:
    """Requests in the container, per model or copy, looked at every ten seconds."""
    pools = max(1, view.stretch.copies or view.stretch.variant.instances)
    mean = (view.column("in_flight") / pools)[:, None]
    return gauges(view, np.rint(np.maximum(mean + np.sqrt(mean) * _TEN_SECONDS, 0.0)))


def gauges(view: View, values: Array) -> Samples:
    """Looks at something that is always there; as many columns as looks a minute."""
    return samples.samples(values, np.where(view.visible > 0, 1.0, 0.0)[:, None])


def gauge(name: str) -> Derive:
    return lambda view: gauges(view, view.column(name)[:, None])


def concurrency(view: View) -> Array:
    """Concurrent executions every ten seconds, from below the mean to the minute's peak."""
    mean, peak = view.column("mean")[:, None], view.column("peak")[:, None]
    place = np.linspace(0.0, 1.0, 6)[None, :]
    return np.asarray(mean * (0.6 + 0.4 * place) + (peak - mean) * place**2, dtype=np.float64)


def executing(values: Callable[[View, Array], Array]) -> Derive:
    """A gauge of running serverless containers: nothing is published while nothing runs."""

    def derive(view: View) -> Samples:
        weights = (view.count("calls") > 0).astype(np.float64)
        return samples.samples(values(view, concurrency(view)), weights[:, None])

    return derive


def provisioned(view: View) -> float:
    limits = view.stretch.variant.serverless
    return float((limits and limits.provisioned_concurrency) or 1)


def max_concurrency(view: View) -> float:
    limits = view.stretch.variant.serverless
    return float(limits.max_concurrency if limits else 1)


def served_by_provisioned(view: View) -> Samples:
    return samples.each(view.count("answered") - view.count("spilled"))


def serverless_memory(view: View, _: Array) -> Array:
    limits = view.stretch.variant.serverless
    used = 100.0 * (view.stretch.profile.memory_mb / (limits.memory_mb if limits else 1024) + view.ailing(Ail.MEMORY))
    used = np.reshape(np.asarray(used), (-1, 1))
    return np.clip(used + 1.5 * normals(view.stretch.stream ^ 21, view.minutes), 1.0, 100.0)


def load_s(stretch: Stretch) -> float:
    models = stretch.profile.working_set
    return 0.4 + (models.model_mb if models else 0.0) / _DOWNLOAD_MB_PER_S


def loading(purpose: str, share: float, of: str = "misses") -> Derive:
    """Times of the steps of loading a model, as shares of the whole wait."""

    def derive(view: View) -> Samples:
        return times(view, of, lambda chance: share * lognormal(chance, load_s(view.stretch), 0.3), f"load {purpose}")

    return derive


def model_errors(view: View) -> Samples:
    """Answers of the model that were not 2XX; a throttled call never reached it."""
    bad = np.minimum(view.column("errors_4xx") + view.column("errors_5xx"), view.column("calls"))
    return samples.hits(view.out(bad), view.count("calls"))


def cache_hits(view: View) -> Samples:
    """1 for a call that found its model loaded."""
    every, missed = view.count("calls"), view.count("misses")
    return samples.hits(every - missed, every)


def _provisioned_busy(view: View, running: Array) -> Array:
    return np.minimum(running, provisioned(view))


concurrency_used = executing(lambda view, running: np.minimum(running / max_concurrency(view), 1.0))
provisioned_running = executing(_provisioned_busy)
provisioned_used = executing(lambda view, running: _provisioned_busy(view, running) / provisioned(view))


def backlog_per_instance(view: View) -> Samples:
    """The backlog over the instances; over one where there is none."""
    return gauges(view, (view.column("backlog") / np.maximum(view.column("instances"), 1.0))[:, None])


def backlog_without_capacity(view: View) -> Samples:
    """1 while requests wait and no instance runs."""
    return gauges(view, ((view.column("backlog") > 0) & (view.column("instances") == 0)).astype(np.float64)[:, None])


def expired(view: View) -> Samples:
    """Requests that outlived their time in the queue; 0 for every processed one."""
    lost = view.count("expired")
    return samples.hits(lost, view.count("calls") + lost)


def failing(ail: Ail) -> Derive:
    """1 for every processed request for which S3 or SNS has failed."""

    return lambda view: samples.hits(view.out(_failed(view, ail)), view.count("calls"))


def _failed(view: View, ail: Ail) -> Array:
    return thinned(key(view.stretch.stream, ail.value), view.minutes, view.column("calls"), view.ailing(ail))


def unprocessed(view: View) -> Samples:
    """1 for every asynchronous request that came to nothing, whatever the reason."""
    reasons = (_failed(view, ail) for ail in (Ail.DOWNLOADS, Ail.UPLOADS, Ail.PROCESSING))
    failed = np.minimum(sum(reasons, view.column("errors_5xx")), view.column("calls"))
    return samples.hits(view.out(failed), view.count("calls"))


def transfer(purpose: str, median_s: float) -> Derive:
    """Times to move a request or a response from or to S3, in microseconds."""
    return lambda view: times(view, "calls", lambda chance: lognormal(chance, median_s, 0.5), purpose)


def _queued_seconds(view: View, chance: Array) -> Array:
    """Oldest first, so the last served of a minute has waited as long as the oldest that still waits."""
    return np.asarray(0.02 + view.column("queued_s")[:, None] * (0.9 + 0.1 * chance), dtype=np.float64)


def time_in_backlog(view: View) -> Samples:
    """Waiting times in the queue, in milliseconds."""
    return times(view, "calls", lambda chance: _queued_seconds(view, chance), "queued", scale=1e3)


def total_time(view: View) -> Samples:
    """Times from request to answer, in milliseconds."""
    return times(
        view, "calls", lambda chance: _queued_seconds(view, chance) + model_seconds(view, chance) + 0.2, "total", 1e3
    )
