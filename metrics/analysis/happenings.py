"""What was done to an endpoint shortly before something went wrong: updates, configs, scaling, alarms."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from smtop.metrics.analysis.activities import DONE, FAILED, Move, moves
from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.finding import Happening
from smtop.metrics.domain.scaling import COPIES, INSTANCES, PROVISIONED, ScaledPart
from smtop.metrics.domain.surroundings import AlarmState

BEFORE_S = 3600
"""How long before an onset a change may still be its cause."""

AFTER_S = 120
"""How much later than the onset a change may be dated: minutes are whole, and AWS dates some by their end."""

SAME_S = 600
"""AWS's time of the last change, this close to a change that is known better, is of that change."""

_MOST = 5

_UNITS = {INSTANCES: "instances", PROVISIONED: "provisioned concurrency", COPIES: "copies"}

_BEGINNINGS = {
    "Creating": "its creation began",
    "Updating": "an update began",
    "SystemUpdating": "AWS began to update it by itself",
    "RollingBack": "AWS began to roll an update back",
    "Deleting": "its deletion began",
}


def happenings(subject: Subject) -> tuple[Happening, ...]:
    """All that is known, the newest first."""
    known = [*_deploys(subject), *_roll_backs(subject), *_scaling(subject)]
    found = {*known, *_modified(subject, known), *_alarms(subject)}
    return tuple(sorted(found, key=lambda one: (-one.at, one.what)))


def before(since: int | None, subject: Subject) -> tuple[Happening, ...]:
    """What happened shortly before an onset, the newest first."""
    if since is None:
        return ()
    near = [one for one in happenings(subject) if since - BEFORE_S <= one.at <= since + AFTER_S]
    return tuple(near[:_MOST])


def _deploys(subject: Subject) -> Iterator[Happening]:
    """Configs that became live one after another, and the endpoint's beginning."""
    endpoint = subject.endpoint
    yield Happening(int(endpoint.summary.created_at.timestamp()), "the endpoint was created")
    for deploy, previous in pairwise(subject.around.deploys):
        if deploy.config != previous.config:
            yield Happening(int(deploy.at), f"config {previous.config} -> {deploy.config}")


def _roll_backs(subject: Subject) -> Iterator[Happening]:
    at = subject.around.rolled_back_at
    if at is not None:
        yield Happening(int(at), f"the update was rolled back{_says(subject.endpoint.status_reason)}")


def _modified(subject: Subject, known: Sequence[Happening]) -> Iterator[Happening]:
    """AWS's time of the last change, where nothing else tells of that change."""
    endpoint = subject.endpoint
    at = int(endpoint.summary.modified_at.timestamp())
    if any(abs(at - one.at) <= SAME_S for one in known):
        return
    if endpoint.is_broken:
        what = f"it became {endpoint.status}"
    else:
        what = _BEGINNINGS.get(endpoint.status, "the endpoint was changed")
    yield Happening(at, f"{what}{_says(endpoint.status_reason)}")


def _says(reason: str | None) -> str:
    said = " ".join((reason or "").split())
    return f": {said}" if said else ""


def _scaling(subject: Subject) -> Iterator[Happening]:
    for part in subject.around.scaled or ():
        attempts = list(moves(part))
        for place, move in enumerate(attempts):
            if place and _is_again(move, attempts[place - 1]):
                continue
            yield Happening(int(move.activity.started_at), _scaled(part, move, attempts[place + 1 :]))


def _is_again(move: Move, later: Move) -> bool:
    """Whether the next attempt failed alike: one line is enough for all of them."""
    return move.to == later.to and {move.activity.status, later.activity.status} <= FAILED


def _scaled(part: ScaledPart, move: Move, earlier: Sequence[Move]) -> str:
    """`scaling: AllTraffic 2 -> 4 instances (policy track-calls)`, or that it was not done."""
    name = part.target.scalable.resource.rpartition("/")[2]
    was = next((one.to for one in earlier if one.activity.status == DONE), None)
    count = f"{move.to}" if was is None else f"{was} -> {move.to}"
    units = _UNITS.get(part.target.scalable.dimension, "")
    by = f" (policy {move.policy})" if move.policy else ""
    status = move.activity.status
    outcome = "" if status == DONE else f", {status}{_says(move.activity.message)}"
    return f"scaling: {name} {count} {units}{by}{outcome}"


def _alarms(subject: Subject) -> Iterator[Happening]:
    """Alarms that began to fire, and those that ended; without enough data they say nothing."""
    for alarm in subject.around.alarms or ():
        if alarm.scales or alarm.state is AlarmState.INSUFFICIENT_DATA:
            continue
        on = f" on {alarm.metric}" if alarm.metric else ""
        what = "began to fire" if alarm.state is AlarmState.ALARM else "is OK again"
        yield Happening(int(alarm.since), f"alarm {alarm.name}{on} {what}")
