"""Metrics Insights queries answered: which metrics match, how they are grouped, which series come back.

Source: CloudWatch user guide, "Metrics Insights quotas" and "Query components and syntax". How the values of several
labels are joined into a series' label is not documented; here a space stands between them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from smtop.metrics.simulator.cloudwatch.insights_query import ACCOUNT, Condition, InsightsQuery
from smtop.metrics.simulator.cloudwatch.windows import DAY_S, Window, cut
from smtop.metrics.simulator.resources import MetricId, MetricReader
from smtop.metrics.simulator.wire.credentials import ACCOUNT_ID

MOST_METRICS = 10_000
LOOK_BACK_S = 14 * DAY_S
MISSING_LABEL = "Other"

Values = Mapping[int, float]


@dataclass(frozen=True)
class GroupedSeries:
    """One series of an answer: its label, and values by the start of their period."""

    label: str
    points: Values


@dataclass(frozen=True)
class Matched:
    """The metrics that a query goes through, and whether there were more than it may."""

    metrics: Sequence[MetricId]
    exceeded: bool


def matched(reader: MetricReader, query: InsightsQuery, now: float) -> Matched:
    """The first metrics that SELECT, FROM and WHERE match."""
    found = [metric for metric in reader.metrics(now) if _matches(metric, query)]
    return Matched(found[:MOST_METRICS], len(found) > MOST_METRICS)


def answer(
    reader: MetricReader, query: InsightsQuery, span: tuple[float, float], period: int, now: float
) -> list[GroupedSeries]:
    """The series between start and end (epoch seconds), ordered and limited; groups without a datapoint are left out.

    Without GROUP BY it is one series, whose label is empty.
    """
    window = cut(max(span[0], now - LOOK_BACK_S), span[1], max(period, 60), now)
    groups: dict[tuple[str, ...], list[MetricId]] = defaultdict(list)
    for metric in matched(reader, query, now).metrics:
        groups[_group(metric, query)].append(metric)
    found = []
    for labels, metrics in sorted(groups.items()):
        read = partial(_read, reader, metrics, window, now)
        found.append(GroupedSeries(" ".join(labels), _OVER_METRICS[query.function](read)))
    return _ordered([one for one in found if one.points or not query.group_by], query)[: query.limit]


def _read(
    reader: MetricReader, metrics: Sequence[MetricId], window: Window | None, now: float, stat: str
) -> list[Values]:
    if window is None:
        return []
    parts = (reader.read(metric, stat, window.start, window.end, window.period, now) for metric in metrics)
    return [dict(zip(times, values, strict=True)) for times, values in parts]


def _matches(metric: MetricId, query: InsightsQuery) -> bool:
    if (metric.namespace, metric.name) != (query.namespace, query.metric):
        return False
    labels = dict(metric.dimensions)
    if query.schema is not None and query.schema != labels.keys():
        return False
    return all(_holds(condition, {**labels, ACCOUNT: ACCOUNT_ID}) for condition in query.where)


def _holds(condition: Condition, labels: Mapping[str, str]) -> bool:
    return (labels.get(condition.label) == condition.value) is condition.equal


def _group(metric: MetricId, query: InsightsQuery) -> tuple[str, ...]:
    labels = dict(metric.dimensions)
    return tuple(labels.get(label, MISSING_LABEL) for label in query.group_by)


def _ordered(series: list[GroupedSeries], query: InsightsQuery) -> list[GroupedSeries]:
    if query.order is None:
        return series
    scalar = _OVER_TIME[query.order.function]
    return sorted(series, key=lambda one: scalar(list(one.points.values())), reverse=query.order.descending)


Read = Callable[[str], list[Values]]


def _joined(parts: Iterable[Values], join: Callable[[Sequence[float]], float]) -> dict[int, float]:
    """One value a period out of those of several metrics."""
    values: dict[int, list[float]] = defaultdict(list)
    for part in parts:
        for at, value in part.items():
            values[at].append(value)
    return {at: join(found) for at, found in sorted(values.items())}


def _average(read: Read) -> Values:
    """Over all observations, not over metrics."""
    counts = _joined(read("SampleCount"), sum)
    return {at: total / counts[at] for at, total in _joined(read("Sum"), sum).items()}


_OVER_METRICS: Mapping[str, Callable[[Read], Values]] = {
    "AVG": _average,
    "COUNT": lambda read: _joined(read("SampleCount"), sum),
    "MAX": lambda read: _joined(read("Maximum"), max),
    "MIN": lambda read: _joined(read("Minimum"), min),
    "SUM": lambda read: _joined(read("Sum"), sum),
}
_OVER_TIME: Mapping[str, Callable[[Sequence[float]], float]] = {
    "AVG": lambda values: sum(values) / max(len(values), 1),
    "COUNT": len,
    "MAX": lambda values: max(values, default=0.0),
    "MIN": lambda values: min(values, default=0.0),
    "SUM": sum,
}
