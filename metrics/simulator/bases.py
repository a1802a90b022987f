"""Endpoints of every kind in good health, well clear of every threshold: what drills strike, and what they leave alone.

Names tell nothing of what is to come.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from smtop.metrics.simulator import noise
from smtop.metrics.simulator.blueprint import DAY_S, Blueprint
from smtop.metrics.simulator.builders import (
    EMBEDDER,
    LLM,
    RANKER,
    SMALL,
    TABULAR,
    VISION,
    asynchronous,
    components,
    containers,
    multi_model,
    real_time,
    serverless,
)
from smtop.metrics.simulator.scaled import by_calls, by_provisioned_use
from smtop.metrics.simulator.workload import ServiceProfile

STEPS: Final = ("prepare", "predict", "explain")
_SLOW_START: Final = replace(SMALL, median_ms=3500.0, setup_s=30.0)
_CPU_TYPES: Final = ("ml.m5.xlarge", "ml.c6i.2xlarge", "ml.m6i.2xlarge", "ml.c5.xlarge")
_GPU_TYPES: Final = ("ml.g4dn.xlarge", "ml.g5.xlarge", "ml.g5.2xlarge")
_PROVISIONED: Final = 17
_WORDS: Final = (
    ("cart", "claims", "credit", "fleet", "fraud", "hotel", "media", "menu", "parcel", "risk", "sku", "travel"),
    ("classifier", "demand", "embedder", "forecast", "intent", "matcher", "ranker", "scorer", "tagger"),
)
_ROOMY: Final = 0.14

Make = Callable[[str, int, float], Blueprint]
"""Name, a number to pick by, and how busy it is, to an endpoint."""


def _on_cpus(name: str, pick: int, busy: float) -> Blueprint:
    return real_time(name, (TABULAR, RANKER)[pick % 2], _CPU_TYPES[pick % len(_CPU_TYPES)], 2 + pick % 3, busy)


def _on_gpus(name: str, pick: int, busy: float) -> Blueprint:
    return real_time(name, (VISION, EMBEDDER)[pick % 2], _GPU_TYPES[pick % len(_GPU_TYPES)], 2 + pick % 3, busy)


def _unhurried(name: str, pick: int, busy: float) -> Blueprint:
    """Calls that take long enough for their callers to notice when they take longer."""
    profile, kind = ((RANKER, _CPU_TYPES[pick % len(_CPU_TYPES)]), (VISION, "ml.g4dn.xlarge"))[pick % 2]
    return real_time(name, profile, kind, 2 + pick % 3, busy)


def _several(name: str, pick: int, busy: float) -> Blueprint:
    """Enough instances for one to stand out."""
    return real_time(name, (TABULAR, RANKER)[pick % 2], _CPU_TYPES[pick % len(_CPU_TYPES)], 4 + pick % 3, busy)


def _slow(name: str, pick: int, busy: float) -> Blueprint:
    """A language model whose answers can get much longer before its GPUs are full."""
    return real_time(name, LLM, "ml.g5.12xlarge", 2, busy=0.03)


def _scaled(name: str, pick: int, busy: float) -> Blueprint:
    plain = _on_cpus(name, pick, busy)
    count = plain.live[0].instances
    return by_calls(plain, count, 3 * count, room=1.5)


def _two_variants(name: str, pick: int, busy: float) -> Blueprint:
    plain = _on_cpus(name, pick, busy)
    (variant,) = plain.live
    model = replace(plain.models[0], name=f"{plain.models[0].name}-b")
    parts = (
        replace(variant, name="blue", weight=0.7),
        replace(variant, name="green", model=model.name, weight=0.3),
    )
    profiles = {**plain.workload.profiles, model.name: plain.workload.usual}
    changed = replace(plain, models=(*plain.models, model), workload=replace(plain.workload, profiles=profiles))
    return changed.then(7 * DAY_S, *parts)


def _on_demand(profile: ServiceProfile, most: int, load: float) -> Make:
    return lambda name, pick, busy: serverless(name, profile, load=load * busy, max_concurrency=most)


def _provisioned(name: str, pick: int, busy: float) -> Blueprint:
    plain = serverless(name, SMALL, load=6.0, max_concurrency=120, provisioned=_PROVISIONED)
    return plain.called(swing=0.05, jitter=0.03, week_swing=0.01)


def _queued(name: str, pick: int, busy: float) -> Blueprint:
    return asynchronous(name, _GPU_TYPES[pick % len(_GPU_TYPES)], 2 + pick % 2, max(busy, 0.3))


BASES: Final[Mapping[str, Make]] = MappingProxyType(
    {
        "cpu": _on_cpus,
        "gpu": _on_gpus,
        "several": _several,
        "unhurried": _unhurried,
        "slow": _slow,
        "scaled": _scaled,
        "two-variants": _two_variants,
        "serverless": _on_demand(SMALL, most=20, load=5.0),
        "slow-start": _on_demand(_SLOW_START, most=150, load=2.5),
        "provisioned": _provisioned,
        "provisioned-scaled": lambda name, pick, busy: by_provisioned_use(_provisioned(name, pick, busy), 4, 40),
        "async": _queued,
        "multi-model": lambda name, pick, busy: multi_model(name, "ml.m5.2xlarge", 2, 60 + pick % 60, 300 + 500 * busy),
        "direct": lambda name, pick, busy: containers(name, STEPS, "ml.c6i.2xlarge", direct=True, busy=busy),
        "pipeline": lambda name, pick, busy: containers(name, STEPS, "ml.m5.2xlarge", direct=False, busy=busy),
        "components": lambda name, pick, busy: components(
            name, "ml.m5.4xlarge", 2, {f"{name}-a": (TABULAR, 3), f"{name}-b": (RANKER, 2)}, busy
        ),
    }
)
"""Kinds of endpoints that differ in what can happen to them."""

USUAL: Final = ("cpu", "cpu", "cpu", "gpu", "gpu", "scaled", "serverless", "provisioned", "async", "multi-model")


def name_of(number: int, seed: int) -> str:
    """The name of an endpoint of a number."""
    stream = noise.key(seed, "name", number)
    domain, task = (words[(stream >> 8 * place) % len(words)] for place, words in enumerate(_WORDS))
    return f"{domain}-{task}-{number:04d}"


def base(kind: str, number: int, seed: int, *, steady: bool = False, roomy: bool = False) -> Blueprint:
    """A healthy endpoint of a kind, the same for the same seed; a `steady` one has hardly a day and night."""
    stream = noise.key(seed, "base", number)
    busy = _ROOMY if roomy else 0.24 + 0.12 * ((stream >> 16) % 100) / 100.0
    plain = BASES[kind](name_of(number, seed), stream >> 40, busy)
    plain = plain.called(peak_hour_utc=float((stream >> 24) % 24))
    return plain.called(swing=0.02, week_swing=0.0, jitter=0.02) if steady else plain


def usual(number: int, seed: int) -> Blueprint:
    """A healthy endpoint of a usual kind, with days and nights."""
    kinds = (*USUAL, "direct", "components", "two-variants")
    return base(kinds[noise.key(seed, "kind", number) % len(kinds)], number, seed)
