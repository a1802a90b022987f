"""Whether what is live is still what a plan was made for."""

from smtop.metrics.actions.ground import survey
from smtop.metrics.actions.ports import ControlPlane
from smtop.metrics.actions.telling import UNTOUCHED
from smtop.metrics.domain.plan import Fields, Plan
from smtop.metrics.errors import RefusedError, SmtopError


async def check_ground(control: ControlPlane, plan: Plan) -> None:
    """Raises RefusedError where what is live is no longer what the plan was made for."""
    if not plan.fingerprint and not plan.expects:
        return
    try:
        ground = await survey(control, plan.endpoint)
    except SmtopError as error:
        raise RefusedError(f"{error} {UNTOUCHED}") from error
    if plan.fingerprint and ground.fingerprint(plan.before) == plan.fingerprint:
        return
    moved = moved_fields(ground.fields, plan.expects if not plan.fingerprint else plan.before)
    if ground.notes and all(" is gone " in one for one in moved):
        raise RefusedError(f"Whether {plan.endpoint} is still as planned is unknown: {ground.notes[0]} {UNTOUCHED}")
    if plan.fingerprint or moved:
        told = f" ({'; '.join(moved)})" if moved else ""
        raise RefusedError(f"{plan.endpoint} was changed meanwhile{told}. Nothing was sent: plan it anew.")


def moved_fields(live: Fields, expected: Fields) -> list[str]:
    """What differs, as `A.weight is 0.3 and was 0.5`."""
    return [
        f"{path} is {_value(live.get(path))} and was {_value(value)}"
        for path, value in expected.items()
        if live.get(path) != value
    ]


def _value(value: object) -> str:
    return "gone" if value is None else str(value)
