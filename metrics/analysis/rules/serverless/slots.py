"""How much provisioned concurrency would do, and the change that gives it."""

from math import ceil
from typing import NamedTuple

from smtop.metrics.analysis.rules.serverless.labels import CALLS, CONCURRENCY, SPILL
from smtop.metrics.analysis.rules.serverless.settings import MOST_CONCURRENCY, scaled_part
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.change import Bounds, Change, Resize
from smtop.metrics.domain.endpoint import Serverless
from smtop.metrics.domain.series import Owner

HEADROOM = 1.2

TARGET_USE = 0.7
"""How much of it should be in use at a peak: below the warning, and above what is dearer than on-demand capacity."""


class Remedy(NamedTuple):
    """What to do in a sentence, and as a change where one can be prepared."""

    next: str
    change: Change | None = None


def spill_factor(subject: Subject, owner: Owner, minutes: int) -> float:
    """All calls per call that was served by provisioned concurrency, in the worst of the minutes."""
    calls = {point.at: point.value for point in subject.newest(owner, CALLS, minutes, beside=SPILL)}
    spilled = subject.newest(owner, SPILL, minutes, beside=CALLS)
    return max(
        (calls[at] / max(calls[at] - count, 1.0) for at, count in spilled if at in calls and count > 0), default=1
    )


def enough(subject: Subject, owner: Owner, had: int, minutes: int) -> int:
    """What would have held the worst of the last minutes, and a fifth more."""
    return max(ceil(had * spill_factor(subject, owner, minutes) * HEADROOM), had + 1)


def peak_executions(subject: Subject, owner: Owner, settings: Serverless, minutes: int) -> float | None:
    """The most requests at a time; None where that is not read."""
    used = subject.newest(owner, CONCURRENCY, minutes)
    return max(point.value for point in used) * settings.max_concurrency if used else None


def grown(subject: Subject, owner: Owner, settings: Serverless, slots: int) -> Remedy:
    """Provisioned concurrency raised to `slots`, with what bounds it raised first: its scaling, or its maximum."""
    endpoint, variant, had = subject.endpoint.name, owner.variant, settings.provisioned_concurrency or 0
    if had >= settings.max_concurrency:
        return _grown_both(subject, owner, settings, slots)
    slots = min(slots, settings.max_concurrency)
    part = scaled_part(subject, owner)
    if part is not None and slots > part.target.most:
        told = f"Raise the maximum of its scaling from {part.target.most} to {slots}: it takes back what is above that."
        return Remedy(told, Bounds(endpoint, variant, most=slots))
    told = (
        f"Raise provisioned concurrency from {had} to {slots}." if had else f"Give it provisioned concurrency: {slots}."
    )
    return Remedy(told, Resize(endpoint, variant, provisioned_concurrency=slots))


def _grown_both(subject: Subject, owner: Owner, settings: Serverless, slots: int) -> Remedy:
    """All of the maximum is provisioned; it is at most doubled at a time."""
    most = settings.max_concurrency
    both = min(slots, 2 * most, MOST_CONCURRENCY)
    if both <= most:
        return Remedy(f"{most} is the most that AWS gives one variant: take load away, or split it over two endpoints.")
    told = f"Raise the maximum concurrency of {most} and provisioned concurrency with it, both to {both}."
    change = Resize(subject.endpoint.name, owner.variant, max_concurrency=both, provisioned_concurrency=both)
    return Remedy(told, change)
