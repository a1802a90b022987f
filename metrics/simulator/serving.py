"""From deployments and workloads to what happened: the queueing model, a variant and a stretch of minutes at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from smtop.metrics.simulator import noise
from smtop.metrics.simulator.ailments import Ail
from smtop.metrics.simulator.hosting import SERVERLESS_KINDS, Kind, Stretch
from smtop.metrics.simulator.noise import Array
from smtop.metrics.simulator.pools import cached, on_serverless, pooled, unevenly_pooled
from smtop.metrics.simulator.queued import serve_queue
from smtop.metrics.simulator.resources import LiveComponent, LiveVariant
from smtop.metrics.simulator.runs import Run, Site, Subject, runs

# Longer than a container stays warm and than a full real-time queue takes to drain: no state is older than this.
_MEMORY_MIN: Final = 15

Served = dict[Subject, list[Stretch]]


def simulate(site: Site, start: int, stop: int) -> Served:
    """What every variant, component and queue of an endpoint did from one epoch minute to another (exclusive)."""
    served: Served = {}
    for deployment, began, first, last in runs(site.history, start, stop):
        past = max(began, first - _MEMORY_MIN)
        run = Run(site, deployment, began, first, np.arange(past, last, dtype=np.int64))
        for subject, stretch in _serve(run):
            served.setdefault(subject, []).append(stretch)
    return served


def _serve(run: Run) -> Iterator[tuple[Subject, Stretch]]:
    if run.deployment.asynchronous:
        yield from serve_queue(run)
        return
    rate = run.site.workload.traffic.rate(run.site.stream, run.minutes)
    production = [variant for variant in run.deployment.variants if not variant.shadow]
    weights = sum(variant.weight for variant in production) or 1.0
    arrived = np.zeros(len(rate))
    for variant in production:
        if variant.model is None:
            yield from _serve_components(run, variant, rate)
            continue
        share = _share(run, variant, production, weights)
        calls = noise.poisson(noise.key(run.site.stream, variant.name, "calls"), run.minutes, rate * share)
        arrived += calls
        yield ("variant", variant.name), _serve_variant(run, variant, calls)
    for variant in run.deployment.variants:
        if variant.shadow:
            copies = np.floor(arrived * min(1.0, variant.weight / weights))
            yield ("variant", variant.name), _serve_variant(run, variant, copies)


def _share(run: Run, variant: LiveVariant, production: Sequence[LiveVariant], weights: float) -> Array | float:
    """A variant's share of the calls: by weight, apart from calls that name their variant."""
    by_weight = variant.weight / weights
    pinned = {other.name: run.site.workload.ailments.sizes(Ail.PINNED, run.minutes, other.name) for other in production}
    named = [share for share in pinned.values() if share is not None]
    if not named:
        return by_weight
    own = pinned[variant.name]
    return by_weight * (1.0 - sum(named)) + (own if own is not None else 0.0)


def _serve_variant(run: Run, variant: LiveVariant, calls: Array) -> Stretch:
    stretch = run.stretch(variant, variant.name, variant.model)
    ails = run.ails(variant.model)
    containers = tuple(run.site.deployments.containers(variant.model)) if variant.model else ()
    demand = tuple(run.site.workload.demand.get(container, 1.0) for container in containers)
    skew = _skew(run, containers)
    if stretch.kind is Kind.PIPELINE and skew:
        ails[Ail.SLOWER.value] = ails.get(Ail.SLOWER.value, 0.0) + _longer(demand, skew)
    if stretch.kind in SERVERLESS_KINDS:
        columns = on_serverless(stretch, run.minutes, calls, ails)
    elif Ail.HOT.value in ails and variant.instances > 1:
        columns = unevenly_pooled(stretch, run.minutes, calls, ails)
    else:
        servers = variant.instances * stretch.profile.slots_on(stretch.spec)
        columns = pooled(stretch, run.minutes, calls, servers, ails)
    if stretch.kind is Kind.MULTI_MODEL and stretch.profile.working_set:
        columns |= cached(stretch, stretch.profile.working_set, run, columns, ails)
    skew = tuple(run.cut({"": sizes})[""] for sizes in skew)
    return replace(stretch, columns=run.cut(columns), containers=containers, demand=demand, skew=skew)


def _skew(run: Run, containers: Sequence[str]) -> tuple[Array, ...]:
    """The additional demand for each container; nothing where it is as usual."""
    found = [run.site.workload.ailments.sizes(Ail.SKEW, run.minutes, container) for container in containers]
    if all(sizes is None for sizes in found):
        return ()
    return tuple(np.zeros(len(run.minutes)) if sizes is None else sizes for sizes in found)


def _longer(demand: Sequence[float], skew: Sequence[Array]) -> Array:
    """By how much all steps of a pipeline together take longer, as a multiple of the usual time."""
    added = sum((usual * more for usual, more in zip(demand, skew, strict=True)), np.zeros(len(skew[0])))
    return added / (sum(demand) or 1.0)


def _serve_components(run: Run, variant: LiveVariant, rate: Array) -> Iterator[tuple[Subject, Stretch]]:
    everyone = [component.name for other in run.deployment.variants for component in other.components]
    demand = run.site.workload.demand
    total = sum(demand.get(name, 1.0) for name in everyone) or 1.0
    parts = []
    for component in variant.components:
        parts.append(part := _serve_component(run, variant, component, rate * demand.get(component.name, 1.0) / total))
        yield ("component", component.name), part
    names = ("calls", "answered", "errors_4xx", "errors_5xx", "in_flight")
    whole = run.stretch(variant, variant.name, None)
    sums = {name: sum((part.columns[name] for part in parts), np.zeros(len(whole.minutes))) for name in names}
    columns = run.cut(run.ails(None)) | sums
    yield ("variant", variant.name), replace(whole, columns=columns, parts=tuple(parts))


def _serve_component(run: Run, variant: LiveVariant, component: LiveComponent, rate: Array) -> Stretch:
    stretch = run.stretch(variant, component.name, component.model)
    calls = noise.poisson(noise.key(run.site.stream, component.name, "calls"), run.minutes, rate)
    able = component.copies if variant.instances else 0
    servers = able * stretch.profile.slots_of_copy()
    columns = pooled(stretch, run.minutes, calls if able else 0 * calls, servers, run.ails(component.model))
    columns["no_capacity"] = 0 * calls if able else calls
    return replace(stretch, columns=run.cut(columns), copies=able)
