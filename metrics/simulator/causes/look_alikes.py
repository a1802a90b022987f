"""What only looks like trouble: nothing is to be said of it."""

from typing import Final

from smtop.metrics.simulator.ailments import Ail
from smtop.metrics.simulator.blueprint import DAY_S, Blueprint
from smtop.metrics.simulator.causes.cause import MIN_S, Cause, Onset, ailing, shifted
from smtop.metrics.simulator.workload import Shift

_CPUS: Final = ("cpu", "several")
_AS_IN_LATE_DATA_S: Final = 255.0


def _peak(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """The day's peak, as every day."""
    return blueprint.called(swing=onset.either(0.45, 0.6), peak_hour_utc=onset.began % DAY_S / 3600.0)


def _sparse(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """A call every few minutes."""
    return blueprint.called(calls_per_min=onset.either(0.4, 0.15))


def _spike(blueprint: Blueprint, onset: Onset) -> Blueprint:
    """A minute of many calls."""
    factor = onset.either(2.0, 3.0)
    return shifted(blueprint, Shift(onset.began, factor, 0.0, onset.began + MIN_S))


CAUSES: Final = (
    Cause("daily-peak", "the day's peak, as every day", _peak, ("cpu", "gpu", "several"), always=True),
    Cause("sparse", "a call every few minutes", _sparse, ("cpu", "serverless"), always=True),
    Cause("brief-spike", "a minute of many calls", _spike, _CPUS, steady=True, lasting=True),
    Cause("noisy-client", "a client's few bad calls", ailing(Ail.ERRORS_4XX, 0.01, 0.03), ("cpu", "gpu", "serverless")),
    Cause("late-data", "metrics arrive late", ailing(Ail.LATE, 180.0, _AS_IN_LATE_DATA_S), ("cpu", "gpu", "several")),
)
