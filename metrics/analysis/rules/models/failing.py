"""A cheap look at errors, before the windows."""

from collections.abc import Sequence

from smtop.metrics.domain.series import Point


def may_fail(failed: Sequence[Point], calls: Sequence[Point], ratio: float) -> bool:
    """Whether there may be a minute in which this share of the calls failed; the points need not be of the same."""
    if not failed or not calls:
        return False
    most = max(point.value for point in failed)
    return most > 0 and most >= ratio * min(point.value for point in calls)
