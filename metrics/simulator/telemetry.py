"""The simulated CloudWatch's memory: it makes minutes when asked, and shows them as late as the real one does."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from smtop.metrics.simulator import noise, publication, samples
from smtop.metrics.simulator.ailments import Ail
from smtop.metrics.simulator.catalogue import CATALOGUE, MetricSpec, by_identity
from smtop.metrics.simulator.hosting import Stretch, View
from smtop.metrics.simulator.noise import Array, Minutes
from smtop.metrics.simulator.resources import Deployment, Deployments, LiveVariant, MetricId
from smtop.metrics.simulator.runs import Site, Subject
from smtop.metrics.simulator.samples import Samples
from smtop.metrics.simulator.serving import Served, simulate
from smtop.metrics.simulator.workload import SILENT, Workload

BLOCK_MIN: Final = 180
_BLOCKS_KEPT: Final = 12_000
_LISTED_MIN: Final = 14 * 1440
_RECENT_MIN: Final = 180
_LATE_S: Final = 255.0
_DIMENSIONS: Final = {
    ("EndpointName", "VariantName"): "variant",
    ("EndpointName",): "endpoint",
    ("InferenceComponentName",): "component",
    ("ContainerName", "EndpointName", "VariantName"): "container",
}


@dataclass(frozen=True)
class _Address:
    """Which endpoint and subject a metric is about."""

    endpoint: str
    subject: Subject
    container: str | None
    specs: tuple[MetricSpec, ...]


class Telemetry:
    """A `MetricReader` over deployments and workloads; endpoints without a workload are never called."""

    def __init__(
        self,
        deployments: Deployments,
        workloads: Mapping[str, Workload],
        *,
        seed: int,
        opened: float,
        late: bool = False,
    ) -> None:
        self._deployments = deployments
        self._workloads = workloads
        self._seed = seed
        self._ground_min = (int(opened // 60) - 360) // BLOCK_MIN * BLOCK_MIN
        self._delay_s = _LATE_S if late else 0.0
        self._specs = by_identity()
        self._sites: dict[str, Site] = {}
        self._blocks: OrderedDict[tuple[str, int], Served] = OrderedDict()
        self._owners: dict[str, str] = {}
        self._shown: tuple[tuple[int, int, int, float], Minutes, Array] | None = None
        self._read_at: tuple[int, int, float] | None = None
        self._read: dict[MetricId, tuple[Site, Samples | None]] = {}
        self._lists: dict[str, tuple[tuple[Deployment, ...], int, tuple[MetricId, ...]]] = {}

    def metrics(self, now: float) -> Sequence[MetricId]:
        """Every metric with a datapoint within the two weeks before `now`, of each endpoint in turn."""
        found: list[MetricId] = []
        for endpoint in self._deployments.endpoint_names():
            found.extend(self._listed(self.site(endpoint), now))
        return found

    def last_published(self, metric: MetricId, now: float) -> float | None:
        """Start of the newest minute visible at `now` (looks back three hours), None where there is none."""
        stop = int(now // 60) + 1
        for start in (stop - 15, stop - _RECENT_MIN):
            rows = self._minutes(metric, start, stop, now)
            present = np.flatnonzero(rows.counts() > 0) if rows else np.zeros(0, dtype=np.int64)
            if len(present):
                return float((start + int(present[-1])) * 60)
        return None

    def read(
        self, metric: MetricId, stat: str, start: int, end: int, period: int, now: float
    ) -> tuple[list[int], list[float]]:
        """Bucket starts and values of a statistic visible at `now`; see `MetricReader.read`."""
        compute = samples.statistic(stat)
        if period % 60 or start % 60 or period <= 0:
            return [], []
        width = period // 60
        last = min(end, (int(now // period) + 1) * period)
        rows = self._minutes(metric, start // 60, start // 60 + max(0, last - start) // period * width, now)
        if rows is None:
            return [], []
        buckets = rows.grouped(width)
        present = np.flatnonzero(buckets.counts() > 0)
        if not len(present):
            return [], []
        values = compute(buckets.at(present))
        return (start + present * period).tolist(), values.tolist()

    def units(self, metric: MetricId) -> str:
        """CloudWatch's unit of the metric."""
        level = _DIMENSIONS.get(tuple(name for name, _ in metric.dimensions), "")
        specs = self._specs.get((metric.namespace, metric.name, level))
        return specs[0].unit if specs else "None"

    def owner(self, metric: MetricId) -> str | None:
        """The endpoint that a metric is about; None where there is no such metric."""
        address = self._address(metric)
        return address.endpoint if address else None

    def visible(self, endpoint: str, minutes: Minutes, nows: Array | float) -> Array:
        """Share of each minute's samples that are out at each of the moments."""
        site = self.site(endpoint)
        late_s = site.workload.ailments.sizes(Ail.LATE, minutes)
        ages_s = nows - self._delay_s - (0.0 if late_s is None else late_s) - (minutes + 1) * 60.0
        return publication.shares(site.stream, minutes, np.broadcast_to(ages_s, minutes.shape))

    def rows(self, metric: MetricId, minutes: Minutes, visible: Array) -> Samples | None:
        """A row of samples for each of the epoch minutes, which ascend and may repeat, as far as they are visible.

        None where the metric cannot exist.
        """
        address = self._address(metric)
        if address is None or not len(minutes):
            return None
        site = self.site(address.endpoint)
        if not site.history:
            return None
        lost = site.workload.ailments.sizes(Ail.UNPUBLISHED, minutes, metric.namespace)
        visible = visible if lost is None else visible * (lost < 1.0)
        pieces: list[tuple[int, Samples]] = []
        for stretch in self._stretches(site, address.subject, int(minutes[0]), int(minutes[-1]) + 1):
            spec = next((spec for spec in address.specs if spec.applies(stretch)), None)
            if spec is None or (address.container and address.container not in stretch.containers):
                continue
            first = int(stretch.minutes[0])
            begin, end = np.searchsorted(minutes, (first, first + len(stretch.minutes))).tolist()
            view = View(stretch, minutes[begin:end] - first, visible[begin:end], address.container)
            pieces.append((begin, spec.derive(view)))
        return _placed(pieces, len(minutes))

    def _minutes(self, metric: MetricId, start: int, stop: int, now: float) -> Samples | None:
        """A row of samples for every epoch minute; None where the metric cannot exist.

        Those of the last moment are kept: a request asks several statistics of a metric.
        """
        endpoint = self.owner(metric)
        if endpoint is None or stop <= start:
            return None
        site, moment = self.site(endpoint), (start, stop, now)
        if self._read_at != moment:
            self._read_at, self._read = moment, {}
        known = self._read.get(metric)
        if known is None or known[0] is not site:
            known = self._read[metric] = site, self.rows(metric, *self._visible(site, start, stop, now))
        return known[1]

    def _stretches(self, site: Site, subject: Subject, start: int, stop: int) -> Iterator[Stretch]:
        for block in range(start // BLOCK_MIN, (stop - 1) // BLOCK_MIN + 1):
            for stretch in self._block(site, block).get(subject, ()):
                first = int(stretch.minutes[0])
                if first < stop and first + len(stretch.minutes) > start:
                    yield stretch

    def _block(self, site: Site, number: int) -> Served:
        place = (site.name, number)
        if place in self._blocks:
            self._blocks.move_to_end(place)
            return self._blocks[place]
        block = self._blocks[place] = simulate(site, number * BLOCK_MIN, (number + 1) * BLOCK_MIN)
        if len(self._blocks) > _BLOCKS_KEPT:
            self._blocks.popitem(last=False)
        return block

    def site(self, endpoint: str) -> Site:
        """The endpoint as it is now deployed; a new deployment makes its blocks again."""
        history = tuple(self._deployments.history(endpoint))
        site = self._sites.get(endpoint)
        if site and site.history == history:
            return site
        for place in [place for place in self._blocks if place[0] == endpoint] if site else ():
            del self._blocks[place]
        workload = self._workloads.get(endpoint, SILENT)
        stream = noise.key(self._seed, endpoint)
        site = Site(endpoint, stream, workload, history, self._deployments, self._ground_min)
        self._sites[endpoint] = site
        for variant in _variants(history):
            self._owners.update((component.name, endpoint) for component in variant.components)
        return site

    def _address(self, metric: MetricId) -> _Address | None:
        dimensions = dict(metric.dimensions)
        level = _DIMENSIONS.get(tuple(dimensions))
        specs = self._specs.get((metric.namespace, metric.name, level)) if level else None
        if level is None or specs is None:
            return None
        endpoint = dimensions.get("EndpointName") or self._owner(dimensions["InferenceComponentName"])
        named = {
            "variant": dimensions.get("VariantName", ""),
            "container": dimensions.get("VariantName", ""),
            "endpoint": dimensions.get("EndpointName", ""),
            "component": dimensions.get("InferenceComponentName", ""),
        }
        subject = ("variant" if level == "container" else level, named[level])
        return _Address(endpoint, subject, dimensions.get("ContainerName"), specs) if endpoint else None

    def _owner(self, component: str) -> str | None:
        """The endpoint that a component runs on; looks at all endpoints for one that is new."""
        if component not in self._owners:
            for endpoint in self._deployments.endpoint_names():
                self.site(endpoint)
        return self._owners.get(component)

    def _visible(self, site: Site, start: int, stop: int, now: float) -> tuple[Minutes, Array]:
        """Minutes and their visible shares; the last answer is kept, as requests come metric by metric."""
        moment = (site.stream, start, stop, now)
        if self._shown is None or self._shown[0] != moment:
            minutes = np.arange(start, stop, dtype=np.int64)
            self._shown = (moment, minutes, self.visible(site.name, minutes, now))
        return self._shown[1:]

    def _listed(self, site: Site, now: float) -> tuple[MetricId, ...]:
        """The endpoint's metrics, remembered until its deployments change or another hour has begun."""
        moment = int(now // 3600)
        known = self._lists.get(site.name)
        if known and known[0] is site.history and known[1] == moment:
            return known[2]
        listed = tuple(dict.fromkeys(self._identities(site, int(now // 60))))
        self._lists[site.name] = (site.history, moment, listed)
        return listed

    def _identities(self, site: Site, now_min: int) -> Iterator[MetricId]:
        """Metric ids by what was deployed in the last two weeks; where nobody calls, only what needs no call."""
        ends = [*(deployment.since for deployment in site.history[1:]), now_min * 60.0]
        for deployment, end in zip(site.history, ends, strict=False):  # an endpoint to come has none yet
            if end <= deployment.since or end < (now_min - _LISTED_MIN) * 60.0:
                continue
            last = int(end // 60)
            started = max(int(deployment.since // 60), last - 1)
            for subject, stretches in simulate(site, started, max(last, started + 1)).items():
                yield from _identities_of(site, subject, stretches[-1])


def _variants(history: Iterable[Deployment]) -> Iterator[LiveVariant]:
    for deployment in history:
        yield from deployment.variants


def _placed(pieces: list[tuple[int, Samples]], minutes: int) -> Samples | None:
    """Pieces of different width at their minutes in one grid; what lies between has weight 0."""
    if not pieces:
        return None
    if len(pieces) == 1 and len(pieces[0][1].values) == minutes:
        return pieces[0][1]
    columns = max(piece.values.shape[1] for _, piece in pieces)
    values, weights = np.zeros((minutes, columns)), np.zeros((minutes, columns))
    for begin, piece in pieces:
        rows, width = piece.values.shape
        values[begin : begin + rows, :width] = piece.values
        weights[begin : begin + rows, :width] = piece.weights
    return Samples(values, weights, smooth=any(piece.smooth for _, piece in pieces))


def _identities_of(site: Site, subject: Subject, stretch: Stretch) -> Iterator[MetricId]:
    level, name = subject
    called = _is_called(site, stretch)
    identity = partial(_identity, site.name, name)
    for spec in CATALOGUE:
        if not spec.applies(stretch) or (spec.needs_calls and not called):
            continue
        if spec.level == "container" and level == "variant":
            yield from (identity(spec, container) for container in stretch.containers)
        elif spec.level == level and (level != "variant" or stretch.variant.instances or spec.needs_calls):
            yield identity(spec, None)


def _is_called(site: Site, stretch: Stretch) -> bool:
    """Whether calls are to be expected at all."""
    return site.workload.traffic.calls_per_min > 0 and (stretch.variant.weight > 0 or not stretch.variant.model)


def _identity(endpoint: str, name: str, spec: MetricSpec, container: str | None) -> MetricId:
    dimensions = {
        "variant": (("EndpointName", endpoint), ("VariantName", name)),
        "endpoint": (("EndpointName", endpoint),),
        "component": (("InferenceComponentName", name),),
        "container": (("ContainerName", container or ""), ("EndpointName", endpoint), ("VariantName", name)),
    }
    return MetricId(spec.namespace, spec.name, dimensions[spec.level])
