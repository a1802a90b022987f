"""What asking AWS costs: wire calls by operation, and metrics as CloudWatch bills them."""

from collections import Counter
from contextvars import ContextVar

from smtop.metrics.domain.billing import USD_PER_METRIC, USD_PER_METRIC_ANALYSED
from smtop.metrics.domain.snapshot import Spend

metrics_in_request: ContextVar[int] = ContextVar("metrics_in_request", default=0)
"""Billed metrics of the request that the current task is about to send; set by whoever builds the request."""

datapoints_in_request: ContextVar[int] = ContextVar("datapoints_in_request", default=0)
"""Datapoints that it asks for."""

metrics_analysed: ContextVar[int | None] = ContextVar("metrics_analysed", default=None)
"""Metrics that the Metrics Insights query in the current task's request goes through; None where there is no query."""


class Meter:
    """Counts what went over the wire; every attempt and every page counts for itself."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()
        self._metrics_billed = 0
        self._metrics_analysed = 0

    def sent(self, operation: str) -> None:
        self._calls[operation] += 1

    def answered(self, metrics: int, analysed: int = 0) -> None:
        self._metrics_billed += metrics
        self._metrics_analysed += analysed

    def spend(self) -> Spend:
        usd = self._metrics_billed * USD_PER_METRIC + self._metrics_analysed * USD_PER_METRIC_ANALYSED
        calls = dict(sorted(self._calls.items()))
        return Spend(self._metrics_billed, calls, round(usd, 6), metrics_analysed=self._metrics_analysed)
