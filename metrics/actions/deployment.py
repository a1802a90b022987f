"""How UpdateEndpoint rolls a change out: AWS's deployment guardrails, and the alarms that end them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.means import Means
from smtop.metrics.domain.change import Deployment
from smtop.metrics.errors import AwsError

_CANARY_PERCENT, _LINEAR_PERCENT, _ROLLING_PERCENT = 10, 20, 20
_INTERVAL_S = 300
_BAKE_S = 300
_SIZES = {"canary": range(1, 51), "linear": range(10, 51), "rolling": range(5, 51)}
"""Percent that AWS allows."""
_LONGEST_S = 3600
_MOST_ALARMS = 10


@dataclass(frozen=True)
class RollOut:
    """`config` is UpdateEndpoint's DeploymentConfig, None for AWS's own way."""

    config: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()


async def roll_out(wanted: Deployment, ground: Ground, means: Means) -> RollOut:
    """The way of one update. Alarms must exist and be OK now: AWS would roll back at once."""
    blockers = (*_complaints(wanted, ground), *await _alarm_complaints(wanted, means))
    if blockers:
        return RollOut(blockers=blockers)
    config = _config(wanted)
    return RollOut(config, tuple(_warnings(wanted, ground)))


def _config(wanted: Deployment) -> Mapping[str, Any] | None:
    if wanted.policy is None and not wanted.alarms:
        return None
    policy = _POLICIES[wanted.policy or "all-at-once"](wanted)
    if not wanted.alarms:
        return policy
    return {**policy, "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in wanted.alarms]}}


def _blue_green(kind: str, size: str, percent: int) -> Callable[[Deployment], Mapping[str, Any]]:
    def policy(wanted: Deployment) -> Mapping[str, Any]:
        routing: dict[str, Any] = {"Type": kind, "WaitIntervalInSeconds": _or(wanted.interval_s, _INTERVAL_S)}
        if size:
            routing[size] = _percent(wanted, percent)
        bake_s = _or(wanted.bake_s, _BAKE_S)
        return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": bake_s}}

    return policy


def _rolling(wanted: Deployment) -> Mapping[str, Any]:
    batch = {
        "MaximumBatchSize": _percent(wanted, _ROLLING_PERCENT),
        "WaitIntervalInSeconds": _or(wanted.interval_s, _INTERVAL_S),
    }
    return {"RollingUpdatePolicy": batch}


def _percent(wanted: Deployment, usual: int) -> Mapping[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": _or(wanted.step_percent, usual)}


def _or(value: int | None, usual: int) -> int:
    return usual if value is None else value


_POLICIES: Mapping[str, Callable[[Deployment], Mapping[str, Any]]] = {
    "all-at-once": _blue_green("ALL_AT_ONCE", "", 0),
    "canary": _blue_green("CANARY", "CanarySize", _CANARY_PERCENT),
    "linear": _blue_green("LINEAR", "LinearStepSize", _LINEAR_PERCENT),
    "rolling": _rolling,
}


def _complaints(wanted: Deployment, ground: Ground) -> Iterator[str]:
    policy = wanted.policy
    if policy is not None and policy not in _POLICIES:
        yield f"There is no policy {policy}; there are {', '.join(_POLICIES)}."
    sizes = _SIZES.get(policy or "")
    if wanted.step_percent is not None and (sizes is None or wanted.step_percent not in sizes):
        allowed = f"{sizes[0]} to {sizes[-1]} %" if sizes else "no size"
        yield f"The policy {policy or 'all-at-once'} takes {allowed}."
    if any(not 0 <= _or(seconds, 0) <= _LONGEST_S for seconds in (wanted.interval_s, wanted.bake_s)):
        yield f"AWS waits {_LONGEST_S} seconds between steps at most."
    if policy == "rolling" and ground.is_serverless:
        yield "AWS does not roll serverless endpoints in batches. Take canary, linear or all-at-once."
    if policy == "rolling" and len(ground.production) > 1:
        yield "AWS does not roll endpoints of several variants in batches. Take canary, linear or all-at-once."


async def _alarm_complaints(wanted: Deployment, means: Means) -> tuple[str, ...]:
    if not wanted.alarms:
        return ()
    if len(wanted.alarms) > _MOST_ALARMS:
        return (f"AWS takes {_MOST_ALARMS} alarms at most.",)
    try:
        found = await means.control.entries(
            "cloudwatch", "DescribeAlarms", "MetricAlarms", AlarmNames=list(wanted.alarms)
        )
    except AwsError as error:
        return (f"Whether the alarms are OK cannot be asked: {error}",)
    states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in found}
    return tuple(_of_state(name, states.get(name)) for name in wanted.alarms if states.get(name) != "OK")


def _of_state(name: str, state: str | None) -> str:
    if state is None:
        return f"There is no alarm {name} in this region."
    return f"The alarm {name} is {state} now: AWS would roll the update back. It must be OK before."


def _warnings(wanted: Deployment, ground: Ground) -> Iterator[str]:
    if ground.is_serverless:
        yield "The containers start anew: expect cold starts."
    elif wanted.policy != "rolling":
        yield "AWS needs as many instances again while old and new fleet stand side by side."
    if wanted.alarms:
        yield f"AWS goes back by itself when {' or '.join(wanted.alarms)} goes into ALARM."
