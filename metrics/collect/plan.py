"""What to ask of CloudWatch for a fleet, and how it is packed into requests."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

from smtop.metrics.collect.tiers import Breadth, breadth_of, breadth_of_container
from smtop.metrics.domain.catalogue import STANDARD, Catalogue, MetricSpec, Scope
from smtop.metrics.domain.endpoint import Endpoint, Kind, Variant
from smtop.metrics.domain.instance_types import gpus
from smtop.metrics.domain.series import PERIOD_S, Dimensions, MetricId, Owner, SeriesKey
from smtop.metrics.ports import Batch, Window

MAX_QUERIES = 500
"""GetMetricData's limit of queries in a request."""

MAX_BODY_BYTES = 400_000
"""Well below the 614,400 bytes at which CloudWatch answers 413: the accounts that queries name in a monitoring
account add up to 27,000."""

MAX_DATAPOINTS = 8_000
"""A full request of a quarter of an hour, and few queries of a long window: an answer is read in one go, which a key
press waits for. CloudWatch counts a datapoint for each query and period, and would answer 100,800 at once."""

OVERLAP_S = 300
"""How far back every read goes again: late points arrive, and early ones grow."""

_BYTES_PER_PARAMETER = 75
"""Measured on the form encoding; JSON needs less."""


class Ask(NamedTuple):
    """One series to read and whose it is. `label` is the key under which its sample is shown."""

    key: SeriesKey
    owner: Owner
    spec: MetricSpec
    breadth: Breadth = Breadth.ALL

    @property
    def label(self) -> str:
        return _label(self.spec.name, self.key.stat)


@cache
def _label(metric: str, stat: str) -> str:
    """One string for all endpoints: it is the key of every value that is shown."""
    return f"{metric}.{stat}"


class _Part(NamedTuple):
    """A part of an endpoint that has series, and whether its GPU metrics can be spared."""

    owner: Owner
    scope: Scope
    without_gpu: bool = False


def asks(
    endpoint: Endpoint, catalogue: Catalogue = STANDARD, spelled: Mapping[str, str] = MappingProxyType({})
) -> tuple[Ask, ...]:
    """Every series that is read for one endpoint; none before it is described.

    `spelled` says how CloudWatch spells the names of components that it spells otherwise.
    """
    kind = Kind.REALTIME if endpoint.kind is Kind.UNKNOWN else endpoint.kind
    return tuple(
        ask
        for part in _parts(endpoint)
        for ask in _asks_of(part, kind, catalogue.asked(kind, part.scope), _dimensions(part, spelled))
    )


def _parts(endpoint: Endpoint) -> Iterator[_Part]:
    if not endpoint.described:
        return
    yield _Part(Owner(endpoint.name), Scope.ENDPOINT)
    for variant in endpoint.variants:
        without_gpu = _has_no_gpu(variant)
        yield _Part(Owner(endpoint.name, variant.name), Scope.VARIANT, without_gpu)
        for container in variant.containers:
            yield _Part(Owner(endpoint.name, variant.name, container), Scope.CONTAINER, without_gpu)
    hosts = {variant.name: _has_no_gpu(variant) for variant in endpoint.variants}
    for component in endpoint.components:
        owner = Owner(endpoint.name, component.variant, component=component.name)
        yield _Part(owner, Scope.COMPONENT, hosts.get(component.variant or "", False))


def _has_no_gpu(variant: Variant) -> bool:
    instance_type = variant.instances.type if variant.instances else None
    return instance_type is not None and gpus(instance_type) == 0


def _asks_of(part: _Part, kind: Kind, specs: Iterable[MetricSpec], dimensions: Dimensions) -> Iterator[Ask]:
    owner, _, without_gpu = part
    for spec in specs:
        if spec.accelerated and without_gpu:
            continue
        of_container = breadth_of_container(spec.name)
        breadth = of_container if owner.container else breadth_of(spec.name, kind, without_gpu=without_gpu)
        for metric in spec.metrics(dimensions):
            for stat in spec.asks:
                yield Ask(SeriesKey(metric, stat), owner, spec, breadth)


def _dimensions(part: _Part, spelled: Mapping[str, str]) -> Dimensions:
    owner, scope, _ = part
    component = owner.component or ""
    values = {
        "EndpointName": owner.endpoint,
        "VariantName": owner.variant,
        "ContainerName": owner.container,
        "InferenceComponentName": spelled.get(component, component),
    }
    return tuple((name, values[name] or "") for name in scope.value)


def window(now: float, span_s: int) -> Window:
    """The last `span_s` seconds in whole periods, the one under way included."""
    end = int(now // PERIOD_S + 1) * PERIOD_S
    return Window(end - PERIOD_S - span_s // PERIOD_S * PERIOD_S, end)


def pack(keys: Iterable[SeriesKey], over: Window) -> list[Batch]:
    """Batches within the limits of count, bytes and datapoints; the statistics of a metric stay in one batch.

    Splitting them would bill the metric once per request.
    """
    batches: list[Batch] = []
    current: list[SeriesKey] = []
    most = min(MAX_QUERIES, MAX_DATAPOINTS // max(over.periods, 1))
    size = 0
    for statistics in by_metric(keys):
        added = len(statistics) * _body_bytes(statistics[0].metric)
        if current and (len(current) + len(statistics) > most or size + added > MAX_BODY_BYTES):
            batches.append(_batch(current, over))
            current, size = [], 0
        current += statistics
        size += added
    if current:
        batches.append(_batch(current, over))
    return batches


def is_percentile(key: SeriesKey) -> bool:
    return key.stat.startswith("p")


def _batch(series: Sequence[SeriesKey], over: Window) -> Batch:
    """Percentiles first: a service that has none then says so before it has worked through the rest."""
    percentiles = [key for key in series if is_percentile(key)]
    if percentiles:
        return Batch((*percentiles, *(key for key in series if not is_percentile(key))), over)
    return Batch(tuple(series), over)


def by_metric(keys: Iterable[SeriesKey]) -> list[Sequence[SeriesKey]]:
    """The series grouped by metric, each once, in the order in which the metrics first appear."""
    order: defaultdict[MetricId, dict[SeriesKey, None]] = defaultdict(dict)
    for key in keys:
        order[key[0]][key] = None
    return list(map(tuple, order.values()))


def _body_bytes(metric: MetricId) -> int:
    """Of one query for it."""
    return _owner_bytes(metric.dimensions) + len(metric.namespace) * 2 + len(metric.name)


@lru_cache(maxsize=65_536)
def _owner_bytes(dimensions: Dimensions) -> int:
    """What all metrics of an owner have in common; it is asked for every minute again."""
    parameters = 5 + 2 * len(dimensions)
    return _BYTES_PER_PARAMETER * parameters + sum(len(name) + len(value) for name, value in dimensions)
