"""What the metrics of one endpoint were over hours or days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from smtop.metrics.domain.retention import period_for
from smtop.metrics.domain.series import Owner

PERIODS_S = (60, 300, 900, 1800, 3600, 21_600, 86_400)
"""The periods in which charts are asked for."""

MOST_POINTS = 400
"""Datapoints of a series that a chart can use: two a column of a wide terminal."""


LOOK_S = 3600
"""The range of the charts beside the fleet."""


def chart_period_s(range_s: int) -> int:
    """The shortest period that CloudWatch has all over the last `range_s` seconds and that a chart can show.

    A period is added to the age of the oldest datapoint, because windows are aligned to periods.
    Raises ValueError beyond what CloudWatch keeps.
    """
    shown_s = next((period_s for period_s in PERIODS_S if range_s <= MOST_POINTS * period_s), PERIODS_S[-1])
    return period_for(range_s + shown_s, at_least_s=shown_s)


@dataclass(frozen=True, slots=True)
class SeriesHistory:
    """One series: starts of periods (epoch seconds, ascending) and a value for each, in CloudWatch's own unit.

    A period without a value is a gap, never a zero. Periods that begin at or after `provisional_from` may still
    change. `why` says why the series could not be asked this time; the points are then those of before, if any.
    """

    owner: Owner
    label: str
    times: Sequence[int] = ()
    values: Sequence[float] = ()
    provisional_from: float = float("inf")
    why: str | None = None


@dataclass(frozen=True)
class EndpointHistory:
    """The series of one endpoint from `start` to `end` (epoch seconds, exclusive), one value for every `period_s`.

    `fetched_at` is when the newest of it was read, None without any. `notes` say what could not be asked, and why.
    """

    endpoint: str
    start: int
    end: int
    period_s: int
    series: tuple[SeriesHistory, ...] = ()
    fetched_at: float | None = None
    notes: tuple[str, ...] = ()

    def labelled(self, label: str) -> Iterator[SeriesHistory]:
        """The series of all owners under this label, as in `ModelLatency.p99`."""
        return (series for series in self.series if series.label == label)


@dataclass(frozen=True, slots=True)
class Quote:
    """What reading a history will be billed for: metrics, and dollars at list price."""

    metrics: int = 0
    usd: float = 0.0
