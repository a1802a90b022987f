"""What is out of line with the minutes before, and what is not."""

from collections.abc import Mapping

import pytest

from smtop.metrics.analysis.suspicion import DROPS, EVENTS, LEVELS, stirs
from smtop.metrics.domain.catalogue import METRICS
from tests.support.engine import Values, hosted, on, subject

ENDPOINT = hosted()
CALLS: Mapping[str, Values] = {"Invocations.Sum": [50.0] * 15}


def suspected(labels: Mapping[str, Values]) -> bool:
    return stirs(subject(ENDPOINT, {on(ENDPOINT): {**CALLS, **labels}}))


@pytest.mark.parametrize(
    "labels",
    [
        {"Invocation5XXErrors.Sum": [0.0] * 14 + [2.0]},
        {"Invocation5XXErrors.Sum": [4.0]},
        {"Invocation4XXErrors.Sum": [2.0] * 14 + [5.0]},
        {"ModelLatency.Average": [100.0] * 14 + [140.0]},
        {"DiskUtilization.Average": [74.0] * 14 + [76.0]},
        {"GPUUtilization.Average": [40.0] * 14 + [97.0]},
        {"Invocations.Sum": [50.0] * 13 + [5.0] * 2},
    ],
)
def test_a_minute_out_of_line_with_those_before_is_suspicious(labels: Mapping[str, Values]) -> None:
    assert suspected(labels)


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"Invocation5XXErrors.Sum": [0.0] * 14 + [1.0]},
        {"Invocation4XXErrors.Sum": [5.0] * 15},
        {"Invocation4XXErrors.Sum": [9.0] + [0.0] * 13 + [6.0]},
        {"ModelLatency.Average": [140.0] * 15},
        {"ModelLatency.Average": [100.0, 140.0]},
        {"ModelLatency.Average": [140.0] * 12 + [100.0] * 3},
        {"DiskUtilization.Average": [90.0] * 15},
        {"GPUUtilization.Average": [10.0] * 14 + [30.0]},
        {"Invocations.Sum": [50.0, 5.0] * 7 + [5.0]},
    ],
)
def test_a_level_that_is_its_own_and_small_things_are_not(labels: Mapping[str, Values]) -> None:
    assert not suspected(labels)


def test_what_is_watched_is_read() -> None:
    read = {f"{spec.name}.{stat}" for spec in METRICS for stat in spec.asks}
    assert {*EVENTS, *LEVELS, *DROPS} <= read
