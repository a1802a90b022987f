"""The forms of capacity: instances, copies of components, and serverless memory and concurrency."""

from collections.abc import Callable, Sequence

from smtop.metrics.domain.change import Change, Resize
from smtop.metrics.domain.endpoint import Component, Endpoint, Kind, Variant
from smtop.metrics.errors import RefusedError
from smtop.tui.view_models.change_forms.common import (
    ROLLOUT,
    about_whom,
    changed,
    common,
    deployment_of,
    text,
    whole,
)
from smtop.tui.view_models.forms import Entering, Field, Form, Values, number_of
from smtop.tui.view_models.moments import moment_of

_MEMORIES = tuple(str(memory) for memory in range(1024, 6145, 1024))
_MOST_CONCURRENCY = 200
_PART = "part"


def resize_form(endpoints: Sequence[Endpoint], part: str | None = None) -> Form[Change]:
    """Instances of a variant, or copies of a component; several endpoints must have one variant each.

    Raises RefusedError where they have not.
    """
    if len(endpoints) > 1:
        return _instances_form(endpoints, None, ())
    (endpoint,) = endpoints
    variants = [variant.name for variant in endpoint.variants if variant.instances is not None]
    parts = (*(component.name for component in endpoint.components), *variants)
    if not parts:
        raise RefusedError(f"{endpoint.name} has no instances that are known of: there is nothing to resize.")
    chosen = part or parts[0]
    head = (Field(_PART, "of", chosen, Entering.CHOICE, parts),) if len(parts) > 1 else ()
    component = next((one for one in endpoint.components if one.name == chosen), None)
    if component is not None:
        return _copies_form(endpoint, component, head)
    return _instances_form(endpoints, chosen, head)


def _turned(endpoints: Sequence[Endpoint], changed_field: str, values: Values) -> tuple[Form[Change], Values] | None:
    """The form of another part."""
    return (resize_form(endpoints, values[_PART]), {}) if changed_field == _PART else None


def _copies_form(endpoint: Endpoint, component: Component, head: tuple[Field, ...]) -> Form[Change]:
    wanted = component.copies.desired if component.copies.desired is not None else component.copies.current
    now = text(wanted)

    def changes(values: Values) -> Sequence[Change]:
        return [Resize(endpoint.key, component=component.name, copies=whole(values, "copies", now))]

    fields = (*head, Field("copies", "copies", now))
    return Form(
        about_whom("resize", [endpoint]), fields, changes, turned=lambda one, values: _turned([endpoint], one, values)
    )


def _instances_form(endpoints: Sequence[Endpoint], part: str | None, head: tuple[Field, ...]) -> Form[Change]:
    variants = [_variant(endpoint, part) for endpoint in endpoints]
    behind = [variant.instances for variant in variants]
    if any(one is None for one in behind):
        raise RefusedError("The instances of these endpoints are not known, or they have none: nothing to resize.")
    count = common(one.count.desired if one else None for one in behind)
    kind = common(one.type if one else None for one in behind)
    fields = [*head, Field("count", "instances", count), Field("type", "instance type", kind, Entering.TEXT)]
    if all(endpoint.kind is Kind.ASYNC for endpoint in endpoints):
        fields.append(Field("async", "requests at once, an instance", least=1, note="asynchronous"))

    def changes(values: Values) -> Sequence[Change]:
        return [
            Resize(
                endpoint.key,
                variant=part,
                count=whole(values, "count", count),
                type=changed(values, "type", kind),
                async_concurrency=whole(values, "async"),
                deployment=deployment_of(values),
            )
            for endpoint in endpoints
        ]

    return Form(
        about_whom("resize", endpoints),
        (*fields, *ROLLOUT),
        changes,
        lambda values: _about_type(values, kind),
        turned=lambda one, values: _turned(endpoints, one, values),
    )


def _variant(endpoint: Endpoint, name: str | None) -> Variant:
    """The variant of this name, or the only one. Raises RefusedError."""
    found = [one for one in endpoint.variants if name in (None, one.name)]
    if len(found) != 1:
        raise RefusedError(f"{endpoint.name} has {len(found)} variants: resize it alone, and choose one of them.")
    return found[0]


def _about_type(values: Values, kind: str) -> Sequence[str]:
    if changed(values, "type", kind) or whole(values, "async") is not None:
        return ("This takes a new config, and new instances beside the old ones while it is rolled out.",)
    return ("The count is changed in place; rollout and alarms are for what takes a new config.",)


def serverless_form(endpoints: Sequence[Endpoint], wall: Callable[[], float]) -> Form[Change]:
    """Times ahead are counted from `wall` (epoch seconds). Raises RefusedError where one of them is not serverless."""
    settings = [_variant(endpoint, None).serverless for endpoint in endpoints]
    if any(one is None for one in settings):
        raise RefusedError("Not all of these endpoints are serverless: memory and concurrency are theirs alone.")
    memory = common(one.memory_mb if one else None for one in settings)
    most = common(one.max_concurrency if one else None for one in settings)
    provisioned = common(one.provisioned_concurrency if one else None for one in settings)
    fields = (
        Field("memory", "memory MB", memory, Entering.CHOICE, _MEMORIES),
        Field("most", "max concurrency", most, least=1, most=_MOST_CONCURRENCY),
        Field("provisioned", "provisioned concurrency", provisioned, most=_MOST_CONCURRENCY, note="0 takes it away"),
        Field("from", "provisioned from", "", Entering.TEXT, note="empty: now; +2h, 2026-11-21T06:00Z"),
        Field("until", "provisioned until", "", Entering.TEXT, note="empty: for good; then smtop reminds"),
        *ROLLOUT,
    )

    def changes(values: Values) -> Sequence[Change]:
        return [
            Resize(
                endpoint.key,
                memory_mb=whole(values, "memory", memory),
                max_concurrency=whole(values, "most", most),
                provisioned_concurrency=whole(values, "provisioned", provisioned),
                begins_at=_moment(values["from"], wall()),
                ends_at=_moment(values["until"], wall()),
                deployment=deployment_of(values),
            )
            for endpoint in endpoints
        ]

    return Form(
        about_whom("serverless", endpoints),
        fields,
        changes,
        lambda values: _about_memory(values, memory),
        _concurrency_complaint,
    )


def _about_memory(values: Values, memory: str) -> Sequence[str]:
    if changed(values, "memory", memory):
        return ("Memory takes a new config; the endpoint goes on answering while it is rolled out.",)
    return ()


def _moment(text: str, now: float) -> float | None:
    """Raises ValueError for what is no time."""
    return moment_of(text.strip(), now) if text.strip() else None


def _times_complaint(values: Values) -> str | None:
    try:
        begins_at, ends_at = _moment(values["from"], 0.0), _moment(values["until"], 0.0)
    except ValueError as error:
        return str(error)
    if (begins_at is not None or ends_at is not None) and not values["provisioned"]:
        return "Times are for provisioned concurrency: say how much of it."
    return None


def _concurrency_complaint(values: Values) -> str | None:
    complaint = _times_complaint(values)
    if complaint is not None:
        return complaint
    most, provisioned = number_of(values["most"]), number_of(values["provisioned"])
    if most is not None and provisioned is not None and provisioned > most:
        return f"Provisioned concurrency {provisioned:g} is above max concurrency {most:g}: AWS wants it at most that."
    return None
