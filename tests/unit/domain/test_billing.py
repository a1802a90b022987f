"""What a request costs: five statistics of one metric are one billed metric."""

import random

import pytest

from smtop.metrics.domain.billing import USD_PER_METRIC, metrics_billed
from tests.support.engine import series


@pytest.mark.parametrize(("statistics", "billed"), [(0, 0), (1, 1), (5, 1), (6, 2), (10, 2), (11, 3)])
def test_statistics_of_one_metric_are_billed_by_fives(statistics: int, billed: int) -> None:
    assert metrics_billed(series("ModelLatency", f"p{number}") for number in range(statistics)) == billed


def test_a_series_that_is_named_twice_is_billed_once() -> None:
    assert metrics_billed([series("Invocations", "Sum")] * 12) == 1


def test_a_mix_is_billed_metric_by_metric() -> None:
    rng = random.Random(7)
    counts = [rng.randint(1, 14) for _ in range(60)]
    keys = [series(f"M{index}", f"p{number}") for index, count in enumerate(counts) for number in range(count)]
    rng.shuffle(keys)
    assert metrics_billed(keys) == sum(1 + (count - 1) // 5 for count in counts)


def test_a_thousand_metrics_cost_a_cent() -> None:
    assert round(USD_PER_METRIC * 1000, 12) == 0.01
