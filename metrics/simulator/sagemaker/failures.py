"""Why a rollout fails: a container that is known to be bad, an alarm, too little time, or what a drill asks for.

Texts are those that operators report, where any were found; the ones about alarms and time are ours.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.resources import Doom, Rollout, Variant

BAD_IMAGE_WORDS = ("unhealthy", "crash")


def bad_image(image: str) -> bool:
    """Whether a container of this image never becomes healthy."""
    return any(word in image for word in BAD_IMAGE_WORDS)


def unhealthy_variant(account: Account, variants: Sequence[Variant]) -> str | None:
    """The first variant whose model never answers a ping."""
    for variant in variants:
        if any(bad_image(image) for image in account.images(variant.settings.get("ModelName"))):
            return variant.name
    return None


def provisioning_failure(account: Account, rollout: Rollout) -> str | None:
    """Why the new fleet does not come up, if it does not."""
    if rollout.doom is not None:
        wish = rollout.doom.fails
        return REASONS[wish](rollout.variants[0]) if wish in REASONS else wish
    sick = unhealthy_variant(account, rollout.variants)
    return None if sick is None else ping_failure(sick)


def tripped_alarms(account: Account, rollout: Rollout, at: float) -> list[str]:
    """The alarms of the automatic rollback that are in ALARM; one that does not exist watches nothing."""
    named = ((rollout.deployment or {}).get("AutoRollbackConfiguration") or {}).get("Alarms", ())
    names = [alarm["AlarmName"] for alarm in named]
    return [name for name in names if account.alarm_state(name, at) == "ALARM"]


def alarm_failure(names: Sequence[str]) -> str:
    """The reason for a rollback by alarms."""
    return f"The deployment was rolled back because these CloudWatch alarms went into the ALARM state: {list(names)}."


def timeout_failure(seconds: float) -> str:
    """The reason for a rollback after the longest time that was allowed."""
    return f"The deployment did not finish within its maximum execution timeout of {seconds:g} seconds."


def ping_failure(variant: str) -> str:
    """AWS's reason for a container that does not become healthy."""
    return (
        f"The primary container for production variant {variant} did not pass the ping health check. "
        "Please check CloudWatch logs for this endpoint."
    )


def _image_pull(variant: Variant) -> str:
    return (
        f"The image for production variant {variant.name} could not be pulled. Please ensure that the image exists and "
        "that the role passed to CreateModel has permissions to pull it."
    )


def _s3_access(variant: Variant) -> str:
    return (
        f'Failed to download model data for variant "{variant.name}". Please ensure that there is an object located at '
        "the URL and that the role passed to CreateModel has permissions to download the object."
    )


def _capacity(variant: Variant) -> str:
    return (
        "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry "
        "using a different ML instance type or after some time."
    )


def _quota(variant: Variant) -> str:
    kind = variant.settings.get("InstanceType", "serverless")
    return (
        f"The account-level service limit '{kind} for endpoint usage' was exceeded. Please use AWS Service Quotas to "
        "request an increase for this quota."
    )


REASONS: Mapping[str, Callable[[Variant], str]] = {
    "health-check": lambda variant: ping_failure(variant.name),
    "image-pull": _image_pull,
    "s3-access": _s3_access,
    "capacity": _capacity,
    "quota": _quota,
}


def read_dooms(body: Mapping[str, Mapping[str, Any]]) -> dict[str, Doom]:
    """Endpoint -> what its next rollout comes to, from the control path's JSON. Raises ValueError where malformed."""
    try:
        return {endpoint: Doom(**wish) for endpoint, wish in body.items()}
    except (AttributeError, TypeError) as problem:
        raise ValueError(f"malformed rollouts: {problem}; kinds are {', '.join(REASONS)}, or a text") from problem
