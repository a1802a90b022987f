"""Errors per call of each variant, shared by the rules on 4XX and 5XX."""

from collections.abc import Iterator
from dataclasses import dataclass

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.analysis.vitals import requests_label
from smtop.metrics.domain.series import Owner


@dataclass(frozen=True)
class Errors:
    """Errors of one variant within the window; `since` begins the unbroken run of minutes at or above the limit."""

    variant: str
    code: str
    failed: float
    calls: float
    minutes: int
    since: int | None

    @property
    def ratio(self) -> float:
        return self.failed / self.calls

    @property
    def sentence(self) -> str:
        return (
            f"{self.variant}: {self.failed:,.0f} of {self.calls:,.0f} calls answered {self.code} in {self.minutes} min"
        )


def excessive_errors(subject: Subject, code: str, ratio: float, limits: Thresholds) -> Iterator[Errors]:
    """Variants that answer enough calls of the window, of which `ratio` or more, with `code` (4XX or 5XX)."""
    label = f"Invocation{code}Errors.Sum"
    requests = requests_label(subject.endpoint.kind)
    for owner in subject.variant_owners():
        calls = subject.total(owner, requests, limits.window_minutes, beside=label)
        failed = subject.total(owner, label, limits.window_minutes, beside=requests)
        if calls >= limits.least_calls and failed >= ratio * calls:
            since = _since(subject, owner, label, ratio)
            yield Errors(owner.variant or "", code, failed, calls, limits.window_minutes, since)


def _since(subject: Subject, owner: Owner, label: str, limit: float) -> int | None:
    calls = {point.at: point.value for point in subject.settled(owner, requests_label(subject.endpoint.kind))}
    since = None
    for point in reversed(subject.settled(owner, label)):
        if point.value == 0 or point.value < limit * calls.get(point.at, 0.0):
            break
        since = point.at
    return since
