"""What the tiers cost an hour, and how far they must be stretched to stay within a budget."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

from smtop.metrics.collect.tiers import SERVICES, TICK_S, Breadth, Service, Tier
from smtop.metrics.domain.billing import USD_PER_METRIC

Budget: TypeAlias = Callable[[], float | None]
"""What polling may cost an hour, None where nothing bounds it; it may be another one in the next cycle."""

SCREEN_IDLE_S = 900
"""Without a key for this long nobody is looking."""

_UNWATCHED_S = 300

_LONGEST_S: Mapping[Tier, int] = {
    Tier.IDLE: 3600,
    Tier.WARM: 1800,
    Tier.QUIET: 900,
    Tier.HOT: 900,
    Tier.VISIBLE: 900,
}
"""The tiers that a budget may stretch, the first to be stretched first, and how far."""

_ROUNDING = 1.0001

Services = Mapping[Tier, Service]


class Size(NamedTuple):
    """Billed metrics of a tier by breadth; what the screen wants is counted with the pulse, as it is read so often."""

    pulse: int = 0
    headline: int = 0
    row: int = 0
    all: int = 0


Sizes = Mapping[Tier, Size]


@dataclass(frozen=True)
class Course:
    """The services in force, and sentences about what makes them slower than usual.

    `sweep_usd` is what the sweep costs an hour, 0 without one.
    """

    services: Services
    notices: tuple[str, ...] = ()
    sweep_usd: float = 0.0


USUAL = Course(SERVICES)


def unbounded() -> float | None:
    """The Budget of who may spend anything."""
    return None


def usd_per_hour(sizes: Sizes, services: Services) -> dict[Tier, float]:
    """Dollars an hour by tier."""
    return {tier: _usd_per_hour(size, services[tier]) for tier, size in sizes.items() if any(size)}


def _usd_per_hour(size: Size, service: Service) -> float:
    cadences_s = (service.cadence_of(breadth) for breadth in Breadth)
    hourly = (metrics * 3600 / cadence_s for metrics, cadence_s in zip(size, cadences_s, strict=True) if cadence_s)
    return sum(hourly) * USD_PER_METRIC


def course(
    sizes: Sizes, max_usd_per_hour: float | None, *, watched: bool, sweep_usd: float = 0.0, interval_s: int = TICK_S
) -> Course:
    """The services for a fleet of this size by tier, within the budget where that is possible.

    A sweep, which would cost `sweep_usd` an hour, is given up before any row is asked less often. Nothing is asked
    more often than every `interval_s`, at most 900, not even what a budget never slows down.
    """
    services, notices = dict(SERVICES), []
    if interval_s > TICK_S:
        notices.append(f"As chosen, nothing is asked more often than every {interval_s // TICK_S} min.")
    if not watched:
        for tier in (Tier.VISIBLE, Tier.HOT, Tier.QUIET):
            services[tier] = _no_faster(services[tier], _UNWATCHED_S)
        notices.append(
            f"No key for {SCREEN_IDLE_S // 60} min: endpoints without trouble are asked every {_UNWATCHED_S // 60} min."
        )
    services = {tier: _no_faster(service, interval_s) for tier, service in services.items()}
    if max_usd_per_hour is not None:
        if sweep_usd and sum(usd_per_hour(sizes, services).values()) + sweep_usd > max_usd_per_hour:
            notices.append(f"To stay within ${max_usd_per_hour:g} an hour smtop leaves the sweep out.")
            sweep_usd = 0.0
        notices += _stretch(services, sizes, max_usd_per_hour)
    return Course(services, tuple(notices), sweep_usd)


def _no_faster(service: Service, interval_s: int) -> Service:
    """The same service at this interval, where it would come sooner."""
    return replace(service, least_s=max(service.least_s, interval_s))


def _stretch(services: dict[Tier, Service], sizes: Sizes, budget: float) -> list[str]:
    """Slows tier after tier down until the hour fits; says which, and whether that was enough."""
    slowed = []
    for tier in _LONGEST_S:
        costs = usd_per_hour(sizes, services)
        room = budget - sum(usd for other, usd in costs.items() if other is not tier)
        if tier not in costs or costs[tier] <= room:
            continue
        services[tier] = _slower(tier, services[tier], sizes[tier], room)
        slowed.append(f"{tier.value} endpoints every {services[tier].cadence_s // TICK_S} min")
    return _told(slowed, sum(usd_per_hour(sizes, services).values()), budget)


def _slower(tier: Tier, service: Service, size: Size, room: float) -> Service:
    """The same service in so many whole ticks that it costs no more than `room`; at the tier's slowest if need be."""
    cadences_s = range(service.cadence_s, _LONGEST_S[tier] + 1, TICK_S)
    candidates = [_no_faster(service, cadence_s) for cadence_s in cadences_s]
    affordable = (slower for slower in candidates if _usd_per_hour(size, slower) <= room * _ROUNDING)
    return next(affordable, candidates[-1])


def _told(slowed: list[str], usd: float, budget: float) -> list[str]:
    said = [f"To stay within ${budget:g} an hour smtop asks {', '.join(slowed)}."] if slowed else []
    if usd > budget * _ROUNDING:
        said.append(f"The budget of ${budget:g} an hour is too small: what is never slowed down costs ${usd:.2g}.")
    return said
