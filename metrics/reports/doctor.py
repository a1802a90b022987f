"""What watching an account will cost, told before anything is spent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from smtop.metrics.collect.baselines.reader import most_usd
from smtop.metrics.collect.baselines.roster import pupil
from smtop.metrics.collect.budget import Size, course, usd_per_hour
from smtop.metrics.collect.card import Card, card
from smtop.metrics.collect.plan import asks
from smtop.metrics.collect.sweep import SWEEP_S, planned
from smtop.metrics.collect.sweep import usd_per_hour as sweep_usd_per_hour
from smtop.metrics.collect.tiers import MOST_VISIBLE, SERVICES, Breadth, Service, Tier, most_unhealthy
from smtop.metrics.domain.billing import USD_PER_METRIC
from smtop.metrics.domain.catalogue import STANDARD, Catalogue
from smtop.metrics.domain.endpoint import IN_SERVICE, Endpoint

HOT_SHARE, WARM_SHARE = 0.15, 0.35
"""Nothing is known of the traffic before it is asked: a fleet of the usual kind is assumed."""


@dataclass(frozen=True)
class TierCost:
    """Endpoints of one tier, the billed metrics of one poll of them all, and what that costs."""

    tier: Tier
    endpoints: int
    metrics: int
    cadence_s: int
    usd_per_hour: float


@dataclass(frozen=True)
class SweepCost:
    """The queries of one sweep, the metrics that they go through, and what sweeping costs at an unverified price.

    `included` says that the plan has it: asked for, and within the budget.
    """

    queries: int
    metrics: int
    cadence_s: int
    usd_per_hour: float
    included: bool


@dataclass(frozen=True)
class CostPlan:
    """What a fleet costs at list price: to look at once, and by the hour on an assumed mix of traffic.

    `busiest_usd_per_hour` and `quietest_usd_per_hour` are for traffic on every endpoint, and on none; no budget
    applies to these two, and no sweep. `sweep` is None where the fleet is too small for one. `baselines_usd` is what
    the history of baselines costs once, with traffic on every endpoint.
    """

    endpoints: int
    first_look_metrics: int
    tiers: tuple[TierCost, ...]
    notices: tuple[str, ...]
    busiest_usd_per_hour: float
    quietest_usd_per_hour: float
    sweep: SweepCost | None = None
    baselines_usd: float = 0.0

    @property
    def first_look_usd(self) -> float:
        return self.first_look_metrics * USD_PER_METRIC

    @property
    def usd_per_hour(self) -> float:
        swept = self.sweep.usd_per_hour if self.sweep and self.sweep.included else 0.0
        return sum(one.usd_per_hour for one in self.tiers) + swept

    @property
    def usd_per_day(self) -> float:
        return self.usd_per_hour * 24


def cost_plan(
    endpoints: Sequence[Endpoint],
    max_usd_per_hour: float | None = None,
    catalogue: Catalogue = STANDARD,
    *,
    sweep: bool = False,
    baselines: bool = False,
) -> CostPlan:
    """The plan for a described fleet, within the budget where that is possible; with what else is wanted."""
    cards = [card(endpoint, asks(endpoint, catalogue)) for endpoint in endpoints]
    sick = min(sum(endpoint.status != IN_SERVICE for endpoint in endpoints), most_unhealthy(len(endpoints)))
    counts = _assumed(len(endpoints), sick, HOT_SHARE, WARM_SHARE)
    sizes = _sizes(cards, counts)
    swept = sweep_usd_per_hour(planned(endpoints)) if sweep else 0.0
    chosen = course(sizes, max_usd_per_hour, watched=True, sweep_usd=swept)
    costs = usd_per_hour(sizes, chosen.services)
    return CostPlan(
        endpoints=len(endpoints),
        first_look_metrics=_billed(cards, Breadth.ALL),
        tiers=tuple(
            TierCost(tier, counts[tier], _polled(sizes[tier], service), service.cadence_s, costs.get(tier, 0.0))
            for tier, service in chosen.services.items()
        ),
        notices=chosen.notices,
        busiest_usd_per_hour=_hourly(cards, _assumed(len(endpoints), sick, 1.0, 0.0)),
        quietest_usd_per_hour=_hourly(cards, _assumed(len(endpoints), sick, 0.0, 0.0)),
        sweep=_sweep_cost(endpoints, included=bool(chosen.sweep_usd)),
        baselines_usd=most_usd(pupil(one.endpoint, one.asks).keys for one in cards) if baselines else 0.0,
    )


def _sweep_cost(endpoints: Sequence[Endpoint], *, included: bool) -> SweepCost | None:
    queries = planned(endpoints)
    metrics = sum(one.analysed for one in queries)
    return SweepCost(len(queries), metrics, SWEEP_S, sweep_usd_per_hour(queries), included) if queries else None


def _assumed(endpoints: int, sick: int, hot: float, warm: float) -> dict[Tier, int]:
    """How many endpoints are in each tier: one in focus, a screen full of rows, and shares of the rest.

    The rows on the screen have traffic, as far as any have: they cost no less than they are said to.
    """
    focus = min(endpoints, 1)
    unhealthy = min(sick, endpoints - focus)
    visible = min(MOST_VISIBLE - 1, endpoints - focus - unhealthy)
    rest = endpoints - focus - unhealthy - visible
    busy, slow = round(rest * hot), round(rest * warm)
    seen, quiet = (visible, 0) if hot else (0, visible)
    counts = (focus, unhealthy, seen, busy, quiet, slow, rest - busy - slow)
    return dict(zip(Tier, counts, strict=True))


def _sizes(cards: Sequence[Card], counts: Mapping[Tier, int]) -> dict[Tier, Size]:
    """What each tier holds, its endpoints being as large as the fleet's are on average."""
    within = [0, *(_billed(cards, breadth) for breadth in Breadth)]
    averages = [(wide - narrow) / max(len(cards), 1) for narrow, wide in pairwise(within)]
    return {
        tier: Size(*(round(own * count) for own in averages[: SERVICES[tier].widest + 1]))
        for tier, count in counts.items()
    }


def _polled(size: Size, service: Service) -> int:
    """The metrics that are read at the tier's shortest cadence."""
    return sum(
        own for own, breadth in zip(size, Breadth, strict=True) if service.cadence_of(breadth) == service.cadence_s
    )


def _billed(cards: Sequence[Card], breadth: Breadth) -> int:
    return sum(metric.billed for one in cards for metric in one.within(breadth))


def _hourly(cards: Sequence[Card], counts: Mapping[Tier, int]) -> float:
    return sum(usd_per_hour(_sizes(cards, counts), SERVICES).values())
