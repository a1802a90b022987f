"""The resources that change: endpoints with their variants, inference components, and a rollout on its way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from smtop.metrics.simulator.resources import LiveComponent, LiveVariant, Serverless
from smtop.metrics.simulator.sagemaker.stages import Stage


@dataclass(frozen=True)
class Stored:
    """A resource that never changes, as the request that made it."""

    request: Mapping[str, Any]
    created: float


@dataclass
class Variant:
    """A variant as it is and as it is meant to be. `settings` is its entry in the endpoint configuration."""

    settings: Mapping[str, Any]
    shadow: bool
    weight: float
    desired_weight: float
    count: int
    desired_count: int
    serverless: Mapping[str, int] | None
    desired_serverless: Mapping[str, int] | None

    @property
    def name(self) -> str:
        """The name, unique in its endpoint."""
        return str(self.settings["VariantName"])

    @property
    def moving(self) -> bool:
        """Whether what is asked for differs from what serves."""
        current = (self.weight, self.count, self.serverless)
        return current != (self.desired_weight, self.desired_count, self.desired_serverless)

    def arrive(self) -> None:
        """What was asked for now serves."""
        self.weight, self.count, self.serverless = self.desired_weight, self.desired_count, self.desired_serverless

    def live(self, components: tuple[LiveComponent, ...]) -> LiveVariant:
        """The variant as the telemetry sees it."""
        return LiveVariant(
            name=self.name,
            model=self.settings.get("ModelName"),
            shadow=self.shadow,
            instance_type=self.settings.get("InstanceType"),
            instances=self.count,
            weight=self.weight,
            serverless=_serverless(self.serverless),
            components=components,
        )


def _serverless(config: Mapping[str, int] | None) -> Serverless | None:
    if config is None:
        return None
    return Serverless(config["MemorySizeInMB"], config["MaxConcurrency"], config.get("ProvisionedConcurrency"))


def variants_of(config: Mapping[str, Any]) -> list[Variant]:
    """Fresh variants with the initial weights and counts of a configuration; production first, then shadow."""
    production = [_fresh(settings, shadow=False) for settings in config["ProductionVariants"]]
    return production + [_fresh(settings, shadow=True) for settings in config.get("ShadowProductionVariants", ())]


def _fresh(settings: Mapping[str, Any], shadow: bool) -> Variant:
    weight = float(settings.get("InitialVariantWeight", 1.0))
    instances = int(settings.get("InitialInstanceCount", 0))
    serverless = settings.get("ServerlessConfig")
    return Variant(settings, shadow, weight, weight, instances, instances, serverless, serverless)


@dataclass(frozen=True)
class Doom:
    """What a rollout is to fail of, a kind of `failures.REASONS` or a text, and whether its rollback fails too.

    `provision_s` is how long it tries before that, where it is not as long as usual.
    """

    fails: str
    rollback_fails: bool = False
    provision_s: float | None = None


@dataclass(frozen=True)
class NoGrowth:
    """Why scaling out comes to nothing, with its activity's StatusCode: Failed at once, or Unfulfilled in the end."""

    status: str
    reason: str


@dataclass(frozen=True)
class Rollout:
    """A configuration on its way to an endpoint, in stages from `started` on."""

    config_name: str
    config: Mapping[str, Any]
    variants: list[Variant]
    started: float
    stages: tuple[Stage, ...]
    deployment: Mapping[str, Any] | None = None
    doom: Doom | None = None

    def stage(self, now: float) -> tuple[Stage, float]:
        """The stage at `now` and when it began; after the last one has ended, the last one."""
        since = self.started
        for stage in self.stages[:-1]:
            if now < since + stage.lasts_s:
                return stage, since
            since += stage.lasts_s
        return self.stages[-1], since

    @property
    def longest_s(self) -> float:
        """How long the deployment may take."""
        policies = ("BlueGreenUpdatePolicy", "RollingUpdatePolicy")
        limits = [
            (self.deployment or {}).get(policy, {}).get("MaximumExecutionTimeoutInSeconds") for policy in policies
        ]
        return next((float(limit) for limit in limits if limit is not None), inf)


@dataclass
class Endpoint:
    """An endpoint. `config` is kept even when the configuration itself is deleted, as the endpoint keeps serving."""

    name: str
    config_name: str
    config: Mapping[str, Any]
    created: float
    modified: float
    status: str
    variants: list[Variant] = field(default_factory=list)
    rollout: Rollout | None = None
    failure_reason: str | None = None
    last_deployment: Mapping[str, Any] | None = None


@dataclass
class Component:
    """An inference component."""

    name: str
    endpoint: str
    variant: str
    specification: Mapping[str, Any]
    created: float
    modified: float
    status: str
    copies: int
    desired_copies: int
    failure_reason: str | None = None
    last_deployment: Mapping[str, Any] | None = None

    @property
    def serves(self) -> bool:
        """Whether the endpoint routes calls to it."""
        return self.status in {"InService", "Updating"}
