"""What asking AWS costs: wire calls by operation, and metrics as CloudWatch bills them."""

from collections import Counter
from collections.abc import Mapping
from contextvars import ContextVar

from smtop.metrics.domain.billing import USD_PER_METRIC, USD_PER_METRIC_ANALYSED
from smtop.metrics.domain.snapshot import Spend

metrics_in_request: ContextVar[Mapping[str, int] | None] = ContextVar("metrics_in_request", default=None)
"""Billed metrics, by payer, of the request that the current task is about to send; set by whoever builds it."""

datapoints_in_request: ContextVar[int] = ContextVar("datapoints_in_request", default=0)
"""Datapoints that it asks for."""

metrics_analysed: ContextVar[int | None] = ContextVar("metrics_analysed", default=None)
"""Metrics that the Metrics Insights query in the current task's request goes through; None where there is no query."""


class Meter:
    """Counts what went over the wire; every attempt and every page counts for itself."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()
        self._billed: Counter[str] = Counter()
        self._metrics_analysed = 0

    def sent(self, operation: str) -> None:
        self._calls[operation] += 1

    def answered(self, metrics: Mapping[str, int] | None, analysed: int = 0) -> None:
        self._billed.update(metrics or {})
        self._metrics_analysed += analysed

    def spend(self) -> Spend:
        by_tier = {payer: metrics * USD_PER_METRIC for payer, metrics in self._billed.most_common()}
        if self._metrics_analysed:
            by_tier["sweep"] = self._metrics_analysed * USD_PER_METRIC_ANALYSED
        return Spend(
            metrics_billed=self._billed.total(),
            api_calls=dict(sorted(self._calls.items())),
            usd=round(sum(by_tier.values()), 6),
            usd_spent_by_tier={payer: round(usd, 6) for payer, usd in by_tier.items()},
            metrics_analysed=self._metrics_analysed,
        )
