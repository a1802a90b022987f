"""A few small drills: what begins at once on three fleets is found, and nothing is said of those that are well."""

from collections.abc import Sequence

import pytest

from benchmarks.drills import fleets
from benchmarks.drills.fleets import short
from benchmarks.drills.run import Result, run
from benchmarks.drills.table import markdown, rates, tally
from smtop.metrics.domain.finding import Severity
from smtop.metrics.simulator.causes import CAUSES

SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def results() -> Sequence[Result]:
    """Three fleets of forty."""
    return [run(short(seed)) for seed in SEEDS]


def test_nine_of_ten_are_found_by_their_right_cause(results: Sequence[Result]) -> None:
    seen = tally(one for result in results for one in result.outcomes)
    missed = [one.trouble.cause for result in results for one in result.outcomes if one.right_at is None]
    assert seen.right >= 0.9 * seen.drills, missed


def test_nothing_critical_is_said_of_endpoints_that_are_well(results: Sequence[Result]) -> None:
    wrong = [one for result in results for one in result.episodes if one.said.severity is Severity.CRITICAL]
    assert rates(results).criticals == 0, wrong


def test_table_has_a_row_for_every_cause_and_says_what_was_watched(results: Sequence[Result]) -> None:
    lines = list(markdown(results))
    assert any(line.startswith("| pc-exhausted | 3 |") for line in lines)
    assert any("3 x short, seeds 1 to 3" in line for line in lines)


def test_every_cause_is_drilled() -> None:
    drilled = {*fleets.QUICK, *fleets.SLOW, *fleets.CONFOUNDERS}
    assert drilled == set(CAUSES)
