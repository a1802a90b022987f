"""What may be the beginning of trouble: where something moved just now, everything is worth a look.

Nothing is said of it. A rule needs minutes that are settled, of all that it reads; this needs one value that is out of
line with the minutes before, settled or not.
"""

from collections.abc import Mapping
from typing import NamedTuple

from smtop.metrics.analysis.samples import is_settled
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.series import PERIOD_S, Owner, Points

_NEW_MINUTES, _BEFORE_MINUTES = 3, 12
_ENOUGH = 5
"""So many minutes before tell what a value usually is."""


class Rise(NamedTuple):
    """Out of line is what is above a level, and above `factor` times the most of the minutes before."""

    above: float
    factor: float


_FAILURES, _LATENCY, _FULL, _BUSY = Rise(1.0, 2.0), Rise(0.0, 1.3), Rise(70.0, 1.02), Rise(50.0, 1.2)

EVENTS: Mapping[str, Rise] = {
    "Invocation4XXErrors.Sum": Rise(2.0, 2.0),
    "Invocation5XXErrors.Sum": _FAILURES,
    "NoCapacityInvocationFailures.Sum": _FAILURES,
    "InvocationFailures.Sum": _FAILURES,
    "ExpiredRequests.Sum": _FAILURES,
    "NotificationFailures.Sum": _FAILURES,
    "RequestDownloadFailures.Sum": _FAILURES,
    "ResponseUploadFailures.Sum": _FAILURES,
    "ServerlessProvisionedConcurrencySpilloverInvocations.Sum": _FAILURES,
    "ModelSetupTime.SampleCount": Rise(2.0, 2.0),
}
"""Where a minute without a point is a zero."""

LEVELS: Mapping[str, Rise] = {
    "ModelLatency.Average": _LATENCY,
    "ModelLatency.p99": Rise(0.0, 1.5),
    "ContainerLatency.Average": _LATENCY,
    "ModelLoadingWaitTime.Average": Rise(0.0, 1.5),
    "CPUUtilization.Average": _BUSY,
    "GPUUtilization.Average": _BUSY,
    "CPUUtilizationNormalized.Average": _BUSY,
    "GPUUtilizationNormalized.Average": _BUSY,
    "MemoryUtilization.Average": _FULL,
    "DiskUtilization.Average": _FULL,
    "ServerlessConcurrentExecutionsUtilization.Maximum": Rise(0.6, 1.1),
    "ServerlessProvisionedConcurrencyUtilization.Maximum": Rise(0.7, 1.1),
}

DROPS: Mapping[str, float] = {"Invocations.Sum": 0.4, "ModelCacheHit.Average": 0.85}
"""Out of line is what is below this share of the least of the minutes before."""


def stirs(subject: Subject) -> bool:
    """Whether anything of an endpoint is out of line with its own minutes before."""
    return any(
        _moved(subject, owner, label, points) for owner, own in subject.points.items() for label, points in own.items()
    )


def _moved(subject: Subject, owner: Owner, label: str, points: Points) -> bool:
    if label in DROPS:
        before, new = _values(subject, owner, label, points, settled=True)
        return len(before) >= _ENOUGH and any(value < DROPS[label] * min(before) for value in new)
    rise = EVENTS.get(label) or LEVELS.get(label)
    if rise is None or not subject.exceeds(owner, label, rise.above):
        return False
    before, new = _values(subject, owner, label, points)
    if not new or (label in LEVELS and len(before) < _ENOUGH):
        return False
    return max(new) > max(rise.above, rise.factor * max(before, default=0.0))


def _values(
    subject: Subject, owner: Owner, label: str, points: Points, *, settled: bool = False
) -> tuple[list[float], list[float]]:
    """Those of the minutes before, and the newest."""
    new_at = subject.reach(owner, label) - (_NEW_MINUTES - 1) * PERIOD_S
    first_at = new_at - _BEFORE_MINUTES * PERIOD_S
    before: list[float] = []
    new: list[float] = []
    for point in points:
        if point.at >= first_at and not (settled and not is_settled(point, subject.now)):
            (new if point.at >= new_at else before).append(point.value)
    return before, new
