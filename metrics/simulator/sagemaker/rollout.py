"""How endpoints move: creation, update with rollback, change of capacity, deletion. Durations are simulated.

What serves, as the metrics show it, changes when a rollout has ended: until then the old fleet has all the traffic.
"""

from collections.abc import Mapping
from typing import Any

from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.failures import (
    alarm_failure,
    provisioning_failure,
    timeout_failure,
    tripped_alarms,
    unhealthy_variant,
)
from smtop.metrics.simulator.sagemaker.resources import Endpoint, Rollout, Variant
from smtop.metrics.simulator.sagemaker.stages import CREATING, batches, stages_of

CREATING_S = 20.0
UPDATING_S = 20.0
ROLLING_BACK_S = 15.0
DELETING_S = 10.0
WATCH_S = 10.0


def plan(
    account: Account,
    endpoint: str,
    config_name: str,
    variants: list[Variant],
    started: float,
    provision_s: float = UPDATING_S,
    deployment: Mapping[str, Any] | None = None,
) -> Rollout:
    """A rollout of a configuration to an endpoint, as the deployment configuration wants it."""
    config, doom = account.configs[config_name].request, account.dooms.pop(endpoint, None)
    stages = stages_of(deployment, variants[0].desired_count, (doom and doom.provision_s) or provision_s)
    happening = tuple(stage for stage in stages if stage.lasts_s > 0)
    return Rollout(config_name, config, variants, started, happening, deployment, doom)


def begin_creation(account: Account, endpoint: Endpoint, rollout: Rollout) -> None:
    """Creating, then InService or Failed."""
    endpoint.status, endpoint.rollout = "Creating", rollout
    ends = rollout.started + sum(stage.lasts_s for stage in rollout.stages)
    account.schedule(ends, lambda at: _finish_creation(account, endpoint, rollout, at))


def begin_update(account: Account, endpoint: Endpoint, rollout: Rollout) -> None:
    """Updating, then InService on the new configuration, or RollingBack."""
    endpoint.status, endpoint.rollout, endpoint.modified = "Updating", rollout, rollout.started
    endpoint.failure_reason = None  # that of an earlier update: AWS forgets it when the next one begins
    _enter(account, endpoint, rollout, 0, rollout.started)


def begin_resize(account: Account, endpoint: Endpoint, now: float, lasts_s: float = UPDATING_S) -> None:
    """Updating while the variants go to their desired weights and capacities, then InService."""
    endpoint.status, endpoint.modified = "Updating", now
    account.schedule(now + lasts_s, lambda at: _finish_resize(account, endpoint, at))


def begin_deletion(account: Account, endpoint: Endpoint, now: float) -> None:
    """Deleting, then gone. Nothing serves from the first moment on."""
    endpoint.status, endpoint.modified = "Deleting", now
    account.withdraw(endpoint, now)
    account.schedule(now + DELETING_S, lambda at: account.remove_endpoint(endpoint.name, at))


def _finish_creation(account: Account, endpoint: Endpoint, rollout: Rollout, at: float) -> None:
    reason = provisioning_failure(account, rollout)
    endpoint.rollout, endpoint.modified = None, at
    if reason:
        endpoint.status, endpoint.failure_reason = "Failed", reason
        return
    _install(account, endpoint, rollout, at)


def _enter(account: Account, endpoint: Endpoint, rollout: Rollout, number: int, at: float) -> None:
    """Begin a stage of an update, or end the update after the last one."""
    if number == len(rollout.stages):
        _install(account, endpoint, rollout, at)
        return
    stage, limit = rollout.stages[number], rollout.started + rollout.longest_s
    if at + stage.lasts_s > limit:
        reason = timeout_failure(rollout.longest_s)
        account.schedule(limit, lambda later: _roll_back(account, endpoint, rollout, reason, later))
    if stage.watched:
        _watch(account, endpoint, rollout, number, at)
    account.schedule(at + stage.lasts_s, lambda later: _leave(account, endpoint, rollout, number, later))


