"""What planning needs beside the ground."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from smtop.metrics.actions.ground import Ground
from smtop.metrics.actions.ports import ControlPlane
from smtop.metrics.clock import Clock
from smtop.metrics.domain.plan import Place
from smtop.metrics.domain.quotas import Usage
from smtop.metrics.journal import Journal


@dataclass(frozen=True)
class Means:
    """`new_id` makes the id of a change. `requests_per_minute` tells how busy an endpoint is, `queued` how many
    asynchronous requests wait; both are None where that is not known.

    `seen` are the configs that smtop itself saw live on an endpoint, the newest first. `fleet_usage` tells what the
    account uses of its quotas, where somebody knows without asking AWS; None where he does not know either.
    """

    control: ControlPlane
    journal: Journal
    clock: Clock
    place: Place
    new_id: Callable[[], str]
    requests_per_minute: Callable[[Ground], Awaitable[float | None]]
    queued: Callable[[Ground], Awaitable[float | None]]
    seen: Callable[[Ground], Sequence[str]] = lambda _: ()
    fleet_usage: Callable[[], Awaitable[Usage | None]] | None = None
