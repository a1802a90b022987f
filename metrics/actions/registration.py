"""Takes a variant out of Application Auto Scaling for a change that AWS refuses otherwise, and puts it back.

AWS refuses another instance type for a variant that is registered, and deregistering takes policies and scheduled
actions with it. Source: developer guide, "Update endpoints that use automatic scaling".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.ports import Document
from smtop.metrics.actions.scalable import deregistrations, registrations
from smtop.metrics.domain.plan import Call
from smtop.metrics.domain.schedules import Bounds, next_firing


@dataclass(frozen=True)
class Registration:
    """What it takes to leave and to come back; `notes` say what does not come back as it was."""

    leaving: tuple[Call, ...] = ()
    returning: tuple[Call, ...] = ()
    notes: tuple[str, ...] = ()


def registration(part: str, ground: Ground, now: float) -> Registration:
    """Of a variant; empty where it is not registered. `now` in epoch seconds."""
    policies, actions = ground.scaled(part, "policies"), ground.scaled(part, "schedules")
    lasting = [action for action in actions if not _is_past(action, now)]
    scaling = {"targets": ground.scaled(part), "policies": policies, "schedules": lasting}
    past = [action["ScheduledActionName"] for action in actions if action not in lasting]
    leaving = deregistrations(scaling)
    returning = tuple(_with_way_back(call, leaving) for call in registrations(scaling))
    return Registration(leaving, returning, tuple(_notes(policies, past)))


def _with_way_back(call: Call, leaving: Sequence[Call]) -> Call:
    """A target that is back must go once more before an update can be taken back."""
    if call.operation != "RegisterScalableTarget":
        return call
    dimension = call.params["ScalableDimension"]
    downs = [replace(one, back=()) for one in leaving if one.params["ScalableDimension"] == dimension]
    return replace(call, back=tuple(downs))


def _is_past(action: Document, now: float) -> bool:
    """An action that never happens again is not put back: AWS would refuse it."""
    bounds = Bounds(action.get("StartTime"), action.get("EndTime"), action.get("CreationTime"))
    try:
        return next_firing(action["Schedule"], action.get("Timezone", ""), now, bounds) is None
    except ValueError:
        return False


def _notes(policies: Sequence[Document], past: Sequence[str]) -> Iterator[str]:
    for policy in policies:
        alarms = [alarm["AlarmName"] for alarm in policy.get("Alarms", ())]
        if policy["PolicyType"] == "StepScaling" and alarms:
            yield (
                f"The policy {policy['PolicyName']} comes back under another ARN: name that as the action of "
                f"{', '.join(alarms)}, which would call nothing otherwise."
            )
    if past:
        yield f"Scheduled actions that are over do not come back: {', '.join(past)}."
