"""What scales an endpoint, for tests of rules: parts, policies and what was done."""

from collections.abc import Mapping
from typing import Any

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.endpoint import Endpoint, Instances, Moving
from smtop.metrics.domain.scaling import (
    COPIES,
    INSTANCES,
    Scalable,
    ScalableTarget,
    ScaledPart,
    ScalingActivity,
    ScalingPolicy,
)
from smtop.metrics.domain.surroundings import Surroundings
from tests.support.engine import Values, hosted, variant_of
from tests.support.fleet import NOW_S
from tests.support.rules import seen

VARIANT = Scalable("endpoint/fraud/variant/AllTraffic", INSTANCES)
COMPONENT = Scalable("inference-component/llm", COPIES)

CALLS_EACH = "SageMakerVariantInvocationsPerInstance"

_WORDS = {INSTANCES: "instance count", COPIES: "copy count"}


def part(*activities: ScalingActivity, least: int = 1, most: int = 4, **members: Any) -> ScaledPart:
    """A registered part; `scalable`, `suspended`, `policies` and `known` (False: activities were not asked)."""
    target = ScalableTarget(members.get("scalable", VARIANT), least, most, members.get("suspended", frozenset()))
    known = activities if members.get("known", True) else None
    return ScaledPart(target, tuple(members.get("policies", ())), (), known)


def tracking(
    metric: str = "SageMakerVariantInvocationsPerInstance", target: float = 100.0, **more: Any
) -> ScalingPolicy:
    """A policy that keeps a metric at a target."""
    return ScalingPolicy(VARIANT, "track-calls", "TargetTrackingScaling", metric, target, **more)


def setting(
    to: int,
    ago_min: float,
    status: str = "Successful",
    *,
    message: str = "",
    policy: str | None = "track-calls",
    scalable: Scalable = VARIANT,
    took_min: float = 2.0,
) -> ScalingActivity:
    """AWS's record of a count that was set, or should have been, so many minutes before NOW."""
    started_at = NOW_S - ago_min * 60
    ended_at = None if status in ("Pending", "InProgress") else started_at + took_min * 60
    cause = f"monitor alarm high in state ALARM triggered policy {policy}" if policy else "minimum capacity was set"
    told = f"Setting desired {_WORDS[scalable.dimension]} to {to}."
    return ScalingActivity(scalable, started_at, status, told, cause, ended_at, message)


def ago(minutes_ago: float) -> float:
    """Epoch seconds, so many minutes before NOW."""
    return NOW_S - minutes_ago * 60


def sized(current: int, desired: int | None = None, status: str = "InService") -> Endpoint:
    """An endpoint of one variant with these instances."""
    count = Moving(current, current if desired is None else desired)
    return hosted(status=status, variants=(variant_of()._replace(instances=Instances(count, "ml.m5.xlarge")),))


def scaled(endpoint: Endpoint, *parts: ScaledPart, labels: Mapping[str, Values] | None = None, **more: Any) -> Subject:
    """An endpoint with these parts that scale; `more` are members of Surroundings."""
    return seen(endpoint, labels or {}, around=Surroundings(scaled=parts, **more))
