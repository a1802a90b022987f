"""Callers that the maximum concurrency turned away: their 429 is counted among the 4XX, and nowhere else."""

from math import sqrt
from typing import NamedTuple

from smtop.metrics.analysis.rule import DECIDING
from smtop.metrics.analysis.rules.serverless.calm import is_calm
from smtop.metrics.analysis.rules.serverless.labels import CALLS, CLIENT_ERRORS, CONCURRENCY
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.series import PERIOD_S, Owner

REFUSED_MINUTES = 15
"""How far back refusals count: bursts are a few minutes apart."""

_DEVIATIONS = 3.0


class Minute(NamedTuple):
    """A minute with full concurrency in which callers were refused."""

    at: int
    refused: float
    calls: float

    @property
    def factor(self) -> float:
        """Calls per call that was served; at most two, as refused callers try again and again."""
        return self.calls / max(self.calls - self.refused, self.calls / 2)


class Refusals(NamedTuple):
    """The refusing minutes of a quarter of an hour up to `until`.

    `usual` is the share of 4XX in its other minutes, None where there were too few calls in them to tell.
    """

    minutes: tuple[Minute, ...]
    until: int
    usual: float | None

    def newest(self, minutes: int = DECIDING) -> tuple[Minute, ...]:
        """Those of the newest settled minutes."""
        return tuple(minute for minute in self.minutes if minute.at > self.until - minutes * PERIOD_S)


NO_REFUSALS = Refusals((), 0, None)


def is_refusing(subject: Subject, owner: Owner, limits: Thresholds) -> bool:
    """Whether the concurrency limit explains 4XX of a variant: two minutes with refusals in the last quarter hour."""
    return subject.endpoint.kind.is_serverless and len(refusals(subject, owner, limits).minutes) > 1


def refusals(subject: Subject, owner: Owner, limits: Thresholds) -> Refusals:
    """4XX in minutes with full concurrency, beyond those that other minutes have as well.

    A minute counts where they are a share of its calls, and more than chance makes of the usual share.
    """
    if is_calm(subject, owner, CONCURRENCY, below=limits.concurrency_full.fires):
        return NO_REFUSALS
    if not subject.is_collected(owner, CLIENT_ERRORS):
        return NO_REFUSALS
    until = subject.settled_until(owner, CONCURRENCY, CALLS, CLIENT_ERRORS)
    used, calls, errors = (_recent(subject, owner, label, until) for label in (CONCURRENCY, CALLS, CLIENT_ERRORS))
    full = [at for at, value in used.items() if limits.concurrency_full.is_bad(value) and calls.get(at)]
    if not any(errors.get(at) for at in full):
        return NO_REFUSALS
    usual = _usual(calls, errors, without=set(full), least=limits.least_calls)
    minutes = [Minute(at, errors.get(at, 0.0) - (usual or 0.0) * calls[at], calls[at]) for at in full]
    telling = [minute for minute in minutes if _tells(minute, usual or 0.0, limits)]
    if sum(minute.refused for minute in telling) < limits.least_refused:
        return NO_REFUSALS
    return Refusals(tuple(telling), until, usual)


def _recent(subject: Subject, owner: Owner, label: str, until: int) -> dict[int, float]:
    first = until - (REFUSED_MINUTES - 1) * PERIOD_S
    return {at: value for at, value in subject.settled(owner, label) if first <= at <= until}


def _usual(calls: dict[int, float], errors: dict[int, float], without: set[int], least: int) -> float | None:
    """4XX per call in the other minutes."""
    others = [at for at in calls if at not in without]
    asked = sum(calls[at] for at in others)
    return sum(errors.get(at, 0.0) for at in others) / asked if asked >= least else None


def _tells(minute: Minute, usual: float, limits: Thresholds) -> bool:
    by_chance = _DEVIATIONS * sqrt(usual * minute.calls)
    return minute.refused >= max(limits.refused_ratio * minute.calls, by_chance, 1.0)
