"""What the engine offers to whoever changes the fleet from a screen."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from smtop.metrics.actions.invoke import Answer, Invocation
from smtop.metrics.domain.change import Change
from smtop.metrics.domain.plan import Plan
from smtop.metrics.journal import Entry, Journal


@dataclass(frozen=True)
class Leave:
    """Whether smtop may change anything, for `left_s` seconds yet; `why_not` is a sentence, None where it may.

    `said` is what else the operator should hear: where of several places nothing may be changed all the same.
    """

    left_s: float = 0.0
    why_not: str | None = None
    said: str = ""


@dataclass(frozen=True)
class Past:
    """The changes of this user, the newest first; the ids of those that were left half done, and of those due by now.

    What is due was put off and has to be begun, or was for a time that is over and has to be taken back.
    """

    entries: tuple[Entry, ...] = ()
    left: frozenset[str] = frozenset()
    due: frozenset[str] = frozenset()


def past_of(journal: Journal) -> Past:
    """What the journal holds; it is read from the disk."""
    left, due = (frozenset(entry.id for entry in found) for found in (journal.leftovers(), journal.due()))
    return Past(tuple(journal.entries()), left, due)


class Changes(Protocol):
    """How the screen changes the fleet. Changes and test invocations name an endpoint by its key."""

    async def plan(self, change: Change) -> Plan:
        """What a change will do. Raises AwsError, and RefusedError where there can be no plan."""

    def apply(self, plan: Plan) -> AsyncGenerator[Entry, None]:
        """Writes the plan down, carries it out, and gives the change whenever there is news of it, until its end.

        The change goes on where nobody listens any longer. Raises RefusedError where it cannot be written down.
        """

    def finish(self, change_id: str) -> AsyncGenerator[Entry, None]:
        """Goes on with a change that was left half done, as `apply` does."""

    async def invoke(self, wanted: Invocation, wait_s: float) -> Answer:
        """A test invocation; an asynchronous answer is waited for. Raises AwsError, RefusedError while read-only."""

    async def past(self) -> Past:
        """What was changed from here before."""

    async def leave(self) -> Leave:
        """Whether anything may be changed now."""

    async def open(self, seconds: float) -> Leave:
        """Opens the write gate for a time. Raises RefusedError where it stays shut."""

    async def close(self) -> Leave:
        """Shuts the write gate."""
