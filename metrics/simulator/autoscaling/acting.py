"""What Application Auto Scaling does by itself, minute by minute: scheduled actions, then target tracking.

As documented: scheduled actions ignore cooldowns; target tracking scales out if any policy wants to and in only if all
do, to the largest capacity that any of them wants, in proportion to its metric and rounded up; nothing scales while an
endpoint is being updated. A cooldown here blocks every further step of its direction, a larger one too. Step policies
have no alarms here, so nothing calls them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from smtop.metrics.simulator.autoscaling.scaling import Key, Scaling, Target
from smtop.metrics.simulator.autoscaling.schedules import MINUTE_S, is_due
from smtop.metrics.simulator.cloudwatch.alarms import Alarms

COOLDOWN_S = 300.0
# After a long time without calls, a laptop's sleep say, target tracking is made up for no further back than this.
CAUGHT_UP_S = 3600.0
TRACKING = "TargetTrackingScalingPolicyConfiguration"


@dataclass(frozen=True)
class Wish:
    """The capacity that a policy wants, and why."""

    capacity: int
    cause: str
    cooldown_s: float


@dataclass
class Acting:
    """The clockwork of one region's scaling. `_last_out` and `_last_in` are when target tracking last did either."""

    scaling: Scaling
    alarms: Alarms
    _last_out: dict[Key, float] = field(default_factory=dict)
    _last_in: dict[Key, float] = field(default_factory=dict)

    def start(self, now: float) -> None:
        """Act at every whole minute after `now`, which may be past."""
        minute = (int(now // MINUTE_S) + 1) * MINUTE_S
        self.scaling.account.schedule(minute, self._tick)

    def _tick(self, at: float) -> None:
        for key, target in list(self.scaling.existing(at).items()):
            self._follow_schedule(key, target, at)
            if self.scaling.account.settling_for - at <= CAUGHT_UP_S:
                self._track(key, target, at)
        self.start(at)

    def _follow_schedule(self, key: Key, target: Target, at: float) -> None:
        if target.suspended["ScheduledScalingSuspended"]:
            return
        for name, action in target.actions.items():
            if is_due(action, int(at)):
                self._set_bounds(key, target, name, action["ScalableTargetAction"], at)

    def _set_bounds(self, key: Key, target: Target, name: str, bounds: Mapping[str, int], at: float) -> None:
        least, most = bounds.get("MinCapacity", target.least), bounds.get("MaxCapacity", target.most)
        cause = f"scheduled action name {name} was triggered"
        if least > most:
            self.scaling.note_failure(key, f"min capacity to {least} and max capacity to {most}", cause, at)
            return
        target.least, target.most = least, most
        self.scaling.note_bounds(key, cause, at)
        self.scaling.keep_within_bounds(key, at)

    def _track(self, key: Key, target: Target, at: float) -> None:
        capacity = self.scaling.capacity(key)
        policies = [policy for policy in target.policies.values() if policy.get("Alarms")]
        if capacity is None or not policies:
            return
        wishes = [wish for policy in policies for wish in self._wish(policy, capacity, "High", at)]
        if wishes:
            self._scale_out(key, target, capacity, max(wishes, key=lambda wish: wish.capacity), at)
            return
        inward = [policy for policy in policies if not policy[TRACKING].get("DisableScaleIn")]
        wishes = [wish for policy in inward for wish in self._wish(policy, capacity, "Low", at)]
        if wishes and len(wishes) == len(inward):
            self._scale_in(key, target, capacity, max(wishes, key=lambda wish: wish.capacity), at)

    def _wish(self, policy: Mapping[str, Any], capacity: int, side: str, at: float) -> Iterator[Wish]:
        """What a policy wants if its alarm of that side is in ALARM."""
        tracking = policy[TRACKING]
        cooldown = tracking.get("ScaleOutCooldown" if side == "High" else "ScaleInCooldown", COOLDOWN_S)
        for named in policy["Alarms"]:
            name = named["AlarmName"]
            state, value = self.alarms.at(name, at) if f"-Alarm{side}-" in name else ("", None)
            if state != "ALARM":
                continue
            share = value / tracking["TargetValue"] if value is not None else 1.0
            proportional = ceil(round(max(capacity, 1) * share, 6))
            wanted = max(proportional, capacity + 1) if side == "High" else min(proportional, capacity)
            cause = f"monitor alarm {name} in state ALARM triggered policy {policy['PolicyName']}"
            yield Wish(wanted, cause, cooldown)

    def _scale_out(self, key: Key, target: Target, capacity: int, wish: Wish, at: float) -> None:
        cooling = at < self._last_out.get(key, float("-inf")) + wish.cooldown_s
        if cooling or target.suspended["DynamicScalingOutSuspended"]:
            return
        if capacity >= target.most:
            self.scaling.note_not_scaled(key, "AlreadyAtMaxCapacity", wish.cause, at)
        elif self._moved(key, min(wish.capacity, target.most), wish, at):
            self._last_out[key] = at

    def _scale_in(self, key: Key, target: Target, capacity: int, wish: Wish, at: float) -> None:
        since = max(self._last_in.get(key, float("-inf")), self._last_out.get(key, float("-inf")))
        if at < since + wish.cooldown_s or target.suspended["DynamicScalingInSuspended"]:
            return
        wanted = max(min(wish.capacity, target.most), target.least)
        if capacity <= target.least:
            self.scaling.note_not_scaled(key, "AlreadyAtMinCapacity", wish.cause, at)
        elif wanted < capacity and self._moved(key, wanted, wish, at):
            self._last_in[key] = at

    def _moved(self, key: Key, wanted: int, wish: Wish, at: float) -> bool:
        moved = self.scaling.move(key, wanted, wish.cause, at)
        if not moved:
            self.scaling.note_not_scaled(key, "TargetServicePutResourceAsUnscalable", wish.cause, at)
        return moved
