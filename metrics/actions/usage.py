"""Who else uses a config or a model: only complete lists prove that nobody does."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from smtop.metrics.actions.live import variants_in
from smtop.metrics.actions.ports import ControlPlane, Document
from smtop.metrics.actions.probes import described

_AT_ONCE = 20
"""Descriptions under way together."""


@dataclass(frozen=True)
class Users:
    """Names of those that use something, apart from the endpoint in question and its config."""

    endpoints: tuple[str, ...] = ()
    configs: tuple[str, ...] = ()
    components: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """`endpoint A, config B`; empty where there is nobody."""
        kinds = (("endpoint", self.endpoints), ("config", self.configs), ("component", self.components))
        return ", ".join(f"{kind} {name}" for kind, names in kinds for name in names)


async def users_of_config(control: ControlPlane, config: str, but: str) -> Users:
    """Endpoints that serve with a config, or are on their way to it. Raises AwsError where not all can be asked."""
    listed = await control.entries("sagemaker", "ListEndpoints", "Endpoints")
    names = [str(one["EndpointName"]) for one in listed if one["EndpointName"] != but]
    found = await _each(control, "DescribeEndpoint", "EndpointName", names)
    return Users(endpoints=tuple(str(one["EndpointName"]) for one in found if config in _configs_of(one)))


async def users_of_model(control: ControlPlane, model: str, but_config: str, but_endpoint: str) -> Users:
    """Configs and components that name a model. Raises AwsError where not all can be asked."""
    configs = await control.entries("sagemaker", "ListEndpointConfigs", "EndpointConfigs")
    names = [str(one["EndpointConfigName"]) for one in configs if one["EndpointConfigName"] != but_config]
    components = await control.entries("sagemaker", "ListInferenceComponents", "InferenceComponents")
    others = [str(one["InferenceComponentName"]) for one in components if one["EndpointName"] != but_endpoint]
    described_configs = await _each(control, "DescribeEndpointConfig", "EndpointConfigName", names)
    described_others = await _each(control, "DescribeInferenceComponent", "InferenceComponentName", others)
    return Users(
        configs=tuple(
            str(one["EndpointConfigName"])
            for one in described_configs
            if any(spec.get("ModelName") == model for spec in variants_in(one))
        ),
        components=tuple(
            str(one["InferenceComponentName"])
            for one in described_others
            if (one.get("Specification") or {}).get("ModelName") == model
        ),
    )


def _configs_of(endpoint: Document) -> tuple[object, object]:
    coming = endpoint.get("PendingDeploymentSummary") or {}
    return endpoint.get("EndpointConfigName"), coming.get("EndpointConfigName")


async def _each(control: ControlPlane, operation: str, member: str, names: Sequence[str]) -> list[Document]:
    """All of them as they are described; those that vanish meanwhile are left out."""
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(name: str) -> Document | None:
        async with turn:
            return await described(control, operation, **{member: name})

    return [found for found in await asyncio.gather(*map(one, names)) if found is not None]
