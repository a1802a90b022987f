"""What the tiers cost an hour, and how far they must be stretched to stay within a budget."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil

from smtop.metrics.collect.tiers import SERVICES, TICK_S, Service, Tier
from smtop.metrics.domain.billing import USD_PER_METRIC

SCREEN_IDLE_S = 900
"""Without a key for this long nobody is looking."""

_UNWATCHED_S = 300

_LONGEST_S: Mapping[Tier, int] = {Tier.IDLE: 3600, Tier.WARM: 1800, Tier.HOT: 900, Tier.VISIBLE: 900}
"""The tiers that a budget may stretch, the first to be stretched first, and how far."""

Services = Mapping[Tier, Service]


@dataclass(frozen=True)
class Course:
    """The services in force, and sentences about what makes them slower than usual.

    `sweep_usd` is what the sweep costs an hour, 0 without one.
    """

    services: Services
    notices: tuple[str, ...] = ()
    sweep_usd: float = 0.0


USUAL = Course(SERVICES)


def usd_per_hour(metrics: Mapping[Tier, int], services: Services) -> dict[Tier, float]:
    """Dollars an hour by tier, where `metrics` are those billed for one poll of each tier."""
    return {tier: count * 3600 / services[tier].cadence_s * USD_PER_METRIC for tier, count in metrics.items() if count}


def course(
    metrics: Mapping[Tier, int], max_usd_per_hour: float | None, *, watched: bool, sweep_usd: float = 0.0
) -> Course:
    """The services for a fleet of so many metrics a poll by tier, within the budget where that is possible.

    A sweep, which would cost `sweep_usd` an hour, is given up before any row is asked less often.
    """
    services, notices = dict(SERVICES), []
    if not watched:
        for tier in (Tier.VISIBLE, Tier.HOT):
            services[tier] = replace(services[tier], cadence_s=_UNWATCHED_S)
        notices.append(
            f"No key for {SCREEN_IDLE_S // 60} min: endpoints without trouble are asked every {_UNWATCHED_S // 60} min."
        )
    if max_usd_per_hour is not None:
        if sweep_usd and sum(usd_per_hour(metrics, services).values()) + sweep_usd > max_usd_per_hour:
            notices.append(f"To stay within ${max_usd_per_hour:g} an hour smtop leaves the sweep out.")
            sweep_usd = 0.0
        notices += _stretch(services, metrics, max_usd_per_hour)
    return Course(services, tuple(notices), sweep_usd)


def _stretch(services: dict[Tier, Service], metrics: Mapping[Tier, int], budget: float) -> list[str]:
    """Slows tier after tier down until the hour fits; says which, and whether that was enough."""
    slowed = []
    for tier in _LONGEST_S:
        costs = usd_per_hour(metrics, services)
        excess = sum(costs.values()) - budget
        if excess <= 0:
            break
        if tier in costs:
            services[tier] = _slower(tier, services[tier], costs[tier], excess)
            slowed.append(f"{tier.value} endpoints every {services[tier].cadence_s // TICK_S} min")
    return _told(slowed, sum(usd_per_hour(metrics, services).values()), budget)


def _slower(tier: Tier, service: Service, usd: float, excess: float) -> Service:
    """As slow as saves the excess, in whole ticks; no slower than the tier's longest cadence."""
    room = usd - excess
    longest = _LONGEST_S[tier]
    wanted = ceil(service.cadence_s * usd / room / TICK_S - 1e-9) * TICK_S if room > 0 else longest
    return replace(service, cadence_s=max(min(wanted, longest), service.cadence_s))


def _told(slowed: list[str], usd: float, budget: float) -> list[str]:
    said = [f"To stay within ${budget:g} an hour smtop asks {', '.join(slowed)}."] if slowed else []
    if usd > budget * 1.0001:
        said.append(f"The budget of ${budget:g} an hour is too small: what is never slowed down costs ${usd:.2g}.")
    return said
