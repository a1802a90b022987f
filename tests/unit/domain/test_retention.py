"""Which period a stretch of the past can be had at."""

import pytest

from smtop.metrics.domain.retention import LONGEST_S, period_for

DAY_S = 86_400


@pytest.mark.parametrize(
    ("range_s", "age_s", "period_s"),
    [
        (3600, 0, 60),
        (15 * DAY_S, 0, 60),
        (15 * DAY_S + 1, 0, 300),
        (16 * DAY_S, 0, 300),
        (3600, 15 * DAY_S, 300),
        (63 * DAY_S, 0, 300),
        (63 * DAY_S + 1, 0, 3600),
        (DAY_S, 62 * DAY_S, 300),
        (DAY_S, 63 * DAY_S, 3600),
        (LONGEST_S, 0, 3600),
    ],
)
def test_the_oldest_point_of_a_range_decides_its_period(range_s: int, age_s: int, period_s: int) -> None:
    assert period_for(range_s, age_s) == period_s


@pytest.mark.parametrize(
    ("range_s", "at_least_s", "period_s"),
    [(DAY_S, 300, 300), (DAY_S, 90, 120), (16 * DAY_S, 900, 900), (16 * DAY_S, 400, 600), (64 * DAY_S, 300, 3600)],
)
def test_a_longer_period_is_a_multiple_of_the_one_that_is_kept(range_s: int, at_least_s: int, period_s: int) -> None:
    assert period_for(range_s, at_least_s=at_least_s) == period_s


def test_what_is_kept_nowhere_any_more_is_no_period() -> None:
    with pytest.raises(ValueError, match="keeps 455 days"):
        period_for(LONGEST_S, 1)
