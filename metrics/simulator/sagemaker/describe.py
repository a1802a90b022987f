"""DescribeEndpoint: what AWS shows of an endpoint, and above all what it leaves out.

There is no instance type outside a pending deployment, no weight or count for serverless, and nothing is null:
what does not apply is absent.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.resources import Endpoint, Rollout, Variant
from smtop.metrics.simulator.sagemaker.stages import ENDING, Stage

ECHOED = ("ManagedInstanceScaling", "RoutingConfig")


def describe_endpoint(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """The endpoint as it is at `now`."""
    endpoint = account.find_endpoint(request["EndpointName"])
    shown = {
        "EndpointName": endpoint.name,
        "EndpointArn": account.arn("endpoint", endpoint.name),
        "EndpointConfigName": endpoint.config_name,
        "EndpointStatus": endpoint.status,
        "FailureReason": endpoint.failure_reason,
        "CreationTime": endpoint.created,
        "LastModifiedTime": endpoint.modified,
        "LastDeploymentConfig": endpoint.last_deployment,
        "AsyncInferenceConfig": endpoint.config.get("AsyncInferenceConfig"),
        "ExplainerConfig": endpoint.config.get("ExplainerConfig"),
        "DataCaptureConfig": _capture(endpoint.config.get("DataCaptureConfig")),
        "PendingDeploymentSummary": _pending(account, endpoint, now),
        **_by_role(_variant(account, variant, endpoint, now) for variant in endpoint.variants),
    }
    return {name: value for name, value in shown.items() if value is not None}


def _by_role(variants: Iterable[tuple[bool, dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    roles: dict[str, list[dict[str, Any]]] = {}
    for shadow, shown in variants:
        roles.setdefault("ShadowProductionVariants" if shadow else "ProductionVariants", []).append(shown)
    return roles


def _variant(account: Account, variant: Variant, endpoint: Endpoint, now: float) -> tuple[bool, dict[str, Any]]:
    shown = _common(account, variant, endpoint.created)
    if endpoint.status != "Updating":
        return variant.shadow, shown
    if endpoint.rollout is None and variant.moving:
        shown["VariantStatus"] = [{"Status": "Updating", "StartTime": endpoint.modified}]
    if endpoint.rollout is not None:
        shown |= _leaving(variant, *endpoint.rollout.stage(now))
    return variant.shadow, shown


def _leaving(variant: Variant, stage: Stage, since: float) -> dict[str, Any]:
    """What changes of the old fleet while the new one comes."""
    shown: dict[str, Any] = {}
    if variant.serverless is None and stage.left < 1.0:
        shown["CurrentInstanceCount"] = round(variant.count * stage.left)
    if stage.status == ENDING:
        shown["VariantStatus"] = [{"Status": ENDING, "StartTime": since}]
    return shown


def _pending(account: Account, endpoint: Endpoint, now: float) -> dict[str, Any] | None:
    rollout = endpoint.rollout
    if rollout is None:
        return None
    stage, since = rollout.stage(now)
    status = None if stage.status == ENDING else stage.status
    if endpoint.status == "RollingBack":
        stage, status, since = rollout.stage(endpoint.modified)[0], ENDING, endpoint.modified
    steps = [{"Status": status, "StartTime": since}] if status else []
    variants = _by_role(_arriving(account, variant, rollout, stage.up, steps) for variant in rollout.variants)
    return {"EndpointConfigName": rollout.config_name, "StartTime": rollout.started, **variants}


def _arriving(
    account: Account, variant: Variant, rollout: Rollout, up: float, steps: list[dict[str, Any]]
) -> tuple[bool, dict[str, Any]]:
    shown = _common(account, variant, rollout.started)
    if "InstanceType" in variant.settings:
        shown["InstanceType"] = variant.settings["InstanceType"]
        shown["CurrentInstanceCount"] = round(variant.count * up)
    return variant.shadow, shown | ({"VariantStatus": steps} if steps else {})


def _common(account: Account, variant: Variant, since: float) -> dict[str, Any]:
    shown: dict[str, Any] = {"VariantName": variant.name}
    images = account.images(variant.settings.get("ModelName"))
    if images:
        shown["DeployedImages"] = [
            {"SpecifiedImage": image, "ResolvedImage": _resolved(image), "ResolutionTime": since} for image in images
        ]
    shown |= {name: variant.settings[name] for name in ECHOED if name in variant.settings}
    return shown | _capacity(variant)


def _capacity(variant: Variant) -> dict[str, Any]:
    if variant.serverless is not None:
        return {"CurrentServerlessConfig": variant.serverless, "DesiredServerlessConfig": variant.desired_serverless}
    return {
        "CurrentWeight": variant.weight,
        "DesiredWeight": variant.desired_weight,
        "CurrentInstanceCount": variant.count,
        "DesiredInstanceCount": variant.desired_count,
    }


def _resolved(image: str) -> str:
    """The image by digest, as a registry resolves a tag."""
    digest = hashlib.sha256(image.encode()).hexdigest()
    return f"{image.rpartition(':')[0] or image}@sha256:{digest}"


def _capture(config: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if config is None:
        return None
    enabled = config.get("EnableCapture", False)
    shown = {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
    }
    return shown | ({"KmsKeyId": config["KmsKeyId"]} if "KmsKeyId" in config else {})
