"""How the simulated AWS is told to misbehave, and what calls it has seen. For tests and drills."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smtop.metrics.simulator.cloudwatch import datapoints
from smtop.metrics.simulator.wire.credentials import expired
from smtop.metrics.simulator.wire.errors import ServiceError, broken
from smtop.metrics.simulator.wire.throttle import Rate

INSIGHTS = "cloudwatch:GetMetricData with Metrics Insights"
# GetMetricData, ListMetrics and DescribeAlarms: CloudWatch's published quotas, GetMetricData's older and lower one.
# AWS publishes no rate for SageMaker's control plane: a generous guess, so that only a scenario throttles it.
AWS_RATES = {
    "cloudwatch:GetMetricData": Rate(50, 50),
    INSIGHTS: Rate(10, 10),
    "cloudwatch:ListMetrics": Rate(25, 25),
    "cloudwatch:DescribeAlarms": Rate(9, 9),
    "cloudwatch:GetMetricStatistics": Rate(400, 400),
    datapoints.RECENT: Rate(180_000, 180_000),
    datapoints.OLDER: Rate(396_000, 396_000),
    "sagemaker": Rate(1000, 2000),
}
# The scenario `throttled`: a crowded account, in which other tools use up most of the allowance.
CROWDED_RATES = {
    "cloudwatch:GetMetricData": Rate(1, 2),
    "sagemaker:DescribeEndpoint": Rate(10, 10),
    "sagemaker:DescribeEndpointConfig": Rate(10, 10),
    "sagemaker:DescribeModel": Rate(10, 10),
    "sagemaker:DescribeInferenceComponent": Rate(10, 10),
}
# The scenario `denied`: a role without two of the permissions.
DENIED_ACTIONS = frozenset({"cloudwatch:ListMetrics", "sagemaker:ListTags"})


@dataclass(frozen=True)
class Faults:
    """What is wrong at the moment. `throttle` replaces AWS's rates for the actions that it names."""

    deny: frozenset[str] = frozenset()
    deny_endpoints: Mapping[str, frozenset[str]] = field(default_factory=dict)
    throttle: Mapping[str, Rate] = field(default_factory=dict)
    fail: Mapping[str, int] = field(default_factory=dict)
    expired: bool = False
    latency_ms: float = 0.0

    @property
    def rates(self) -> Mapping[str, Rate]:
        """The rates to throttle by."""
        return AWS_RATES | dict(self.throttle)

    def outage(self, action: str) -> ServiceError | None:
        """The refusal that has nothing to do with what is asked, if there is one."""
        if self.expired:
            return expired()
        return broken(self.fail[action]) if action in self.fail else None

    def denies(self, action: str, request: Mapping[str, Any]) -> bool:
        """Whether the caller lacks the permission for this request."""
        return action in self.deny or request.get("EndpointName") in self.deny_endpoints.get(action, ())

    def forbids(self, action: str, resource: str) -> bool:
        """Whether the caller lacks the permission on a resource, by its ARN; * stands for all of them."""
        closed = {name.lower() for name in self.deny_endpoints.get(action, ())}
        return action in self.deny or resource.rpartition(":endpoint/")[2] in closed


def read_faults(body: Mapping[str, Any], latency_ms: float) -> Faults:
    """Faults from the control path's JSON; `latency_ms` where it names none. Raises ValueError naming what is wrong."""
    unknown = set(body) - {"deny", "deny_endpoints", "throttle", "fail", "expired", "latency_ms"}
    if unknown:
        raise ValueError(f"unknown faults: {', '.join(sorted(unknown))}")
    try:
        return Faults(
            deny=frozenset(body.get("deny", ())),
            deny_endpoints={action: frozenset(names) for action, names in body.get("deny_endpoints", {}).items()},
            throttle={action: Rate(**limit) for action, limit in body.get("throttle", {}).items()},
            fail={action: int(status) for action, status in body.get("fail", {}).items()},
            expired=bool(body.get("expired", False)),
            latency_ms=float(body.get("latency_ms", latency_ms)),
        )
    except (AttributeError, TypeError) as problem:
        raise ValueError(f"malformed faults: {problem}") from problem


def opening_faults(plumbing: Sequence[str], closed_endpoint: str | None, latency_ms: float) -> Faults:
    """The faults of the plumbing scenarios; under `denied`, `closed_endpoint` cannot be described."""
    denied = "denied" in plumbing
    closed = {"sagemaker:DescribeEndpoint": frozenset({closed_endpoint})} if denied and closed_endpoint else {}
    return Faults(
        deny=DENIED_ACTIONS if denied else frozenset(),
        deny_endpoints=closed,
        throttle=CROWDED_RATES if "throttled" in plumbing else {},
        latency_ms=latency_ms,
    )


@dataclass
class CallLog:
    """Wire calls by `service:Operation`, and what the answered ones would be billed.

    What Metrics Insights queries have gone through is counted apart: it is a price of its own.
    """

    calls: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    billed_metrics: int = 0
    analysed_metrics: int = 0
