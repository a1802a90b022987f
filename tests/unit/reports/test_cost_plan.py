"""What watching a fleet will cost."""

from dataclasses import replace

import pytest

from smtop.metrics.collect.plan import asks
from smtop.metrics.collect.tiers import Tier
from smtop.metrics.domain.billing import metrics_billed
from smtop.metrics.reports.doctor import CostPlan, cost_plan
from smtop.tui.cli.doctor import plan_json, plan_text
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
        Tier.QUIET: 0,
        Tier.WARM: 20,
        Tier.IDLE: 28,
    }


def test_an_hour_is_the_sum_of_its_polls() -> None:
    plan = cost_plan(HUNDRED)
    everything, headlines, warm, idle = 4 * 11 * 60, 48 * 4 * 60, 20 * (12 + 7), 28 * 4
    rows = 39 * 4 * 30 + 9 * 4 * 15
    assert plan.usd_per_hour == pytest.approx((everything + headlines + rows + warm + idle) / 100_000)
    assert plan.usd_per_day == pytest.approx(24 * plan.usd_per_hour)


def test_the_assumed_hour_lies_between_the_quietest_and_the_busiest() -> None:
    plan = cost_plan(HUNDRED)
    assert plan.quietest_usd_per_hour < plan.usd_per_hour < plan.busiest_usd_per_hour
    assert plan.busiest_usd_per_hour == pytest.approx((4 * 11 * 60 + 96 * 4 * 60 + 39 * 4 * 30 + 57 * 4 * 15) / 100_000)


def test_the_history_of_baselines_is_two_metrics_in_two_requests_once() -> None:
    plan = cost_plan(HUNDRED, baselines=True)
    assert plan.baselines_usd == pytest.approx(100 * 4 / 100_000)
    assert any(line.startswith("The history of baselines costs $0.0040 once") for line in plan_text(plan))
    assert cost_plan(HUNDRED).baselines_usd == 0
    many = [hosted(f"e{index:04}") for index in range(600)]
    assert cost_plan(many, baselines=True).baselines_usd == pytest.approx(500 * 4 / 100_000)


def test_a_budget_slows_the_plan_down_and_says_so() -> None:
    plan = cost_plan(HUNDRED, 0.10)
    assert plan.usd_per_hour <= 0.10
    assert plan.notices
    assert {one.tier: one.cadence_s for one in plan.tiers}[Tier.UNHEALTHY] == 60


LARGE = [hosted(f"e{index:03}") for index in range(600)]


def test_a_small_fleet_has_no_sweep_and_a_large_one_has_a_price_for_it() -> None:
    assert cost_plan(HUNDRED, sweep=True).sweep is None
    offered, wanted = cost_plan(LARGE).sweep, cost_plan(LARGE, sweep=True).sweep
    assert offered is not None
    assert (offered.queries, offered.metrics, offered.cadence_s, offered.included) == (2, 1200, 300, False)
    assert offered.usd_per_hour == pytest.approx(0.144)
    assert wanted == replace(offered, included=True)


def test_a_sweep_that_is_wanted_is_part_of_the_hour() -> None:
    without, swept = cost_plan(LARGE), cost_plan(LARGE, sweep=True)
    assert swept.usd_per_hour == pytest.approx(without.usd_per_hour + 0.144)
    tight = cost_plan(LARGE, without.usd_per_hour + 0.1, sweep=True)
    assert tight.usd_per_hour == pytest.approx(without.usd_per_hour)
    assert tight.sweep is not None
    assert not tight.sweep.included
    assert "leaves the sweep out" in tight.notices[0]


def test_the_plan_in_words_names_price_and_limits_of_the_sweep() -> None:
    text = "\n".join(plan_text(cost_plan(LARGE)))
    assert "with --sweep would cost $0.1440 an hour. Its price is unverified." in text
    assert "at most 10,000 metrics, returns at most 500 series" in text
    included = cost_plan(LARGE, sweep=True)
    assert "costs $0.1440 an hour" in "\n".join(plan_text(included))
    assert "sweep" not in "\n".join(plan_text(cost_plan(HUNDRED, sweep=True)))
    assert plan_json(included)["sweep"]["price_verified"] is False
    assert plan_json(included)["usd_per_hour"] == pytest.approx(included.usd_per_hour, abs=1e-6)
    assert plan_json(cost_plan(HUNDRED))["sweep"] is None
