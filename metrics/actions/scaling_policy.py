"""Plans a scaling policy: target tracking by a metric, or the step that leaves zero instances when requests wait."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from smtop.metrics.actions.draft import Draft, blocked
from smtop.metrics.actions.ground import SCALING, Ground
from smtop.metrics.actions.live import digest
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.part import Part
from smtop.metrics.actions.scaling import meant_part, registered_first, restored
from smtop.metrics.actions.scaling_metrics import (
    IN_COOLDOWN_S,
    METRICS,
    OUT_COOLDOWN_S,
    USUAL,
    ScalingMetric,
    metric_of,
    specification,
    units,
)
from smtop.metrics.domain.change import Policy, Restore
from smtop.metrics.domain.plan import Call, policy_arn
from smtop.metrics.domain.scaling import INSTANCES

_STEP_COOLDOWN_S = 300
ALARMS = "smtop-leave-zero-"
"""What the alarms of step policies are called, before the name of their endpoint."""


async def plan_policy(change: Policy, ground: Ground, _: Means) -> Draft:
    meant = meant_part(change, ground)
    if isinstance(meant, str):
        return blocked(meant)
    return _plan_step(change, ground, meant) if change.step else _plan_tracking(change, ground, meant)


def _plan_tracking(change: Policy, ground: Ground, meant: Part) -> Draft:
    word = change.metric or USUAL[meant.dimension]
    metric = metric_of(word, meant.dimension)
    if metric is None:
        return blocked(f"There is no metric {word}; there are {', '.join(METRICS)}, or write NAMESPACE:NAME:STAT.")
    count = units(metric, ground.fields.get(f"{meant.name}.type"))
    complaints = tuple(_complaints(metric, change, ground, meant, count))
    if complaints:
        return blocked(*complaints)
    value = (change.target if change.target is not None else metric.target or 0.0) * (count or 1)
    name = change.name or f"smtop-{word.replace(':', '-').replace('/', '-').strip('-')}"
    configuration = {
        "TargetValue": value,
        **specification(metric, ground.name, meant.name),
        "ScaleInCooldown": IN_COOLDOWN_S if change.in_cooldown_s is None else change.in_cooldown_s,
        "ScaleOutCooldown": OUT_COOLDOWN_S if change.out_cooldown_s is None else change.out_cooldown_s,
        "DisableScaleIn": change.never_in,
    }
    params = {
        "PolicyName": name,
        **meant.place,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": configuration,
    }
    return _put(ground, meant, params, tuple(_warnings(metric, meant, ground, value, count)))


def _complaints(metric: ScalingMetric, change: Policy, ground: Ground, meant: Part, count: int | None) -> Iterator[str]:
    if metric.scales != meant.dimension:
        yield f"{metric.name} does not scale {meant.capacity}. Take {USUAL[meant.dimension]}."
    if change.target is None and metric.target is None:
        yield f"{metric.name} has no usual target. Name one with --target."
    if change.target is not None and change.target <= 0:
        yield "A target is above 0."
    if count is None:
        kind = ground.fields.get(f"{meant.name}.type")
        yield f"How many {metric.per_unit}s {kind} has is not known. Take another metric."
    if metric.name == METRICS["backlog"].name and not ground.is_async:
        yield f"{ground.name} is not asynchronous: it has no backlog."
    if metric.name == METRICS["invocations"].name and ground.is_async:
        yield "Asynchronous endpoints do not publish invocations per instance. Take backlog."


def _warnings(metric: ScalingMetric, meant: Part, ground: Ground, value: float, count: int | None) -> Iterator[str]:
    if count and count > 1:
        yield f"CloudWatch counts 100 % for each of {count} {metric.per_unit}s: the target is {value:g}."
    others = [str(one["PolicyName"]) for one in ground.scaled(meant.name, "policies")]
    if others:
        yield f"It scales by {', '.join(others)} already; the policy that wants most capacity wins."
    if meant.target is not None and meant.target["MinCapacity"] == 0:
        yield "Target tracking does not leave 0: add the step policy with --step."


def _plan_step(change: Policy, ground: Ground, meant: Part) -> Draft:
    """AWS's own recipe for asynchronous endpoints: one instance more as soon as requests wait where there is none."""
    if not ground.is_async or meant.dimension != INSTANCES:
        return blocked(f"{ground.name} is not asynchronous: only requests that wait can wake it from 0.")
    name = change.name or "smtop-leave-zero"
    configuration = {
        "AdjustmentType": "ChangeInCapacity",
        "MetricAggregationType": "Average",
        "Cooldown": _STEP_COOLDOWN_S if change.out_cooldown_s is None else change.out_cooldown_s,
        "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
    }
    params = {
        "PolicyName": name,
        **meant.place,
        "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": configuration,
    }
    alarm = f"{ALARMS}{ground.name}"
    told = (f"The alarm {alarm} is made with it, which AWS bills as any other.",)
    draft = _put(ground, meant, params, told, (_alarm(alarm, ground, meant, name),))
    if isinstance(draft.undo, Restore):
        undo = replace(draft.undo, documents={**draft.undo.documents, "alarms": [alarm]})
        return replace(draft, undo=undo)
    return draft


def _alarm(alarm: str, ground: Ground, meant: Part, policy: str) -> Call:
    """The alarm that a step policy needs: AWS makes none for it."""
    params = {
        "AlarmName": alarm,
        "MetricName": "HasBacklogWithoutCapacity",
        "Namespace": "AWS/SageMaker",
        "Dimensions": [{"Name": "EndpointName", "Value": ground.name}],
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 2,
        "DatapointsToAlarm": 2,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "missing",
        "AlarmActions": [policy_arn(meant.place, policy)],
    }
    back = Call("cloudwatch", "DeleteAlarms", {"AlarmNames": [alarm]})
    return Call("cloudwatch", "PutMetricAlarm", params, back=(back,))


def _put(
    ground: Ground, meant: Part, params: dict[str, Any], warnings: tuple[str, ...], then: tuple[Call, ...] = ()
) -> Draft:
    first, registered = registered_first(meant)
    path = meant.field(f"policy.{params['PolicyName']}")
    after = {**registered, path: digest(params)}
    if not registered and ground.fields.get(path) == after[path]:
        return blocked("It is so already.")
    deletion = Call(SCALING, "DeleteScalingPolicy", {**meant.place, "PolicyName": params["PolicyName"]})
    put = Call(SCALING, "PutScalingPolicy", params, back=(deletion,) if ground.fields.get(path) is None else ())
    return Draft(
        after, (*first, put, *then), warnings=warnings, undo=restored(ground, meant, after), variant=meant.name
    )
