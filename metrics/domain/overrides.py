"""What the operator knows better than the catalogue: how CloudWatch really calls a metric and its dimensions."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from smtop.metrics.domain.catalogue import STANDARD, Catalogue, MetricSpec, Scope
from smtop.metrics.domain.series import MetricId
from smtop.metrics.errors import ConfigError


@dataclass(frozen=True)
class Override:
    """Names in CloudWatch that differ from the catalogue's; `dimensions` goes from the catalogue's name to the other.

    An override renames what is there. It adds no metric, and no dimension.
    """

    name: str | None = None
    namespace: str | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)


def overridden(overrides: Mapping[str, Override], catalogue: Catalogue = STANDARD) -> Catalogue:
    """The catalogue with these overrides, by entry: the name of a metric, or `namespace/name` where two share it.

    Raises ConfigError for an entry or dimension that the catalogue lacks, and where two metrics would become one.
    """
    if not overrides:
        return catalogue
    chosen = {id(_entry(key, catalogue)): (key, override) for key, override in overrides.items()}
    if len(chosen) < len(overrides):
        raise ConfigError(f"Two of {', '.join(f'catalogue.{key}' for key in overrides)} are the same metric.")
    metrics = tuple(_renamed(spec, *chosen[id(spec)]) if id(spec) in chosen else spec for spec in catalogue.metrics)
    _refuse_doubles(metrics)
    return Catalogue(metrics)


def entry_key(spec: MetricSpec, catalogue: Catalogue = STANDARD) -> str:
    """The key under which the configuration file speaks of a metric."""
    return spec.name if len(_named(spec.name, catalogue)) == 1 else _qualified(spec)


def documented(spec: MetricSpec, catalogue: Catalogue) -> MetricSpec:
    """The metric of an overridden catalogue as AWS documents it."""
    pairs = zip(catalogue.metrics, STANDARD.metrics, strict=True)
    return next(original for one, original in pairs if one is spec)


def _entry(key: str, catalogue: Catalogue) -> MetricSpec:
    found = _named(key, catalogue)
    if len(found) == 1:
        return found[0]
    if found:
        choice = " or ".join(f'"{_qualified(spec)}"' for spec in found)
        raise ConfigError(f"catalogue.{key} stands for several metrics: write {choice}.")
    known = {spec.name.lower(): spec.name for spec in catalogue.metrics}
    near = [known[name] for name in get_close_matches(key.rpartition("/")[2].lower(), known)]
    hint = f" Near: {', '.join(near)}." if near else ""
    raise ConfigError(f"The catalogue has no metric {key}.{hint}")


def _named(key: str, catalogue: Catalogue) -> list[MetricSpec]:
    return [spec for spec in catalogue.metrics if key in (spec.name, _qualified(spec))]


def _qualified(spec: MetricSpec) -> str:
    return f"{spec.namespace}/{spec.name}"


def _renamed(spec: MetricSpec, key: str, override: Override) -> MetricSpec:
    own = sorted({name for scope in spec.scopes for name in scope.value})
    for name in override.dimensions:
        if name not in own:
            raise ConfigError(f"catalogue.{key} has no dimension {name}. It has {', '.join(own)}.")
    renamed = replace(
        spec,
        namespace=override.namespace or spec.namespace,
        published_as=override.name,
        renamed=dict(override.dimensions),
    )
    for scope in spec.scopes:
        if len(set(renamed.shape(scope))) < len(scope.value):
            raise ConfigError(f"catalogue.{key} gives two dimensions the same name.")
    return renamed


def _refuse_doubles(metrics: tuple[MetricSpec, ...]) -> None:
    """Two metrics under one name would be shown as each other."""
    asked: defaultdict[tuple[MetricId, Scope], list[str]] = defaultdict(list)
    for spec in metrics:
        for scope in spec.scopes:
            for metric in spec.metrics(tuple((name, "") for name in scope.value)):
                asked[metric, scope].append(spec.name)
    for (metric, _), names in asked.items():
        if len(names) > 1:
            both = " and ".join(names)
            raise ConfigError(
                f"{both} would both be asked as {metric.name} in {metric.namespace}: override one of them."
            )
