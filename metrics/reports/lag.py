"""Measures how late each metric is, on a sample of series that costs what was agreed."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from math import ceil

from smtop.metrics.clock import Clock
from smtop.metrics.collect.fetch import Fetcher
from smtop.metrics.collect.lag import Lateness, Sightings
from smtop.metrics.collect.plan import Ask, asks, pack, window
from smtop.metrics.domain.billing import USD_PER_METRIC
from smtop.metrics.domain.catalogue import Catalogue
from smtop.metrics.domain.endpoint import IN_SERVICE, Endpoint
from smtop.metrics.domain.series import MetricId, SeriesKey
from smtop.metrics.domain.snapshot import CUT_OFF
from smtop.metrics.errors import AwsError
from smtop.metrics.ports import MetricSource
from smtop.metrics.reports.coverage import component_spellings

EVERY_S = 15
"""Between two readings; a lag is known no better than this."""

LOOK_BACK_S = 600
SERIES_PER_METRIC = 3
"""Of different endpoints: one of them may be idle."""

_GROWING = ("SampleCount", "Sum", "Maximum")

MetricName = tuple[str, str]
"""Namespace and name as the catalogue has them."""


@dataclass(frozen=True)
class Sample:
    """The series that are watched, whose they are, and how often they are read; `left_out` would cost too much."""

    series: Mapping[SeriesKey, MetricName]
    readings: int
    left_out: int

    @property
    def metrics(self) -> int:
        """Billed for the whole watch: each series is one metric a reading."""
        return len(self.series) * self.readings

    @property
    def usd(self) -> float:
        return self.metrics * USD_PER_METRIC


@dataclass(frozen=True)
class Lag:
    """How late a metric is, in seconds after the end of each minute; None where nothing was seen to settle."""

    metric: MetricName
    samples: int
    p50_s: float
    p95_s: float
    settled_samples: int
    settled_p50_s: float | None
    settled_p95_s: float | None


@dataclass(frozen=True)
class Measured:
    """What was watched and seen, in the catalogue's order, and sentences about what could not be read."""

    sample: Sample
    lags: tuple[Lag, ...]
    problems: tuple[str, ...]


def choose(
    endpoints: Sequence[Endpoint], listed: Collection[MetricId], catalogue: Catalogue, minutes: int, max_usd: float
) -> Sample:
    """A few listed series of every metric, each metric once before any twice, as many as `max_usd` pays for."""
    readings = minutes * 60 // EVERY_S + 1
    spelled = component_spellings(endpoints, listed, catalogue)
    by_metric: defaultdict[MetricName, dict[MetricId, Ask]] = defaultdict(dict)
    for endpoint in endpoints:
        if endpoint.status == IN_SERVICE:
            for ask in asks(endpoint, catalogue, spelled):
                if ask.key.metric in listed:
                    by_metric[ask.spec.namespace, ask.spec.name].setdefault(ask.key.metric, ask)
    rounds = zip_longest(*(_spread(list(own.values())) for own in by_metric.values()))
    wanted = [ask for ask in chain.from_iterable(rounds) if ask is not None]
    paid = min(len(wanted), int(max_usd / (readings * USD_PER_METRIC) + 1e-9))
    chosen = {_watched(ask): (ask.spec.namespace, ask.spec.name) for ask in wanted[:paid]}
    return Sample(chosen, readings, len(wanted) - paid)


def _spread(found: Sequence[Ask]) -> Sequence[Ask]:
    """Some of them, from the whole length of the fleet."""
    return found[:: ceil(len(found) / SERIES_PER_METRIC)]


def _watched(ask: Ask) -> SeriesKey:
    """The statistic that shows best how a minute grows, of those that AWS documents for the metric."""
    return SeriesKey(ask.key.metric, next(stat for stat in _GROWING if stat in ask.spec.stats))


async def measure(
    sample: Sample, source: MetricSource, clock: Clock, spent_usd: Callable[[], float], max_usd: float
) -> Measured:
    """Reads the sample again and again; ends early where AWS cannot be asked, or retries have used up the money.

    Only the retries of the last reading can go beyond `max_usd`.
    """
    fetcher = Fetcher(source, clock)
    sightings = Sightings()
    problems: dict[str, None] = {}
    before, began = spent_usd(), clock.monotonic()
    for reading in range(sample.readings if sample.series else 0):
        await clock.sleep(max(0.0, began + reading * EVERY_S - clock.monotonic()))
        if spent_usd() - before + len(sample.series) * USD_PER_METRIC > max_usd * 1.0001:
            problems[f"Stopped after {reading} of {sample.readings} readings: retries have cost what was left."] = None
            break
        errors = await _read(fetcher, sample, clock, sightings)
        problems |= dict.fromkeys(map(str, errors))
        if any(error.kind in CUT_OFF for error in errors):
            break
    return Measured(sample, tuple(_lags(sightings.lateness(), sample.series)), tuple(problems))


async def _read(fetcher: Fetcher, sample: Sample, clock: Clock, sightings: Sightings) -> list[AwsError]:
    errors: list[AwsError] = []
    async for fetched in fetcher.fetch(pack(sample.series, window(clock.wall(), LOOK_BACK_S))):
        sightings.note(fetched.answers, clock.wall())
        errors += fetched.failures.values()
    return errors


def _lags(found: Mapping[SeriesKey, Sequence[Lateness]], names: Mapping[SeriesKey, MetricName]) -> Iterable[Lag]:
    by_metric: defaultdict[MetricName, list[Lateness]] = defaultdict(list)
    for key, name in names.items():
        by_metric[name] += found.get(key, ())
    return (lag(name, lateness) for name, lateness in by_metric.items() if lateness)


def lag(metric: MetricName, lateness: Sequence[Lateness]) -> Lag:
    """The percentiles (nearest rank) of at least one sample."""
    seen = sorted(one.seen_s for one in lateness)
    settled = sorted(one.settled_s for one in lateness if one.settled_s is not None)
    return Lag(
        metric,
        len(seen),
        _percentile(seen, 0.50),
        _percentile(seen, 0.95),
        len(settled),
        _percentile(settled, 0.50) if settled else None,
        _percentile(settled, 0.95) if settled else None,
    )


def _percentile(ascending: Sequence[float], share: float) -> float:
    return ascending[max(ceil(share * len(ascending)) - 1, 0)]
