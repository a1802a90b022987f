"""Provisioned concurrency from a time on and up to one: what it may be, and what it leaves to the operator.

smtop is no scheduler: nothing of it runs while nobody runs it. What has come due stands in the journal, and whoever
starts smtop next is reminded.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from smtop.metrics.actions.sizes import asked
from smtop.metrics.domain.change import Resize


def window_complaints(change: Resize, now: float) -> Iterator[str]:
    """Why it cannot be for a time; `now` in epoch seconds."""
    if change.begins_at is None and change.ends_at is None:
        return
    if set(asked(change)) != {"provisioned_concurrency"} or not change.provisioned_concurrency:
        yield "Only provisioned concurrency, and nothing beside it, can be had for a time."
    if change.ends_at is not None and change.ends_at <= max(now, change.begins_at or now):
        yield f"It would end at {at(change.ends_at)}, before it begins. Name a later end."


def window_warnings(change: Resize, now: float) -> Iterator[str]:
    """What the operator has to do later."""
    if change.begins_at is not None and change.begins_at > now:
        yield (
            f"Nothing is sent before {at(change.begins_at)}. smtop does nothing while nobody runs it: from then on it "
            "reminds, and `smtop journal --finish CHANGE --write` makes the change, if the endpoint is as it is now."
        )
    if change.ends_at is not None:
        yield (
            f"It is due to be taken back at {at(change.ends_at)}, and costs until somebody does: from then on smtop "
            "reminds, and `smtop undo CHANGE` takes it back."
        )


def at(moment: float) -> str:
    """`2026-11-21 06:00Z`."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M}Z"
