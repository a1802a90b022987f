"""What asking AWS costs: wire calls by operation, and metrics as CloudWatch bills them."""

from collections import Counter
from collections.abc import Mapping
from contextvars import ContextVar

from smtop.metrics.domain.billing import USD_PER_METRIC
from smtop.metrics.domain.snapshot import Spend

metrics_in_request: ContextVar[Mapping[str, int] | None] = ContextVar("metrics_in_request", default=None)
"""Billed metrics, by payer, of the request that the current task is about to send; set by whoever builds it."""


class Meter:
    """Counts what went over the wire; every attempt and every page counts for itself."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()
        self._billed: Counter[str] = Counter()

    def sent(self, operation: str) -> None:
        self._calls[operation] += 1

    def answered(self, metrics: Mapping[str, int] | None) -> None:
        self._billed.update(metrics or {})

    def spend(self) -> Spend:
        return Spend(
            metrics_billed=self._billed.total(),
            api_calls=dict(sorted(self._calls.items())),
            usd=_usd(self._billed.total()),
            usd_spent_by_tier={payer: _usd(metrics) for payer, metrics in self._billed.most_common()},
        )


def _usd(metrics: int) -> float:
    return round(metrics * USD_PER_METRIC, 6)
