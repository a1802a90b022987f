"""What goes wrong: each trouble changes a cause of one endpoint (traffic, a model, memory, capacity, a deployment).

Some strike endpoints of the default fleet. The others, which are named after a failure mode, bring two endpoints more.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Final

from smtop.metrics.simulator.bases import base
from smtop.metrics.simulator.blueprint import Blueprint, Remark
from smtop.metrics.simulator.causes import CAUSES, Onset
from smtop.metrics.simulator.scaled import held_in
from smtop.metrics.simulator.workload import Bursts, Growth, ServiceProfile, Shift

DEFAULT: Final = "default"
HEALTHY: Final = "healthy"
PLUMBING: Final = ("throttled", "denied", "late-data")
_STRUCK: Final[Mapping[str, str]] = MappingProxyType(
    {
        DEFAULT: "all endpoint troubles together, mild and severe",
        HEALTHY: "nothing is wrong",
        "pc-exhausted": "calls outgrow provisioned concurrency: spillover, cold starts, latency",
        "cold-start-storm": "bursts on serverless endpoints with a large image: cold starts and 429s",
        "cache-thrash": "multi-model endpoints are asked for more models than their memory holds",
        "async-stuck": "an asynchronous endpoint has lost its instances while its backlog grows",
        "bad-canary": "a new model at a share of the traffic answers with errors",
        "failed-update": "an update or a creation that failed",
        "gpu-saturated": "calls outgrow the GPUs: queueing, timeouts",
        "idle-burn": "paid GPU instances that nobody calls",
        "throttled": "the AWS APIs refuse calls beyond a low rate",
        "denied": "some API calls are not allowed",
        "late-data": "metrics arrive five to eight minutes late",
    }
)
BROUGHT: Final[Mapping[str, str]] = MappingProxyType(
    {name: cause.note for name, cause in CAUSES.items() if not cause.confounder and name not in _STRUCK}
)
"""Scenarios that bring endpoints of their own, one mildly and one severely ill."""

SCENARIOS: Final[Mapping[str, str]] = MappingProxyType({**_STRUCK, **BROUGHT})
_FIRST_BROUGHT: Final = 9001
_AT_WORK_S: Final = 1500.0

Cause = Callable[[Blueprint, float, float], Blueprint]
"""Blueprint, how many seconds ago it began, and the present, to the blueprint in trouble."""


@dataclass(frozen=True)
class Trouble:
    """A cause that strikes one endpoint."""

    scenario: str
    endpoint: str
    severity: str
    ago_s: float
    note: str
    cause: Cause
    variant: str | None = "AllTraffic"

    def strike(self, blueprint: Blueprint, now: float) -> Blueprint:
        """The endpoint with the cause at work and the truth noted."""
        remark = Remark(self.scenario, self.severity, self.note, self.ago_s, self.variant)
        return self.cause(blueprint, self.ago_s, now).remarked(remark)


def check(scenarios: tuple[str, ...]) -> None:
    """Raises ValueError for a name that is no scenario."""
    unknown = [name for name in scenarios if name not in SCENARIOS]
    if unknown:
        raise ValueError(f"unknown scenario {unknown[0]!r}; there are {', '.join(SCENARIOS)}")


def troubles(scenarios: tuple[str, ...]) -> tuple[Trouble, ...]:
    """The troubles of the scenarios; of all without one."""
    everything = not scenarios or DEFAULT in scenarios
    return tuple(trouble for trouble in TROUBLES if everything or trouble.scenario in scenarios)


def brought(scenarios: tuple[str, ...], seed: int, now: float) -> Iterator[Blueprint]:
    """The endpoints that scenarios bring: mildly, then severely ill, since the cause has had its full effect."""
    names = [name for name in BROUGHT if name in scenarios]
    for place, (name, severe) in enumerate((name, severe) for name in names for severe in (False, True)):
        cause = CAUSES[name]
        ago_s = cause.full_s + _AT_WORK_S
        kind = cause.bases[place % len(cause.bases)]
        well = base(kind, _FIRST_BROUGHT + place, seed, steady=cause.steady, roomy=cause.roomy)
        severity = "critical" if severe else "warning"
        remark = Remark(name, severity, cause.note, ago_s, cause.variant)
        yield cause.strike(well, Onset(now - ago_s, severe)).remarked(remark)


def _surge(factor: float) -> Cause:
    """More calls, within two minutes."""

    def cause(blueprint: Blueprint, ago_s: float, now: float) -> Blueprint:
        return blueprint.called(shifts=(*blueprint.workload.traffic.shifts, Shift(now - ago_s, factor)))

    return cause


def _bursts(every_min: int, length_min: int, factor: float) -> Cause:
    """Calls come in bursts, with pauses that are longer than containers stay warm."""

    def cause(blueprint: Blueprint, ago_s: float, now: float) -> Blueprint:
        return blueprint.called(bursts=Bursts(every_min, length_min, factor, since=now - ago_s))

    return cause


def _more_models(models: int) -> Cause:
    """Callers ask for more models than before."""

    def cause(blueprint: Blueprint, ago_s: float, now: float) -> Blueprint:
        workload = blueprint.workload
        working_set = workload.usual.working_set
        assert working_set is not None
        grown = replace(workload.usual, working_set=replace(working_set, growths=(Growth(now - ago_s, models),)))
        return replace(
            blueprint, workload=replace(workload, usual=grown, profiles=dict.fromkeys(workload.profiles, grown))
        )

    return cause


def _no_instances(blueprint: Blueprint, ago_s: float, now: float) -> Blueprint:
    """Nothing brings them back: its policy would, were scaling out not suspended."""
    empty = (replace(variant, instances=0) for variant in blueprint.live)
    return held_in(blueprint).then(ago_s, *empty, in_place=True)


def _canary(
    blueprint: Blueprint, ago_s: float, now: float, *, weight: float, worse: Callable[..., ServiceProfile]
) -> Blueprint:
    """A second variant with a worse model at a share of the traffic."""
    (variant,) = blueprint.live
    model = replace(blueprint.models[0], name=f"{blueprint.name}-next")
    profiles = {**blueprint.workload.profiles, model.name: worse(blueprint.workload.usual)}
    canary = replace(variant, name="canary", model=model.name, weight=weight, instances=1)
    stable = replace(variant, weight=1.0 - weight)
    changed = replace(
        blueprint,
        models=(*blueprint.models, model),
        workload=replace(blueprint.workload, profiles=profiles),
    )
    return changed.then(ago_s, stable, canary)


def _update_failed(blueprint: Blueprint, ago_s: float, now: float) -> Blueprint:
    reason = (
        "Unable to roll back the endpoint to its previous configuration: Unable to provision requested ML compute "
        "capacity due to InsufficientInstanceCapacity error. Please retry using a different ML instance type or after "
        "some time."
    )
    return replace(blueprint, status="UpdateRollbackFailed", failure_reason=reason, updated_ago_s=ago_s)


def _creation_failed(blueprint: Blueprint, ago_s: float, now: float) -> Blueprint:
    reason = (
        "The primary container for production variant AllTraffic did not pass the ping health check. Please check "
        "CloudWatch logs for this endpoint."
    )
    return replace(
        blueprint,
        status="Failed",
        failure_reason=reason,
        serving=False,
        created_ago_s=ago_s + 900.0,
        updated_ago_s=ago_s,
    )


_MIN: Final = 60.0
_DAY: Final = 86_400.0
TROUBLES: Final = (
    Trouble("pc-exhausted", "checkout-fraud-slpc", "critical", 24 * _MIN, "calls grew 5.5 times", _surge(5.5)),
    Trouble("pc-exhausted", "sentiment-slpc", "warning", 35 * _MIN, "calls grew 2.4 times", _surge(2.4)),
    Trouble(
        "cold-start-storm",
        "faq-answerer-sls",
        "critical",
        38 * _MIN,
        "bursts of 12 times the calls meet containers that take 38 s to start",
        _bursts(every_min=8, length_min=3, factor=12.0),
    ),
    Trouble(
        "cold-start-storm",
        "session-intent-slpc",
        "warning",
        40 * _MIN,
        "bursts of 5 times the calls go past provisioned concurrency",
        _bursts(every_min=8, length_min=2, factor=5.0),
    ),
    Trouble("cache-thrash", "tenant-forecasts", "warning", 28 * _MIN, "3,000 models are asked for", _more_models(3000)),
    Trouble("cache-thrash", "per-store-demand", "warning", 33 * _MIN, "700 models are asked for", _more_models(700)),
    Trouble("async-stuck", "video-transcribe-async", "critical", 26 * _MIN, "scaled in to zero", _no_instances),
    Trouble(
        "bad-canary",
        "fraud-scorer-prod",
        "critical",
        12 * _MIN,
        "the new model fails on every third call",
        partial(_canary, weight=0.2, worse=partial(replace, rate_5xx=0.34, median_ms=33.0)),
        "canary",
    ),
    Trouble(
        "bad-canary",
        "price-elasticity-eu",
        "warning",
        12 * _MIN,
        "the new model refuses every sixth call",
        partial(_canary, weight=0.1, worse=partial(replace, rate_4xx=0.17)),
        "canary",
    ),
    Trouble("failed-update", "pricing-engine-v3", "critical", 18 * _MIN, "no way back", _update_failed, None),
    Trouble("failed-update", "translation-v4", "critical", 20 * _MIN, "never became healthy", _creation_failed, None),
    Trouble("gpu-saturated", "vision-defect-detect", "critical", 22 * _MIN, "calls grew 3.4 times", _surge(3.4)),
    Trouble("gpu-saturated", "product-embeddings", "warning", 30 * _MIN, "calls grew 2.19 times", _surge(2.19)),
    Trouble("idle-burn", "research-llm-sandbox", "idle", 9 * _DAY, "nobody calls it any more", _surge(0.0)),
    Trouble("idle-burn", "speech-diarizer-old", "idle", 11 * _DAY, "nobody calls it any more", _surge(0.0)),
)
