"""What a planner says of a change: the part of a plan that only it can know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smtop.metrics.domain.change import Change
from smtop.metrics.domain.plan import Call, Confirm, Fields


@dataclass(frozen=True)
class Draft:
    """`after` are the fields that it touches, with what they will be. A draft with blockers needs no calls.

    `undo` is the way back, None where there is none. `variant` is the one that is changed, where it is one. `before` is
    only given where the live fields do not say it.
    """

    after: Fields
    calls: tuple[Call, ...] = ()
    confirm: Confirm = Confirm.YES
    warnings: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    undo: Change | None = None
    variant: str | None = None
    before: Fields | None = None
    expects: Mapping[str, Any] = field(default_factory=dict)


def blocked(*why: str) -> Draft:
    """A change that cannot be made."""
    return Draft({}, blockers=why)