def _leave(account: Account, endpoint: Endpoint, rollout: Rollout, number: int, at: float) -> None:
    """End a stage: a fleet that does not come up is found out when it should be there."""
    if not _goes_on(endpoint, rollout):
        return
    reason = provisioning_failure(account, rollout) if rollout.stages[number].status == CREATING else None
    if reason is not None:
        _roll_back(account, endpoint, rollout, reason, at)
        return
    _enter(account, endpoint, rollout, number + 1, at)


def _watch(account: Account, endpoint: Endpoint, rollout: Rollout, number: int, at: float) -> None:
    """Look at the alarms, now and again for as long as the stage lasts."""
    if not _goes_on(endpoint, rollout) or rollout.stage(at)[0] is not rollout.stages[number]:
        return
    tripped = tripped_alarms(account, rollout, at)
    if tripped:
        _roll_back(account, endpoint, rollout, alarm_failure(tripped), at)
        return
    account.schedule(at + WATCH_S, lambda later: _watch(account, endpoint, rollout, number, later))


def _goes_on(endpoint: Endpoint, rollout: Rollout) -> bool:
    return endpoint.rollout is rollout and endpoint.status == "Updating"


def _roll_back(account: Account, endpoint: Endpoint, rollout: Rollout, reason: str, at: float) -> None:
    if not _goes_on(endpoint, rollout):
        return
    endpoint.status, endpoint.failure_reason, endpoint.modified = "RollingBack", reason, at
    ends = at + ROLLING_BACK_S * _rollback_batches(rollout, at)
    account.schedule(ends, lambda later: _finish_rollback(account, endpoint, rollout, later))


def _rollback_batches(rollout: Rollout, at: float) -> int:
    """In how many steps the old fleet comes back: one, unless a rolling deployment wants it otherwise."""
    size = (rollout.deployment or {}).get("RollingUpdatePolicy", {}).get("RollbackMaximumBatchSize")
    if size is None:
        return 1
    gone = 1.0 - rollout.stage(at)[0].left
    return max(1, sum(done <= gone for done in batches(size, rollout.variants[0].desired_count)))


def _finish_rollback(account: Account, endpoint: Endpoint, rollout: Rollout, at: float) -> None:
    # Blue/green kept the old fleet all along. A rolling update has to start it again, which can fail as well.
    rolling = "RollingUpdatePolicy" in (rollout.deployment or {})
    stuck = rolling and unhealthy_variant(account, endpoint.variants) is not None
    stuck = stuck or (rollout.doom is not None and rollout.doom.rollback_fails)
    endpoint.status = "UpdateRollbackFailed" if stuck else "InService"
    endpoint.rollout, endpoint.modified = None, at


def _finish_resize(account: Account, endpoint: Endpoint, at: float) -> None:
    for variant in endpoint.variants:
        variant.arrive()
    endpoint.status, endpoint.modified = "InService", at
    account.deploy(endpoint, at)


def _install(account: Account, endpoint: Endpoint, rollout: Rollout, at: float) -> None:
    endpoint.status, endpoint.failure_reason, endpoint.rollout = "InService", None, None
    endpoint.config_name, endpoint.config, endpoint.variants = rollout.config_name, rollout.config, rollout.variants
    endpoint.last_deployment = rollout.deployment or endpoint.last_deployment
    endpoint.modified = at
    account.deploy(endpoint, at)


def retained(endpoint: Endpoint, fresh: list[Variant], request: Mapping[str, Any]) -> list[Variant]:
    """Fresh variants that keep the live weights and counts, where RetainAllVariantProperties asks for it."""
    if not request.get("RetainAllVariantProperties", False):
        return fresh
    excluded = {each["VariantPropertyType"] for each in request.get("ExcludeRetainedVariantProperties", ())}
    live = {variant.name: variant for variant in endpoint.variants}
    for variant in fresh:
        old = live.get(variant.name)
        if old is None or old.serverless is not None or variant.serverless is not None:
            continue
        if "DesiredWeight" not in excluded:
            variant.weight = variant.desired_weight = old.desired_weight
        if "DesiredInstanceCount" not in excluded:
            variant.count = variant.desired_count = old.desired_count
    return fresh
