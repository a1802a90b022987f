"""From deployments and workloads to what happened: the queueing model, a variant and a stretch of minutes at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from smtop.metrics.simulator import noise, queueing
from smtop.metrics.simulator.ailments import Ail
from smtop.metrics.simulator.hosting import SERVERLESS_KINDS, Kind, Stretch, kind_of
from smtop.metrics.simulator.instances import InstanceSpec, spec_of
from smtop.metrics.simulator.noise import Array, Minutes
from smtop.metrics.simulator.resources import Deployment, Deployments, LiveComponent, LiveVariant
from smtop.metrics.simulator.workload import TIME_LIMIT_S, WorkingSet, Workload

# Longer than a container stays warm and than a full real-time queue takes to drain: no state is older than this.
_MEMORY_MIN: Final = 15
_ASYNC_MEMORY_MIN: Final = 360
_CACHE_FILL_MIN: Final = 6.0
_MODEL_MEMORY_SHARE: Final = 0.8
# Beyond this many standard deviations of its service time no call is thought to reach the time limit.
_FAR_OUT: Final = 4.5

Subject = tuple[str, str]
Served = dict[Subject, list[Stretch]]


@dataclass(frozen=True)
class Site:
    """One endpoint to simulate. `ground_min` is the epoch minute from which async queues are followed unbroken."""

    name: str
    stream: int
    workload: Workload
    history: tuple[Deployment, ...]
    deployments: Deployments
    ground_min: int


@dataclass(frozen=True, eq=False)
class _Run:
    """The part of a block in which one deployment serves; `minutes` also hold the past that still has effects."""

    site: Site
    deployment: Deployment
    began: int
    shown_from: int
    minutes: Minutes

    def cut(self, columns: dict[str, Array]) -> dict[str, Array]:
        """Columns without the past."""
        skip = self.shown_from - int(self.minutes[0])
        return {name: values[skip:] for name, values in columns.items()}

    def ails(self, model: str | None) -> dict[str, Array]:
        """What ails a model, by the ail's name, with the past."""
        return self.site.workload.ailments.columns(self.minutes, model)

    def stretch(self, variant: LiveVariant, name: str, model: str | None) -> Stretch:
        """A stretch of which nothing is known yet."""
        return Stretch(
            stream=noise.key(self.site.stream, name),
            kind=kind_of(self.deployment, variant, self.site.deployments),
            variant=variant,
            profile=self.site.workload.profile(model),
            began=self.began,
            minutes=self.minutes[self.shown_from - int(self.minutes[0]) :],
            columns={},
        )


def simulate(site: Site, start: int, stop: int) -> Served:
    """What every variant, component and queue of an endpoint did from one epoch minute to another (exclusive)."""
    served: Served = {}
    for deployment, began, first, last in _runs(site.history, start, stop):
        past = max(began, first - _MEMORY_MIN)
        run = _Run(site, deployment, began, first, np.arange(past, last, dtype=np.int64))
        for subject, stretch in _serve(run):
            served.setdefault(subject, []).append(stretch)
    return served


