"""The samples of the metrics about instances and copies: what they use and what they have reserved."""

from collections.abc import Callable
from typing import Final

import numpy as np

from smtop.metrics.simulator import samples
from smtop.metrics.simulator.ailments import Ail
from smtop.metrics.simulator.call_metrics import Derive
from smtop.metrics.simulator.hosting import Kind, Stretch, View
from smtop.metrics.simulator.noise import Array, normals, uniform
from smtop.metrics.simulator.samples import Samples

_GPU_INTENSITY: Final = 0.97


def loaded_models(view: View) -> Samples:
    """Models in each instance's memory; a full cache unloads a batch at a time, which makes a sawtooth."""
    loaded, places = view.column("loaded"), view.column("places")
    batch = np.maximum(0.25 * places, 1.0)
    instances = max(1, view.stretch.variant.instances)
    full = loaded >= 0.98 * places
    misses_per_min = np.maximum(view.column("misses") / instances, 0.05)
    lasts_min, began = (
        np.clip(batch / misses_per_min, 3.0, 60.0),
        uniform(view.stretch.stream ^ 7, view.minutes[:1] * 0),
    )
    phase = (view.minutes / lasts_min + began) % 1.0
    return per_host(view, np.floor(np.where(full, places - batch * (1.0 - phase), loaded)), spread=0.0)


def per_host(view: View, mean: Array, spread: float = 0.04, limit: float = np.inf) -> Samples:
    """One sample an instance and minute, spread around the mean of all; `mean` may be one column an instance."""
    instances = view.stretch.variant.instances
    if not instances:
        return samples.nothing(len(view.minutes))
    return _spread(view, mean, instances, spread, limit)


def _spread(view: View, mean: Array, members: int, spread: float, limit: float) -> Samples:
    """One sample a member and minute: each has a lasting bias and flickers a little."""
    lasting = normals(view.stretch.stream ^ 8, view.minutes[:1] * 0, members)
    uneven = np.clip(lasting + 0.3 * normals(view.stretch.stream ^ 11, view.minutes, members), -2.0, 2.0)
    values = np.clip(mean.reshape(len(mean), -1) * (1.0 + spread * uneven), 0.0, limit)
    shown = np.floor(view.visible * members)
    return samples.samples(values, np.where(np.arange(members)[None, :] < shown[:, None], 1.0, 0.0))


def busy_cores(view: View) -> Array:
    """Mean number of busy cores of an instance."""
    stretch = view.stretch
    idle = np.full(len(view.minutes), 0.02 * stretch.spec.vcpus)
    if stretch.kind is Kind.COMPONENTS:
        return idle + sum(
            copy_cores(part) * view.part(part).column("busy") * part.copies for part in stretch.parts
        ) / max(1, stretch.variant.instances)
    return idle + view.column("busy") * stretch.profile.slots_on(stretch.spec) * stretch.profile.cores


def copy_cores(part: Stretch) -> float:
    return part.profile.slots_of_copy() * part.profile.cores


def busy_gpus(view: View) -> Array:
    """Mean number of busy GPUs of an instance."""
    stretch = view.stretch
    if stretch.kind is not Kind.COMPONENTS:
        share = view.column("busy") if stretch.profile.on_gpu else 0.0 * view.column("busy")
        return _GPU_INTENSITY * stretch.spec.gpus * share
    parts = [part for part in stretch.parts if part.profile.on_gpu]
    busy = sum((view.part(part).column("busy") * part.copies for part in parts), np.zeros(len(view.minutes)))
    return _GPU_INTENSITY * np.minimum(busy / max(1, stretch.variant.instances), stretch.spec.gpus)


def scaled(
    amount: Callable[[View], Array],
    per: Callable[[View], float],
    ceiling: Callable[[View], float],
    spread: float = 0.04,
) -> Derive:
    """A host metric in percent: 100 for each unit of `per`."""

    def derive(view: View) -> Samples:
        mean = np.minimum(100.0 * amount(view) / per(view), 100.0 * ceiling(view))
        return per_host(view, mean, spread, 100.0 * ceiling(view))

    return derive


def by_load(amount: Callable[[View], Array], most: Callable[[View], float]) -> Derive:
    """What calls use of every instance, in percent of one core or GPU; a hot instance has its own load."""

    def derive(view: View) -> Samples:
        limit = 100.0 * most(view)
        return per_host(view, np.minimum(100.0 * _by_instance(view, amount(view)), limit), limit=limit)

    return derive


def _by_instance(view: View, mean: Array) -> Array:
    """One column for all instances, or one each where the first of them is hot."""
    instances = view.stretch.variant.instances
    if "hot_busy" not in view.stretch.columns:
        return mean[:, None]
    hot = mean * view.column("hot_busy") / np.maximum(view.column("busy"), 1e-9)
    calm = (instances * mean - hot) / (instances - 1)
    return np.stack([hot, *[calm] * (instances - 1)], axis=1)


