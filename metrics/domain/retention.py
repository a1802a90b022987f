"""How long CloudWatch keeps what, by period.

Source: the notes on StartTime and Period of GetMetricData in the CloudWatch API reference. A request that begins before
minutes are kept must ask for a multiple of the longer period, or gets nothing for its older part.
"""

from typing import NamedTuple

from smtop.metrics.domain.series import PERIOD_S

_DAY_S = 86_400


class Retention(NamedTuple):
    """Points of `period_s` are kept until they are `kept_s` old."""

    period_s: int
    kept_s: int


RETENTIONS = (
    Retention(PERIOD_S, 15 * _DAY_S),
    Retention(300, 63 * _DAY_S),
    Retention(3600, 455 * _DAY_S),
)
"""The shortest period first."""

LONGEST_S = RETENTIONS[-1].kept_s
"""Nothing is kept for longer."""


def period_for(range_s: int, age_s: int = 0, *, at_least_s: int = PERIOD_S) -> int:
    """The shortest period, in seconds, at which a whole range is kept.

    The range of `range_s` seconds ends `age_s` seconds ago. The period is a multiple of the one that is kept so far
    back, and no shorter than `at_least_s`. Raises ValueError for a range of which CloudWatch keeps nothing any more at
    its beginning.
    """
    oldest_s = range_s + age_s
    if oldest_s > LONGEST_S:
        raise ValueError(f"CloudWatch keeps {LONGEST_S // _DAY_S} days; {oldest_s / _DAY_S:.1f} days were asked for")
    kept = next(retention.period_s for retention in RETENTIONS if oldest_s <= retention.kept_s)
    return -(-at_least_s // kept) * kept
