"""The forms of all changes, as data: which fields each has, and what change their values make."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from smtop.metrics.actions.allowed import Act
from smtop.metrics.domain.change import Change
from smtop.metrics.domain.details import EndpointDetails
from smtop.metrics.domain.endpoint import Endpoint
from smtop.tui.view_models.change_forms.capacity import resize_form, serverless_form
from smtop.tui.view_models.change_forms.configs import delete_form, rollback_form, update_form
from smtop.tui.view_models.change_forms.invoke import Trial, invoke_form
from smtop.tui.view_models.change_forms.scaling import scaling_form
from smtop.tui.view_models.change_forms.weights import weights_form
from smtop.tui.view_models.forms import Form

Asked: TypeAlias = Change | Trial
_Wall: TypeAlias = Callable[[], float]
_Maker: TypeAlias = Callable[[Sequence[Endpoint], EndpointDetails | None, _Wall], Form[Any]]

_FORMS: Mapping[Act, _Maker] = {
    Act.WEIGHTS: lambda endpoints, *_: weights_form(endpoints),
    Act.RESIZE: lambda endpoints, *_: resize_form(endpoints),
    Act.SERVERLESS: lambda endpoints, _, wall: serverless_form(endpoints, wall),
    Act.SCALING: lambda endpoints, details, _: scaling_form(endpoints, details),
    Act.UPDATE: lambda endpoints, details, _: update_form(endpoints, details),
    Act.ROLLBACK: lambda endpoints, details, _: rollback_form(endpoints, details),
    Act.INVOKE: lambda endpoints, *_: invoke_form(endpoints),
    Act.DELETE: lambda endpoints, *_: delete_form(endpoints),
}

WANTS_DETAILS = frozenset({Act.SCALING, Act.UPDATE, Act.ROLLBACK})
"""Acts whose form shows what is only read when somebody asks for it."""


def form_of(act: Act, endpoints: Sequence[Endpoint], details: EndpointDetails | None, wall: _Wall) -> Form[Asked]:
    """The form for these endpoints; `details` are those of a single one, `wall` tells the time (epoch seconds).

    Raises RefusedError where no form fits all of them.
    """
    return _FORMS[act](endpoints, details, wall)