def one(_: View) -> float:
    return 1.0


def vcpus(view: View) -> float:
    return float(view.stretch.spec.vcpus)


def gpus(view: View) -> float:
    return float(max(1, view.stretch.spec.gpus))


def memory_mb(view: View) -> Array:
    """Memory in use on an instance, drifting a little around the models' need."""
    stretch = view.stretch
    if stretch.kind is Kind.COMPONENTS:
        used = sum(part.copies * part.profile.memory_mb for part in stretch.parts) / max(1, stretch.variant.instances)
    else:
        used = stretch.profile.memory_mb
    models = stretch.profile.working_set
    held = view.column("loaded") * models.model_mb if models and "loaded" in stretch.columns else 0.0
    taken = (0.05 + view.ailing(Ail.MEMORY)) * memory_limit(view)
    return np.asarray((used + held + taken) * (1.0 + 0.002 * drift(view)), dtype=np.float64)


def memory_limit(view: View) -> float:
    return view.stretch.spec.memory_gib * 1024.0


def gpu_memory(view: View) -> Array:
    """Full GPUs' worth of memory in use on an instance."""
    stretch = view.stretch
    if stretch.kind is Kind.COMPONENTS:
        parts = [part for part in stretch.parts if part.profile.on_gpu]
        used = sum(part.copies * part.profile.gpu_memory_mb for part in parts) / max(1, stretch.variant.instances)
    else:
        used = stretch.profile.gpu_memory_mb * stretch.spec.gpus if stretch.profile.on_gpu else 0.0
    total = used / max(1.0, stretch.spec.gpu_memory_gib * 1024.0)
    return np.asarray(min(total, stretch.spec.gpus) * (1.0 + 0.002 * drift(view)), dtype=np.float64)


def disk(view: View) -> Array:
    """Share of the volume in use: the image and a log that is rotated daily."""
    base = 0.12 + 0.2 * uniform(view.stretch.stream ^ 9, view.minutes[:1] * 0)
    usual = base + 0.03 * (view.minutes % 1440) / 1440.0
    return np.asarray(usual + (1.0 - usual) * view.ailing(Ail.DISK), dtype=np.float64)


def drift(view: View) -> Array:
    return np.sin(view.minutes / 37.0) + normals(view.stretch.stream ^ 10, view.minutes)[:, 0] * 0.5


def reserved(share: Callable[[Stretch, View], float]) -> Derive:
    """The share of an instance that its components' copies have reserved, in percent."""

    def derive(view: View) -> Samples:
        per_instance = sum(part.copies * share(part, view) for part in view.stretch.parts)
        mean = min(100.0, 100.0 * per_instance / max(1, view.stretch.variant.instances))
        return per_host(view, np.full(len(view.minutes), mean), spread=0.0, limit=100.0)

    return derive


def per_copy_percent(share: Callable[[View], Array]) -> Derive:
    """One sample a copy and minute, in percent of what the copy has reserved."""

    def derive(view: View) -> Samples:
        copies = view.stretch.copies
        if not copies:
            return samples.nothing(len(view.minutes))
        return _spread(view, 100.0 * share(view), copies, spread=0.03, limit=100.0)

    return derive


def constant(value: float) -> Callable[[View], Array]:
    return lambda view: value * (1.0 + 0.01 * drift(view))


def copy_need_cpu(part: Stretch, view: View) -> float:
    return copy_cores(part) / view.stretch.spec.vcpus


def copy_need_gpu(part: Stretch, view: View) -> float:
    return float(part.profile.on_gpu) / max(1, view.stretch.spec.gpus)


def copy_need_memory(part: Stretch, view: View) -> float:
    return 1.25 * part.profile.memory_mb / (view.stretch.spec.memory_gib * 1024.0)


def copy_cpu(view: View) -> Array:
    """Share of a copy's reserved cores in use; a GPU model's cores idle while its GPU works."""
    return view.column("busy") * (0.35 if view.stretch.profile.on_gpu else 1.0)


def copy_gpu(view: View) -> Array:
    """Share of a copy's GPU in use."""
    return _GPU_INTENSITY * view.column("busy") * float(view.stretch.profile.on_gpu)


def copy_gpu_memory(view: View) -> Array:
    """Share of a copy's GPU memory in use."""
    used = view.stretch.profile.gpu_memory_mb / max(1.0, view.stretch.spec.gpu_memory_gib * 1024.0)
    return min(used, 0.99) * float(view.stretch.profile.on_gpu) * (1.0 + 0.002 * drift(view))
