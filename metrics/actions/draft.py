"""What a planner says of a change: the part of a plan that only it can know."""

from dataclasses import dataclass

from smtop.metrics.domain.change import Change
from smtop.metrics.domain.plan import Call, Confirm, Fields


@dataclass(frozen=True)
class Draft:
    """`after` are the fields that it touches, with what they will be. A draft with blockers needs no calls.

    `diff` is what differs between two configs, a line each. `undo` is the way back, None where there is none. `variant`
    is the one that is changed, where it is one. `before` is only given where the live fields do not say it.
    """

    after: Fields
    calls: tuple[Call, ...] = ()
    confirm: Confirm = Confirm.YES
    warnings: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    diff: tuple[str, ...] = ()
    undo: Change | None = None
    variant: str | None = None
    before: Fields | None = None


def blocked(*why: str) -> Draft:
    """A change that cannot be made."""
    return Draft({}, blockers=why)
