"""What becomes of calls, minute by minute: on pools of servers, on serverless containers, with a cache of models."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from smtop.metrics.simulator import noise, queueing
from smtop.metrics.simulator.ailments import Ail
from smtop.metrics.simulator.hosting import Stretch
from smtop.metrics.simulator.noise import Array, Minutes
from smtop.metrics.simulator.runs import Run
from smtop.metrics.simulator.workload import TIME_LIMIT_S, WorkingSet

_CACHE_FILL_MIN: Final = 6.0
_MODEL_MEMORY_SHARE: Final = 0.8
# Beyond this many standard deviations of its service time no call is thought to reach the time limit.
_FAR_OUT: Final = 4.5


def pooled(
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


def unevenly_pooled(stretch: Stretch, minutes: Minutes, calls: Array, ails: Mapping[str, Array]) -> dict[str, Array]:
    """As `pooled`, where the first instance gets more than its share; its calls are the slow ones of every minute."""
    instances, slots = stretch.variant.instances, stretch.profile.slots_on(stretch.spec)
    share = np.minimum((1.0 + ails[Ail.HOT.value]) / instances, 1.0)
    hot = pooled(stretch, minutes, np.rint(calls * share), slots, ails)
    calm = pooled(stretch, minutes, calls - np.rint(calls * share), (instances - 1) * slots, ails)
    counts = ("calls", "answered", "errors_4xx", "errors_5xx", "in_flight")
    return calm | {
        **{name: hot[name] + calm[name] for name in counts},
        "busy": (hot["busy"] + (instances - 1) * calm["busy"]) / instances,
        "hot_busy": hot["busy"],
        "hot_share": share,
        "hot_s": np.maximum(hot["wait_s"] + hot["delay_s"] - calm["wait_s"] - calm["delay_s"], 0.0),
    }


def workers(
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


def on_serverless(stretch: Stretch, minutes: Minutes, calls: Array, ails: Mapping[str, Array]) -> dict[str, Array]:
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


def cached(
    stretch: Stretch, models: WorkingSet, run: Run, served: Mapping[str, Array], ails: Mapping[str, Array]
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
        "loads": np.maximum(misses - failed, 0.0),
        "evicted": np.where(loaded >= 0.98 * places, misses, 0.0),
        "loaded": loaded,
        "places": np.full(len(calls), float(places)),
    }
