"""What scales the parts of an endpoint: Application Auto Scaling's side, and SageMaker's own managed scaling.

All times are epoch seconds.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from smtop.metrics.domain.endpoint import Endpoint

INSTANCES = "sagemaker:variant:DesiredInstanceCount"
PROVISIONED = "sagemaker:variant:DesiredProvisionedConcurrency"
COPIES = "sagemaker:inference-component:DesiredCopyCount"
"""What can be scaled: AWS's dimensions."""


class Suspension(StrEnum):
    """What of the scaling of a target is suspended; the values are AWS's members."""

    SCALE_IN = "DynamicScalingInSuspended"
    SCALE_OUT = "DynamicScalingOutSuspended"
    SCHEDULED = "ScheduledScalingSuspended"


class Scalable(NamedTuple):
    """What may be registered: AWS's id of the resource, and its dimension."""

    resource: str
    dimension: str


@dataclass(frozen=True)
class ScalableTarget:
    """A registered resource with its bounds."""

    scalable: Scalable
    least: int
    most: int
    suspended: frozenset[Suspension] = frozenset()
    created_at: float | None = None


@dataclass(frozen=True)
class Step:
    """A step of step scaling: how far from the alarm's threshold it begins and ends, and what it does there."""

    lower: float | None
    upper: float | None
    adjustment: int


@dataclass(frozen=True)
class ScalingPolicy:
    """A policy. `metric` is predefined or custom, with its statistic; `target` the value that it is kept at.

    `adjustment` says how the steps of a step policy count; `alarms` are CloudWatch's names.
    """

    scalable: Scalable
    name: str
    kind: str
    metric: str = ""
    target: float | None = None
    scale_out_cooldown_s: int | None = None
    scale_in_cooldown_s: int | None = None
    never_in: bool = False
    adjustment: str = ""
    steps: tuple[Step, ...] = ()
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScheduledAction:
    """A change of bounds at set times. `schedule` is AWS's expression, in `timezone` (an IANA name, UTC by default)."""

    scalable: Scalable
    name: str
    schedule: str
    timezone: str = "UTC"
    least: int | None = None
    most: int | None = None
    starts_at: float | None = None
    ends_at: float | None = None
    created_at: float | None = None


@dataclass(frozen=True)
class ScalingActivity:
    """Something that Application Auto Scaling did or tried; the newest are kept by AWS for six weeks."""

    scalable: Scalable
    started_at: float
    status: str
    description: str
    cause: str
    ended_at: float | None = None
    message: str = ""


@dataclass(frozen=True)
class ScaledPart:
    """A registered part of an endpoint with all that was learned of it; None is what could not be asked.

    `activities` are the newest, newest first.
    """

    target: ScalableTarget
    policies: tuple[ScalingPolicy, ...] | None = ()
    schedules: tuple[ScheduledAction, ...] | None = ()
    activities: tuple[ScalingActivity, ...] | None = ()


@dataclass(frozen=True)
class ManagedScaling:
    """What SageMaker itself may do to the number of a variant's instances, without Application Auto Scaling."""

    status: str
    least: int | None
    most: int | None


def scalable_resources(endpoint: Endpoint) -> tuple[str, ...]:
    """The ids under which parts of an endpoint are registered with Application Auto Scaling."""
    variants = (f"endpoint/{endpoint.name}/variant/{variant.name}" for variant in endpoint.variants)
    components = (f"inference-component/{component.name}" for component in endpoint.components)
    return (*variants, *components)
