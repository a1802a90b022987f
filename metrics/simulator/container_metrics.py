"""The samples of the metrics that each container of an endpoint publishes for itself."""

from collections.abc import Callable

import numpy as np

from smtop.metrics.simulator import samples
from smtop.metrics.simulator.call_metrics import Derive
from smtop.metrics.simulator.host_metrics import busy_cores, memory_mb
from smtop.metrics.simulator.hosting import Kind, View
from smtop.metrics.simulator.noise import Array, key
from smtop.metrics.simulator.samples import Samples


def container_share(view: View) -> Array:
    """A directly invoked container's share of the calls, or a pipeline step's share of the time, every minute."""
    demand = _demand(view)
    share = demand[view.stretch.containers.index(view.container or "")] / np.maximum(demand.sum(axis=0), 1e-9)
    return np.asarray(share, dtype=np.float64)


def _demand(view: View) -> Array:
    """How much is asked of every container, every minute; shape (containers, minutes)."""
    usual = np.array(view.stretch.demand)[:, None] * np.ones(len(view.minutes))
    if not view.stretch.skew:
        return usual
    return np.asarray(usual * (1.0 + np.stack([sizes[view.rows] for sizes in view.stretch.skew])), dtype=np.float64)


def container_part(view: View, name: str) -> Array:
    """A container's part of a count: whole calls, all parts together are the variant's."""
    place, demand = view.stretch.containers.index(view.container or ""), _demand(view)
    before, counts = demand[:place].sum(axis=0) / np.maximum(demand.sum(axis=0), 1e-9), view.column(name)
    return np.asarray(np.rint(counts * (before + container_share(view))) - np.rint(counts * before), dtype=np.float64)


def container_count(view: View) -> Samples:
    return samples.each(view.out(container_part(view, "calls")))


def container_ratio(name: str) -> Derive:
    def derive(view: View) -> Samples:
        calls = container_part(view, "calls")
        return samples.hits(view.out(np.minimum(container_part(view, name), calls)), view.out(calls))

    return derive


def container_time(seconds: Callable[[View, Array], Array], purpose: str) -> Derive:
    """Times of a container's calls; a step of a pipeline has its share of every call's time."""

    def derive(view: View) -> Samples:
        steps = view.stretch.kind is Kind.PIPELINE
        counts = view.column("answered") if steps else container_part(view, "answered")
        scale = 1e6 * (container_share(view)[:, None] if steps else 1.0)
        stream = key(view.stretch.stream, purpose if steps else f"{purpose} {view.container}")
        return samples.calls(
            stream, view.minutes, counts, view.out(counts), lambda chance: scale * seconds(view, chance)
        )

    return derive


def container_cores(view: View) -> Array:
    return busy_cores(view) * container_share(view)


def container_memory(view: View) -> Array:
    return memory_mb(view) / max(1, len(view.stretch.containers))
