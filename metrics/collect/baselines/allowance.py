"""What reading histories may cost: what a budget for the hour leaves after the polling."""

from smtop.metrics.clock import Clock
from smtop.metrics.collect.budget import Budget


class Allowance:
    """Without `max_usd_per_hour` everything is allowed; else what the polling leaves of it, spread over the hour."""

    def __init__(self, clock: Clock, max_usd_per_hour: Budget) -> None:
        self._clock = clock
        self._most = max_usd_per_hour
        self._usd = 0.0
        self._at: float | None = None
        self.usd_per_hour = float("inf")
        """What is left each hour."""

    def polling_costs(self, usd_per_hour: float) -> None:
        """Polling costs that much now."""
        most = self._most()
        if most is None:
            return
        now = self._clock.monotonic()
        passed_s = 60.0 if self._at is None else now - self._at
        self._at = now
        self.usd_per_hour = max(0.0, most - usd_per_hour)
        self._usd = min(self._usd + self.usd_per_hour * passed_s / 3600, self.usd_per_hour)

    def take(self, usd: float) -> bool:
        """Whether that may be spent now; then it counts as spent."""
        if self._most() is None:
            return True
        if usd > self._usd:
            return False
        self._usd -= usd
        return True
