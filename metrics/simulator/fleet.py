"""The simulated fleet of an account: which endpoints exist, what their metrics look like, and what is true of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from smtop.metrics.simulator.blueprint import Blueprint
from smtop.metrics.simulator.estate import default_estate, ordinary
from smtop.metrics.simulator.resources import Deployments, EndpointSeed
from smtop.metrics.simulator.scenarios import PLUMBING, SCENARIOS, brought, check, troubles
from smtop.metrics.simulator.telemetry import Telemetry

__all__ = ["SCENARIOS", "Fleet", "open_fleet"]

_TELLING: Final = {"critical": 0, "warning": 1, "ok": 2, "idle": 3}


@dataclass(frozen=True)
class Fleet:
    """Endpoints to seed an account with, and the physics behind them."""

    blueprints: tuple[Blueprint, ...]
    plumbing: Sequence[str]
    seed: int
    opened: float

    @property
    def seeds(self) -> Sequence[EndpointSeed]:
        """The endpoints as the account finds them."""
        return [blueprint.seed(self.opened) for blueprint in self.blueprints]

    def telemetry(self, deployments: Deployments) -> Telemetry:
        """The metrics of what is deployed."""
        workloads = {blueprint.name: blueprint.workload for blueprint in self.blueprints}
        late = "late-data" in self.plumbing
        return Telemetry(deployments, workloads, seed=self.seed, opened=self.opened, late=late)

    def truth(self) -> list[dict[str, Any]]:
        """What is wrong with which endpoint, and which ones only look as if something were."""
        return [
            {
                "endpoint": blueprint.name,
                "variant": remark.variant,
                "cause": remark.cause,
                "severity": remark.severity,
                "since": self.opened - remark.ago_s,
                "note": remark.note,
            }
            for blueprint in self.blueprints
            for remark in blueprint.remarks
        ]

    @property
    def alarms(self) -> Sequence[Mapping[str, Any]]:
        """CloudWatch alarms on endpoints of the fleet, in the words of DescribeAlarms."""
        names = {blueprint.name for blueprint in self.blueprints}
        usual = [alarm for alarm in _ALARMS if alarm["Dimensions"][0]["Value"] in names]
        return [*usual, *(alarm for blueprint in self.blueprints for alarm in blueprint.alarms)]

    @property
    def granted(self) -> Mapping[str, int]:
        """Quotas of the account by name that are not the usual ones; each endpoint brings its part."""
        total: Counter[str] = Counter()
        for blueprint in self.blueprints:
            total.update(blueprint.quotas)
        return total


def open_fleet(scenarios: Sequence[str], endpoints: int | None, seed: int, now: float) -> Fleet:
    """The fleet of an account that opens at `now` (epoch seconds), the same for the same arguments.

    Without a scenario all endpoint troubles are on. `endpoints` below the default forty keeps the most telling ones,
    above it adds ordinary ones. Raises ValueError for an unknown scenario or a number below 0.
    """
    if endpoints is not None and endpoints < 0:
        raise ValueError(f"a fleet cannot have {endpoints} endpoints")
    names = tuple(scenarios)
    check(names)
    estate = {blueprint.name: blueprint for blueprint in default_estate(now)}
    for trouble in troubles(names):
        estate[trouble.endpoint] = trouble.strike(estate[trouble.endpoint], now)
    plumbing = tuple(name for name in PLUMBING if name in names)
    everything = (*estate.values(), *brought(names, seed, now))
    return Fleet(_sized(everything, endpoints, seed), plumbing, seed, now)


def _sized(estate: tuple[Blueprint, ...], endpoints: int | None, seed: int) -> tuple[Blueprint, ...]:
    if endpoints is None:
        return estate
    if endpoints >= len(estate):
        return (*estate, *(ordinary(number, seed) for number in range(len(estate) + 1, endpoints + 1)))
    kept = {blueprint.name for blueprint in sorted(estate, key=_telling)[:endpoints]}
    return tuple(blueprint for blueprint in estate if blueprint.name in kept)


def _telling(blueprint: Blueprint) -> int:
    return min((_TELLING[remark.severity] for remark in blueprint.remarks), default=len(_TELLING))


def _alarm(name: str, metric: str, threshold: float, dimensions: Mapping[str, str], **more: Any) -> dict[str, Any]:
    statistic = {} if "ExtendedStatistic" in more else {"Statistic": "Average"}
    return {
        "AlarmName": name,
        "Namespace": "AWS/SageMaker",
        "MetricName": metric,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": threshold,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        **statistic,
        **more,
    }


def _variant(endpoint: str, variant: str = "AllTraffic") -> dict[str, str]:
    return {"EndpointName": endpoint, "VariantName": variant}


_HOSTS: Final = {"Namespace": "/aws/sagemaker/Endpoints"}
_ALARMS: Final = (
    _alarm("fraud-scorer-canary-5xx", "Invocation5XXErrors", 0.05, _variant("fraud-scorer-prod", "canary")),
    _alarm(
        "checkout-fraud-spillover",
        "ServerlessProvisionedConcurrencyUtilization",
        1.0,
        _variant("checkout-fraud-slpc"),
        Statistic="Maximum",
    ),
    _alarm(
        "video-transcribe-backlog",
        "HasBacklogWithoutCapacity",
        1.0,
        {"EndpointName": "video-transcribe-async"},
        EvaluationPeriods=5,
    ),
    _alarm("rec-ranker-p99", "ModelLatency", 900_000.0, _variant("rec-ranker-v7", "current"), ExtendedStatistic="p99"),
    _alarm("search-ranker-cpu", "CPUUtilization", 1500.0, _variant("search-ranker-prod"), **_HOSTS),
    _alarm("vision-defect-gpu", "GPUUtilization", 90.0, _variant("vision-defect-detect"), **_HOSTS),
    _alarm("loan-pricing-5xx", "Invocation5XXErrors", 0.05, _variant("LoanPricing-UAT")),
)