def _runs(history: Sequence[Deployment], start: int, stop: int) -> Iterator[tuple[Deployment, int, int, int]]:
    """Deployment, the minute it began, and the first and last minute (exclusive) that it serves of a block."""
    begins = [int(deployment.since // 60) for deployment in history]
    for deployment, began, end in zip(history, begins, [*begins[1:], stop], strict=True):
        first, last = max(began, start), min(end, stop)
        if first < last:
            yield deployment, began, first, last


def _serve(run: _Run) -> Iterator[tuple[Subject, Stretch]]:
    if run.deployment.asynchronous:
        yield from _serve_async(run)
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


def _share(run: _Run, variant: LiveVariant, production: Sequence[LiveVariant], weights: float) -> Array | float:
    """A variant's share of the calls: by weight, apart from calls that name their variant."""
    by_weight = variant.weight / weights
    pinned = {other.name: run.site.workload.ailments.sizes(Ail.PINNED, run.minutes, other.name) for other in production}
    named = [share for share in pinned.values() if share is not None]
    if not named:
        return by_weight
    own = pinned[variant.name]
    return by_weight * (1.0 - sum(named)) + (own if own is not None else 0.0)


def _serve_variant(run: _Run, variant: LiveVariant, calls: Array) -> Stretch:
    stretch = run.stretch(variant, variant.name, variant.model)
    ails = run.ails(variant.model)
    containers = tuple(run.site.deployments.containers(variant.model)) if variant.model else ()
    demand = tuple(run.site.workload.demand.get(container, 1.0) for container in containers)
    skew = _skew(run, containers)
    if stretch.kind is Kind.PIPELINE and skew:
        ails[Ail.SLOWER.value] = ails.get(Ail.SLOWER.value, 0.0) + _longer(demand, skew)
    if stretch.kind in SERVERLESS_KINDS:
        columns = _serverless(stretch, run.minutes, calls, ails)
    elif Ail.HOT.value in ails and variant.instances > 1:
        columns = _unevenly_pooled(stretch, run.minutes, calls, ails)
    else:
        servers = variant.instances * stretch.profile.slots_on(stretch.spec)
        columns = _pooled(stretch, run.minutes, calls, servers, ails)
    if stretch.kind is Kind.MULTI_MODEL and stretch.profile.working_set:
        columns |= _cached(stretch, stretch.profile.working_set, run, columns, ails)
    skew = tuple(run.cut({"": sizes})[""] for sizes in skew)
    return replace(stretch, columns=run.cut(columns), containers=containers, demand=demand, skew=skew)


def _skew(run: _Run, containers: Sequence[str]) -> tuple[Array, ...]:
    """The additional demand for each container; nothing where it is as usual."""
    found = [run.site.workload.ailments.sizes(Ail.SKEW, run.minutes, container) for container in containers]
    if all(sizes is None for sizes in found):
        return ()
    return tuple(np.zeros(len(run.minutes)) if sizes is None else sizes for sizes in found)


def _longer(demand: Sequence[float], skew: Sequence[Array]) -> Array:
    """By how much all steps of a pipeline together take longer, as a multiple of the usual time."""
    added = sum((usual * more for usual, more in zip(demand, skew, strict=True)), np.zeros(len(skew[0])))
    return added / (sum(demand) or 1.0)


def _pooled(
    stretch: Stretch, minutes: Minutes, calls: Array, servers: int, ails: Mapping[str, Array]
) -> dict[str, Array]:
    """Calls to a pool of servers with a queue; what takes or waits a minute times out as 5XX, as on a real endpoint."""
    mean_s = stretch.profile.mean_s(stretch.speed) * _slowness(ails, calls)
    capacity = servers * 60.0 / mean_s
    queue = queueing.fluid_queue(calls, capacity, room=capacity)
    busy = queue.served / np.maximum(capacity, 1e-9)
    timeouts = np.floor(queue.refused) if servers else calls
    timeouts = timeouts + _overdue(stretch, minutes, calls - timeouts, ails)
    columns = _errors(stretch, minutes, calls, timeouts, np.zeros(len(calls)), ails)
    waits = servers > 0
    return columns | {
        "busy": busy,
        "wait_s": queueing.mean_wait_s(busy, servers, mean_s, np.expm1(stretch.profile.sigma**2))
        if waits
        else 0 * busy,
        "wait_chance": queueing.wait_chance(busy, servers) if waits else 0 * busy,
        "delay_s": np.divide(queue.waiting, capacity, out=np.zeros_like(busy), where=capacity > 0) * 60.0,
        "in_flight": busy * servers + queue.waiting,
    }


def _unevenly_pooled(stretch: Stretch, minutes: Minutes, calls: Array, ails: Mapping[str, Array]) -> dict[str, Array]:
    """As `_pooled`, where the first instance gets more than its share; its calls are the slow ones of every minute."""
    instances, slots = stretch.variant.instances, stretch.profile.slots_on(stretch.spec)
    share = np.minimum((1.0 + ails[Ail.HOT.value]) / instances, 1.0)
    hot = _pooled(stretch, minutes, np.rint(calls * share), slots, ails)
    calm = _pooled(stretch, minutes, calls - np.rint(calls * share), (instances - 1) * slots, ails)
    counts = ("calls", "answered", "errors_4xx", "errors_5xx", "in_flight")
    return calm | {
        **{name: hot[name] + calm[name] for name in counts},
        "busy": (hot["busy"] + (instances - 1) * calm["busy"]) / instances,
        "hot_busy": hot["busy"],
        "hot_share": share,
        "hot_s": np.maximum(hot["wait_s"] + hot["delay_s"] - calm["wait_s"] - calm["delay_s"], 0.0),
    }


def _workers(
    stretch: Stretch, minutes: Minutes, calls: Array, servers: int, ails: Mapping[str, Array]
) -> dict[str, Array]:
    """Requests that workers fetch when they are free, so that none waits inside the container."""
    idle = np.zeros(len(calls))
    mean_s = stretch.profile.mean_s(stretch.speed) * _slowness(ails, calls)
    busy = np.minimum(calls * mean_s / 60.0 / max(1, servers), 1.0)
    columns = _errors(stretch, minutes, calls, idle, idle, ails)
    return columns | {"busy": busy, "wait_s": idle, "wait_chance": idle, "delay_s": idle}


def _slowness(ails: Mapping[str, Array], like: Array) -> Array:
    """How many times as long as usual a call takes."""
    return 1.0 + ails[Ail.SLOWER.value] if Ail.SLOWER.value in ails else np.ones_like(like)


def _overdue(stretch: Stretch, minutes: Minutes, calls: Array, ails: Mapping[str, Array]) -> Array:
    """Calls whose service takes longer than an endpoint waits for its container."""
    median_s = stretch.profile.median_ms / 1000.0 / stretch.speed * _slowness(ails, calls)
    deviations = np.log(TIME_LIMIT_S / median_s) / stretch.profile.sigma
    if bool((deviations > _FAR_OUT).all()):
        return np.zeros_like(calls)
    return noise.thinned(stretch.stream ^ 12, minutes, calls, noise.normal_excess(deviations))


def _errors(
    stretch: Stretch,
    minutes: Minutes,
    calls: Array,
    failed_5xx: Array,
    refused_4xx: Array,
    ails: Mapping[str, Array],
) -> dict[str, Array]:
    """Calls and their errors: those of the platform's limits, and of the others the model's own share."""
    reached = calls - failed_5xx - refused_4xx
    rate_5xx = np.minimum(stretch.profile.rate_5xx + ails.get(Ail.ERRORS_5XX.value, 0.0), 1.0)
    rate_4xx = np.minimum(stretch.profile.rate_4xx + ails.get(Ail.ERRORS_4XX.value, 0.0), 1.0)
    own_5xx = noise.thinned(stretch.stream ^ 5, minutes, reached, rate_5xx)
    own_4xx = noise.thinned(stretch.stream ^ 4, minutes, reached - own_5xx, rate_4xx)
    return {
        **ails,
        "calls": calls,
        "answered": calls - refused_4xx,
        "errors_4xx": refused_4xx + own_4xx,
        "errors_5xx": failed_5xx + own_5xx,
    }


def _serverless(stretch: Stretch, minutes: Minutes, calls: Array, ails: Mapping[str, Array]) -> dict[str, Array]:
    """Calls to containers that come and go: provisioned ones first, then on-demand ones, 429 beyond the limit."""
    limits = stretch.variant.serverless
    assert limits is not None
    provisioned = limits.provisioned_concurrency or 0
    load = calls / 60.0 * stretch.profile.mean_s() * _slowness(ails, calls)
    crowding = 1.0 + 1.2 * noise.uniform(stretch.stream ^ 1, minutes)
    peak = np.where(calls > 0, np.clip(np.ceil(load + crowding * np.sqrt(load)), 1.0, np.maximum(calls, 1.0)), 0.0)
    on_demand, cold = queueing.warm_pool(
        wanted=np.maximum(peak - provisioned, 0.0),
        load=np.maximum(load - provisioned, 0.0),
        calls=calls * np.maximum(1.0 - provisioned / np.maximum(load, 1e-9), 0.0),
        setup_s=stretch.profile.setup_s,
        limit=limits.max_concurrency - provisioned,
    )
    wanted = np.maximum(peak, on_demand + provisioned * (on_demand > 0))
    full = wanted >= limits.max_concurrency
    # A container that starts is taken for as long as it starts.
    taken = load + cold * stretch.profile.setup_s / 60.0
    loss = queueing.loss_share(taken, limits.max_concurrency) if full.any() else np.zeros_like(load)
    throttled = noise.thinned(stretch.stream ^ 2, minutes, calls, np.where(full, loss, 0.0))
    overdue = _overdue(stretch, minutes, calls - throttled, ails)
    columns = _errors(stretch, minutes, calls, overdue, throttled, ails)
    columns |= _spilled(stretch, minutes, load, peak, columns["answered"], provisioned)
    spilled = columns["spilled"]
    idle = np.zeros_like(load)
    return columns | {
        "peak": np.minimum(wanted, limits.max_concurrency),
        "mean": np.minimum(load, np.minimum(wanted, limits.max_concurrency)),
        "cold": np.minimum(cold, spilled) if provisioned else np.minimum(cold, columns["answered"]),
        "busy": np.minimum(load / limits.max_concurrency, 1.0),
        "wait_s": idle,
        "wait_chance": idle,
        "delay_s": idle,
    }


def _spilled(
    stretch: Stretch, minutes: Minutes, load: Array, peak: Array, answered: Array, provisioned: int
) -> dict[str, Array]:
    """Calls that find all provisioned containers busy; nobody spills in a minute whose peak fits."""
    over = peak > provisioned
    if not provisioned or not over.any():
        return {"spilled": np.zeros_like(load)}
    share = np.where(over, queueing.loss_share(load, provisioned), 0.0)
    spilled = np.maximum(noise.thinned(stretch.stream ^ 3, minutes, answered, share), over)
    return {"spilled": np.minimum(spilled, answered)}


def _cached(
    stretch: Stretch, models: WorkingSet, run: _Run, served: Mapping[str, Array], ails: Mapping[str, Array]
) -> dict[str, Array]:
    """Which calls find their model loaded: memory against the models asked for, and an empty cache at first.

    A model that cannot be loaded is missing at every call, and the call fails.
    """
    calls = served["calls"]
    instances = max(1, stretch.variant.instances)
    places = max(1, int(stretch.spec.memory_gib * 1024 * _MODEL_MEMORY_SHARE / models.model_mb))
    asked = np.full(len(calls), models.models)
    for growth in models.growths:
        asked[run.minutes * 60.0 >= growth.at] = growth.models
    shares = {count: queueing.cache_hit_share(count, places * instances, models.zipf) for count in set(asked.tolist())}
    filled = 1.0 - np.exp(-(run.minutes - run.began + 1.0) / _CACHE_FILL_MIN)
    share = np.array([shares[count] for count in asked.tolist()]) * filled
    misses = noise.thinned(stretch.stream ^ 6, run.minutes, calls, 1.0 - share)
    failed = noise.thinned(stretch.stream ^ 13, run.minutes, calls, ails.get(Ail.LOAD_FAILURES.value, 0.0))
    misses = np.minimum(misses + failed, calls)
    loaded = np.minimum(asked / instances, places) * filled
    return {
        "errors_5xx": np.minimum(served["errors_5xx"] + failed, calls - served["errors_4xx"]),
        "misses": misses,
        "evicted": np.where(loaded >= 0.98 * places, misses, 0.0),
        "loaded": loaded,
        "places": np.full(len(calls), float(places)),
    }


def _serve_components(run: _Run, variant: LiveVariant, rate: Array) -> Iterator[tuple[Subject, Stretch]]:
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


def _serve_component(run: _Run, variant: LiveVariant, component: LiveComponent, rate: Array) -> Stretch:
    stretch = run.stretch(variant, component.name, component.model)
    calls = noise.poisson(noise.key(run.site.stream, component.name, "calls"), run.minutes, rate)
    able = component.copies if variant.instances else 0
    servers = able * stretch.profile.slots_of_copy()
    columns = _pooled(stretch, run.minutes, calls if able else 0 * calls, servers, run.ails(component.model))
    columns["no_capacity"] = 0 * calls if able else calls
    return replace(stretch, columns=run.cut(columns), copies=able)


def _serve_async(run: _Run) -> Iterator[tuple[Subject, Stretch]]:
    """The queue is the endpoint's; it is followed from far back, across deployments, then cut to the run."""
    site, shown = run.site, slice(run.shown_from, int(run.minutes[-1]) + 1)
    ground = site.ground_min if shown.start >= site.ground_min else shown.start - _ASYNC_MEMORY_MIN
    minutes = np.arange(ground, shown.stop, dtype=np.int64)
    arrivals, capacity = _async_demand(site, minutes)
    queue = queueing.backlog(arrivals, capacity, site.workload.request_ttl_min)
    cut = slice(shown.start - ground, None)
    run = replace(run, minutes=minutes[cut])
    instances = float(sum(variant.instances for variant in run.deployment.variants))
    working = np.ceil(queue.served * _async_mean_s(site, run.deployment) / 60.0)
    endpoint = {
        "arrived": arrivals[cut],
        "backlog": (queue.waiting + working)[cut],
        "age_s": (queue.age_min * 60.0 + 2.0 * (queue.waiting > 0))[cut],
        "instances": np.full(len(run.minutes), instances),
    }
    for variant in run.deployment.variants[:1]:
        yield ("endpoint", site.name), replace(run.stretch(variant, site.name, variant.model), columns=endpoint)
    yield from _async_variants(run, queue.served[cut], queue.expired[cut], endpoint["age_s"])


def _async_variants(run: _Run, served: Array, expired: Array, age_s: Array) -> Iterator[tuple[Subject, Stretch]]:
    ready = [variant for variant in run.deployment.variants if variant.instances]
    weights = sum(variant.weight for variant in ready) or 1.0
    taken, reached = 0 * served, 0.0
    for variant in run.deployment.variants:
        reached += variant.weight / weights if variant in ready else 0.0
        calls = np.rint(served * reached) - taken
        taken = taken + calls
        stretch = run.stretch(variant, variant.name, variant.model)
        slots = _async_slots(run.deployment, stretch.profile.slots_on(stretch.spec))
        columns = _workers(stretch, run.minutes, calls, variant.instances * slots, run.ails(variant.model))
        columns |= {"expired": expired * (variant is run.deployment.variants[0]), "queued_s": age_s}
        yield ("variant", variant.name), replace(stretch, columns=columns)


def _async_demand(site: Site, minutes: Minutes) -> tuple[Array, Array]:
    """Requests that arrive and requests that can be processed, every minute."""
    capacity, asked = np.zeros(len(minutes)), np.zeros(len(minutes))
    for deployment, _, first, last in _runs(site.history, int(minutes[0]), int(minutes[-1]) + 1):
        if not deployment.asynchronous:
            continue
        span = slice(first - int(minutes[0]), last - int(minutes[0]))
        asked[span] = 1.0
        able = sum(_async_capacity(site, deployment, variant) for variant in deployment.variants)
        model = deployment.variants[0].model if deployment.variants else None
        slower = site.workload.ailments.sizes(Ail.SLOWER, minutes[span], model)
        capacity[span] = able if slower is None else able / (1.0 + slower)
    rate = site.workload.traffic.rate(site.stream, minutes)
    return noise.poisson(noise.key(site.stream, "requests"), minutes, rate * asked), capacity


def _async_capacity(site: Site, deployment: Deployment, variant: LiveVariant) -> float:
    """Requests a minute that a variant can process."""
    profile = site.workload.profile(variant.model)
    spec = _spec(variant)
    slots = _async_slots(deployment, profile.slots_on(spec))
    return variant.instances * slots * 60.0 / profile.mean_s(profile.speed_on(spec))


def _async_mean_s(site: Site, deployment: Deployment) -> float:
    variant = deployment.variants[0] if deployment.variants else None
    if variant is None:
        return 0.0
    profile = site.workload.profile(variant.model)
    return profile.mean_s(profile.speed_on(_spec(variant)))


def _spec(variant: LiveVariant) -> InstanceSpec:
    return spec_of(variant.instance_type or "ml.m5.xlarge")


def _async_slots(deployment: Deployment, slots: int) -> int:
    """Requests that an instance works on at once: the configured concurrency, but no more than the model can."""
    return min(deployment.async_concurrency or slots, slots)
