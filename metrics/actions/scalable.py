"""Calls of Application Auto Scaling from its own documents: what takes a target away, and what puts it back."""

from collections.abc import Mapping, Sequence
from typing import Any

from smtop.metrics.actions.ground import SCALING
from smtop.metrics.actions.live import part_of
from smtop.metrics.actions.ports import Document
from smtop.metrics.domain.plan import Call

Scaling = Mapping[str, Sequence[Document]]
"""As in Ground: `targets`, `policies` and `schedules`."""

_PLACE = ("ServiceNamespace", "ResourceId", "ScalableDimension")
_TARGET = (*_PLACE, "MinCapacity", "MaxCapacity", "SuspendedState")
_POLICY = (
    "PolicyName",
    *_PLACE,
    "PolicyType",
    "StepScalingPolicyConfiguration",
    "TargetTrackingScalingPolicyConfiguration",
    "PredictiveScalingPolicyConfiguration",
)
_SCHEDULE = (
    "ScheduledActionName",
    *_PLACE,
    "Schedule",
    "Timezone",
    "StartTime",
    "EndTime",
    "ScalableTargetAction",
)


def place_of(document: Document) -> dict[str, Any]:
    """What every call about a target, policy or scheduled action names."""
    return {name: document[name] for name in _PLACE}


def registration(target: Document) -> Call:
    """Registers a target as it is described."""
    return Call(SCALING, "RegisterScalableTarget", _only(target, _TARGET))


def policy_call(policy: Document) -> Call:
    """Puts a policy as it is described; AWS makes its alarms anew."""
    return Call(SCALING, "PutScalingPolicy", _only(policy, _POLICY))


def schedule_call(action: Document) -> Call:
    """Puts a scheduled action as it is described."""
    return Call(SCALING, "PutScheduledAction", _only(action, _SCHEDULE))


def registrations(scaling: Scaling, part: str | None = None) -> tuple[Call, ...]:
    """All that puts scaling back as it is described; that of one variant or component where it is named."""
    makers = (("targets", registration), ("policies", policy_call), ("schedules", schedule_call))
    return tuple(
        make(document) for kind, make in makers for document in scaling.get(kind, ()) if _is_of(document, part)
    )


def deregistrations(scaling: Scaling, part: str | None = None) -> tuple[Call, ...]:
    """Takes targets away, with all that they have; a later failure puts them back."""
    return tuple(
        Call(
            SCALING,
            "DeregisterScalableTarget",
            place_of(target),
            back=registrations(scaling, part_of(target["ResourceId"])),
        )
        for target in scaling.get("targets", ())
        if _is_of(target, part)
    )


def _is_of(document: Document, part: str | None) -> bool:
    return part is None or part_of(document["ResourceId"]) == part


def _only(document: Document, names: Sequence[str]) -> dict[str, Any]:
    return {name: document[name] for name in names if document.get(name) is not None}
