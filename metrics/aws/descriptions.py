"""SageMaker's answers as domain values; raises ResponseParserError where one makes no sense.

What AWS need not say may be absent.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from smtop.metrics.aws.faults import understood
from smtop.metrics.domain.endpoint import Component, EndpointSummary, Instances, Model, Moving, Serverless, Variant
from smtop.metrics.domain.surroundings import ModelFacts

Raw = Mapping[str, Any]


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def summary(entry: Raw) -> EndpointSummary:
    """One entry of ListEndpoints."""
    return EndpointSummary(
        name=str(entry["EndpointName"]),
        arn=str(entry["EndpointArn"]),
        status=str(entry["EndpointStatus"]),
        created_at=_utc(entry["CreationTime"]),
        modified_at=_utc(entry["LastModifiedTime"]),
    )


@understood()
def newer(listed: EndpointSummary, raw: Raw) -> EndpointSummary:
    """The summary with what DescribeEndpoint says: the list may lag behind it."""
    status, modified_at = raw.get("EndpointStatus"), raw.get("LastModifiedTime")
    return listed._replace(
        status=str(status) if status else listed.status,
        modified_at=_utc(modified_at) if modified_at else listed.modified_at,
    )


@understood()
def config_variants(config: Raw) -> dict[str, Raw]:
    """The variants of a config by name, shadows included."""
    variants = [*config.get("ProductionVariants", ()), *config.get("ShadowProductionVariants", ())]
    return {str(variant["VariantName"]): variant for variant in variants}


@understood()
def serverless_settings(raw: Raw, specs: Mapping[str, Raw]) -> list[Serverless]:
    """The live serverless settings, or the configured ones of an endpoint that does not serve yet."""
    live = [variant.get("CurrentServerlessConfig") for variant in raw.get("ProductionVariants", ())]
    configured = [spec.get("ServerlessConfig") for spec in specs.values()]
    return [serverless(settings) for settings in (live if any(live) else configured) if settings]


def serverless(settings: Raw) -> Serverless:
    """Serverless settings, configured or live."""
    return Serverless(
        memory_mb=int(settings.get("MemorySizeInMB", 0)),
        max_concurrency=int(settings.get("MaxConcurrency", 0)),
        provisioned_concurrency=settings.get("ProvisionedConcurrency"),
    )


@understood()
def variants(raw: Raw, specs: Mapping[str, Raw], models: Mapping[str, Model], type_why: str) -> tuple[Variant, ...]:
    production = [_variant(live, specs, models, type_why) for live in raw.get("ProductionVariants", ())]
    shadows = [_variant(live, specs, models, type_why) for live in raw.get("ShadowProductionVariants", ())]
    return (*production, *(variant._replace(shadow=True) for variant in shadows))


def _variant(live: Raw, specs: Mapping[str, Raw], models: Mapping[str, Model], type_why: str) -> Variant:
    name = str(live["VariantName"])
    spec = specs.get(name, {})
    settings = live.get("CurrentServerlessConfig") or spec.get("ServerlessConfig")
    model = models.get(str(spec.get("ModelName")))
    return Variant(
        name=name,
        weight=_moving(live, "Weight"),
        instances=None if settings else _instances(live, spec, type_why),
        serverless=serverless(settings) if settings else None,
        model=spec.get("ModelName"),
        containers=model.containers if model and len(model.containers) > 1 else (),
    )


def _moving(live: Raw, what: str) -> Moving[Any] | None:
    current, desired = live.get(f"Current{what}"), live.get(f"Desired{what}")
    return None if current is None and desired is None else Moving(current, desired)


def _instances(live: Raw, spec: Raw, type_why: str) -> Instances:
    instance_type = spec.get("InstanceType")
    count = _moving(live, "InstanceCount") or Moving(None, None)
    why = None if instance_type else "the config does not say" if spec else type_why
    return Instances(count, instance_type, why)


@understood()
def component(name: str, raw: Raw) -> Component:
    """What DescribeInferenceComponent says."""
    runtime = raw.get("RuntimeConfig", {})
    copies = Moving(runtime.get("CurrentCopyCount"), runtime.get("DesiredCopyCount"))
    status = str(raw.get("InferenceComponentStatus", ""))
    return Component(name, raw.get("VariantName"), status, copies, raw.get("FailureReason"))


@understood()
def model(name: str, raw: Raw) -> Model:
    """One DescribeModel answer; AWS names containers without a host name container-1, container-2 and so on."""
    containers = _containers(raw)
    return Model(
        name,
        containers=tuple(
            str(container.get("ContainerHostname") or f"container-{number}")
            for number, container in enumerate(containers, start=1)
        ),
        multi_model=any(container.get("Mode") == "MultiModel" for container in containers),
        direct=raw.get("InferenceExecutionConfig", {}).get("Mode") == "Direct",
    )


@understood()
def model_facts(name: str, raw: Raw) -> ModelFacts:
    """What the same answer says of what the model is made from; where containers share a variable, the last one's."""
    containers = _containers(raw)
    environment = {key: str(value) for container in containers for key, value in _environment(container).items()}
    return ModelFacts(
        name,
        images=tuple(str(container["Image"]) for container in containers if container.get("Image")),
        role=raw.get("ExecutionRoleArn"),
        environment=environment,
        artifacts=tuple(dict.fromkeys(url for container in containers if (url := _artifact(container)))),
    )


def _containers(raw: Raw) -> Sequence[Raw]:
    return raw.get("Containers") or ([raw["PrimaryContainer"]] if raw.get("PrimaryContainer") else [])


def _environment(container: Raw) -> Raw:
    return container.get("Environment") or {}


def _artifact(container: Raw) -> str | None:
    source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
    return container.get("ModelDataUrl") or source.get("S3Uri")


@understood()
def tags(page: Raw) -> dict[str, str]:
    """One page of ListTags."""
    return {str(tag["Key"]): str(tag["Value"]) for tag in page.get("Tags", ())}


@understood()
def component_names(page: Raw) -> list[str]:
    """One page of ListInferenceComponents."""
    return [str(entry["InferenceComponentName"]) for entry in page.get("InferenceComponents", ())]


@understood()
def caller(raw: Raw) -> tuple[str, str]:
    """Account and ARN in what GetCallerIdentity says."""
    return caller_account(raw), str(raw["Arn"])


@understood()
def caller_account(raw: Raw) -> str:
    """The account in what GetCallerIdentity says."""
    return str(raw["Account"])


@understood()
def summaries(page: Raw) -> list[EndpointSummary]:
    """One page of ListEndpoints."""
    return [summary(entry) for entry in page.get("Endpoints", ())]
