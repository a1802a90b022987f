"""Which capacity a variant can have: what each kind of endpoint takes, within AWS's bounds. Asks AWS for nothing.

Bounds: API reference, ProductionVariantServerlessConfig, ProductionVariantServerlessUpdateConfig,
AsyncInferenceClientConfig, ProductionVariant.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.live import variants_in
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.names import name_complaint
from smtop.metrics.domain.plan import Fields

MEMORY_MB = range(1024, 6144 + 1, 1024)
CONCURRENCY = range(1, 200 + 1)
ASYNC_CONCURRENCY = range(1, 1000 + 1)
_TYPE = re.compile(r"ml\.[a-z][a-z0-9-]*\.[a-z0-9-]+")

_OF_INSTANCES = ("count", "type")
_OF_SERVERLESS = ("memory_mb", "max_concurrency", "provisioned_concurrency")
_OF_VARIANT = (*_OF_INSTANCES, *_OF_SERVERLESS)
_ALL = (*_OF_VARIANT, "async_concurrency")

Sizes = Mapping[str, Any]
"""What was asked for, by the names of Resize."""


def asked(change: Resize) -> Sizes:
    """What was named of a variant and of the endpoint; copies are a component's."""
    return {name: getattr(change, name) for name in _ALL if getattr(change, name) is not None}


def chosen_variant(change: Resize, ground: Ground) -> str | None:
    """The one that was named, or the only one there is."""
    if change.variant is None and len(ground.production) == 1:
        return ground.production[0]
    return change.variant


def complaints(change: Resize, ground: Ground) -> Iterator[str]:
    """Why it cannot be, each in a sentence."""
    sizes, variant = asked(change), chosen_variant(change, ground)
    if not sizes:
        yield "Nothing to change was named. Name a count, a type, a memory, a concurrency or copies."
    lacking = _variant_complaint(sizes, variant, ground)
    if lacking is not None:
        yield lacking
        return
    for rule in _RULES:
        yield from rule(sizes, variant or "", ground)


def becoming(change: Resize, ground: Ground) -> Fields:
    """The fields that will be others, by path. Provisioned concurrency that is taken away is None."""
    variant = chosen_variant(change, ground)
    wanted = {f"{variant}.{name}" if name in _OF_VARIANT else name: value for name, value in asked(change).items()}
    removed = f"{variant}.provisioned_concurrency"
    if wanted.get(removed) == 0:
        wanted[removed] = None
    return {path: value for path, value in wanted.items() if ground.fields.get(path) != value}


def _variant_complaint(sizes: Sizes, variant: str | None, ground: Ground) -> str | None:
    names = [one["VariantName"] for one in variants_in(ground.endpoint)]
    if variant is None:
        told = f"{ground.name} has several variants ({', '.join(names)}): name one."
        return told if any(name in sizes for name in _OF_VARIANT) else None
    malformed = name_complaint("a variant", variant)
    if malformed is not None or variant in names:
        return malformed
    return f"{ground.name} has no variant {variant}; it has {', '.join(names)}."


def _suits_kind(sizes: Sizes, _: str, ground: Ground) -> Iterator[str]:
    if ground.is_serverless and any(name in sizes for name in _OF_INSTANCES):
        yield f"{ground.name} is serverless: it has no instances to count or choose. Change its memory or concurrency."
    if not ground.is_serverless and any(name in sizes for name in _OF_SERVERLESS):
        yield (
            f"{ground.name} runs on instances; memory and concurrency are settings of serverless endpoints, "
            "and AWS turns no other into one. Change its count or type."
        )
    if not ground.is_async and "async_concurrency" in sizes:
        yield f"{ground.name} is not asynchronous: callers themselves decide how much they send at once."


def _memory(sizes: Sizes, _: str, __: Ground) -> Iterator[str]:
    memory_mb = sizes.get("memory_mb")
    if memory_mb is not None and memory_mb not in MEMORY_MB:
        yield f"Memory is {MEMORY_MB[0]} to {MEMORY_MB[-1]} MB in steps of {MEMORY_MB.step}; {memory_mb} is not."


def _concurrency(sizes: Sizes, variant: str, ground: Ground) -> Iterator[str]:
    yield from _within(sizes, "max_concurrency", "Max concurrency", CONCURRENCY)
    if sizes.get("provisioned_concurrency") != 0:
        yield from _within(sizes, "provisioned_concurrency", "Provisioned concurrency", CONCURRENCY)
    most = sizes.get("max_concurrency", ground.fields.get(f"{variant}.max_concurrency"))
    provisioned = sizes.get("provisioned_concurrency", ground.fields.get(f"{variant}.provisioned_concurrency"))
    if ground.is_serverless and most and provisioned and provisioned > most:
        yield f"Provisioned concurrency ({provisioned}) cannot be more than max concurrency ({most})."


def _async_concurrency(sizes: Sizes, _: str, __: Ground) -> Iterator[str]:
    yield from _within(sizes, "async_concurrency", "Concurrency of an asynchronous instance", ASYNC_CONCURRENCY)


def _within(sizes: Sizes, name: str, words: str, allowed: range) -> Iterator[str]:
    value = sizes.get(name)
    if value is not None and value not in allowed:
        yield f"{words} is {allowed[0]} to {allowed[-1]}; {value} is not."


def _count(sizes: Sizes, variant: str, ground: Ground) -> Iterator[str]:
    count = sizes.get("count")
    if count is None or ground.is_serverless:
        return
    if count < 0:
        yield f"{count} is no count of instances: it cannot be below 0."
    elif count == 0 and not _may_rest(variant, ground):
        yield (
            f"{variant} serves in real time, and AWS keeps one instance of it at least. "
            "Delete the endpoint where nobody needs it."
        )


def _may_rest(variant: str, ground: Ground) -> bool:
    """Whether it may have no instance: an asynchronous one, or one that SageMaker scales from zero on."""
    return ground.is_async or managed_scaling(variant, ground).get("MinInstanceCount") == 0


def managed_scaling(variant: str, ground: Ground) -> Mapping[str, Any]:
    """SageMaker's own scaling of a variant; empty where it has none."""
    specs = [*variants_in(ground.endpoint), *(variants_in(ground.config.document) if ground.config else ())]
    found = (spec.get("ManagedInstanceScaling") for spec in specs if spec["VariantName"] == variant)
    return next((scaling for scaling in found if scaling and scaling.get("Status") != "DISABLED"), {})


def _type(sizes: Sizes, _: str, __: Ground) -> Iterator[str]:
    kind = sizes.get("type")
    if kind is not None and not _TYPE.fullmatch(kind):
        yield f"{kind} is no instance type; they are written like ml.m5.xlarge."


_RULES: tuple[Callable[[Sizes, str, Ground], Iterator[str]], ...] = (
    _suits_kind,
    _memory,
    _concurrency,
    _async_concurrency,
    _count,
    _type,
)
