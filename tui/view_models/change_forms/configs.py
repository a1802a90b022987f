"""The forms of configs: update to another one or to another model, back to an earlier one, and delete."""

from collections.abc import Sequence

from smtop.metrics.domain.change import Change, Delete, Rollback, Update
from smtop.metrics.domain.configs import THE_REST, Difference, EndpointConfig, KnownConfig, Standing, differences
from smtop.metrics.domain.details import EndpointDetails
from smtop.metrics.domain.endpoint import Endpoint
from smtop.tui.view_models.change_forms.common import (
    NO,
    ROLLOUT,
    YES,
    about_whom,
    changed,
    deployment_of,
    the_only,
)
from smtop.tui.view_models.forms import Entering, Field, Form, Values

_MOST_DIFFERENCES = 12
_RETAIN = Field("retain", "keep live weights and counts", YES, Entering.CHOICE, (YES, NO))


def update_form(endpoints: Sequence[Endpoint], details: EndpointDetails | None) -> Form[Change]:
    """Another config, or the live one with another model. Raises RefusedError for several endpoints."""
    endpoint = the_only(endpoints, "An update")
    others = _others(details)
    models = " ".join(dict.fromkeys(variant.model for variant in endpoint.variants if variant.model))
    config = endpoint.config or ""
    fields = (
        Field("config", "config", config, Entering.TEXT, tuple(one.name for one in others)),
        Field("model", "or model", models, Entering.TEXT),
        _RETAIN,
        *ROLLOUT,
    )

    def changes(values: Values) -> Sequence[Change]:
        return [
            Update(
                endpoint.key,
                config=changed(values, "config", config),
                model=changed(values, "model", models),
                retain=values["retain"] == YES,
                deployment=deployment_of(values),
            )
        ]

    def complaint(values: Values) -> str | None:
        both = changed(values, "config", config) and changed(values, "model", models)
        return "Give a config or a model, not both: a config names its models itself." if both else None

    return Form(
        about_whom("update", endpoints),
        fields,
        changes,
        lambda values: _differs(details, values["config"]),
        complaint,
    )


def rollback_form(endpoints: Sequence[Endpoint], details: EndpointDetails | None) -> Form[Change]:
    """An earlier config, with what differs from the live one. Raises RefusedError for several endpoints."""
    endpoint = the_only(endpoints, "Going back")
    earlier = [one for one in _others(details) if one.standing is not Standing.ROLLING_OUT and one.config is not None]
    names = tuple(one.name for one in earlier)
    start = next(iter(names), None)
    fields = (Field("to", "back to", endpoint.config or "", Entering.TEXT, names, start), _RETAIN, *ROLLOUT)

    def changes(values: Values) -> Sequence[Change]:
        to = changed(values, "to", endpoint.config or "")
        return [Rollback(endpoint.key, to, values["retain"] == YES, deployment_of(values))]

    def about(values: Values) -> Sequence[str]:
        known = next((one for one in earlier if one.name == values["to"]), None)
        how = f"{known.name}: {known.how}." if known else "No earlier config is known: type its name."
        return (how, *_differs(details, values["to"]))

    return Form(about_whom("back to a config of", endpoints), fields, changes, about)


def delete_form(endpoints: Sequence[Endpoint]) -> Form[Change]:
    """What goes with the endpoints."""
    fields = (
        Field("config", "its config too", NO, Entering.CHOICE, (NO, YES), note="where nothing else uses it"),
        Field("models", "its models too", NO, Entering.CHOICE, (NO, YES), note="where nothing else uses them"),
    )

    def changes(values: Values) -> Sequence[Change]:
        return [Delete(one.key, values["config"] == YES, values["models"] == YES) for one in endpoints]

    return Form(about_whom("delete", endpoints), fields, changes, works_as_it_is=True)


def _others(details: EndpointDetails | None) -> list[KnownConfig]:
    """Every config that is known and does not serve, the newest first."""
    known = details.configs if details else ()
    return [one for one in known if one.standing is not Standing.LIVE]


def _differs(details: EndpointDetails | None, name: str) -> Sequence[str]:
    """What would be otherwise than in the live config, a sentence a field."""
    known = details.configs if details else ()
    live = next((one.config for one in known if one.standing is Standing.LIVE), None)
    other = next((one for one in known if one.name == name and one.standing is not Standing.LIVE), None)
    if live is None or other is None:
        return ()
    if other.config is None:
        return (f"{name} could not be read: {other.why or 'it was not asked'}",)
    return _told(live, other.config)


def _difference(one: Difference) -> str:
    part = "" if one.part == THE_REST else f"{one.part} "
    return f"{one.mark} {part}{one.name}: {one.before or '-'} to {one.after or '-'}"


def _told(live: EndpointConfig, other: EndpointConfig) -> Sequence[str]:
    found = [one for one in differences(live, other) if one.before != one.after]
    told = [_difference(one) for one in found]
    if not told:
        return ("It is the same as the live one but for name and time.",)
    left = len(told) - _MOST_DIFFERENCES
    return [*told[:_MOST_DIFFERENCES], *([f"and {left} more: the Config tab has them all"] if left > 0 else [])]
