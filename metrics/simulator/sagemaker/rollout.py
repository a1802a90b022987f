"""How endpoints move: creation, update with rollback, change of capacity, deletion. Durations are simulated.

A rollout fails when a model's container image is known to be bad: its name holds one of `BAD_IMAGE_WORDS`.
"""

from collections.abc import Mapping
from typing import Any

from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.resources import Endpoint, Rollout, Variant

CREATING_S = 20.0
UPDATING_S = 20.0
ROLLING_BACK_S = 15.0
DELETING_S = 10.0
BAD_IMAGE_WORDS = ("unhealthy", "crash")


def begin_creation(account: Account, endpoint: Endpoint, rollout: Rollout) -> None:
    """Creating, then InService or Failed."""
    endpoint.status, endpoint.rollout = "Creating", rollout
    ends = rollout.started + rollout.provision_s + rollout.bake_s
    account.schedule(ends, lambda at: _finish_creation(account, endpoint, rollout, at))


def begin_update(account: Account, endpoint: Endpoint, rollout: Rollout) -> None:
    """Updating, then InService on the new configuration, or RollingBack."""
    endpoint.status, endpoint.rollout, endpoint.modified = "Updating", rollout, rollout.started
    endpoint.failure_reason = None  # that of an earlier update: AWS forgets it when the next one begins
    sick = unhealthy_variant(account, rollout.variants)
    ends = rollout.started + rollout.provision_s + (0.0 if sick else rollout.bake_s)
    account.schedule(ends, lambda at: _finish_update(account, endpoint, rollout, at))


def begin_resize(account: Account, endpoint: Endpoint, now: float, lasts_s: float = UPDATING_S) -> None:
    """Updating while the variants go to their desired weights and capacities, then InService."""
    endpoint.status, endpoint.modified = "Updating", now
    account.schedule(now + lasts_s, lambda at: _finish_resize(account, endpoint, at))


def begin_deletion(account: Account, endpoint: Endpoint, now: float) -> None:
    """Deleting, then gone. Nothing serves from the first moment on."""
    endpoint.status, endpoint.modified = "Deleting", now
    account.withdraw(endpoint, now)
    account.schedule(now + DELETING_S, lambda at: account.remove_endpoint(endpoint.name, at))


def unhealthy_variant(account: Account, variants: list[Variant]) -> str | None:
    """The first variant whose model never answers a ping."""
    for variant in variants:
        if any(bad_image(image) for image in account.images(variant.settings.get("ModelName"))):
            return variant.name
    return None


def bad_image(image: str) -> bool:
    """Whether a container of this image never becomes healthy."""
    return any(word in image for word in BAD_IMAGE_WORDS)


def ping_failure(variant: str) -> str:
    """AWS's reason for a container that does not become healthy."""
    return (
        f"The primary container for production variant {variant} did not pass the ping health check. "
        "Please check CloudWatch logs for this endpoint."
    )


def _finish_creation(account: Account, endpoint: Endpoint, rollout: Rollout, at: float) -> None:
    sick = unhealthy_variant(account, rollout.variants)
    endpoint.rollout, endpoint.modified = None, at
    if sick:
        endpoint.status, endpoint.failure_reason = "Failed", ping_failure(sick)
        return
    _install(account, endpoint, rollout, at)


def _finish_update(account: Account, endpoint: Endpoint, rollout: Rollout, at: float) -> None:
    sick = unhealthy_variant(account, rollout.variants)
    endpoint.modified = at
    if sick is None:
        _install(account, endpoint, rollout, at)
        return
    endpoint.status, endpoint.failure_reason = "RollingBack", ping_failure(sick)
    account.schedule(at + ROLLING_BACK_S, lambda later: _finish_rollback(account, endpoint, rollout, later))


def _finish_rollback(account: Account, endpoint: Endpoint, rollout: Rollout, at: float) -> None:
    # Blue/green kept the old fleet all along. A rolling update has to start it again, which can fail as well.
    rolling = "RollingUpdatePolicy" in (rollout.deployment or {})
    stuck = rolling and unhealthy_variant(account, endpoint.variants) is not None
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
