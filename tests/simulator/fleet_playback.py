"""A control plane that never changes anything by itself: the deployments that a fleet was seeded with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from smtop.metrics.simulator.fleet import Fleet, open_fleet
from smtop.metrics.simulator.instances import InstanceSpec, spec_of
from smtop.metrics.simulator.resources import Deployment, LiveVariant, MetricId, MetricReader

OPENED = 1_795_000_000.0
"""18 November 2026, 11:06:40 UTC."""


class Playback:
    """Implements `Deployments`; `deploy` is what an operator's change does to it."""

    def __init__(self, fleet: Fleet) -> None:
        self.histories: dict[str, list[Deployment]] = {seed.name: list(seed.history) for seed in fleet.seeds}
        self._models: dict[str, Mapping[str, Any]] = {
            str(model["ModelName"]): model for seed in fleet.seeds for model in seed.models
        }

    def endpoint_names(self) -> Sequence[str]:
        return list(self.histories)

    def history(self, endpoint: str) -> Sequence[Deployment]:
        return self.histories.get(endpoint, [])

    def multi_model(self, model: str) -> bool:
        return bool(self._models[model].get("PrimaryContainer", {}).get("Mode") == "MultiModel")

    def containers(self, model: str) -> Sequence[str]:
        parts = self._models[model].get("Containers", [{}])
        return [str(part.get("ContainerHostname", f"container-{place}")) for place, part in enumerate(parts, start=1)]

    def direct(self, model: str) -> bool:
        return bool(self._models[model].get("InferenceExecutionConfig", {}).get("Mode") == "Direct")

    def deploy(self, endpoint: str, since: float, *variants: LiveVariant) -> None:
        """Another set of variants serves from `since` on."""
        last = self.histories[endpoint][-1]
        self.histories[endpoint].append(replace(last, since=since, variants=variants))


class Account:
    """A fleet with its telemetry, asked in short words."""

    def __init__(self, *scenarios: str, endpoints: int | None = None, seed: int = 7, opened: float = OPENED) -> None:
        self.fleet = open_fleet(scenarios, endpoints, seed, opened)
        self.deployments = Playback(self.fleet)
        self.reader: MetricReader = self.fleet.telemetry(self.deployments)
        self.opened = opened

    def points(
        self,
        name: str,
        endpoint: str,
        stat: str = "Average",
        *,
        variant: str | None = "AllTraffic",
        minutes: int = 15,
        until: float | None = None,
        period: int = 60,
        now: float | None = None,
        namespace: str = "AWS/SageMaker",
    ) -> dict[int, float]:
        """Values by bucket start of the last settled minutes before `until` (the opening)."""
        end = int((until or self.opened) // period * period)
        metric = variant_metric(name, endpoint, variant, namespace)
        seen = now if now is not None else end + 900.0
        return dict(zip(*self.reader.read(metric, stat, end - minutes * 60, end, period, seen), strict=True))


def variant_metric(
    name: str, endpoint: str, variant: str | None = "AllTraffic", namespace: str = "AWS/SageMaker"
) -> MetricId:
    """The id of a variant's metric; of the endpoint's without a variant."""
    of_variant = (("VariantName", variant),) if variant else ()
    return MetricId(namespace, name, (("EndpointName", endpoint), *of_variant))


def crossed(account: Account, endpoint: str, *, until: float | None = None) -> set[str]:
    """The starter rules that the last settled minutes of an endpoint cross, as `severity rule`."""
    found: set[str] = set()
    deployment = account.deployments.histories[endpoint][-1]
    for variant in deployment.variants:
        found |= {name for name, rule in _RULES.items() if rule(account, endpoint, variant, until)}
    return found


def _worst(account: Account, endpoint: str, variant: str, name: str, stat: str, until: float | None) -> list[float]:
    return list(account.points(name, endpoint, stat, variant=variant, minutes=15, until=until).values())


def _three_of_five(values: list[float], limit: float) -> bool:
    return any(sum(value >= limit for value in values[at : at + 5]) >= 3 for at in range(max(1, len(values) - 4)))


def _error_share(name: str, limit: float) -> "Rule":
    def rule(account: Account, endpoint: str, variant: LiveVariant, until: float | None) -> bool:
        read = partial(account.points, name, endpoint, variant=variant.name, until=until, period=300)
        errors, calls = read(stat="Sum"), read(stat="SampleCount")
        return any(calls[at] >= 20 and errors[at] >= limit * calls[at] for at in calls)

    return rule


def _at_least(name: str, stat: str, limit: float) -> "Rule":
    return lambda account, endpoint, variant, until: any(
        value >= limit for value in _worst(account, endpoint, variant.name, name, stat, until)
    )


def _provisioned_exhausted(account: Account, endpoint: str, variant: LiveVariant, until: float | None) -> bool:
    name = "ServerlessProvisionedConcurrency"
    used = account.points(f"{name}Utilization", endpoint, "Maximum", variant=variant.name, until=until)
    spilled = account.points(f"{name}SpilloverInvocations", endpoint, "Sum", variant=variant.name, until=until)
    return _three_of_five([float(used[at] >= 1 and spilled.get(at, 0) > 0) for at in sorted(used)], 1.0)


def _host_full(name: str, per: Callable[[InstanceSpec], int]) -> "Rule":
    def rule(account: Account, endpoint: str, variant: LiveVariant, until: float | None) -> bool:
        if not variant.instance_type:
            return False
        limit = 90.0 * per(spec_of(variant.instance_type))
        points = account.points(
            name, endpoint, "Average", variant=variant.name, until=until, namespace="/aws/sagemaker/Endpoints"
        )
        return _three_of_five(list(points.values()), limit)

    return rule


def _cache_misses(account: Account, endpoint: str, variant: LiveVariant, until: float | None) -> bool:
    hits = account.points("ModelCacheHit", endpoint, variant=variant.name, until=until, period=300)
    return any(value < 0.8 for value in hits.values())


def _backlog_stuck(minutes: int) -> "Rule":
    def rule(account: Account, endpoint: str, variant: LiveVariant, until: float | None) -> bool:
        points = account.points("HasBacklogWithoutCapacity", endpoint, variant=None, until=until)
        return len(points) >= minutes and all(list(points.values())[-minutes:])

    return rule


Rule = Callable[[Account, str, LiveVariant, float | None], bool]
_RULES: Mapping[str, Rule] = {
    "critical 5xx": _error_share("Invocation5XXErrors", 0.05),
    "critical backlog": _backlog_stuck(10),
    "critical provisioned": _provisioned_exhausted,
    "critical concurrency": _at_least("ServerlessConcurrentExecutionsUtilization", "Maximum", 0.9),
    "warning 4xx": _error_share("Invocation4XXErrors", 0.10),
    "warning spillover": _at_least("ServerlessProvisionedConcurrencySpilloverInvocations", "Sum", 1.0),
    "warning provisioned": _at_least("ServerlessProvisionedConcurrencyUtilization", "Maximum", 0.8),
    "warning cache": _cache_misses,
    "warning backlog": _backlog_stuck(1),
    "warning cpu": _host_full("CPUUtilization", lambda spec: spec.vcpus),
    "warning gpu": _host_full("GPUUtilization", lambda spec: spec.gpus),
    "warning memory": _host_full("MemoryUtilization", lambda spec: 1),
}
