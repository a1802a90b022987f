"""Serverless endpoints: each rule fires, does not fire, and is silent without data."""

import pytest

from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Severity
from tests.support.engine import at, hosted
from tests.support.rules import Labels, open_before, said, seen, the

USE = "ServerlessProvisionedConcurrencyUtilization.Maximum"
SPILL = "ServerlessProvisionedConcurrencySpilloverInvocations.Sum"
CALLS = "Invocations.Sum"

PROVISIONED = hosted(kind=Kind.SERVERLESS_PROVISIONED)


def full(use: list[float | None], spill: list[float | None]) -> Labels:
    return {USE: use, SPILL: spill, CALLS: [600.0] * 5}


# Provisioned concurrency used up


def test_two_of_three_full_minutes_that_spill_over_are_critical() -> None:
    finding = the(said("pc-exhausted", seen(PROVISIONED, full([0.5, 0.5, 1.0, 0.9, 1.0], [0, 0, 60, 0, 60]))))
    assert (finding.severity, finding.variant, finding.since) == (Severity.CRITICAL, "AllTraffic", at(4))
    assert finding.impact_per_minute == 24.0
    assert finding.change == Resize("fraud", "AllTraffic", provisioned_concurrency=7)
    assert "from 5 to 7" in (finding.next or "")


@pytest.mark.parametrize(
    ("use", "spill"),
    [
        ([0.5, 0.5, 0.5, 0.5, 1.0], [0, 0, 0, 0, 60]),
        ([1.0, 1.0, 1.0, 1.0, 1.0], [0, 0, 0, 0, 0]),
        ([0.9, 0.9, 0.9, 0.9, 0.9], [9, 9, 9, 9, 9]),
        ([1.0, 1.0, 0.5, 0.5, 0.5], [60, 60, 0, 0, 0]),
    ],
    ids=["one minute", "nothing spills", "not full", "over"],
)
def test_anything_less_is_not(use: list[float | None], spill: list[float | None]) -> None:
    assert not said("pc-exhausted", seen(PROVISIONED, full(use, spill)))


@pytest.mark.parametrize("labels", [{}, {CALLS: [600.0] * 5}, {USE: [1.0] * 5, CALLS: [600.0] * 5}])
def test_without_data_nothing_is_said(labels: Labels) -> None:
    assert not said("pc-exhausted", seen(PROVISIONED, labels))


def test_it_lasts_until_three_minutes_are_better() -> None:
    still = open_before(seen(PROVISIONED, full([1.0, 1.0, 0.96, 0.5, 0.5], [60, 60, 60, 0, 0])), "pc-exhausted")
    assert the(said("pc-exhausted", still))
    over = open_before(seen(PROVISIONED, full([1.0, 1.0, 0.5, 0.5, 0.5], [60, 60, 0, 0, 0])), "pc-exhausted")
    assert not said("pc-exhausted", over)


def test_what_is_full_by_its_own_maximum_is_told_to_raise_that_first() -> None:
    (variant,) = PROVISIONED.variants
    assert variant.serverless
    most = variant._replace(serverless=variant.serverless._replace(provisioned_concurrency=20))
    finding = the(said("pc-exhausted", seen(PROVISIONED._replace(variants=(most,)), full([1.0] * 5, [9] * 5))))
    assert finding.change is None
    assert "maximum concurrency of 20 first" in (finding.next or "")


# Nearly used up


def test_a_high_utilisation_is_a_warning_until_it_is_used_up() -> None:
    high = seen(PROVISIONED, full([0.5, 0.5, 0.5, 0.85, 0.85], [0] * 5))
    finding = the(said("pc-high", high))
    assert (finding.severity, finding.since) == (Severity.WARNING, at(3))
    assert finding.change == Resize("fraud", "AllTraffic", provisioned_concurrency=7)
    assert not said("pc-high", seen(PROVISIONED, full([0.79] * 5, [0] * 5)))
    assert not said("pc-high", seen(PROVISIONED, full([1.0] * 5, [9] * 5)))
    assert not said("pc-high", seen(PROVISIONED, {}))
