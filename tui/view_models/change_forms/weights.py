"""The form of weights: a number for each production variant, presets, and the share that results."""

from collections.abc import Sequence

from smtop.metrics.actions.weights import shares
from smtop.metrics.domain.change import Change, Weights
from smtop.metrics.domain.endpoint import Endpoint, Variant
from smtop.metrics.errors import RefusedError
from smtop.tui.view_models.change_forms.common import about_whom, common
from smtop.tui.view_models.forms import Entering, Field, Form, Values, number_of

_PRESET = "preset"
_AS_TYPED = "as typed"
_PAIRS = ((100, 0), (90, 10), (50, 50), (10, 90), (0, 100))


def weights_form(endpoints: Sequence[Endpoint]) -> Form[Change]:
    """Raises RefusedError where the endpoints have not the same variants."""
    names = tuple(variant.name for variant in endpoints[0].production)
    if any(tuple(variant.name for variant in one.production) != names for one in endpoints):
        raise RefusedError("The marked endpoints have different variants: their weights cannot be set together.")
    now = {name: common(_weight(one, name) for one in endpoints) for name in names}
    presets = _presets(names, now)
    fields = [Field(_PRESET, _PRESET, _AS_TYPED, Entering.CHOICE, (_AS_TYPED, *presets))]
    step = 0.1 if _is_of_one(now) else 1.0
    fields += [Field(_id(name), f"weight of {name}", now[name], step=step, whole=False) for name in names]

    def turned(changed: str, values: Values) -> tuple[Form[Change], Values] | None:
        if changed == _PRESET and values[_PRESET] in presets:
            return form, {**values, **presets[values[_PRESET]]}
        return (form, {**values, _PRESET: _AS_TYPED}) if changed != _PRESET else None

    form: Form[Change] = Form(
        about_whom("weights", endpoints),
        tuple(fields),
        lambda values: _changes(endpoints, names, values),
        lambda values: _about(names, now, values),
        lambda values: _complaint(names, values),
        turned=turned,
    )
    return form


def _id(variant: str) -> str:
    return f"weight:{variant}"


def _weight(endpoint: Endpoint, name: str) -> float | None:
    variant = next(one for one in endpoint.production if one.name == name)
    return _wanted(variant)


def _wanted(variant: Variant) -> float | None:
    if variant.weight is None:
        return None
    return variant.weight.desired if variant.weight.desired is not None else variant.weight.current


def _is_of_one(now: Values) -> bool:
    """Whether the weights are shares of 1, and not of 100."""
    numbers = [number_of(text) or 0.0 for text in now.values()]
    return max(numbers, default=0.0) <= 1.0 and sum(numbers) <= 1.001


def _presets(names: Sequence[str], now: Values) -> dict[str, Values]:
    """By how they are called: `90/10`. Several variants can be evened out, or one can get everything."""
    scale = 100 if _is_of_one(now) else 1
    if len(names) == 2:
        rows: dict[str, tuple[int, ...]] = {"/".join(map(str, pair)): pair for pair in _PAIRS}
    else:
        alone = {f"all to {name}": tuple(100 * (one == name) for one in names) for name in names}
        rows = {"all alike": (100,) * len(names), **alone}
    return {
        word: {_id(name): f"{number / scale:g}" for name, number in zip(names, row, strict=True)}
        for word, row in rows.items()
    }


def _changes(endpoints: Sequence[Endpoint], names: Sequence[str], values: Values) -> Sequence[Change]:
    """Only what differs is named, so that the rest stays as it is."""
    wanted = {name: number_of(values[_id(name)]) for name in names}
    return [
        Weights(
            one.key,
            {name: weight for name, weight in wanted.items() if weight is not None and weight != _weight(one, name)},
        )
        for one in endpoints
    ]


def _numbers(names: Sequence[str], values: Values) -> dict[str, float] | None:
    numbers = {name: number_of(values[_id(name)]) for name in names}
    known = {name: number for name, number in numbers.items() if number is not None and number >= 0}
    return known if len(known) == len(names) else None


def _about(names: Sequence[str], now: Values, values: Values) -> Sequence[str]:
    after = _numbers(names, values)
    before = _numbers(names, {_id(name): text for name, text in now.items()})
    if after is None:
        return ()
    was, will_be = shares(before) if before else {}, shares(after)
    told = (f"{name} {_share(was.get(name))} to {_share(will_be[name])}" for name in names)
    return (f"Share of the traffic: {', '.join(told)}.",)


def _share(share: float | None) -> str:
    return "?" if share is None else f"{share:.1%}".replace(".0%", "%")


def _complaint(names: Sequence[str], values: Values) -> str | None:
    numbers = _numbers(names, values)
    if numbers is not None and sum(numbers.values()) == 0:
        return "All weights would be 0, and no variant would answer. Give one of them more."
    return None
