"""Changes in several accounts and regions: each plan is made, and carried out, where its endpoint is."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from smtop.metrics.actions.gate import READ_ONLY
from smtop.metrics.actions.invoke import Answer, Invocation
from smtop.metrics.changes import Changes, Leave, Past
from smtop.metrics.domain.change import Change, Undo, aimed
from smtop.metrics.domain.plan import Place, Plan
from smtop.metrics.errors import RefusedError, SmtopError
from smtop.metrics.journal import Entry, State

if TYPE_CHECKING:
    from smtop.metrics.federation.feed import Federation, Member


class FederatedChanges:
    """The Changes of a federation. Each place keeps its own write gate: one that is never opened stays shut.

    The journal is that of this user, wherever something was changed; `past` reads it.
    """

    def __init__(self, federation: "Federation", past: Callable[[], Awaitable[Past]]) -> None:
        self._federation = federation
        self._read_past = past

    async def plan(self, change: Change) -> Plan:
        """Where the configuration forbids changes there, the plan says so."""
        changes, change = await self._where(change)
        made = await changes.plan(change)
        why_not = (await changes.leave()).why_not
        return made if why_not in (None, READ_ONLY) else replace(made, blockers=(*made.blockers, str(why_not)))

    async def _where(self, change: Change) -> tuple[Changes, Change]:
        if isinstance(change, Undo):
            entry = await self._to_undo(change.change_id)
            return self._there(entry.plan.place), Undo(entry.id)
        _, feed, name = self._federation.found(change.endpoint)
        return feed.changes, aimed(change, name)

    async def _to_undo(self, change_id: str | None) -> Entry:
        """The change of this id, or the newest of a place that is watched."""
        if change_id is not None:
            return await self._entry(change_id)
        done = (one for one in (await self.past()).entries if one.state is State.APPLIED and one.undone_by is None)
        here = (one for one in done if one.plan.change != Undo.word and self._is_here(one.plan.place))
        found = next(here, None)
        if found is None:
            raise RefusedError("The journal has no change of these accounts and regions that can be undone.")
        return found

    async def _entry(self, change_id: str) -> Entry:
        found = next((one for one in (await self.past()).entries if one.id == change_id), None)
        if found is None:
            raise RefusedError(f"The journal has no change {change_id} that can be read.")
        return found

    async def apply(self, plan: Plan) -> AsyncGenerator[Entry, None]:
        async with aclosing(self._there(plan.place).apply(plan)) as news:
            async for entry in news:
                yield entry

    async def finish(self, change_id: str) -> AsyncGenerator[Entry, None]:
        place = (await self._entry(change_id)).plan.place
        async with aclosing(self._there(place).finish(change_id)) as news:
            async for entry in news:
                yield entry

    async def invoke(self, wanted: Invocation, wait_s: float) -> Answer:
        _, feed, name = self._federation.found(wanted.endpoint)
        return await feed.changes.invoke(replace(wanted, endpoint=name), wait_s)

    async def past(self) -> Past:
        return await self._read_past()

    async def leave(self) -> Leave:
        return _of_all([await one.leave() for one in self._all])

    async def open(self, seconds: float) -> Leave:
        """Opens every gate that may be opened. Raises what keeps the first one shut where none is."""
        opened: list[Leave] = []
        shut: dict[str, SmtopError] = {}
        for member in self._federation.members:
            try:
                opened.append(await _changes_of(member).open(seconds))
            except SmtopError as error:
                shut[member.source.word] = error
        if not opened:
            raise next(iter(shut.values()))
        said = f"Still read-only: {', '.join(shut)}. {next(iter(shut.values()))}" if shut else ""
        return replace(_of_all(opened), said=said)

    async def close(self) -> Leave:
        return _of_all([await one.close() for one in self._all])

    @property
    def _all(self) -> list[Changes]:
        """Those of all that can be asked."""
        return [member.feed.changes for member in self._federation.members if member.feed is not None]

    def _is_here(self, place: Place) -> bool:
        return any(member.part.place == (place.account, place.region) for member in self._federation.members)

    def _there(self, place: Place) -> Changes:
        for member in self._federation.members:
            if member.part.place == (place.account, place.region):
                return _changes_of(member)
        raise RefusedError(f"{place.account} / {place.region} is not among the accounts and regions that are watched.")


def _changes_of(member: "Member") -> Changes:
    """Raises RefusedError where nobody can be asked."""
    if member.feed is None:
        raise RefusedError(f"{member.source.word} cannot be asked at the moment.")
    return member.feed.changes


def _of_all(leaves: list[Leave]) -> Leave:
    """Open for as long as any gate is; else why the first one is shut. Gates that are not there yet begin shut."""
    if not leaves:
        return Leave(why_not=READ_ONLY)
    longest = max(leaves, key=lambda leave: leave.left_s)
    return longest if longest.left_s > 0 else leaves[0]
