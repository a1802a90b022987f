"""The part of an endpoint that scales: a variant's instances or provisioned concurrency, or a component's copies."""

from dataclasses import dataclass
from typing import Any

from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.live import SCALED
from smtop.metrics.actions.ports import Document
from smtop.metrics.domain.plan import Until
from smtop.metrics.domain.scaling import COPIES, INSTANCES, PROVISIONED


@dataclass(frozen=True)
class Part:
    """`capacity` is the field that scales, `target` the registered one, None where there is none."""

    name: str
    resource: str
    dimension: str
    capacity: str
    target: Document | None

    @property
    def place(self) -> dict[str, Any]:
        """What every call names."""
        return {
            "ServiceNamespace": "sagemaker",
            "ResourceId": self.resource,
            "ScalableDimension": self.dimension,
        }

    @property
    def at_rest(self) -> Until:
        """What is so once scaling has moved it."""
        return Until.COMPONENTS_IN_SERVICE if self.dimension == COPIES else Until.IN_SERVICE

    def field(self, name: str) -> str:
        """`AllTraffic.scaling.least`."""
        return f"{self.name}.scaling.{name}"


def part(ground: Ground, variant: str | None, component: str | None) -> Part | str:
    """The part that is meant, or the sentence that says why there is none."""
    if component is not None:
        return _component(ground, component)
    if ground.is_component_based:
        names = ", ".join(str(one["InferenceComponentName"]) for one in ground.components)
        return f"{ground.name} hosts components, which scale by their copies. Name one with --component: {names}."
    if variant is None and len(ground.production) != 1:
        return f"{ground.name} has several variants. Name one with --variant: {', '.join(ground.production)}."
    name = variant or ground.production[0]
    if name not in ground.production:
        return f"{ground.name} has no production variant {name}; it has {', '.join(ground.production)}."
    return _variant(ground, name)


def _component(ground: Ground, name: str) -> Part | str:
    if f"{name}.copies" not in ground.fields:
        return f"{ground.name} has no component {name}."
    return _made(ground, name, f"inference-component/{name}", COPIES)


def _variant(ground: Ground, name: str) -> Part | str:
    resource = f"endpoint/{ground.name}/variant/{name}"
    if f"{name}.max_concurrency" not in ground.fields:
        return _made(ground, name, resource, INSTANCES)
    if not ground.fields.get(f"{name}.provisioned_concurrency"):
        return (
            f"{ground.name} is serverless on demand, which scales by itself. Provisioned concurrency can be scaled: "
            f"smtop resize {ground.name} --provisioned-concurrency N"
        )
    return _made(ground, name, resource, PROVISIONED)


def _made(ground: Ground, name: str, resource: str, dimension: str) -> Part:
    targets = [one for one in ground.scaled(name) if one["ScalableDimension"] == dimension]
    return Part(name, resource, dimension, f"{name}.{SCALED[dimension]}", targets[0] if targets else None)
