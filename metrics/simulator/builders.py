"""Short ways to write down an ordinary endpoint of each kind; `busy` is the mean share of its capacity in use."""

from dataclasses import replace
from typing import Final

from smtop.metrics.simulator.blueprint import OWN_REGISTRY, Blueprint, ModelBlueprint, Revision, calls_for
from smtop.metrics.simulator.instances import spec_of
from smtop.metrics.simulator.resources import LiveComponent, LiveVariant, Serverless
from smtop.metrics.simulator.workload import ServiceProfile, Traffic, WorkingSet, Workload

_TWO_WEEKS_S: Final = 14 * 86_400.0

TABULAR: Final = ServiceProfile(median_ms=22.0, sigma=0.4, cores=1.0, memory_mb=1100)
RANKER: Final = ServiceProfile(median_ms=65.0, sigma=0.45, cores=1.0, memory_mb=2600)
EMBEDDER: Final = ServiceProfile(median_ms=30.0, sigma=0.3, cores=0.3, on_gpu=True, calls_per_gpu=6, gpu_memory_mb=6200)
VISION: Final = ServiceProfile(median_ms=85.0, sigma=0.35, cores=0.5, on_gpu=True, calls_per_gpu=3, gpu_memory_mb=7800)
LLM: Final = ServiceProfile(
    median_ms=2400.0, sigma=0.6, cores=0.2, on_gpu=True, calls_per_gpu=16, memory_mb=9000, gpu_memory_mb=14500
)
SMALL: Final = ServiceProfile(median_ms=120.0, sigma=0.4, cores=1.0, memory_mb=900, setup_s=4.0, overhead_ms=9.0)
DOCUMENT: Final = ServiceProfile(
    median_ms=14_000.0, sigma=0.5, on_gpu=True, cores=0.6, calls_per_gpu=2, memory_mb=7000, gpu_memory_mb=9800
)


def real_time(
    name: str, profile: ServiceProfile, instance_type: str, instances: int = 2, busy: float = 0.35, model: str = ""
) -> Blueprint:
    """One model on instances."""
    model = model or f"{name[:50].rstrip('-')}-model"
    traffic = Traffic(calls_for(profile, instance_type, instances, busy))
    variant = LiveVariant("AllTraffic", model, instance_type=instance_type, instances=instances)
    return Blueprint(
        name,
        Workload(traffic, profile, {model: profile}),
        (Revision((variant,), _TWO_WEEKS_S),),
        (ModelBlueprint(model, on_gpu=profile.on_gpu),),
    )


def multi_model(name: str, instance_type: str, instances: int, models: int, calls_per_min: float) -> Blueprint:
    """Many small models behind one endpoint, all of which fit."""
    profile = replace(TABULAR, working_set=WorkingSet(models, model_mb=210.0))
    plain = real_time(name, profile, instance_type, instances)
    return replace(plain, models=(replace(plain.models[0], multi_model=True),)).called(calls_per_min=calls_per_min)


def containers(name: str, hosts: tuple[str, ...], instance_type: str, *, direct: bool, busy: float = 0.3) -> Blueprint:
    """A model of several containers: a pipeline, or each called directly."""
    plain = real_time(name, RANKER, instance_type, busy=busy)
    demand = {host: 1.0 + 0.8 * place for place, host in enumerate(hosts)}
    models = (replace(plain.models[0], containers=hosts, direct=direct),)
    return replace(plain, models=models, workload=replace(plain.workload, demand=demand))


def asynchronous(name: str, instance_type: str, instances: int, busy: float = 0.45) -> Blueprint:
    """A queue of large requests."""
    plain = real_time(name, DOCUMENT, instance_type, max(1, instances), busy)
    plain = replace(plain, asynchronous=True, async_concurrency=2)
    (variant,) = plain.live
    return plain if instances else plain.then(0.0, replace(variant, instances=0), in_place=True)


def serverless(
    name: str, profile: ServiceProfile, load: float, max_concurrency: int, provisioned: int | None = None
) -> Blueprint:
    """One model on serverless compute; `load` is the mean number of calls at a time."""
    model = f"{name[:50].rstrip('-')}-model"
    memory_mb = next(size for size in (1024, 2048, 3072, 4096, 6144) if size >= profile.memory_mb * 1.2)
    variant = LiveVariant("AllTraffic", model, serverless=Serverless(memory_mb, max_concurrency, provisioned))
    traffic = Traffic(load * 60.0 / profile.mean_s())
    workload = Workload(traffic, profile, {model: profile})
    models = (ModelBlueprint(model, registry=OWN_REGISTRY),)
    return Blueprint(name, workload, (Revision((variant,), _TWO_WEEKS_S),), models)


def components(
    name: str, instance_type: str, instances: int, copies: dict[str, tuple[ServiceProfile, int]], busy: float = 0.35
) -> Blueprint:
    """Several models packed on shared instances, each with its number of copies, all equally busy."""
    live = tuple(LiveComponent(part, f"{part}-model", count) for part, (_, count) in copies.items())
    profiles = {f"{part}-model": profile for part, (profile, _) in copies.items()}
    spec = spec_of(instance_type)
    capacity = {
        part: 60.0 * count * profile.slots_of_copy() / profile.mean_s(profile.speed_on(spec))
        for part, (profile, count) in copies.items()
    }
    variant = LiveVariant("AllTraffic", None, instance_type=instance_type, instances=instances, components=live)
    models = tuple(ModelBlueprint(model, on_gpu=profile.on_gpu) for model, profile in profiles.items())
    workload = Workload(Traffic(busy * sum(capacity.values())), profiles=profiles, demand=capacity)
    return Blueprint(name, workload, (Revision((variant,), _TWO_WEEKS_S),), models)
