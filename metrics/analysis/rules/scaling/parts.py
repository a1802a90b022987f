"""The parts of an endpoint that Application Auto Scaling scales, as they are now."""

from collections.abc import Iterator
from typing import NamedTuple

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.domain.change import Bounds
from smtop.metrics.domain.endpoint import Component, Endpoint, Moving, Variant
from smtop.metrics.domain.scaling import COPIES, INSTANCES, PROVISIONED, ScaledPart
from smtop.metrics.domain.series import Owner

_UNITS = {INSTANCES: "instances", PROVISIONED: "provisioned concurrency", COPIES: "copies"}


class Part(NamedTuple):
    """A variant or a component with what scales it. `size` is what there is and what is wanted; None is not told."""

    owner: Owner
    scaled: ScaledPart
    size: Moving[int]
    variant: Variant | None = None
    component: Component | None = None

    @property
    def name(self) -> str:
        return self.owner.component or self.owner.variant or self.owner.endpoint

    @property
    def units(self) -> str:
        """What is counted, in words."""
        return _UNITS.get(self.scaled.target.scalable.dimension, "capacity")

    def bounds(self, *, least: int | None = None, most: int | None = None) -> Bounds:
        """Other bounds, as a change."""
        variant = None if self.owner.component else self.owner.variant
        return Bounds(self.owner.endpoint, variant, self.owner.component, least, most)


def scaled_parts(subject: Subject) -> Iterator[Part]:
    """Those that are registered and that the endpoint has."""
    for scaled in subject.around.scaled or ():
        part = part_of(subject.endpoint, scaled)
        if part is not None:
            yield part


def part_of(endpoint: Endpoint, scaled: ScaledPart) -> Part | None:
    """What a registered resource is of an endpoint."""
    scalable = scaled.target.scalable
    name = scalable.resource.rpartition("/")[2]
    if scalable.dimension == COPIES:
        component = next((one for one in endpoint.components if one.name == name), None)
        return _component_part(endpoint, component, scaled) if component else None
    variant = next((one for one in endpoint.production if one.name == name), None)
    return _variant_part(endpoint, variant, scaled) if variant else None


def _component_part(endpoint: Endpoint, component: Component, scaled: ScaledPart) -> Part:
    owner = Owner(endpoint.name, component.variant, component=component.name)
    return Part(owner, scaled, component.copies, component=component)


def _variant_part(endpoint: Endpoint, variant: Variant, scaled: ScaledPart) -> Part:
    owner = Owner(endpoint.name, variant.name)
    if scaled.target.scalable.dimension == INSTANCES:
        count = variant.instances.count if variant.instances else Moving[int](None, None)
    else:
        had = variant.serverless.provisioned_concurrency if variant.serverless else None
        count = Moving(had, had)
    return Part(owner, scaled, count, variant=variant)
