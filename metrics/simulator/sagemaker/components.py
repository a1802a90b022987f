"""Inference components: create, describe, list, update, resize, delete. They move as endpoints do."""

from collections.abc import Mapping
from typing import Any

from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.failures import bad_image
from smtop.metrics.simulator.sagemaker.listing import list_rows
from smtop.metrics.simulator.sagemaker.resources import Component
from smtop.metrics.simulator.sagemaker.rollout import CREATING_S, DELETING_S, UPDATING_S
from smtop.metrics.simulator.sagemaker.tags import tag
from smtop.metrics.simulator.wire.errors import invalid

IN_PROGRESS = {"Creating", "Updating", "Deleting"}


def create_component(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """The endpoint must be in service and its variant must have been made without a model."""
    name = request["InferenceComponentName"]
    if name in account.components:
        raise account.duplicate("inference-component", name)
    variant = _variant_for(account, request)
    specification = request["Specification"]
    _check_specification(account, specification)
    copies = int(request.get("RuntimeConfig", {}).get("CopyCount", 1))
    component = Component(
        name, request["EndpointName"], variant, specification, now, now, "Creating", copies=0, desired_copies=copies
    )
    account.place(component)
    account.schedule(now + CREATING_S, lambda at: _arrive(account, component, at))
    tag(account, _arn(account, component), request)
    return {"InferenceComponentArn": _arn(account, component)}


def describe_component(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """The component as it is now; members that do not apply are absent."""
    component = account.find_component(request["InferenceComponentName"])
    shown = {
        **_summary(account, component),
        "FailureReason": component.failure_reason,
        "Specification": _specification(component),
        "RuntimeConfig": {"DesiredCopyCount": component.desired_copies, "CurrentCopyCount": component.copies},
        "LastDeploymentConfig": component.last_deployment,
    }
    return {name: value for name, value in shown.items() if value is not None}


def list_components(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Summaries of the components; those of one endpoint are found without looking at the others."""
    found = account.components
    if "EndpointNameEquals" in request:
        found = account.placed.get(request["EndpointNameEquals"], {})
    rows = [_summary(account, component) for component in found.values()]
    return list_rows("InferenceComponent", rows, request, "InferenceComponents")


def update_component(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """A new specification, a new number of copies, or both."""
    component = _changeable(account, request["InferenceComponentName"])
    specification = request.get("Specification", component.specification)
    _check_specification(account, specification)
    component.last_deployment = request.get("DeploymentConfig", component.last_deployment)
    copies = int(request.get("RuntimeConfig", {}).get("CopyCount", component.desired_copies))
    return _move(account, component, specification, copies, now)


def resize_component(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """UpdateInferenceComponentRuntimeConfig."""
    component = _changeable(account, request["InferenceComponentName"])
    copies = int(request["DesiredRuntimeConfig"]["CopyCount"])
    return _move(account, component, component.specification, copies, now)


def delete_component(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Deleting, then gone; its calls end at once."""
    component = account.find_component(request["InferenceComponentName"])
    if component.status in IN_PROGRESS:
        raise _busy(account, component)
    component.status, component.modified = "Deleting", now
    _redeploy(account, component, now)
    account.schedule(now + DELETING_S, lambda at: account.displace(component))
    return {}


def _variant_for(account: Account, request: Mapping[str, Any]) -> str:
    endpoint = account.find_endpoint(request["EndpointName"])
    arn = account.arn("endpoint", endpoint.name)
    if endpoint.status != "InService":
        raise invalid(f'Cannot create an inference component on endpoint "{arn}" with status "{endpoint.status}".')
    variants = {variant.name: variant for variant in endpoint.variants}
    name = str(request.get("VariantName", endpoint.variants[0].name))
    if name not in variants:
        raise invalid(f'Could not find variant "{name}" in endpoint "{arn}".')
    if "ModelName" in variants[name].settings:
        raise invalid(f'Endpoint "{arn}" hosts models and does not support inference components.')
    return name


def _check_specification(account: Account, specification: Mapping[str, Any]) -> None:
    sources = [member for member in ("ModelName", "Container", "BaseInferenceComponentName") if member in specification]
    if not sources:
        raise invalid("One of ModelName, Container and BaseInferenceComponentName must be specified.")
    model = specification.get("ModelName")
    if model is not None and model not in account.models:
        raise account.missing("model", model)
    base = specification.get("BaseInferenceComponentName")
    if base is None and "ComputeResourceRequirements" not in specification:
        raise invalid("ComputeResourceRequirements must be specified for an inference component without a base.")
    if base is not None:
        account.find_component(base)


def _changeable(account: Account, name: str) -> Component:
    component = account.find_component(name)
    if component.status in IN_PROGRESS:
        raise _busy(account, component)
    return component


def _busy(account: Account, component: Component) -> Exception:
    return invalid(f'Cannot update in-progress inference component "{_arn(account, component)}".')


def _move(
    account: Account, component: Component, specification: Mapping[str, Any], copies: int, now: float
) -> dict[str, Any]:
    component.status, component.modified, component.desired_copies = "Updating", now, copies
    account.schedule(now + UPDATING_S, lambda at: _finish_move(account, component, specification, at))
    return {"InferenceComponentArn": _arn(account, component)}


def _finish_move(account: Account, component: Component, specification: Mapping[str, Any], at: float) -> None:
    if _sick(account, specification):
        # The copies that served keep serving: a component that fails to update is rolled back.
        component.status, component.modified, component.desired_copies = "InService", at, component.copies
        component.failure_reason = _failure(component)
        return
    component.specification = specification
    _arrive(account, component, at)


def _arrive(account: Account, component: Component, at: float) -> None:
    component.modified = at
    if _sick(account, component.specification):
        component.status, component.failure_reason = "Failed", _failure(component)
        return
    component.status, component.failure_reason, component.copies = "InService", None, component.desired_copies
    _redeploy(account, component, at)


def _redeploy(account: Account, component: Component, at: float) -> None:
    account.deploy(account.endpoints[component.endpoint], at)


def _sick(account: Account, specification: Mapping[str, Any]) -> bool:
    inline = specification.get("Container", {}).get("Image", "")
    return any(bad_image(image) for image in [inline, *account.images(specification.get("ModelName"))])


def _failure(component: Component) -> str:
    return (
        f"The container for inference component {component.name} did not pass the ping health check. "
        "Please check CloudWatch logs for this inference component."
    )


def _arn(account: Account, component: Component) -> str:
    return account.arn("inference-component", component.name)


def _summary(account: Account, component: Component) -> dict[str, Any]:
    return {
        "InferenceComponentName": component.name,
        "InferenceComponentArn": _arn(account, component),
        "EndpointName": component.endpoint,
        "EndpointArn": account.arn("endpoint", component.endpoint),
        "VariantName": component.variant,
        "CreationTime": component.created,
        "LastModifiedTime": component.modified,
        "InferenceComponentStatus": component.status,
    }


def _specification(component: Component) -> dict[str, Any]:
    shown = dict(component.specification)
    if "Container" in shown:
        container = dict(shown["Container"])
        image = container.pop("Image", None)
        deployed = {"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": component.created}
        shown["Container"] = container | ({"DeployedImage": deployed} if image else {})
    return shown
