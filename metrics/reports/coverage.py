"""What CloudWatch lists, beside what the catalogue expects of each kind of endpoint."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from smtop.metrics.collect.plan import asks
from smtop.metrics.collect.schedule import UNLISTED_S
from smtop.metrics.collect.spelling import spellings
from smtop.metrics.domain.catalogue import PER_HOST, UNSURE_NAMESPACES, Catalogue, MetricSpec, Scope
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.series import MetricId
from smtop.metrics.ports import MetricSource
from smtop.metrics.reports.near_miss import Missing, Near, Shape, nearest


class Presence(StrEnum):
    """Whether CloudWatch lists a metric for the endpoints that should have it."""

    PUBLISHED = "published"
    PARTLY = "partly"
    NOT_FOR_THESE = "not-for-these"
    NEVER = "never"
    TOO_YOUNG = "too-young"


@dataclass(frozen=True)
class Expected:
    """A metric of the catalogue on endpoints of one kind.

    `planned` endpoints should have it, `seen` of them do; `young` ones do not, and may be too new to be listed.
    `listed_as` are the names under which it is listed for these endpoints.
    """

    spec: MetricSpec
    shape: Shape
    presence: Presence
    planned: int
    seen: int
    young: int
    listed_as: tuple[str, ...]


@dataclass(frozen=True)
class KindCoverage:
    """What is expected of the endpoints of one kind; metrics of one namespace and of the same dimensions together."""

    kind: Kind
    endpoints: int
    expected: tuple[Expected, ...]


@dataclass(frozen=True)
class Unknown:
    """Series that are listed and that the catalogue does not know, with one of them.

    `per_host` ones are left out on purpose. `near` is the metric that they may be under another name.
    """

    shape: Shape
    series: int
    example: MetricId
    per_host: bool
    near: Near | None


@dataclass(frozen=True)
class Coverage:
    """The comparison for a fleet. `listed` counts metrics, `young` endpoints that are too new to be judged."""

    endpoints: int
    listed: int
    young: int
    kinds: tuple[KindCoverage, ...]
    unknown: tuple[Unknown, ...]

    @property
    def misnamed(self) -> tuple[Unknown, ...]:
        """What an override would mend."""
        return tuple(one for one in self.unknown if one.near is not None)

    @property
    def is_whole(self) -> bool:
        """Whether everything that is expected is listed."""
        return all(one.presence is Presence.PUBLISHED for kind in self.kinds for one in kind.expected)


async def list_published(source: MetricSource, catalogue: Catalogue) -> frozenset[MetricId]:
    """Every metric of the catalogue's namespaces, and of those that AWS's pages may mean. Raises AwsError."""
    namespaces = dict.fromkeys((*catalogue.namespaces, *UNSURE_NAMESPACES))
    found = await asyncio.gather(*(_listed(source, namespace) for namespace in namespaces))
    return frozenset(metric for metrics in found for metric in metrics)


async def _listed(source: MetricSource, namespace: str) -> list[MetricId]:
    return [metric async for page in source.published(namespace) for metric in page]


def compare(endpoints: Sequence[Endpoint], listed: Collection[MetricId], catalogue: Catalogue, now: float) -> Coverage:
    """Compares at `now` (epoch seconds) what is planned for described endpoints with what is listed."""
    listing = _listing(listed)
    described = [endpoint for endpoint in endpoints if endpoint.described]
    spelled = component_spellings(described, listed, catalogue)
    by_kind: defaultdict[Kind, list[_Planned]] = defaultdict(list)
    for endpoint in described:
        is_young = now - endpoint.summary.modified_at.timestamp() < UNLISTED_S
        by_kind[endpoint.kind].append(_Planned(_by_metric(endpoint, catalogue, spelled), is_young))
    kinds = tuple(_kind(kind, by_kind[kind], listing) for kind in Kind if kind in by_kind)
    return Coverage(
        len(described),
        len(listing.metrics),
        sum(one.is_young for planned in by_kind.values() for one in planned),
        kinds,
        _unknown(listed, listing.shapes, kinds, catalogue),
    )


def component_spellings(
    endpoints: Iterable[Endpoint], listed: Iterable[MetricId], catalogue: Catalogue
) -> dict[str, str]:
    """How CloudWatch spells the components that it spells otherwise."""
    shapes = catalogue.shapes([Scope.COMPONENT])
    names = [component.name for endpoint in endpoints for component in endpoint.components]
    return spellings(names, (metric.dimensions[0][1] for metric in listed if shape_of(metric).dimensions in shapes))


def shape_of(metric: MetricId) -> Shape:
    return Shape(metric.namespace, metric.name, tuple(name for name, _ in metric.dimensions))


@dataclass(frozen=True)
class _Listing:
    metrics: frozenset[MetricId]
    shapes: Mapping[Shape, int]


def _listing(listed: Iterable[MetricId]) -> _Listing:
    metrics = frozenset(listed)
    return _Listing(metrics, Counter(map(shape_of, metrics)))


_Entry = tuple[str, str, tuple[str, ...]]
"""A metric of the catalogue by its own names, and its dimensions by CloudWatch's."""


