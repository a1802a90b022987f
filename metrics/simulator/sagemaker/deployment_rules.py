"""What a rollout may ask for. Source: developer guide, deployment guardrails and their exclusions."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from smtop.metrics.simulator.sagemaker.config_rules import every_variant, is_serverless
from smtop.metrics.simulator.wire.errors import invalid

Config = Mapping[str, Any]
# Policy member -> (least, most) share of the fleet when given in percent.
BATCH_PERCENT = {"CanarySize": (1, 50), "LinearStepSize": (10, 50), "MaximumBatchSize": (5, 50)}


def check_deployment(deployment: Config, old: Config | None, new: Config) -> None:
    """Raise ValidationException for the first rule that a deployment configuration breaks; `old` None at creation."""
    for rule in RULES:
        for complaint in rule(deployment, old, new):
            raise invalid(complaint)


def _one_policy(deployment: Config, old: Config | None, new: Config) -> Iterator[str]:
    # Without either it is blue/green, all at once.
    if "BlueGreenUpdatePolicy" in deployment and "RollingUpdatePolicy" in deployment:
        yield "Only one of BlueGreenUpdatePolicy and RollingUpdatePolicy can be specified in DeploymentConfig."


def _sizes_match_type(deployment: Config, old: Config | None, new: Config) -> Iterator[str]:
    traffic = deployment.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {})
    wanted = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}.get(traffic.get("Type", ""))
    for member in ("CanarySize", "LinearStepSize"):
        if (member in traffic) != (member == wanted) and traffic:
            needed = "must" if member == wanted else "must not"
            yield f"{member} {needed} be specified when traffic routing type is {traffic['Type']}."


def _sizes_fit(deployment: Config, old: Config | None, new: Config) -> Iterator[str]:
    traffic = deployment.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {})
    rolling = deployment.get("RollingUpdatePolicy", {})
    for member, (least, most) in BATCH_PERCENT.items():
        size = traffic.get(member) or rolling.get(member) or {}
        if size.get("Type") == "CAPACITY_PERCENT" and not least <= size["Value"] <= most:
            yield f"{member} must be between {least} and {most} percent of the variant's capacity."


def _rolling_is_possible(deployment: Config, old: Config | None, new: Config) -> Iterator[str]:
    if "RollingUpdatePolicy" not in deployment:
        return
    if is_serverless(new):
        yield "RollingUpdatePolicy is not supported for serverless endpoints."
    if any(len(every_variant(config)) > 1 for config in (old or new, new)):
        yield "RollingUpdatePolicy is not supported for endpoints with multiple variants."


def _variant_names_match(deployment: Config, old: Config | None, new: Config) -> Iterator[str]:
    names = [{variant["VariantName"] for variant in every_variant(config)} for config in (old or new, new)]
    if names[0] != names[1]:
        yield "Variant names must match between the current and the new endpoint configuration with a DeploymentConfig."


RULES: tuple[Callable[[Config, Config | None, Config], Iterator[str]], ...] = (
    _one_policy,
    _sizes_match_type,
    _sizes_fit,
    _rolling_is_possible,
    _variant_names_match,
)
