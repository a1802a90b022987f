"""What an endpoint configuration may hold, beyond the bounds of its single members.

Sources: SageMaker API reference (CreateEndpointConfig, ProductionVariant) and developer guide (serverless endpoints,
shadow variants, inference components).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.wire.errors import invalid

Config = Mapping[str, Any]


def check_config(account: Account, config: Config) -> None:
    """Raise ValidationException for the first rule that a configuration breaks."""
    for rule in RULES:
        for complaint in rule(account, config):
            raise invalid(complaint)


def every_variant(config: Config) -> list[Mapping[str, Any]]:
    """Production variants, then shadow variants."""
    return [*config["ProductionVariants"], *config.get("ShadowProductionVariants", ())]


def is_serverless(config: Config) -> bool:
    """Whether the (only) variant is serverless."""
    return any("ServerlessConfig" in variant for variant in every_variant(config))


def _names_differ(account: Account, config: Config) -> Iterator[str]:
    names = [variant["VariantName"] for variant in every_variant(config)]
    if len(set(names)) < len(names):
        yield f"Variant names must be unique within an endpoint configuration, but were: {names}."


def _hosting_is_clear(account: Account, config: Config) -> Iterator[str]:
    for variant in every_variant(config):
        name = variant["VariantName"]
        if "ServerlessConfig" in variant and ("InstanceType" in variant or "InitialInstanceCount" in variant):
            yield f"ServerlessConfig and InstanceType or InitialInstanceCount cannot both be set for variant {name}."
        if "ServerlessConfig" not in variant and "InstanceType" not in variant:
            yield f"Either InstanceType or ServerlessConfig must be specified for variant {name}."
        if "ServerlessConfig" not in variant and "InitialInstanceCount" not in variant:
            yield f"InitialInstanceCount must be specified for variant {name}."


def check_models(account: Account, config: Config) -> None:
    """Raise ValidationException for the first model of a configuration that has been deleted since."""
    for complaint in _models_exist(account, config):
        raise invalid(complaint)


def _models_exist(account: Account, config: Config) -> Iterator[str]:
    for variant in every_variant(config):
        model = variant.get("ModelName")
        if model is not None and model not in account.models:
            yield f'Could not find model "{account.arn("model", model)}".'


def _components_bring_models(account: Account, config: Config) -> Iterator[str]:
    without_model = [variant["VariantName"] for variant in every_variant(config) if "ModelName" not in variant]
    if without_model and len(without_model) < len(every_variant(config)):
        yield "ModelName must be specified for all variants or for none."
    if without_model and is_serverless(config):
        yield f"ModelName must be specified for serverless variant {without_model[0]}."
    if without_model and "ExecutionRoleArn" not in config:
        yield "ExecutionRoleArn must be specified when ModelName is not specified for the production variants."


def _serverless_stands_alone(account: Account, config: Config) -> Iterator[str]:
    if not is_serverless(config):
        return
    if len(config["ProductionVariants"]) > 1:
        yield "Only one production variant is allowed for a serverless endpoint."
    for member in ("ShadowProductionVariants", "AsyncInferenceConfig", "DataCaptureConfig", "VpcConfig"):
        if member in config:
            yield f"{member} is not supported for serverless endpoints."
    model = config["ProductionVariants"][0].get("ModelName", "")
    if account.multi_model(model):
        yield "Multi-model mode is not supported for serverless endpoints."
    if len(account.containers(model)) > 1:
        yield "Multiple containers are not supported for serverless endpoints."


def _provisioned_fits(account: Account, config: Config) -> Iterator[str]:
    for variant in every_variant(config):
        yield from provisioned_complaints(variant.get("ServerlessConfig", {}))


def provisioned_complaints(serverless: Mapping[str, int]) -> Iterator[str]:
    """The complaint about more provisioned concurrency than concurrency, if there is one."""
    provisioned, most = serverless.get("ProvisionedConcurrency", 0), serverless.get("MaxConcurrency", 0)
    if provisioned > most:
        yield f"ProvisionedConcurrency {provisioned} must be less than or equal to MaxConcurrency {most}."


def _shadow_is_one_to_one(account: Account, config: Config) -> Iterator[str]:
    shadows = config.get("ShadowProductionVariants")
    if shadows and (len(shadows), len(config["ProductionVariants"])) != (1, 1):
        yield "A shadow variant requires exactly one production variant and one shadow variant."


def _scaling_has_room(account: Account, config: Config) -> Iterator[str]:
    for variant in every_variant(config):
        scaling = variant.get("ManagedInstanceScaling", {})
        if scaling.get("MinInstanceCount", 0) > scaling.get("MaxInstanceCount", float("inf")):
            yield f"MinInstanceCount exceeds MaxInstanceCount for variant {variant['VariantName']}."


RULES: tuple[Callable[[Account, Config], Iterator[str]], ...] = (
    _names_differ,
    _hosting_is_clear,
    _components_bring_models,
    _models_exist,
    _serverless_stands_alone,
    _provisioned_fits,
    _shadow_is_one_to_one,
    _scaling_has_room,
)
