"""Errors per call of each variant, shared by the rules on 4XX and 5XX."""

from collections.abc import Iterator
from dataclasses import dataclass

from smtop.metrics.analysis.samples import is_settled
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.vitals import requests_label
from smtop.metrics.domain.series import Owner


@dataclass(frozen=True)
class Errors:
    """Errors of one variant within the window; `since` begins the unbroken run of minutes at or above the limit."""

    variant: str
    failed: float
    calls: float
    since: int | None

    @property
    def ratio(self) -> float:
        return self.failed / self.calls

    def sentence(self, what: str, minutes: int) -> str:
        return f"{self.variant}: {self.failed:,.0f} of {self.calls:,.0f} calls answered {what} in {minutes} min"


def excessive_errors(subject: Subject, label: str, limit: float, *, least_calls: int, minutes: int) -> Iterator[Errors]:
    """Variants whose errors in the window reach `limit` per call, over at least `least_calls` calls."""
    requests = requests_label(subject.endpoint.kind)
    for owner in subject.variant_owners():
        calls = subject.total(owner, requests, minutes)
        failed = subject.total(owner, label, minutes)
        if calls >= least_calls and failed >= limit * calls:
            yield Errors(owner.variant or "", failed, calls, _since(subject, owner, label, limit))


def _since(subject: Subject, owner: Owner, label: str, limit: float) -> int | None:
    points = subject.points[owner]
    calls = {point.at: point.value for point in points.get(requests_label(subject.endpoint.kind), ())}
    since = None
    for point in reversed(points.get(label, ())):
        if not is_settled(point, subject.now):
            continue
        if point.value == 0 or point.value < limit * calls.get(point.at, 0.0):
            break
        since = point.at
    return since
