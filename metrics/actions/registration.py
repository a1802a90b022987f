"""Takes a variant out of Application Auto Scaling for a change that AWS refuses otherwise, and puts it back.

AWS refuses another instance type for a variant that is registered, and deregistering takes policies and scheduled
actions with it. Source: developer guide, "Update endpoints that use automatic scaling".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.ports import Document
from smtop.metrics.actions.scalable import deregistrations, place_of, registrations
from smtop.metrics.domain.plan import Call, policy_arn
from smtop.metrics.domain.schedules import Bounds, next_firing
from smtop.metrics.errors import AwsError

_HANDLED = ("OKActions", "AlarmActions", "InsufficientDataActions")
_ALARM = (
    *("AlarmName", "AlarmDescription", "ActionsEnabled", *_HANDLED, "MetricName", "Namespace", "Statistic"),
    *("ExtendedStatistic", "Dimensions", "Period", "Unit", "EvaluationPeriods", "DatapointsToAlarm", "Threshold"),
    *("ComparisonOperator", "TreatMissingData", "EvaluateLowSampleCountPercentile", "Metrics", "ThresholdMetricId"),
)
"""What PutMetricAlarm takes of what DescribeAlarms says."""


@dataclass(frozen=True)
class Registration:
    """What it takes to leave and to come back; `notes` say what does not come back as it was."""

    leaving: tuple[Call, ...] = ()
    returning: tuple[Call, ...] = ()
    notes: tuple[str, ...] = ()


async def registration(part: str, ground: Ground, means: Means) -> Registration:
    """Of a variant; empty where it is not registered."""
    policies, actions = ground.scaled(part, "policies"), ground.scaled(part, "schedules")
    lasting = [action for action in actions if not _is_past(action, means.clock.wall())]
    scaling = {"targets": ground.scaled(part), "policies": policies, "schedules": lasting}
    alarms, notes = await _alarm_calls(policies, means)
    leaving = tuple(replace(call, back=(*call.back, *alarms)) for call in deregistrations(scaling))
    returning = (*(_with_way_back(call, leaving) for call in registrations(scaling)), *alarms)
    past = [action["ScheduledActionName"] for action in actions if action not in lasting]
    if past:
        notes = (*notes, f"Scheduled actions that are over do not come back: {', '.join(past)}.")
    return Registration(leaving, returning, notes)


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


async def _alarm_calls(policies: Sequence[Document], means: Means) -> tuple[tuple[Call, ...], tuple[str, ...]]:
    """What calls a step policy are people's own alarms, by its ARN; and the policy comes back under another one."""
    calls: list[Call] = []
    for policy in (one for one in policies if one["PolicyType"] == "StepScaling"):
        arn = policy["PolicyARN"]
        try:
            found = await means.control.entries("cloudwatch", "DescribeAlarms", "MetricAlarms", ActionPrefix=arn)
        except AwsError as error:
            told = (
                f"The policy {policy['PolicyName']} comes back under another ARN: name it to the alarms that call it."
            )
            return (), (f"{told} They could not be asked for: {error}",)
        calls += [_pointed_at(policy, alarm) for alarm in found if any(arn in alarm.get(name, ()) for name in _HANDLED)]
    return tuple(calls), ()


def _pointed_at(policy: Document, alarm: Document) -> Call:
    """The alarm as it is, calling the policy by its new ARN."""
    params = {name: alarm[name] for name in _ALARM if alarm.get(name) not in (None, [])}
    for name in _HANDLED:
        if name in params:
            new = policy_arn(place_of(policy), policy["PolicyName"])
            params[name] = [new if action == policy["PolicyARN"] else action for action in params[name]]
    return Call("cloudwatch", "PutMetricAlarm", params)
