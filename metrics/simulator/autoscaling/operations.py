"""Application Auto Scaling's operations by name, as the wire finds them."""

from collections.abc import Callable, Mapping
from typing import Any

from smtop.metrics.simulator.autoscaling import changes, describe
from smtop.metrics.simulator.autoscaling.scaling import Scaling
from smtop.metrics.simulator.autoscaling.shapes import REQUESTS
from smtop.metrics.simulator.wire.operation import Handler, Operation
from smtop.metrics.simulator.wire.shapes import check

ScalingHandler = Callable[[Scaling, Mapping[str, Any], float], dict[str, Any]]

HANDLERS: Mapping[str, ScalingHandler] = {
    "RegisterScalableTarget": changes.register_target,
    "DeregisterScalableTarget": changes.deregister_target,
    "DescribeScalableTargets": describe.describe_targets,
    "PutScalingPolicy": changes.put_policy,
    "DeleteScalingPolicy": changes.delete_policy,
    "DescribeScalingPolicies": describe.describe_policies,
    "PutScheduledAction": changes.put_action,
    "DeleteScheduledAction": changes.delete_action,
    "DescribeScheduledActions": describe.describe_actions,
    "DescribeScalingActivities": describe.describe_activities,
}


def autoscaling_operations(scaling: Scaling) -> Mapping[str, Operation]:
    """The operations on one account."""
    return {name: Operation(REQUESTS[name], _checked(name, scaling)) for name in HANDLERS}


def _checked(name: str, scaling: Scaling) -> Handler:
    def run(request: dict[str, Any], now: float) -> dict[str, Any]:
        check(REQUESTS[name], request)
        return HANDLERS[name](scaling, request, now)

    return run
