"""What is registered, its policies and scheduled actions, and everything that was done because of them.

Registering moves what lies outside of the bounds at once, as AWS says. What moves by itself is in `acting`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

from smtop.metrics.simulator.autoscaling.capacity import DIMENSIONS
from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.resources import NoGrowth
from smtop.metrics.simulator.wire.credentials import ACCOUNT_ID

SIX_WEEKS_S = 42 * 86_400.0
"""How long AWS keeps activities."""

ROLE = (
    f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)


UNFULFILLED_S = 900.0
"""How long a change is tried for that nothing comes of."""


class Key(NamedTuple):
    """A scalable resource."""

    resource: str
    dimension: str


def key_of(request: Mapping[str, Any]) -> Key:
    """The resource that a request is about."""
    return Key(request["ResourceId"], request["ScalableDimension"])


@dataclass
class Target:
    """A registered resource. Policies and scheduled actions by name, as the requests that made them."""

    least: int
    most: int
    created: float
    suspended: dict[str, bool]
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    actions: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Scaling:
    """Application Auto Scaling of one account. `alarms` is CloudWatch's list: target tracking adds its own to it."""

    account: Account
    alarms: list[Mapping[str, Any]]
    targets: dict[Key, Target] = field(default_factory=dict)
    activities: list[dict[str, Any]] = field(default_factory=list)
    _not_scaled: dict[Key, str] = field(default_factory=dict)
    _tried_until: dict[Key, float] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def new_id(self) -> str:
        """An id that looks like AWS's, the same in every run."""
        return f"{next(self._numbers):08x}-0000-4000-8000-{ACCOUNT_ID}"

    def existing(self, now: float) -> Mapping[Key, Target]:
        """The targets; those whose resource is gone have been deregistered with it."""
        for key in [key for key in self.targets if self.capacity(key) is None]:
            self.remove(key)
        self.activities = [one for one in self.activities if now - one["StartTime"] <= SIX_WEEKS_S]
        return self.targets

    def capacity(self, key: Key) -> int | None:
        """What is wanted of the resource now; None where it does not exist."""
        return DIMENSIONS[key.dimension].read(self.account, key.resource)

    def keep(self, key: Key, target: Target) -> None:
        """Register; an instance type can then no longer be changed under it."""
        self.targets[key] = target
        self.account.registered.add(key.resource)

    def remove(self, key: Key) -> None:
        """Deregister, with policies, their alarms, and scheduled actions."""
        target = self.targets.pop(key)
        self.account.registered.discard(key.resource)
        for policy in target.policies.values():
            self.drop_alarms(policy)

    def drop_alarms(self, policy: Mapping[str, Any]) -> None:
        """Take a policy's alarms out of CloudWatch."""
        names = {alarm["AlarmName"] for alarm in policy.get("Alarms", ())}
        self.alarms[:] = [alarm for alarm in self.alarms if alarm["AlarmName"] not in names]

    def keep_within_bounds(self, key: Key, now: float) -> None:
        """Move what lies outside of a target's bounds to the nearer one."""
        target, capacity = self.targets[key], self.capacity(key)
        if capacity is not None and capacity < target.least:
            self._pull(key, target.least, f"minimum capacity was set to {target.least}", now)
        elif capacity is not None and capacity > target.most:
            self._pull(key, target.most, f"maximum capacity was set to {target.most}", now)

    def _pull(self, key: Key, wanted: int, cause: str, now: float) -> None:
        if not self.move(key, wanted, cause, now):
            self.note_failure(key, f"{DIMENSIONS[key.dimension].words} to {wanted}", cause, now)

    def move(self, key: Key, wanted: int, cause: str, now: float) -> bool:
        """Change what is wanted of a resource, and note why; nothing happens while it is being updated.

        True also where there was an attempt that came to nothing: the next one waits for the cooldown.
        """
        refused, capacity = self._refused(key), self.capacity(key)
        if refused is not None and capacity is not None and wanted > capacity:
            if now >= self._tried_until.get(key, now):
                self._note_refused(key, wanted, cause, now, refused)
            return True
        moved = DIMENSIONS[key.dimension].write(self.account, key.resource, wanted, now)
        if moved:
            self.note(key, wanted, cause, now)
        return moved

    def _refused(self, key: Key) -> NoGrowth | None:
        kind, name, *_ = key.resource.split("/")
        return self.account.no_growth.get(name) if kind == "endpoint" else None

    def _note_refused(self, key: Key, wanted: int, cause: str, now: float, refused: NoGrowth) -> None:
        change = f"{DIMENSIONS[key.dimension].words} to {wanted}"
        failed = refused.status == "Failed"
        told = f"Failed to set {change}." if failed else f"Successfully set {change}. Change could not be fulfilled."
        ends = self._tried_until[key] = now if failed else now + UNFULFILLED_S
        outcome = {"StatusCode": refused.status, "StatusMessage": f"{told} Reason: {refused.reason}"}
        self._add(key, f"Setting {change}.", cause, now, ends, **outcome)

    def note(self, key: Key, wanted: int, cause: str, now: float, lasted_s: float = 20.0) -> None:
        """Add an activity; it is in progress until the resource has followed."""
        self._not_scaled.pop(key, None)
        change = f"{DIMENSIONS[key.dimension].words} to {wanted}"
        told = f"Successfully set {change}. Change successfully fulfilled by sagemaker."
        self._add(key, f"Setting {change}.", cause, now, now + lasted_s, StatusCode="Successful", StatusMessage=told)

    def note_bounds(self, key: Key, cause: str, now: float) -> None:
        """Add the activity of new bounds."""
        target = self.targets[key]
        change = f"min capacity to {target.least} and max capacity to {target.most}"
        told = f"Successfully set {change}"
        self._add(key, f"Setting {change}", cause, now, now, StatusCode="Successful", StatusMessage=told)

    def note_failure(self, key: Key, change: str, cause: str, now: float) -> None:
        """Add the activity of a change that could not be made."""
        told = f"Failed to set {change}. Reason: the resource cannot be changed to it at the moment."
        self._add(key, f"Setting {change}.", cause, now, now, StatusCode="Failed", StatusMessage=told)

    def note_not_scaled(self, key: Key, reason: str, cause: str, now: float) -> None:
        """Add that a policy did not scale; only the first time that it is for this reason."""
        if self._not_scaled.get(key) == reason:
            return
        self._not_scaled[key] = reason
        target, capacity = self.targets[key], self.capacity(key)
        bounds = {
            "AlreadyAtMaxCapacity": {"MaxCapacity": target.most},
            "AlreadyAtMinCapacity": {"MinCapacity": target.least},
        }
        reasons = [{"Code": reason, "CurrentCapacity": capacity, **bounds.get(reason, {})}]
        words = "Attempting to scale due to alarm triggered"
        self._add(key, words, cause, now, now, StatusCode="Failed", NotScaledReasons=reasons)

    def _add(self, key: Key, description: str, cause: str, start: float, end: float, **outcome: Any) -> None:
        self.activities.append(
            {
                "ActivityId": self.new_id(),
                "ServiceNamespace": "sagemaker",
                "ResourceId": key.resource,
                "ScalableDimension": key.dimension,
                "Description": description,
                "Cause": cause,
                "StartTime": start,
                "EndTime": end,
                **outcome,
            }
        )


def shown_activity(activity: Mapping[str, Any], now: float) -> dict[str, Any]:
    """An activity as it stands at `now`."""
    if now >= activity["EndTime"]:
        return dict(activity)
    change = activity["Description"].removeprefix("Setting ").removesuffix(".")
    waiting = f"Successfully set {change}. Waiting for change to be fulfilled by sagemaker."
    underway = {name: value for name, value in activity.items() if name != "EndTime"}
    return underway | {"StatusCode": "InProgress", "StatusMessage": waiting}
