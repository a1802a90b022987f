"""Asynchronous endpoints: the queue is the endpoint's, and is followed from far back."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from smtop.metrics.simulator import noise, queueing
from smtop.metrics.simulator.ailments import Ail
from smtop.metrics.simulator.hosting import Stretch
from smtop.metrics.simulator.instances import InstanceSpec, spec_of
from smtop.metrics.simulator.noise import Array, Minutes
from smtop.metrics.simulator.pools import workers
from smtop.metrics.simulator.resources import Deployment, LiveVariant
from smtop.metrics.simulator.runs import Run, Site, Subject, runs

_ASYNC_MEMORY_MIN: Final = 360


def serve_queue(run: Run) -> Iterator[tuple[Subject, Stretch]]:
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


def _async_variants(run: Run, served: Array, expired: Array, age_s: Array) -> Iterator[tuple[Subject, Stretch]]:
    ready = [variant for variant in run.deployment.variants if variant.instances]
    weights = sum(variant.weight for variant in ready) or 1.0
    taken, reached = 0 * served, 0.0
    for variant in run.deployment.variants:
        reached += variant.weight / weights if variant in ready else 0.0
        calls = np.rint(served * reached) - taken
        taken = taken + calls
        stretch = run.stretch(variant, variant.name, variant.model)
        slots = _async_slots(run.deployment, stretch.profile.slots_on(stretch.spec))
        columns = workers(stretch, run.minutes, calls, variant.instances * slots, run.ails(variant.model))
        columns |= {"expired": expired * (variant is run.deployment.variants[0]), "queued_s": age_s}
        yield ("variant", variant.name), replace(stretch, columns=columns)


def _async_demand(site: Site, minutes: Minutes) -> tuple[Array, Array]:
    """Requests that arrive and requests that can be processed, every minute."""
    capacity, asked = np.zeros(len(minutes)), np.zeros(len(minutes))
    for deployment, _, first, last in runs(site.history, int(minutes[0]), int(minutes[-1]) + 1):
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
