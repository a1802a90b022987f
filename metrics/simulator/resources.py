"""What the simulated account is made of: plain values shared by the control plane and the telemetry.

The control plane owns the resources and appends a `Deployment` whenever what serves an endpoint changes; the
telemetry reads deployments and turns them into metrics. Neither knows the other's inside.
All times are simulated epoch seconds (UTC), all durations seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Serverless:
    """A variant's serverless settings, in AWS's own limits (memory 1024..6144 MB, concurrency 1..200)."""

    memory_mb: int
    max_concurrency: int
    provisioned_concurrency: int | None = None


@dataclass(frozen=True)
class LiveComponent:
    """An inference component as placed on a variant; `copies` of the model run side by side."""

    name: str
    model: str | None
    copies: int


@dataclass(frozen=True)
class LiveVariant:
    """A variant as it serves; `instances` is 0 for serverless, `model` None where components bring the models."""

    name: str
    model: str | None
    shadow: bool = False
    instance_type: str | None = None
    instances: int = 0
    weight: float = 1.0
    serverless: Serverless | None = None
    components: tuple[LiveComponent, ...] = ()


@dataclass(frozen=True)
class Deployment:
    """What answered an endpoint's requests from `since` until the next deployment; no variants: nothing serves."""

    since: float
    variants: tuple[LiveVariant, ...]
    asynchronous: bool = False
    async_concurrency: int | None = None


@dataclass(frozen=True)
class Event:
    """Something that somebody does at a moment (epoch seconds): an operation, as `service:Operation`, and its request.

    What nobody can ask AWS for, but what happens to accounts, is an operation of the service `fate` (see `events`).
    """

    at: float
    action: str
    request: Mapping[str, Any]


@dataclass(frozen=True)
class EndpointSeed:
    """An endpoint that exists when the simulated account opens, written as the requests that made it.

    `configs` are oldest first; the last is the live one, or, when `status` is Updating, the one being rolled out.
    `history` overrides what served until now (oldest first); empty means the live config since `created_ago_s`.
    Its newest deployment has the live weights, counts and concurrency, which differ from the config's where an endpoint
    was resized in place (an asynchronous one scaled in to zero).
    `scaling` are operations of Application Auto Scaling with their requests, in order. `configs_ago_s` says when each
    config was made; empty means with the endpoint. `absent` ones have models and configs, and no endpoint yet.
    `events` are what happens to it, in the future or in the past.
    """

    name: str
    models: Sequence[Mapping[str, Any]]
    configs: Sequence[Mapping[str, Any]]
    components: Sequence[Mapping[str, Any]] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    status: str = "InService"
    failure_reason: str | None = None
    created_ago_s: float = 30 * 86400.0
    modified_ago_s: float = 7 * 86400.0
    history: Sequence[Deployment] = ()
    scaling: Sequence[tuple[str, Mapping[str, Any]]] = ()
    configs_ago_s: Sequence[float] = ()
    absent: bool = False
    events: Sequence[Event] = ()


@dataclass(frozen=True)
class MetricId:
    """One CloudWatch metric: dimensions are sorted by name."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


class Deployments(Protocol):
    """How the telemetry sees the control plane."""

    def endpoint_names(self) -> Sequence[str]:
        """Every endpoint that exists now, or was deleted within the last two weeks."""

    def history(self, endpoint: str) -> Sequence[Deployment]:
        """The deployments of one endpoint, oldest first; the first may lie long before any metric is asked."""

    def multi_model(self, model: str) -> bool:
        """Whether the model's container has Mode MultiModel."""

    def containers(self, model: str) -> Sequence[str]:
        """Container host names of a model (`container-1`... where unnamed); one for a plain model."""

    def direct(self, model: str) -> bool:
        """Whether a model of several containers is invoked one container at a time."""


class MetricReader(Protocol):
    """How the wire sees the telemetry."""

    def metrics(self, now: float) -> Sequence[MetricId]:
        """Every metric with a datapoint within the two weeks before `now`."""

    def last_published(self, metric: MetricId, now: float) -> float | None:
        """Time of the newest datapoint visible at `now` (looks back three hours), None where there is none."""

    def read(
        self, metric: MetricId, stat: str, start: int, end: int, period: int, now: float
    ) -> tuple[list[int], list[float]]:
        """Bucket starts (ascending, aligned to `period`) and values of the points visible at `now`.

        `start` inclusive, `end` exclusive, both multiples of `period`. Buckets without data are left out.
        Statistics: Average, Sum, Minimum, Maximum, SampleCount, pNN(.N). Empty for a metric that does not exist.
        Raises ValueError for a statistic that CloudWatch does not know.
        """

    def units(self, metric: MetricId) -> str:
        """CloudWatch's unit of the metric, e.g. Microseconds, Percent, Count, None."""
