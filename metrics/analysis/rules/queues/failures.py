"""How many asynchronous requests fail in one way, shared by the rules on deliveries and processing."""

from collections.abc import Sequence
from typing import NamedTuple

from smtop.metrics.analysis.rules.queues.queue import PROCESSED, has_happened
from smtop.metrics.analysis.subject import Subject, onset
from smtop.metrics.analysis.thresholds import Band, Thresholds
from smtop.metrics.domain.series import Owner, Point, Points


class Failures(NamedTuple):
    """Failures of one kind within the window, of all requests; whether AWS counts a failed one as processed is not
    known, so that there are as many requests as the larger of the two."""

    failed: float
    requests: float
    minutes: int
    since: int | None

    @property
    def ratio(self) -> float:
        return self.failed / self.requests if self.requests else 0.0

    @property
    def per_minute(self) -> float:
        return self.failed / self.minutes


def failures(
    subject: Subject, owner: Owner, labels: Sequence[str], finding_id: str, band: Band, limits: Thresholds
) -> Failures | None:
    """Failures by these counters together, where they are too many: in two minutes of the window, to begin with."""
    if not any(has_happened(subject, owner, label) for label in labels):
        return None
    is_open = subject.is_open(finding_id, owner)
    minutes = limits.window_minutes
    failed = [point for label in labels for point in subject.newest(owner, label, minutes, beside=PROCESSED)]
    total = sum(point.value for point in failed)
    if not total:
        return None
    requests = max(subject.total(owner, PROCESSED, minutes), total)
    if not band.is_bad(total / requests, is_open=is_open):
        return None
    bad = {point.at for point in failed if point.value > 0}
    if not is_open and (total < limits.least_failures or len(bad) < 2):
        return None
    return Failures(total, requests, minutes, onset(_by_minute(subject, owner, labels), lambda value: value > 0))


def _by_minute(subject: Subject, owner: Owner, labels: Sequence[str]) -> Points:
    """Failures of every settled minute that had requests."""
    counts = {point.at: 0.0 for point in subject.settled(owner, PROCESSED) if point.value > 0}
    for label in labels:
        for point in subject.settled(owner, label):
            counts[point.at] = counts.get(point.at, 0.0) + point.value
    return [Point(at, count) for at, count in sorted(counts.items())]
