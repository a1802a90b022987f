"""The steps of a rollout: what is up of the new fleet, what is left of the old one, how long each step lasts.

Source: developer guide, blue/green deployments (all at once, canary, linear) and rolling deployments. Each shift of
traffic is followed by a baking period, the last one too. How long instances take to come is ours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ACTIVATING_S = 5.0
CREATING, ACTIVATING, BAKING, ENDING = "Creating", "ActivatingTraffic", "Baking", "Deleting"


@dataclass(frozen=True)
class Stage:
    """One step, by the VariantStatus that tells of it; `up` and `left` are shares of the new and the old fleet.

    While it ends, it is the old fleet that has the status. Alarms of an automatic rollback count while it bakes.
    """

    status: str
    lasts_s: float
    up: float = 0.0
    left: float = 1.0

    @property
    def watched(self) -> bool:
        """Whether an alarm rolls the deployment back."""
        return self.status == BAKING


def stages_of(deployment: Mapping[str, Any] | None, count: int, provision_s: float) -> tuple[Stage, ...]:
    """The steps for a fleet of `count` instances, whose instances take `provision_s` to serve, batch by batch."""
    if deployment is not None and "RollingUpdatePolicy" in deployment:
        return tuple(_rolling(deployment["RollingUpdatePolicy"], count, provision_s))
    return tuple(_blue_green((deployment or {}).get("BlueGreenUpdatePolicy", {}), count, provision_s))


def batches(size: Mapping[str, Any], count: int) -> list[float]:
    """The share of `count` instances that is done after each batch of a size; whole instances, one at least."""
    percent = size["Type"] == "CAPACITY_PERCENT"
    most = max(1, count * size["Value"] // 100) if percent else size["Value"]
    whole = max(1, count)
    return [min(whole, done + most) / whole for done in range(0, whole, most)]


def shifts(traffic: Mapping[str, Any], count: int) -> int:
    """In how many steps a blue/green deployment shifts its traffic."""
    if traffic.get("Type") == "CANARY":
        return 2
    if traffic.get("Type") != "LINEAR":
        return 1
    step = traffic["LinearStepSize"]
    whole = 100 if step["Type"] == "CAPACITY_PERCENT" else max(1, count)
    return -(-whole // int(step["Value"]))


def _blue_green(policy: Mapping[str, Any], count: int, provision_s: float) -> Iterator[Stage]:
    traffic = policy.get("TrafficRoutingConfiguration", {})
    yield Stage(CREATING, provision_s - ACTIVATING_S)
    for _ in range(shifts(traffic, count)):
        yield Stage(ACTIVATING, ACTIVATING_S, up=1.0)
        yield Stage(BAKING, traffic.get("WaitIntervalInSeconds", 0), up=1.0)
    yield Stage(ENDING, policy.get("TerminationWaitInSeconds", 0), up=1.0)


def _rolling(policy: Mapping[str, Any], count: int, provision_s: float) -> Iterator[Stage]:
    before = 0.0
    for done in batches(policy["MaximumBatchSize"], count):
        yield Stage(CREATING, provision_s - ACTIVATING_S, before, 1.0 - before)
        yield Stage(ACTIVATING, ACTIVATING_S, done, 1.0 - before)
        yield Stage(BAKING, policy["WaitIntervalInSeconds"], done, 1.0 - before)
        before = done
