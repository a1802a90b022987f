"""How much wider a series is at an hour of the day than at others."""

import json

import pytest

from smtop.metrics.analysis.width import Width


def fed(days: int, at_noon: float) -> Width:
    """Deviations of 1, and of another size from noon to one."""
    width = Width()
    for hour in range(24 * days):
        width.begin(hour)
        for _ in range(12):
            width.learn(-at_noon if hour % 24 == 12 else 1.0)
    return width


@pytest.mark.parametrize(
    ("at_noon", "low", "high"), [(1.0, 0.95, 1.05), (3.0, 2.0, 3.0), (0.0, 0.25, 0.5), (1e9, 2, 4)]
)
def test_an_hour_is_as_wide_as_its_deviations_are_beside_those_of_the_day(
    at_noon: float, low: float, high: float
) -> None:
    width = fed(20, at_noon)
    width.begin(24 * 20 + 12)
    assert low <= width.factor <= high
    width.begin(24 * 20 + 13)
    assert width.factor == pytest.approx(1, abs=0.2)


def test_one_strange_hour_changes_little() -> None:
    width = fed(5, 1.0)
    for _ in range(12):
        width.learn(1e12)
    width.begin(24 * 6 - 1)
    assert width.factor < 1.5


def test_hours_of_few_points_are_left_out() -> None:
    width = Width()
    for hour in range(240):
        width.begin(hour)
        width.learn(9.0 if hour % 24 == 12 else 0.1)
    width.begin(252)
    assert width.factor == 1.0


def test_a_document_is_all_of_it() -> None:
    width = fed(3, 2.0)
    again = Width.of_document(json.loads(json.dumps(width.to_document())))
    for hour in (72, 84):
        width.begin(hour)
        again.begin(hour)
        assert again.factor == width.factor
