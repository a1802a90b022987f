"""The form of scaling: bounds, policies, scheduled actions, suspending, and taking away."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from smtop.metrics.actions.scaling_metrics import METRICS, USUAL
from smtop.metrics.domain.change import Bounds, Change, Policy, Schedule, Suspend, Unscale
from smtop.metrics.domain.details import EndpointDetails
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.scaling import COPIES, INSTANCES, PROVISIONED, ScaledPart
from smtop.tui.view_models.change_forms.common import about_whom, changed, text, the_only, whole
from smtop.tui.view_models.forms import Entering, Field, Form, Values, number_of

_DO, _PART = "do", "part"
_ALL = "all of it"
_BOUNDS, _POLICY, _SCHEDULE = "bounds", "target tracking", "scheduled action"
_STEP, _SUSPEND, _RESUME, _REMOVE = "leave zero (steps)", "suspend", "resume", "remove"
_TEMPLATE = {"least": "1", "most": "4", "in": "300", "out": "60"}
"""Seventy a minute, one to four instances, in after 300 s and out after 60 s: what AWS's own examples take."""

Made: TypeAlias = Callable[[str, str | None, str | None, Values], Change]


def scaling_form(endpoints: Sequence[Endpoint], details: EndpointDetails | None) -> Form[Change]:
    """Raises RefusedError for several endpoints."""
    return _form(the_only(endpoints, "Scaling"), details, _BOUNDS, None)


def _form(endpoint: Endpoint, details: EndpointDetails | None, do: str, part: str | None) -> Form[Change]:
    components = [component.name for component in endpoint.components]
    parts = (*components, *(variant.name for variant in endpoint.production))
    chosen = part or next(iter(parts), "")
    scaled = _scaled(details, chosen)
    head = [Field(_DO, "what", do, Entering.CHOICE, tuple(_FIELDS))]
    head += [Field(_PART, "of", chosen, Entering.CHOICE, parts)] if len(parts) > 1 else []
    component, variant = (chosen, None) if chosen in components else (None, chosen or None)

    def turned(name: str, values: Values) -> tuple[Form[Change], Values] | None:
        if name == "metric":
            return form, {**values, "target": _target(values["metric"]) or values["target"]}
        if name not in (_DO, _PART):
            return None
        return _form(endpoint, details, values[_DO], values.get(_PART, chosen)), {}

    form: Form[Change] = Form(
        about_whom("scaling of", [endpoint]),
        (*head, *_FIELDS[do](endpoint, scaled)),
        lambda values: [_MADE[do](endpoint.key, variant, component, values)],
        lambda _: _known(details, scaled),
        lambda values: _bounds_complaint(values) if do in (_BOUNDS, _SCHEDULE) else None,
        works_as_it_is=do in (_STEP, _SUSPEND, _RESUME, _REMOVE),
        turned=turned,
    )
    return form


def _scaled(details: EndpointDetails | None, part: str) -> ScaledPart | None:
    found = (details.scaled or ()) if details else ()
    return next((one for one in found if one.target.scalable.resource.rpartition("/")[2] == part), None)


def _known(details: EndpointDetails | None, scaled: ScaledPart | None) -> Sequence[str]:
    """What scales it now."""
    if details is None or details.scaled is None:
        return ("What is registered could not be asked; the plan says what it finds.",)
    if scaled is None:
        return ("Nothing scales it yet: it is registered on the way.",)
    policies = [f"{one.name} ({one.metric or one.kind})" for one in scaled.policies or ()]
    names = [one.name for one in scaled.schedules or ()]
    told = [f"{scaled.target.least} to {scaled.target.most}"]
    told += [f"policies {', '.join(policies)}"] if policies else []
    told += [f"scheduled actions {', '.join(names)}"] if names else []
    return (f"Now: {'; '.join(told)}.",)


def _bounds_complaint(values: Values) -> str | None:
    least, most = number_of(values["least"]), number_of(values["most"])
    if least is not None and most is not None and least > most:
        return f"The minimum {least:g} is above the maximum {most:g}."
    return None


def _bounds_fields(_: Endpoint, scaled: ScaledPart | None) -> Sequence[Field]:
    least, most = (text(scaled.target.least), text(scaled.target.most)) if scaled else ("", "")
    return (
        Field("least", "minimum", least, start=least or _TEMPLATE["least"]),
        Field("most", "maximum", most, start=most or _TEMPLATE["most"]),
    )


