"""Exact tests on counts, against values that were worked out by hand or by adding up all cases."""

from math import comb

import pytest

from smtop.metrics.analysis.significance import chance_of_failures, chance_of_worse


@pytest.mark.parametrize(
    ("failed", "calls", "ratio", "chance"),
    [(1, 1, 0.03, 0.03), (2, 2, 0.1, 0.01), (3, 3, 0.5, 0.125), (2, 3, 0.5, 0.5), (0, 9, 0.1, 1.0), (1, 100, 0.1, 1.0)],
)
def test_the_chance_of_failures_is_the_binomial_tail(failed: int, calls: int, ratio: float, chance: float) -> None:
    assert chance_of_failures(failed, calls, ratio) == pytest.approx(chance)


def test_many_calls_are_added_up_without_overflow() -> None:
    everything = sum(comb(1000, k) * 0.03**k * 0.97 ** (1000 - k) for k in range(50, 1001))
    assert chance_of_failures(50, 1000, 0.03) == pytest.approx(everything, rel=1e-6)
    assert 0 <= chance_of_failures(60_000, 1_000_000, 0.03) < 1e-100


@pytest.mark.parametrize(
    ("ours", "theirs", "chance"),
    [
        ((3, 4), (1, 4), 17 / 70),
        ((5, 5), (0, 5), 1 / 252),
        ((0, 5), (3, 5), 1.0),
        ((2, 10), (2, 10), 1.0),
        ((0, 0), (0, 0), 1),
    ],
)
def test_the_chance_of_being_no_worse_is_fishers(ours: tuple[int, int], theirs: tuple[int, int], chance: float) -> None:
    assert chance_of_worse(*ours, *theirs) == pytest.approx(chance)


def test_large_counts_are_compared_exactly_too() -> None:
    cases = range(40, 61)
    everything = sum(comb(500, k) * comb(2000, 60 - k) for k in cases) / comb(2500, 60)
    assert chance_of_worse(40, 500, 20, 2000) == pytest.approx(everything, rel=1e-6)
