"""What the operator reads of a change that came to nothing: why, how things stand now, and what to do next.

Each text is one sentence, that of a reason two, so that the whole has three at most.
"""

import re
from collections.abc import Iterable, Sequence

from smtop.metrics.actions.reasons import UNKNOWN, explained
from smtop.metrics.domain.plan import Call, Plan

UNTOUCHED = "Nothing was changed."
TAKEN_BACK = "What was done before that was taken back."

_PLEASE = re.compile(r"\s*\bPlease [^.]*\.?")
_SENTENCE_BREAK = re.compile(r"[.!?]\s+(?=\S)")


def given_up(what: str, reason: str, alarms: Sequence[str] = ()) -> str:
    """What AWS gave up, in its own words; then the usual cause and the next step. `alarms` are those that went off."""
    known = explained(reason)
    # Where the reason is known, AWS's own advice says less than what is said next.
    words = _one_sentence(_PLEASE.sub("", reason) if known.is_known else reason)
    cause, step = known.cause.rstrip("."), _one_sentence(known.next)
    if alarms and known.kind in ("alarm", UNKNOWN):
        cause = f"{_listed(alarms)} went into ALARM, and with that SageMaker takes an update back"
        step = _one_sentence(explained("alarm").next)
    return f"{what}{': ' + words if words else ''}. {cause}; {step[:1].lower()}{step[1:]}."


def colliding(endpoint: str, status: str) -> str:
    """Somebody else was quicker."""
    now = f" ({status})" if status else ""
    return f"Somebody else is changing {endpoint}{now}, and AWS takes no second change. Wait until that has ended."


def interrupted(plan: Plan) -> str:
    """A part is done, and nobody goes on."""
    goes_on = f"smtop journal --finish {plan.id} goes on"
    return f"A part is done: {goes_on}{'' if _undone(plan) else f', smtop undo {plan.id} takes it back'}."


def left_to_do(calls: Iterable[Call]) -> str:
    """What could not be taken back, as commands."""
    return f"Not everything could be taken back; finish with: {_commands(calls)}"


def half_done(plan: Plan, made: Sequence[Call]) -> str:
    """How things stand where nothing is taken back by itself; empty where AWS itself went back. `made`: last first."""
    rest = [call for call in plan.calls if not any(one in made for one in (call, *call.otherwise))]
    if not rest:
        return ""
    if _undone(plan):
        return f"Not all of it is taken back yet: smtop undo {_undone(plan)} tries again."
    done = ", ".join(call.operation for call in reversed(made))
    back = f" (smtop undo {plan.id} takes that back)" if plan.undo is not None else ""
    return f"Done is {done}{back}; still to do: {_commands(rest)}"


def broken(plan: Plan, made: Sequence[Call]) -> str:
    """AWS could not go back either, and both fleets serve: configs stay, and scaling waits."""
    back = [one for call in made for one in call.back if not one.operation.startswith("Delete")]
    then = f" && {_commands(back)}" if back else ""
    way = f"smtop rollback {plan.endpoint} --to {plan.before.get('config')}"
    return f"Old and new instances may serve side by side; go back with: {way}{then}"


def _undone(plan: Plan) -> str:
    """The change that a plan takes back; empty for any other plan."""
    return str(plan.wanted.get("change_id") or "")


def _commands(calls: Iterable[Call]) -> str:
    return " && ".join(call.cli for call in calls)


def _one_sentence(text: str) -> str:
    return _SENTENCE_BREAK.sub("; ", text.strip()).rstrip(".")


def _listed(names: Sequence[str]) -> str:
    kind = "The alarm" if len(names) == 1 else "The alarms"
    return f"{kind} {', '.join(names)}"
