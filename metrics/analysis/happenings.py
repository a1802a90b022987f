"""What was done to an endpoint shortly before something went wrong: updates, configs, scaling, alarms."""

from collections.abc import Iterator
from itertools import pairwise

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.finding import Happening

BEFORE_S = 3600
"""How long before an onset a change may still be its cause."""

AFTER_S = 120
"""How much later than the onset a change may be dated: minutes are whole, and AWS dates some by their end."""

_MOST = 5


def happenings(subject: Subject) -> tuple[Happening, ...]:
    """All that is known, the newest first."""
    return tuple(sorted({*_deploys(subject), *_scaling(subject), *_alarms(subject)}, key=lambda one: -one.at))


def before(since: int | None, subject: Subject) -> tuple[Happening, ...]:
    """What happened shortly before an onset, the newest first."""
    if since is None:
        return ()
    near = [one for one in happenings(subject) if since - BEFORE_S <= one.at <= since + AFTER_S]
    return tuple(near[:_MOST])


def _deploys(subject: Subject) -> Iterator[Happening]:
    endpoint, around = subject.endpoint, subject.around
    modified_at = int(endpoint.summary.modified_at.timestamp())
    if modified_at > endpoint.summary.created_at.timestamp() + 1:
        yield Happening(modified_at, f"{endpoint.status}: the endpoint was modified")
    for deploy, previous in pairwise(around.deploys):
        yield Happening(int(deploy.at), f"config {previous.config} -> {deploy.config}")
    if around.rolled_back_at is not None:
        yield Happening(int(around.rolled_back_at), "the update was rolled back")


def _scaling(subject: Subject) -> Iterator[Happening]:
    for part in subject.around.scaled or ():
        for activity in part.activities or ():
            yield Happening(int(activity.started_at), f"scaling: {activity.description} ({activity.status})")


def _alarms(subject: Subject) -> Iterator[Happening]:
    for alarm in subject.around.alarms or ():
        if not alarm.scales:
            yield Happening(int(alarm.since), f"alarm {alarm.name}: {alarm.state.value}")
