"""Failing calls of a part of an endpoint, minute by minute, and whether they are bad news."""

from collections.abc import Sequence
from typing import NamedTuple

from smtop.metrics.analysis.rule import DECIDING, holds
from smtop.metrics.analysis.significance import chance_of_failures
from smtop.metrics.analysis.subject import Subject, onset
from smtop.metrics.analysis.thresholds import Band, Thresholds
from smtop.metrics.analysis.vitals import requests_label
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.series import PERIOD_S, Owner, Point

SEEN_MINUTES = 15
"""How far back sparse calls are counted together."""


_SILENCE = 3


class Minute(NamedTuple):
    """A settled minute in which there were calls."""

    at: int
    calls: float
    failed: float

    @property
    def ratio(self) -> float:
        """Failures per call; a late count of calls may be behind that of failures."""
        return min(self.failed / self.calls, 1.0)


class Bad(NamedTuple):
    """From where on failures are bad news: the finding that says so, its ratio, and the fewest failures."""

    id: str
    ratio: Band
    least: int


class Failures(NamedTuple):
    """Failures of one variant over the newest `minutes` minutes; `since` is where the bad minutes began."""

    code: str
    failed: float
    calls: float
    minutes: int
    since: int | None

    @property
    def ratio(self) -> float:
        return min(self.failed / self.calls, 1.0)

    @property
    def per_minute(self) -> float:
        return self.failed / self.minutes

    @property
    def sentence(self) -> str:
        return f"{self.failed:,.0f} of {self.calls:,.0f} calls answered {self.code} in {self.minutes} min"


def bad_server_errors(limits: Thresholds) -> Bad:
    return Bad("errors-5xx", limits.server_error_ratio, limits.server_errors_least)


def bad_client_errors(limits: Thresholds) -> Bad:
    return Bad("errors-4xx", limits.client_error_ratio, limits.client_errors_least)


def calls_of(subject: Subject, owner: Owner) -> Sequence[Point]:
    """Settled calls of a variant or component, a point a minute; of a variant's components where only those report."""
    label = requests_label(subject.endpoint.kind)
    own = subject.settled(owner, label)
    if own or owner.component or subject.endpoint.kind is not Kind.INFERENCE_COMPONENT:
        return own
    calls: dict[int, float] = {}
    for part in subject.component_owners():
        if part.variant == owner.variant:
            for point in subject.settled(part, label):
                calls[point.at] = calls.get(point.at, 0.0) + point.value
    return [Point(at, value) for at, value in sorted(calls.items())]


def calls_per_minute(subject: Subject, owner: Owner, minutes: int) -> float:
    """Mean over the newest settled minutes that have calls, `minutes` at most; 0 without any."""
    newest = calls_of(subject, owner)[-minutes:]
    return sum(point.value for point in newest) / len(newest) if newest else 0.0


def minutes_of(subject: Subject, owner: Owner, code: str) -> list[Minute]:
    """The settled minutes with calls of the last quarter of an hour, oldest first; `code` is 5XX or 4XX.

    None of them where the errors are not collected, or nobody calls any more. A minute with calls and without a point
    of errors had none.
    """
    label = errors_label(code)
    if not subject.is_collected(owner, label):
        return []
    until = subject.settled_until(owner, label, requests_label(subject.endpoint.kind))
    first = until - (SEEN_MINUTES - 1) * PERIOD_S
    failed = {point.at: point.value for point in subject.settled(owner, label)}
    calls = calls_of(subject, owner)
    minutes = [Minute(at, value, failed.get(at, 0.0)) for at, value in calls if first <= at <= until and value > 0]
    return [] if _is_over(minutes, until) else minutes


def _is_over(minutes: Sequence[Minute], until: int) -> bool:
    """Whether nobody calls any more: it is silent for much longer than between two minutes with calls."""
    return bool(minutes) and until - minutes[-1].at > _SILENCE * (until - minutes[0].at) / len(minutes)


def errors_label(code: str) -> str:
    return f"Invocation{code}Errors.Sum"


def any_failed(subject: Subject, owner: Owner, code: str) -> bool:
    """Whether there is anything to count at all: cheaper than counting."""
    return subject.exceeds(owner, errors_label(code), 0.0)


def _may_be_bad(subject: Subject, owner: Owner, code: str, bad: Bad) -> bool:
    """Whether it is worth counting: enough failed, and in some minute many for a quarter of the present calls."""
    label = errors_label(code)
    calls = subject.sample(owner, requests_label(subject.endpoint.kind)).value or 0.0
    if not subject.exceeds(owner, label, bad.ratio.clears * calls / 4):
        return False
    return sum(point.value for point in subject.settled(owner, label)) >= bad.least


def failures(subject: Subject, owner: Owner, code: str, bad: Bad, limits: Thresholds) -> Failures | None:
    """The failures of a variant if they are bad news.

    Two of the three newest minutes with calls must be bad, and so must the newest five together, or fifteen where five
    have few calls; together they must be too many for an accident. Bad news lasts as long as one of three is bad.
    """
    is_open = subject.is_open(bad.id, owner)
    if not is_open and not _may_be_bad(subject, owner, code, bad):
        return None
    minutes = minutes_of(subject, owner, code)
    ratios = [Point(minute.at, minute.ratio) for minute in minutes]
    if not holds(ratios[-DECIDING:], bad.ratio, is_open=is_open):
        return None
    since = onset(ratios, lambda ratio: bad.ratio.is_bad(ratio, is_open=True))
    told = _pooled(minutes, code, since, limits)
    return (
        told if bad.ratio.is_bad(told.ratio, is_open=is_open) and (is_open or _no_accident(told, bad, limits)) else None
    )


def _pooled(minutes: Sequence[Minute], code: str, since: int | None, limits: Thresholds) -> Failures:
    """The newest minutes together; failures that began within them are not thinned out by the good ones before."""
    until = minutes[-1].at
    newest = [one for one in minutes if one.at > until - limits.window_minutes * PERIOD_S]
    if sum(one.calls for one in newest) < limits.least_calls:
        newest = list(minutes)
    if since is not None:
        newest = [one for one in newest if one.at >= since]
    length = (until - newest[0].at) // PERIOD_S + 1
    return Failures(code, sum(one.failed for one in newest), sum(one.calls for one in newest), length, since)


def _no_accident(told: Failures, bad: Bad, limits: Thresholds) -> bool:
    chance = chance_of_failures(told.failed, told.calls, bad.ratio.clears)
    return told.failed >= bad.least and chance < limits.failures_chance
