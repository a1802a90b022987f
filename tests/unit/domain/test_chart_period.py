"""Which period suits a chart, by what CloudWatch keeps and a terminal can show."""

import pytest

from smtop.metrics.domain.history import MOST_POINTS, chart_period_s
from smtop.metrics.domain.retention import period_for

HOUR, DAY = 3600, 86_400


@pytest.mark.parametrize(
    ("range_s", "period_s"),
    [
        (900, 60),
        (HOUR, 60),
        (3 * HOUR, 60),
        (12 * HOUR, 300),
        (DAY, 300),
        (7 * DAY, 1800),
        (15 * DAY, 3600),
        (63 * DAY, 21_600),
        (400 * DAY, DAY),
    ],
)
def test_the_period_is_the_shortest_that_a_chart_can_show(range_s: int, period_s: int) -> None:
    assert chart_period_s(range_s) == period_s


def test_cloudwatch_has_the_period_all_over_the_range_and_a_period_more() -> None:
    for range_s in range(900, 400 * DAY, 97 * HOUR + 60):
        period_s = chart_period_s(range_s)
        assert range_s / period_s <= MOST_POINTS
        assert period_s % period_for(range_s + period_s) == 0