def _policy_fields(endpoint: Endpoint, _: ScaledPart | None) -> Sequence[Field]:
    metric = _usual(endpoint)
    return (
        Field("name", "name", "", Entering.TEXT, note="empty: smtop's own name"),
        Field("metric", "metric", "", Entering.TEXT, tuple(METRICS), metric),
        Field("target", "target", "", start=_target(metric), whole=False),
        Field("in", "wait after scaling in, s", "", start=_TEMPLATE["in"]),
        Field("out", "wait after scaling out, s", "", start=_TEMPLATE["out"]),
    )


def _usual(endpoint: Endpoint) -> str:
    """The metric by which its kind is scaled."""
    if endpoint.kind is Kind.ASYNC:
        return "backlog"
    scales = PROVISIONED if endpoint.kind.is_serverless else COPIES if endpoint.components else INSTANCES
    return USUAL[scales]


def _target(metric: str) -> str:
    """Where to start with a metric; empty where nobody can say."""
    known = METRICS.get(metric)
    return text(known.target) if known is not None else ""


def _schedule_fields(_: Endpoint, scaled: ScaledPart | None) -> Sequence[Field]:
    return (
        Field("name", "name", "", Entering.TEXT, tuple(one.name for one in scaled.schedules or ()) if scaled else ()),
        Field("when", "when", "", Entering.TEXT, note="cron(0 8 ? * MON-FRI *), rate(1 day), at(2026-12-01T08:00:00)"),
        Field("timezone", "time zone", "", Entering.TEXT, note="empty: UTC"),
        Field("least", "minimum", "", note="empty: stays"),
        Field("most", "maximum", "", note="empty: stays"),
    )


def _suspend_fields(_: Endpoint, __: ScaledPart | None) -> Sequence[Field]:
    return (Field("which", "which", _ALL, Entering.CHOICE, (_ALL, "in", "out", "scheduled")),)


def _step_fields(_: Endpoint, __: ScaledPart | None) -> Sequence[Field]:
    return (Field("name", "name", "", Entering.TEXT, note="empty: smtop's own name"),)


def _remove_fields(_: Endpoint, scaled: ScaledPart | None) -> Sequence[Field]:
    policies = tuple(f"policy {one.name}" for one in scaled.policies or ()) if scaled else ()
    schedules = tuple(f"schedule {one.name}" for one in scaled.schedules or ()) if scaled else ()
    return (Field("which", "which", _ALL, Entering.CHOICE, (_ALL, *policies, *schedules)),)


_FIELDS: Mapping[str, Callable[[Endpoint, ScaledPart | None], Sequence[Field]]] = {
    _BOUNDS: _bounds_fields,
    _POLICY: _policy_fields,
    _STEP: _step_fields,
    _SCHEDULE: _schedule_fields,
    _SUSPEND: _suspend_fields,
    _RESUME: _suspend_fields,
    _REMOVE: _remove_fields,
}


def _bounds(endpoint: str, variant: str | None, component: str | None, values: Values) -> Change:
    return Bounds(endpoint, variant, component, whole(values, "least"), whole(values, "most"))


def _policy(endpoint: str, variant: str | None, component: str | None, values: Values) -> Change:
    return Policy(
        endpoint,
        variant,
        component,
        changed(values, "name"),
        changed(values, "metric"),
        number_of(values["target"]),
        in_cooldown_s=whole(values, "in"),
        out_cooldown_s=whole(values, "out"),
    )


def _step_policy(endpoint: str, variant: str | None, component: str | None, values: Values) -> Change:
    return Policy(endpoint, variant, component, changed(values, "name"), step=True)


def _schedule(endpoint: str, variant: str | None, component: str | None, values: Values) -> Change:
    return Schedule(
        endpoint,
        values["name"].strip(),
        values["when"].strip(),
        variant,
        component,
        changed(values, "timezone"),
        whole(values, "least"),
        whole(values, "most"),
    )


def _suspend(endpoint: str, variant: str | None, component: str | None, values: Values) -> Change:
    which = () if values["which"] == _ALL else (values["which"],)
    return Suspend(endpoint, variant, component, which, resume=values[_DO] == _RESUME)


def _remove(endpoint: str, variant: str | None, component: str | None, values: Values) -> Change:
    kind, _, name = values["which"].partition(" ")
    if values["which"] == _ALL:
        return Unscale(endpoint, variant, component)
    policy, schedule = (name, None) if kind == "policy" else (None, name)
    return Unscale(endpoint, variant, component, policy, schedule)


_MADE: Mapping[str, Made] = {
    _BOUNDS: _bounds,
    _POLICY: _policy,
    _STEP: _step_policy,
    _SCHEDULE: _schedule,
    _SUSPEND: _suspend,
    _RESUME: _suspend,
    _REMOVE: _remove,
}
