"""One region's resources, the clockwork that moves them, and what served each endpoint when."""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from smtop.metrics.simulator.resources import Deployment, LiveComponent, LiveVariant
from smtop.metrics.simulator.sagemaker.resources import Component, Doom, Endpoint, NoGrowth, Stored, Variant
from smtop.metrics.simulator.wire.credentials import ACCOUNT_ID
from smtop.metrics.simulator.wire.errors import invalid

TWO_WEEKS_S = 14 * 86400.0
# SageMaker's words for a kind of resource, as its error texts say them.
KINDS = {
    "endpoint": "endpoint",
    "endpoint-config": "endpoint configuration",
    "model": "model",
    "inference-component": "inference component",
}


@dataclass
class Account:
    """Models, configurations, endpoints, components and tags. Also answers the telemetry (`Deployments`).

    `settling_for` is the time up to which things are happening, `registered` the resource ids that Application Auto
    Scaling scales. `denies` tells whether the caller of the moment may not take an action on a resource, for what a
    service does in the caller's name. `alarm_state` tells how a CloudWatch alarm stands, None where it does not exist;
    `dooms` are the endpoints whose next rollout fails, `no_growth` those that get no more capacity, and why.
    """

    region: str
    now: float
    settling_for: float = 0.0
    models: dict[str, Stored] = field(default_factory=dict)
    configs: dict[str, Stored] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    components: dict[str, Component] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    placed: dict[str, dict[str, Component]] = field(default_factory=dict)
    registered: set[str] = field(default_factory=set)
    denies: Callable[[str, str], bool] = lambda action, resource: False
    alarm_state: Callable[[str, float], str | None] = lambda name, at: None
    dooms: dict[str, Doom] = field(default_factory=dict)
    no_growth: dict[str, NoGrowth] = field(default_factory=dict)
    _histories: dict[str, list[Deployment]] = field(default_factory=dict)
    _deleted_at: dict[str, float] = field(default_factory=dict)
    _every_model: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _agenda: list[tuple[float, int, Callable[[float], None]]] = field(default_factory=list)
    _ticket: Iterator[int] = field(default_factory=count)

    def arn(self, kind: str, name: str) -> str:
        """SageMaker writes names in lower case in its ARNs."""
        return f"arn:aws:sagemaker:{self.region}:{ACCOUNT_ID}:{kind}/{name.lower()}"

    def missing(self, kind: str, name: str) -> Exception:
        """The refusal for a resource that does not exist."""
        return invalid(f'Could not find {KINDS[kind]} "{self.arn(kind, name)}".')

    def duplicate(self, kind: str, name: str) -> Exception:
        """The refusal for a name that is taken."""
        return invalid(f'Cannot create already existing {KINDS[kind]} "{self.arn(kind, name)}".')

    # -- time ---------------------------------------------------------------------------------------------

    def schedule(self, at: float, step: Callable[[float], None]) -> None:
        """Let `step(at)` happen when simulated time reaches `at`."""
        heapq.heappush(self._agenda, (at, next(self._ticket), step))

    def settle(self, now: float) -> None:
        """Let everything happen that was due by `now`, in order."""
        self.settling_for = now
        while self._agenda and self._agenda[0][0] <= now:
            at, _, step = heapq.heappop(self._agenda)
            step(at)
        self.now = now

    # -- resources ----------------------------------------------------------------------------------------

    def keep_model(self, name: str, request: Mapping[str, Any], created: float) -> None:
        """Store a model; its containers stay known to the telemetry after a deletion."""
        self.models[name] = Stored(request, created)
        self._every_model[name] = request

    def find_endpoint(self, name: str) -> Endpoint:
        """Raises ValidationException "Could not find endpoint"."""
        if name not in self.endpoints:
            raise self.missing("endpoint", name)
        return self.endpoints[name]

    def find_config(self, name: str) -> Stored:
        """Raises ValidationException "Could not find endpoint configuration"."""
        if name not in self.configs:
            raise self.missing("endpoint-config", name)
        return self.configs[name]

    def find_component(self, name: str) -> Component:
        """Raises ValidationException "Could not find inference component"."""
        if name not in self.components:
            raise self.missing("inference-component", name)
        return self.components[name]

    def scales(self, endpoint: Endpoint, variant: Variant) -> bool:
        """Whether Application Auto Scaling has the variant registered."""
        return f"endpoint/{endpoint.name}/variant/{variant.name}" in self.registered

    def place(self, component: Component) -> None:
        """Add a component to its endpoint."""
        self.components[component.name] = component
        self.placed.setdefault(component.endpoint, {})[component.name] = component

    def displace(self, component: Component) -> None:
        """Take a component away."""
        del self.components[component.name]
        del self.placed[component.endpoint][component.name]
        self.tags.pop(self.arn("inference-component", component.name), None)

    def remove_endpoint(self, name: str, at: float) -> None:
        """Forget an endpoint; its history stays for as long as CloudWatch lists its metrics."""
        del self.endpoints[name]
        self.tags.pop(self.arn("endpoint", name), None)
        self._deleted_at[name] = at

    def images(self, model: str | None) -> list[str]:
        """The container images of a model; none where it does not exist."""
        return [str(container.get("Image", "")) for container in self._containers(model)]

    # -- what serves --------------------------------------------------------------------------------------

    def deploy(self, endpoint: Endpoint, at: float) -> None:
        """Record what serves an endpoint from `at` on."""
        asynchronous = endpoint.config.get("AsyncInferenceConfig")
        client = (asynchronous or {}).get("ClientConfig", {})
        deployment = Deployment(
            at,
            tuple(self._live(endpoint, variant) for variant in endpoint.variants),
            asynchronous is not None,
            client.get("MaxConcurrentInvocationsPerInstance"),
        )
        self._histories.setdefault(endpoint.name, []).append(deployment)

    def withdraw(self, endpoint: Endpoint, at: float) -> None:
        """Nothing serves the endpoint from `at` on."""
        asynchronous = "AsyncInferenceConfig" in endpoint.config
        self._histories.setdefault(endpoint.name, []).append(Deployment(at, (), asynchronous))

    def recall(self, endpoint: str, history: Sequence[Deployment]) -> None:
        """Put a given past in front of an endpoint."""
        self._histories[endpoint] = list(history)

    def _live(self, endpoint: Endpoint, variant: Variant) -> LiveVariant:
        components = tuple(
            LiveComponent(component.name, component.specification.get("ModelName"), component.copies)
            for component in self.placed.get(endpoint.name, {}).values()
            if component.variant == variant.name and component.serves
        )
        return variant.live(components)

    # -- Deployments, as the telemetry sees them ----------------------------------------------------------

    def endpoint_names(self) -> Sequence[str]:
        """Every endpoint that exists now, or was deleted within the last two weeks."""
        gone = [name for name, at in self._deleted_at.items() if name not in self.endpoints]
        return [*self.endpoints, *(name for name in gone if self.now - self._deleted_at[name] <= TWO_WEEKS_S)]

    def history(self, endpoint: str) -> Sequence[Deployment]:
        """The deployments of one endpoint, oldest first."""
        return self._histories.get(endpoint, [])

    def multi_model(self, model: str) -> bool:
        """Whether the model's container has Mode MultiModel."""
        return any(container.get("Mode") == "MultiModel" for container in self._containers(model))

    def containers(self, model: str) -> Sequence[str]:
        """Container host names of a model."""
        found = self._containers(model)
        return [str(each.get("ContainerHostname", f"container-{i}")) for i, each in enumerate(found, start=1)]

    def direct(self, model: str) -> bool:
        """Whether a model of several containers is invoked one container at a time."""
        request = self._every_model.get(model, {})
        return bool(request.get("InferenceExecutionConfig", {}).get("Mode") == "Direct")

    def _containers(self, model: str | None) -> list[Mapping[str, Any]]:
        request = self._every_model.get(model or "", {})
        primary = request.get("PrimaryContainer")
        return [primary] if primary else list(request.get("Containers", ()))
