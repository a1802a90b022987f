"""What an hour costs, and which tiers give way to a budget, in which order."""

import pytest

from smtop.metrics.collect.budget import Size, course, usd_per_hour
from smtop.metrics.collect.tiers import SERVICES, Breadth, Tier

SIZES = (14, 100, 100, 1000, 0, 1500, 3000)
FLEET = {tier: Size(metrics) for tier, metrics in zip(Tier, SIZES, strict=True)}
"""Metrics of one poll: $0.0084, 0.06, 0.06, 0.60, 0.18 and 0.12 an hour."""

USUAL = {tier: service.cadence_s for tier, service in SERVICES.items()}


def slowed(budget: float | None, *, watched: bool = True) -> dict[Tier, int]:
    """The cadences that differ from the usual ones."""
    services = course(FLEET, budget, watched=watched).services
    return {tier: service.cadence_s for tier, service in services.items() if service.cadence_s != USUAL[tier]}


def cost(budget: float | None) -> float:
    return sum(usd_per_hour(FLEET, course(FLEET, budget, watched=True).services).values())


def test_an_hour_is_priced_by_tier() -> None:
    found = usd_per_hour(FLEET, SERVICES)
    assert {tier: round(usd, 4) for tier, usd in found.items()} == {
        Tier.FOCUS: 0.0084,
        Tier.UNHEALTHY: 0.06,
        Tier.VISIBLE: 0.06,
        Tier.HOT: 0.6,
        Tier.WARM: 0.18,
        Tier.IDLE: 0.12,
    }


def test_without_a_budget_or_within_it_nothing_is_slower() -> None:
    assert (slowed(None), slowed(2.0)) == ({}, {})
    assert course(FLEET, 2.0, watched=True).notices == ()


@pytest.mark.parametrize(
    ("budget", "tiers"),
    [
        (1.0, [Tier.IDLE]),
        (0.9, [Tier.IDLE, Tier.WARM]),
        (0.6, [Tier.IDLE, Tier.WARM, Tier.HOT]),
        (0.16, [Tier.IDLE, Tier.WARM, Tier.HOT, Tier.VISIBLE]),
    ],
)
def test_a_budget_slows_idle_then_warm_then_hot_then_visible_endpoints(budget: float, tiers: list[Tier]) -> None:
    assert set(slowed(budget)) == set(tiers)


@pytest.mark.parametrize("budget", [1.02, 1.0, 0.95, 0.8, 0.5, 0.3, 0.2, 0.18])
def test_a_budget_that_can_be_kept_is_kept_and_used(budget: float) -> None:
    assert 0.75 * budget <= cost(budget) <= budget


@pytest.mark.parametrize("budget", [1.0, 0.4, 0.01, 0.0001])
def test_focus_and_trouble_are_never_slower(budget: float) -> None:
    assert not {Tier.FOCUS, Tier.UNHEALTHY} & set(slowed(budget))


def test_cadences_are_whole_minutes_and_have_an_end() -> None:
    for budget in (1.01, 0.87, 0.33, 0.0001):
        assert all(cadence_s % 60 == 0 and cadence_s <= 3600 for cadence_s in slowed(budget).values())


def test_it_is_said_what_is_slower_and_when_that_is_not_enough() -> None:
    [kept] = course(FLEET, 0.9, watched=True).notices
    assert kept.startswith("To stay within $0.9 an hour smtop asks idle endpoints every 60 min, warm endpoints every ")
    told, warning = course(FLEET, 0.05, watched=True).notices
    assert "visible endpoints every 15 min" in told
    assert warning.startswith("The budget of $0.05 an hour is too small: ")
    assert course({Tier.FOCUS: Size(1000)}, 0.5, watched=True).notices == (
        "The budget of $0.5 an hour is too small: what is never slowed down costs $0.6.",
    )


def test_with_nobody_there_rows_without_trouble_are_slower_and_it_is_said() -> None:
    assert slowed(None, watched=False) == {Tier.VISIBLE: 300, Tier.HOT: 300, Tier.QUIET: 300}
    [notice] = course(FLEET, None, watched=False).notices
    assert notice == "No key for 15 min: endpoints without trouble are asked every 5 min."


@pytest.mark.parametrize(("budget", "swept"), [(None, 0.2), (1.24, 0.2), (1.22, 0.0), (0.5, 0.0)])
def test_the_sweep_goes_before_anything_is_slower(budget: float | None, swept: float) -> None:
    """The tiers cost 1.0284 an hour."""
    found = course(FLEET, budget, watched=True, sweep_usd=0.2)
    assert found.sweep_usd == swept
    assert any("leaves the sweep out" in notice for notice in found.notices) == (swept == 0.0)
    assert (found.services == SERVICES) == (budget != 0.5)


@pytest.mark.parametrize("interval_s", [60, 120, 300, 900])
@pytest.mark.parametrize("watched", [True, False])
@pytest.mark.parametrize("budget", [None, 0.3, 0.0001])
def test_nothing_is_asked_more_often_than_was_chosen(interval_s: int, watched: bool, budget: float | None) -> None:
    usual = course(FLEET, budget, watched=watched).services
    found = course(FLEET, budget, watched=watched, interval_s=interval_s)
    for tier, service in found.services.items():
        assert service.cadence_s >= interval_s
        cadences_s = [service.cadence_of(breadth) for breadth in Breadth]
        assert all(cadence_s is None or cadence_s >= interval_s for cadence_s in cadences_s)
        if budget is None:
            assert service.cadence_s == max(usual[tier].cadence_s, interval_s)
    assert any("every" in notice and "As chosen" in notice for notice in found.notices) is (interval_s > 60)


def test_a_longer_interval_leaves_room_in_a_budget() -> None:
    found = course(FLEET, 0.6, watched=True, interval_s=300)
    assert {tier: service.cadence_s for tier, service in found.services.items()} == {
        tier: max(cadence_s, 300) for tier, cadence_s in USUAL.items()
    }
