"""Endpoints in depth, their configs, and configs by name, read from SageMaker."""

from collections.abc import Sequence
from typing import Any

from smtop.metrics.aws.as_sent import AS_SENT, keep, kept_as_sent
from smtop.metrics.aws.descriptions import Raw, serverless
from smtop.metrics.aws.faults import translated, understood
from smtop.metrics.aws.inventory import Memo
from smtop.metrics.aws.session import AwsSession
from smtop.metrics.domain.configs import ConfigSummary, EndpointConfig, unknown_paths
from smtop.metrics.domain.details import Deployed, DeployedVariant
from smtop.metrics.domain.scaling import ManagedScaling

_SHOWN = (
    "AsyncInferenceConfig",
    "DataCaptureConfig",
    "ExplainerConfig",
    "LastDeploymentConfig",
)
_MOST_AT_ONCE = 100


class SageMakerConfigs:
    """The ConfigSource port over one session."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session
        self._configs: Memo[EndpointConfig] = Memo(self._read)

    async def deployed(self, endpoint: str) -> Deployed:
        with self._translated("sagemaker:DescribeEndpoint"):
            return deployed(await self._session.client("sagemaker").describe_endpoint(EndpointName=endpoint))

    async def config(self, name: str) -> EndpointConfig:
        return await self._configs.get(name)

    async def configs_named(self, part: str, most: int) -> Sequence[ConfigSummary]:
        newest_first = {"SortBy": "CreationTime", "SortOrder": "Descending"}
        with self._translated("sagemaker:ListEndpointConfigs"):
            page = await self._session.client("sagemaker").list_endpoint_configs(
                NameContains=part, MaxResults=min(most, _MOST_AT_ONCE), **newest_first
            )
            return _summaries(page)

    async def _read(self, name: str) -> EndpointConfig:
        client = self._session.client("sagemaker")
        keep(client, "DescribeEndpointConfig")
        with self._translated("sagemaker:DescribeEndpointConfig"), kept_as_sent():
            return endpoint_config(await client.describe_endpoint_config(EndpointConfigName=name))

    def _translated(self, operation: str) -> Any:
        return translated(operation, self._session.profile)


@understood()
def endpoint_config(raw: Raw) -> EndpointConfig:
    """One DescribeEndpointConfig answer, with what botocore has not understood of it."""
    understood = {name: value for name, value in raw.items() if name not in (AS_SENT, "ResponseMetadata")}
    document = raw.get(AS_SENT) or understood
    return EndpointConfig(
        str(raw.get("EndpointConfigName", "")),
        raw["CreationTime"].timestamp(),
        {name: value for name, value in document.items() if name != "CreationTime"},
        frozenset(unknown_paths(document, understood)),
    )


@understood()
def deployed(raw: Raw) -> Deployed:
    """One DescribeEndpoint answer, as far as the fleet does not have it."""
    variants = [*raw.get("ProductionVariants", ()), *raw.get("ShadowProductionVariants", ())]
    pending = raw.get("PendingDeploymentSummary", {})
    since = pending.get("StartTime")
    return Deployed(
        config=str(raw.get("EndpointConfigName", "")),
        pending=pending.get("EndpointConfigName"),
        pending_since=since.timestamp() if since else None,
        variants=tuple(_variant(variant) for variant in variants),
        settings={name: raw[name] for name in _SHOWN if raw.get(name)},
    )


@understood()
def _summaries(page: Raw) -> list[ConfigSummary]:
    entries = page.get("EndpointConfigs", ())
    return [ConfigSummary(str(entry["EndpointConfigName"]), entry["CreationTime"].timestamp()) for entry in entries]


def _variant(raw: Raw) -> DeployedVariant:
    images = (image.get("SpecifiedImage") or image.get("ResolvedImage") for image in raw.get("DeployedImages", ()))
    return DeployedVariant(
        str(raw["VariantName"]),
        tuple(str(image) for image in images if image),
        tuple(_status(status) for status in raw.get("VariantStatus", ())),
        _managed(raw.get("ManagedInstanceScaling")),
        serverless(raw["DesiredServerlessConfig"]) if raw.get("DesiredServerlessConfig") else None,
    )


def _status(raw: Raw) -> str:
    said = raw.get("StatusMessage")
    return f"{raw['Status']}: {said}" if said else str(raw["Status"])


def _managed(raw: Raw | None) -> ManagedScaling | None:
    if not raw:
        return None
    return ManagedScaling(str(raw.get("Status", "")), raw.get("MinInstanceCount"), raw.get("MaxInstanceCount"))
