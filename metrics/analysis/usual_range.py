"""What is usual for a series as rules read it: the range of a `Baseline`, and how strange the newest values are."""

from collections.abc import Iterable

from smtop.metrics.analysis.baseline import Baseline, Verdict
from smtop.metrics.analysis.subject import Usual
from smtop.metrics.domain.series import Points

SPREADS = 3.3
"""Half the width of the range: of normally distributed values one in 1,000 is outside. On healthy simulated endpoints
it was 0.2 of 1,000 minutes above for p99, and 0.4 below for requests; of bursty requests far more are above."""

NEWEST = 3
"""Points whose scores are told."""

_LEAST_SPREAD = 0.01
"""A part of what is expected: a series that stands still has a range too."""


def usual_of(baseline: Baseline, newest: Points, at: int) -> Usual | None:
    """What is usual at a time (epoch seconds), None while there is no baseline.

    `newest` are the newest settled points, oldest first, which the baseline may have learned or not. It learns nothing.
    """
    verdicts = [baseline.judge(point.at, point.value) for point in newest[-NEWEST:]]
    now = baseline.judge(at, newest[-1].value if newest else 0.0)
    return usual_range(now, [verdict.rarity for verdict in verdicts])


def usual_range(verdict: Verdict, scores: Iterable[float]) -> Usual | None:
    """The range that a verdict was given by. No series that smtop judges goes below zero, and so no range does."""
    expected = verdict.expected
    if not verdict.is_known or expected is None:
        return None
    reach = SPREADS * max(verdict.spread or 0.0, _LEAST_SPREAD * abs(expected))
    return Usual(expected, max(0.0, expected - reach), expected + reach, tuple(scores))
