"""What watching a fleet will cost."""

import pytest

from smtop.metrics.collect.plan import asks
from smtop.metrics.collect.tiers import Tier
from smtop.metrics.domain.billing import metrics_billed
from smtop.metrics.reports.doctor import CostPlan, cost_plan
from tests.support.engine import hosted

HUNDRED = [hosted(f"e{index:02}", status="Failed" if index < 3 else "InService") for index in range(100)]


def counted(plan: CostPlan) -> dict[Tier, int]:
    return {one.tier: one.endpoints for one in plan.tiers}


def test_an_empty_account_costs_nothing() -> None:
    plan = cost_plan([])
    assert (plan.endpoints, plan.first_look_metrics, plan.usd_per_hour, plan.notices) == (0, 0, 0.0, ())


def test_the_first_look_is_every_metric_once() -> None:
    plan = cost_plan(HUNDRED)
    billed = metrics_billed(ask.key for endpoint in HUNDRED for ask in asks(endpoint))
    assert plan.first_look_metrics == billed == 1100
    assert plan.first_look_usd == pytest.approx(0.011)


def test_the_sick_are_known_and_the_rest_is_assumed() -> None:
    assert counted(cost_plan(HUNDRED)) == {
        Tier.FOCUS: 1,
        Tier.UNHEALTHY: 3,
        Tier.VISIBLE: 39,
        Tier.HOT: 9,
        Tier.WARM: 20,
        Tier.IDLE: 28,
    }


def test_an_hour_is_the_sum_of_its_polls() -> None:
    plan = cost_plan(HUNDRED)
    everything, headlines, warm, idle = 4 * 11 * 60, 48 * 4 * 60, 20 * 4 * 12, 28 * 4
    rows = 39 * 2 * 12 + 9 * 2 * 4
    assert plan.usd_per_hour == pytest.approx((everything + headlines + rows + warm + idle) / 100_000)
    assert plan.usd_per_day == pytest.approx(24 * plan.usd_per_hour)


def test_the_assumed_hour_lies_between_the_quietest_and_the_busiest() -> None:
    plan = cost_plan(HUNDRED)
    assert plan.quietest_usd_per_hour < plan.usd_per_hour < plan.busiest_usd_per_hour
    assert plan.busiest_usd_per_hour == pytest.approx((4 * 11 * 60 + 96 * 4 * 60 + 39 * 2 * 12 + 57 * 2 * 4) / 100_000)


def test_a_budget_slows_the_plan_down_and_says_so() -> None:
    plan = cost_plan(HUNDRED, 0.10)
    assert plan.usd_per_hour <= 0.10
    assert plan.notices
    assert {one.tier: one.cadence_s for one in plan.tiers}[Tier.UNHEALTHY] == 60
