"""The calls that put the scaling of one part back as AWS's own documents have it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from smtop.metrics.actions.ground import SCALING
from smtop.metrics.actions.ports import Document
from smtop.metrics.actions.scalable import policy_call, registration, schedule_call
from smtop.metrics.domain.plan import Call, Fields, Until
from smtop.metrics.domain.scaling import COPIES, Suspension

_MARK = ".scaling."
_BOUNDS = ("least", "most", "suspended")


def is_scaling(path: str) -> bool:
    """Whether a field belongs to Application Auto Scaling."""
    return _MARK in path


def scaling_calls(fields: Fields, documents: Mapping[str, Any]) -> tuple[Call, ...]:
    """Calls for the fields of one part; `documents` are those of `scaling.restored`."""
    own = {path.partition(_MARK)[2]: value for path, value in fields.items() if is_scaling(path)}
    if "least" in own and own["least"] is None:
        return (Call(SCALING, "DeregisterScalableTarget", documents["place"]), *_alarm_calls(documents))
    return tuple(_calls(own, documents))


def _calls(own: Mapping[str, Any], documents: Mapping[str, Any]) -> Iterator[Call]:
    if any(name in own for name in _BOUNDS):
        yield from map(_registration, documents["targets"])
    for name, value in own.items():
        kind, _, named = name.partition(".")
        if kind == "policy":
            yield from _put_or_deleted(value, named, documents, "policies", "PolicyName")
        elif kind == "schedule":
            yield from _put_or_deleted(value, named, documents, "schedules", "ScheduledActionName")
    yield from _alarm_calls(documents)


_MAKERS = {"policies": (policy_call, "DeleteScalingPolicy"), "schedules": (schedule_call, "DeleteScheduledAction")}


def _put_or_deleted(value: object, name: str, documents: Mapping[str, Any], kind: str, member: str) -> Iterator[Call]:
    make, deletion = _MAKERS[kind]
    if value is None:
        yield Call(SCALING, deletion, {**documents["place"], member: name})
    else:
        yield from (make(one) for one in documents[kind] if one[member] == name)


def _registration(target: Document) -> Call:
    """What is not suspended is said too: AWS leaves alone what is not."""
    state = {suspension.value: False for suspension in Suspension} | dict(target.get("SuspendedState") or {})
    until = Until.COMPONENTS_SETTLED if target["ScalableDimension"] == COPIES else Until.IN_SERVICE
    return replace(registration({**target, "SuspendedState": state}), until=until)


def _alarm_calls(documents: Mapping[str, Any]) -> Iterator[Call]:
    """An alarm that a change made goes with it."""
    names: Sequence[str] = documents.get("alarms", ())
    if names:
        yield Call("cloudwatch", "DeleteAlarms", {"AlarmNames": list(names)})
