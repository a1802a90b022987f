"""CreateEndpoint, UpdateEndpoint, UpdateEndpointWeightsAndCapacities, DeleteEndpoint, ListEndpoints."""

import json
from collections.abc import Mapping
from typing import Any

from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.capacity import check_capacity, set_capacity
from smtop.metrics.simulator.sagemaker.config_rules import check_models, is_serverless
from smtop.metrics.simulator.sagemaker.deployment_rules import check_deployment
from smtop.metrics.simulator.sagemaker.listing import list_rows
from smtop.metrics.simulator.sagemaker.quotas import Quotas
from smtop.metrics.simulator.sagemaker.resources import Endpoint, variants_of
from smtop.metrics.simulator.sagemaker.rollout import (
    CREATING_S,
    begin_creation,
    begin_deletion,
    begin_resize,
    begin_update,
    plan,
    retained,
)
from smtop.metrics.simulator.sagemaker.tags import tag
from smtop.metrics.simulator.wire.errors import invalid

IN_PROGRESS = {"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"}
# A Failed or OutOfService endpoint can only be deleted; after a failed rollback another update is the remedy.
UPDATABLE = {"InService", "UpdateRollbackFailed"}
DEREGISTER = "application-autoscaling:DeregisterScalableTarget"


class Endpoints:
    """The operations on endpoints of one account, with its quotas."""

    def __init__(self, quotas: Quotas) -> None:
        self._quotas = quotas

    def create(self, account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
        """CreateEndpoint: the configuration has to exist, the name has to be free."""
        name, config_name = request["EndpointName"], request["EndpointConfigName"]
        if name in account.endpoints:
            raise account.duplicate("endpoint", name)
        config = account.find_config(config_name).request
        check_models(account, config)
        deployment = request.get("DeploymentConfig")
        if deployment is not None:
            check_deployment(deployment, None, config)
        variants = variants_of(config)
        self._quotas.check(account, (), variants)
        endpoint = Endpoint(name, config_name, config, now, now, "Creating")
        account.endpoints[name] = endpoint
        begin_creation(account, endpoint, plan(account, name, config_name, variants, now, CREATING_S))
        endpoint.last_deployment = deployment
        arn = account.arn("endpoint", name)
        tag(account, arn, request)
        return {"EndpointArn": arn}

    def update(self, account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
        """UpdateEndpoint: without RetainAllVariantProperties, weights and counts fall back to the configuration's.

        The live configuration has to exist as well: public reports tell of updates that AWS refused after its deletion.
        """
        endpoint = account.find_endpoint(request["EndpointName"])
        _updatable(account, endpoint)
        config_name = request["EndpointConfigName"]
        config = account.find_config(config_name).request
        account.find_config(endpoint.config_name)
        check_models(account, config)
        _hosting_may_change(endpoint, config)
        _scaled_may_change(account, endpoint, config)
        deployment = _deployment(endpoint, request)
        if deployment is not None:
            check_deployment(deployment, endpoint.config, config)
        variants = retained(endpoint, variants_of(config), request)
        self._quotas.check(account, endpoint.variants, variants)
        rollout = plan(account, endpoint.name, config_name, variants, now, deployment=deployment)
        begin_update(account, endpoint, rollout)
        return {"EndpointArn": account.arn("endpoint", endpoint.name)}

    def resize(self, account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
        """UpdateEndpointWeightsAndCapacities."""
        endpoint = account.find_endpoint(request["EndpointName"])
        _updatable(account, endpoint)
        wanted = request["DesiredWeightsAndCapacities"]
        check_capacity(endpoint, wanted)
        variants = set_capacity(endpoint.variants, wanted)
        self._quotas.check(account, endpoint.variants, variants)
        endpoint.variants = variants
        begin_resize(account, endpoint, now)
        return {"EndpointArn": account.arn("endpoint", endpoint.name)}


def _updatable(account: Account, endpoint: Endpoint) -> None:
    arn = account.arn("endpoint", endpoint.name)
    if endpoint.status in IN_PROGRESS:
        raise invalid(f'Cannot update in-progress endpoint "{arn}".')
    if endpoint.status not in UPDATABLE:
        raise invalid(f'Cannot update endpoint "{arn}" with status "{endpoint.status}".')


def _hosting_may_change(endpoint: Endpoint, new: Mapping[str, Any]) -> None:
    if is_serverless(new) and not is_serverless(endpoint.config):
        raise invalid("Cannot update an instance-based endpoint to a serverless endpoint.")
    if "AsyncInferenceConfig" in endpoint.config and "AsyncInferenceConfig" not in new:
        raise invalid(f"The AsyncInferenceConfig parameter cannot be removed from this endpoint {endpoint.name}.")


def _scaled_may_change(account: Account, endpoint: Endpoint, new: Mapping[str, Any]) -> None:
    """A variant that is registered with Application Auto Scaling keeps its instance type."""
    types = {variant["VariantName"]: variant.get("InstanceType") for variant in new["ProductionVariants"]}
    stuck = [
        variant.name
        for variant in endpoint.variants
        if account.scales(endpoint, variant) and types.get(variant.name, "") != variant.settings.get("InstanceType")
    ]
    if stuck:
        raise invalid(
            f'The variant(s) "{json.dumps(stuck)}" must be deregistered as scalable targets with AWS Auto Scaling '
            "before they can be removed or have their instance type updated."
        )


def _deployment(endpoint: Endpoint, request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    given: Mapping[str, Any] | None = request.get("DeploymentConfig")
    if request.get("RetainDeploymentConfig", False):
        return given or endpoint.last_deployment
    return given


def delete_endpoint(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Refused while anything is in progress or a component is placed; configuration and models stay.

    SageMaker deregisters scaled variants in the caller's name, and goes no further where the caller may not.
    """
    endpoint = account.find_endpoint(request["EndpointName"])
    arn = account.arn("endpoint", endpoint.name)
    if endpoint.status in IN_PROGRESS:
        raise invalid(f'Cannot update in-progress endpoint "{arn}".')
    if account.placed.get(endpoint.name):
        raise invalid(f'Cannot delete endpoint "{arn}" because it has inference components.')
    if account.denies(DEREGISTER, "*") and any(account.scales(endpoint, variant) for variant in endpoint.variants):
        raise invalid(
            "An Application AutoScaling scalable target exists for a variant being deleted, and the IAM identity used "
            f"to invoke DeleteEndpoint does not have {DEREGISTER} permission to deregister the scalable target."
        )
    begin_deletion(account, endpoint, now)
    return {}


def list_endpoints(account: Account, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Summaries of the endpoints."""
    rows = [
        {
            "EndpointName": endpoint.name,
            "EndpointArn": account.arn("endpoint", endpoint.name),
            "CreationTime": endpoint.created,
            "LastModifiedTime": endpoint.modified,
            "EndpointStatus": endpoint.status,
        }
        for endpoint in account.endpoints.values()
    ]
    return list_rows("Endpoint", rows, request, "Endpoints")
