"""How CloudWatch counts what it bills, and for whom it is asked."""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from math import ceil

from smtop.metrics.domain.series import SeriesKey

STATISTICS_PER_BILLED_METRIC = 5
"""Up to five statistics of one metric in one request are billed as one metric (CloudWatch pricing page)."""

USD_PER_METRIC = 0.01 / 1000
"""List price of a metric requested by GetMetricData (CloudWatch pricing page, 2026)."""

USD_PER_METRIC_ANALYSED = 0.01 / 1000
"""Price of a metric that a Metrics Insights query goes through, taken to be that of GetMetricData.

UNVERIFIED as of November 2026: AWS's documentation names no price and its price page was not at hand.
"""

FIRST_LOOK = "first look"
"""The payer of what is asked of an endpoint for the first time."""

payers: ContextVar[Mapping[SeriesKey, str] | None] = ContextVar("payers", default=None)
"""For whom the current task asks each series: a tier, or FIRST_LOOK."""


def metrics_billed(series: Iterable[SeriesKey]) -> int:
    """Metrics that one GetMetricData request for these series is billed for."""
    statistics = Counter(key.metric for key in set(series))
    return sum(map(statistics_billed, statistics.values()))


def statistics_billed(count: int) -> int:
    """What so many statistics of one metric are billed for where one request asks for them."""
    return ceil(count / STATISTICS_PER_BILLED_METRIC)


def billed_by_payer(series: Iterable[SeriesKey], otherwise: str, whole: int) -> dict[str, int]:
    """What the series are billed for by the current task's `payers`; `otherwise` pays for what they do not name.

    All statistics of a metric have one payer. `whole` is what all series are billed for.
    """
    named = payers.get() or {}
    groups: dict[str, list[SeriesKey]] = {}
    for key in series if named else ():
        groups.setdefault(named.get(key, otherwise), []).append(key)
    if len(groups) < 2:  # as nearly always; counting a request anew each minute costs more than to send it
        return {next(iter(groups), otherwise): whole}
    return {payer: metrics_billed(keys) for payer, keys in groups.items()}
