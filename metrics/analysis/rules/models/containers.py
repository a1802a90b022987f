"""The containers of a variant: the time that calls spend in each, and the errors of each."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from smtop.metrics.analysis.rules.models.failing import may_fail
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Thresholds
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.series import Owner, Point

TIME = "ContainerLatency.Average"
TIMED = "ContainerLatency.SampleCount"
CALLS = "Invocations.Sum"
FAILED = "Invocation5XXErrors.Sum"

KINDS = frozenset({Kind.MULTI_CONTAINER, Kind.PIPELINE})

_NEARLY_ALL = 0.8


class Errors(NamedTuple):
    """5XX of one directly invoked container within the window, beside those of its siblings."""

    container: str
    failed: float
    calls: float
    of_siblings: float

    @property
    def ratio(self) -> float:
        return self.failed / self.calls if self.calls else 0.0


def containers_of(subject: Subject, owner: Owner) -> list[Owner]:
    """The containers of a variant as owners, in the order of the model."""
    variants = (variant for variant in subject.endpoint.production if variant.name == owner.variant)
    return [owner._replace(container=name) for variant in variants for name in variant.containers]


def failing_container(subject: Subject, owner: Owner, limits: Thresholds) -> Errors | None:
    """The one directly invoked container that answers nearly all 5XX of a variant, where it answers too many."""
    if subject.endpoint.kind is not Kind.MULTI_CONTAINER:
        return None
    parts, minutes = containers_of(subject, owner), limits.window_minutes
    ratio = limits.server_error_ratio.fires
    recent = [(subject.settled(part, FAILED)[-minutes:], subject.settled(part, CALLS)[-minutes:]) for part in parts]
    if not any(may_fail(failed, calls, ratio) for failed, calls in recent):
        return None
    found = [
        Errors(
            part.container or "",
            subject.total(part, FAILED, minutes, beside=CALLS),
            subject.total(part, CALLS, minutes),
            0.0,
        )
        for part in parts
    ]
    every = sum(one.failed for one in found)
    worst = max(found, key=lambda one: one.failed, default=None)
    if worst is None or len(found) < 2 or worst.calls < limits.least_calls or worst.failed < _NEARLY_ALL * every:
        return None
    bad = limits.server_error_ratio.is_bad(worst.ratio)
    return worst._replace(of_siblings=every - worst.failed) if bad and every else None


def seconds_by_minute(subject: Subject, owner: Owner, last: int = 0) -> dict[int, dict[str, float]]:
    """Seconds that all calls together spent in each container, for every settled minute that all of them tell of.

    With `last`, of the last points of each only.
    """
    told = {part.container or "": _seconds(subject, part, last) for part in containers_of(subject, owner)}
    common = set.intersection(*(set(own) for own in told.values())) if told else set()
    return {at: {name: own[at] for name, own in told.items()} for at in sorted(common)}


def _seconds(subject: Subject, part: Owner, last: int) -> dict[int, float]:
    timed = dict(subject.settled(part, TIMED)[-last:])
    return {at: us * timed[at] / 1e6 for at, us in subject.settled(part, TIME)[-last:] if at in timed}


def usual_seconds(subject: Subject, owner: Owner) -> dict[str, float]:
    """Seconds a minute that are usual for each container at this hour; empty where that is not known of all."""
    usual: dict[str, float] = {}
    for part in containers_of(subject, owner):
        known = subject.usual.get(part, {})
        if TIME not in known or TIMED not in known:
            return {}
        usual[part.container or ""] = known[TIME].expected * known[TIMED].expected / 1e6
    return usual


def skew(seconds: Mapping[str, float], container: str) -> float:
    """Time in one container per mean of its siblings."""
    others = [own for name, own in seconds.items() if name != container]
    mean = sum(others) / len(others) if others else 0.0
    return seconds[container] / mean if mean > 0 else 0.0


def mean_seconds(minutes: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Of several minutes; empty without any."""
    if not minutes:
        return {}
    return {name: sum(minute[name] for minute in minutes) / len(minutes) for name in minutes[0]}


def skews(by_minute: Mapping[int, Mapping[str, float]], container: str) -> list[Point]:
    """The skew towards one container, minute by minute."""
    return [Point(at, skew(seconds, container)) for at, seconds in by_minute.items()]