@dataclass(frozen=True)
class _Planned:
    """One endpoint: what is asked of it, all spellings of a metric together."""

    metrics: Mapping[_Entry, "_Questions"]
    is_young: bool


@dataclass
class _Questions:
    spec: MetricSpec
    metrics: list[MetricId] = field(default_factory=list)


def _by_metric(endpoint: Endpoint, catalogue: Catalogue, spelled: Mapping[str, str]) -> dict[_Entry, _Questions]:
    found: dict[_Entry, _Questions] = {}
    for ask in asks(endpoint, catalogue, spelled):
        entry = (ask.spec.namespace, ask.spec.name, shape_of(ask.key.metric).dimensions)
        found.setdefault(entry, _Questions(ask.spec)).metrics.append(ask.key.metric)
    return found


def _kind(kind: Kind, planned: Sequence[_Planned], listing: _Listing) -> KindCoverage:
    found = dict.fromkeys(entry for one in planned for entry in one.metrics)
    groups = list(dict.fromkeys((namespace, dimensions) for namespace, _, dimensions in found))
    entries = sorted(found, key=lambda entry: groups.index((entry[0], entry[2])))
    return KindCoverage(kind, len(planned), tuple(_expected(entry, planned, listing) for entry in entries))


def _expected(entry: _Entry, planned: Sequence[_Planned], listing: _Listing) -> Expected:
    concerned = [one for one in planned if entry in one.metrics]
    spec = concerned[0].metrics[entry].spec
    listed = [listing.metrics.intersection(one.metrics[entry].metrics) for one in concerned]
    seen = sum(map(bool, listed))
    young = sum(one.is_young and not metrics for one, metrics in zip(concerned, listed, strict=True))
    names = sorted({metric.name for metrics in listed for metric in metrics})
    shapes = [Shape(spec.namespace, name, entry[2]) for name in spec.spellings]
    elsewhere = any(shape in listing.shapes for shape in shapes)
    presence = _presence(len(concerned), seen, young, elsewhere=elsewhere)
    return Expected(spec, shapes[0], presence, len(concerned), seen, young, tuple(names))


def _presence(planned: int, seen: int, young: int, *, elsewhere: bool) -> Presence:
    if seen == planned:
        return Presence.PUBLISHED
    if seen:
        return Presence.PARTLY
    if young == planned:
        return Presence.TOO_YOUNG
    return Presence.NOT_FOR_THESE if elsewhere else Presence.NEVER


def _unknown(
    listed: Iterable[MetricId], shapes: Mapping[Shape, int], kinds: Iterable[KindCoverage], catalogue: Catalogue
) -> tuple[Unknown, ...]:
    known = {
        Shape(spec.namespace, name, spec.shape(scope))
        for spec in catalogue.metrics
        for name in spec.spellings
        for scope in spec.scopes
    }
    missing = _missing([one for kind in kinds for one in kind.expected], shapes)
    examples = {shape_of(metric): metric for metric in sorted(listed, reverse=True)}
    found = []
    for shape in sorted(shapes.keys() - known):
        per_host = not PER_HOST.isdisjoint(shape.dimensions)
        near = None if per_host else nearest(shape, missing, catalogue)
        found.append(Unknown(shape, shapes[shape], examples[shape], per_host, near))
    return tuple(found)


def _missing(expected: Iterable[Expected], shapes: Collection[Shape]) -> dict[Shape, Missing]:
    """What is listed nowhere, with the other shapes in which the same metric is."""
    absent: dict[Shape, MetricSpec] = {}
    present: defaultdict[tuple[str, str], set[Shape]] = defaultdict(set)
    for one in expected:
        found = _all_spellings(one).intersection(shapes)
        present[one.spec.namespace, one.spec.name] |= found
        if not found:
            absent[one.shape] = one.spec
    return {shape: Missing(spec, tuple(sorted(present[spec.namespace, spec.name]))) for shape, spec in absent.items()}


def _all_spellings(one: Expected) -> set[Shape]:
    return {one.shape._replace(name=name) for name in one.spec.spellings}
