"""What an endpoint is made of, a line for each variant and component."""

from collections.abc import Iterator

from smtop.metrics.domain.endpoint import Component, Endpoint, Moving, Variant
from smtop.tui.view_models.cells import Line, Paint
from smtop.tui.view_models.columns import weight
from smtop.tui.view_models.finding import wrapped


def facts(endpoint: Endpoint, width: int, paint: Paint) -> Iterator[Line]:
    """What there is to know of an endpoint with which nothing is wrong."""
    if not endpoint.described:
        yield from wrapped("  ", f"{endpoint.status}; not described yet", width, paint)
        return
    config = f", config {endpoint.config}" if endpoint.config else ""
    yield from wrapped("  ", f"{endpoint.kind.value}, {endpoint.status}{config}", width, paint)
    if endpoint.status_reason:
        yield from wrapped("  AWS says: ", endpoint.status_reason, width, paint)
    yield from part_lines(endpoint, width, paint)


def part_lines(endpoint: Endpoint, width: int, paint: Paint) -> Iterator[Line]:
    """A line for every variant and every component."""
    for variant in endpoint.variants:
        yield from wrapped("  ", _variant(variant), width, paint)
    for component in endpoint.components:
        yield from wrapped("  ", _component(component), width, paint)


def _variant(variant: Variant) -> str:
    parts = [f"shadow {variant.name}" if variant.shadow else variant.name]
    if (own := weight(variant)) is not None:
        parts.append(f"weight {own:g}")
    if variant.instances:
        kind = variant.instances.type or f"type unknown ({variant.instances.type_why or 'not said'})"
        parts.append(f"{_moving(variant.instances.count)} x {kind}")
    if variant.serverless:
        settings = variant.serverless
        parts.append(f"{settings.memory_mb} MB, max concurrency {settings.max_concurrency}")
        if settings.provisioned_concurrency:
            parts.append(f"provisioned concurrency {settings.provisioned_concurrency}")
    if variant.model:
        parts.append(f"model {variant.model}")
    return ", ".join(parts)


def _component(component: Component) -> str:
    return f"component {component.name}, {component.status}, copies {_moving(component.copies)}"


def _moving(value: Moving[int]) -> str:
    if value.current is None:
        return "?" if value.desired is None else f"{value.desired} wanted"
    if value.desired in (None, value.current):
        return f"{value.current}"
    return f"{value.current} of {value.desired} wanted"
