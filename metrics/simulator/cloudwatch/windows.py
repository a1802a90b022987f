"""Time as CloudWatch cuts it: retention, rounding of the start, alignment to periods. Source: API_GetMetricData."""

import math
from dataclasses import dataclass

DAY_S = 86400
HOUR_S = 3600
KEPT_S = 455 * DAY_S
# (older than, the period must be a multiple of): a finer period than what is kept finds nothing, without an error.
RESOLUTION_S = ((63 * DAY_S, 3600), (15 * DAY_S, 300), (3 * HOUR_S, 60), (0, 1))
HIGH_RESOLUTION_S = {1, 5, 10, 20, 30}


@dataclass(frozen=True)
class Window:
    """What to read: `start` inclusive, `end` exclusive, both multiples of `period`, all epoch seconds."""

    start: int
    end: int
    period: int


def valid_period(period: int) -> bool:
    """Whether CloudWatch accepts a period at all."""
    return period in HIGH_RESOLUTION_S or (period > 0 and period % 60 == 0)


def cut(start: float, end: float, period: int, now: float) -> Window | None:
    """The window to read for a request, None where retention leaves nothing of it.

    CloudWatch rounds the start down to what it keeps at that age; alignment to the period does that and more.
    Metrics of SageMaker's have a point a minute, so that a finer period shows the same points.
    """
    age = now - start
    finest = next(multiple for older, multiple in RESOLUTION_S if age >= older or older == 0)
    if period % finest:
        return None
    step = max(period, 60)
    first = int(max(start, now - KEPT_S)) // step * step
    last = math.ceil(min(end, now + step) / step) * step  # nothing is to be found beyond the present
    return Window(first, last, step) if first < last else None
