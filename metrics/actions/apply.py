"""Carries a journalled plan out, or goes on with one that was cut off: written down, sent once, followed to its end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from smtop.metrics.actions import telling
from smtop.metrics.actions.gate import WriteGate
from smtop.metrics.actions.ground import survey
from smtop.metrics.actions.lookups import resolved
from smtop.metrics.actions.moved import check_ground
from smtop.metrics.actions.ports import ControlPlane
from smtop.metrics.actions.probes import described, was_made
from smtop.metrics.actions.settling import LOOK_S, CameToNothingError, OverdueError, Settling, status_of
from smtop.metrics.clock import Clock
from smtop.metrics.domain.plan import Call, Fields, Plan, Until
from smtop.metrics.errors import AwsError, FaultKind, RefusedError
from smtop.metrics.journal import Entry, Journal, Made, State

UNDO = "undo"
"""What the plan of an undo is called; the gate is always open for it."""

_PROBES = 3
"""How often AWS is asked for the effect of a call before it counts as not made."""


@dataclass(frozen=True)
class Hands:
    """What it takes to change something."""

    control: ControlPlane
    journal: Journal
    gate: WriteGate
    clock: Clock


async def carry_out(hands: Hands, change_id: str, *, wait_s: float | None = None) -> Entry:
    """The change as it stands afterwards: ended, or in progress where AWS is not done within `wait_s`.

    Raises RefusedError where somebody else carries it out, and OSError where the journal can no longer be written.
    """
    with hands.journal.held(change_id):
        entry = hands.journal.entry(change_id)
        if entry.undone_by is not None:
            raise RefusedError(f"Change {change_id} was taken back by {entry.undone_by}.")
        if not entry.state.is_final:
            await _Carrying(hands, entry, wait_s).run()
        return hands.journal.entry(change_id)


class _DeferredError(Exception):
    """Its time has not come."""


class _InterruptedError(Exception):
    """smtop cannot go on, and nobody may call it failed: what AWS has done, or is doing, is not known."""


class _Carrying:
    """One run over one plan. Every step is in the journal before it is taken."""

    def __init__(self, hands: Hands, entry: Entry, wait_s: float | None) -> None:
        self._hands = hands
        self._entry = entry
        self._plan = entry.plan
        ends_at = None if wait_s is None else hands.clock.monotonic() + wait_s
        self._patience = Settling(hands.control, hands.clock, self._seen, ends_at)
        self._calm = Settling(hands.control, hands.clock, self._seen)

    async def run(self) -> None:
        try:
            with self._hands.gate.passage(own=self._plan.change == UNDO):
                await self._begin()
                await self._make_all()
                await self._settle()
        except RefusedError as error:
            self._note(State.REFUSED.value, error=str(error))
        except OverdueError:
            pass  # in progress, and the journal says so
        except _DeferredError:
            self._note("deferred")
        except _InterruptedError as error:
            self._note("interrupted", error=str(error))
        except (AwsError, CameToNothingError) as error:
            self._note(State.FAILED.value, error=str(error), **_denial(error))
        else:
            self._note(State.APPLIED.value, left=await self._left())
            self._mark_undone()

    async def _begin(self) -> None:
        """Looks at the ground once more, unless something was sent already."""
        if self._plan.blockers:
            raise RefusedError(" ".join(self._plan.blockers))
        if self._entry.state in (State.PLANNED, State.DEFERRED):
            self._check_time()
            self._note("begun")
        if not self._entry.calls:
            once = self._plan.calls[0].once if self._plan.calls else None
            if once is not None:
                await self._calm.reached(once, self._plan.endpoint)
            await check_ground(self._hands.control, self._plan)

    def _check_time(self) -> None:
        """Raises RefusedError where the time that it was wanted for is over."""
        now, ends_at = self._hands.clock.wall(), self._plan.ends_at
        if ends_at is not None and ends_at <= now:
            raise RefusedError("The time that it was wanted for is over. Nothing was sent.")
        if self._plan.begins_at is not None and self._plan.begins_at > now:
            raise _DeferredError

    async def _make_all(self) -> None:
        if self._entry.turning_back is not None:
            await self._turn_back(self._entry.turning_back)
        try:
            for place, call in enumerate(self._plan.calls):
                made = await self._make(str(place), call)
                if made.until is not None and place < len(self._plan.calls) - 1:
                    await self._calm.reached(made.until, self._plan.endpoint, made)
        except (AwsError, CameToNothingError) as error:
            await self._give_up(error)
        self._note("sent")

    async def _give_up(self, error: Exception) -> NoReturn:
        """Takes back what can be taken back, and raises what says why."""
        made = [call for _, call in self._made()]
        if isinstance(error, AwsError) and error.kind is FaultKind.BUSY:
            error = CameToNothingError(telling.colliding(self._plan.endpoint, await self._status()))
        if not made:
            raise CameToNothingError(f"{error} {telling.UNTOUCHED}") from error
        if isinstance(error, AwsError) and error.kind is FaultKind.CREDENTIALS:
            raise _InterruptedError(f"{error} {telling.interrupted(self._plan)}") from error
        if isinstance(error, CameToNothingError) and error.broken:
            raise CameToNothingError(f"{error} {telling.broken(self._plan, made)}") from error
        if _can_be_turned_back(made):
            self._note("turning-back", error=str(error))
            await self._turn_back(str(error))
        raise CameToNothingError(f"{error} {telling.half_done(self._plan, made)}".rstrip()) from error

    async def _status(self) -> str:
        """What the endpoint is doing; empty where that cannot be asked."""
        try:
            document = await described(self._hands.control, "DescribeEndpoint", EndpointName=self._plan.endpoint)
        except AwsError:
            return ""
        return status_of(document or {})

    async def _settle(self) -> None:
        """Follows the last call to its end. What cannot be asked any longer goes on all the same."""
        last = self._made()[0][1] if self._plan.calls else None
        if last is None or last.until is None:
            return
        try:
            await self._patience.reached(last.until, self._plan.endpoint, last)
        except CameToNothingError as error:
            await self._give_up(error)
        except AwsError as error:
            follow = f"AWS goes on with the change; follow it with: smtop journal --finish {self._entry.id}"
            raise _InterruptedError(f"{error} {follow}") from error

    async def _make(self, key: str, call: Call) -> Call:
        """Makes a call, or what stands for it; returns the one that was made."""
        before = self._entry.calls.get(key)
        if before is not None and before.refused is not None:
            return await self._otherwise(key, call)
        if before is None or not before.done:
            try:
                await self._send(key, call, begun=before is not None)
            except AwsError as error:
                if error.kind is not FaultKind.INVALID or not call.otherwise:
                    raise
                self._note("turned-away", call=key, error=str(error))
                return await self._otherwise(key, call)
        return call

    async def _otherwise(self, key: str, call: Call) -> Call:
        made = call
        for place, other in enumerate(call.otherwise):
            made = await self._make(f"{key}.{place}", other)
            if made.until is not None and place < len(call.otherwise) - 1:
                await self._calm.reached(made.until, self._plan.endpoint, made)
        return made

    async def _send(self, key: str, call: Call, *, begun: bool) -> None:
        """Sends it, unless a run that was cut off has: then its effect tells."""
        if begun and await self._was_made(call):
            self._note("called", call=key, request_id=None)
            return
        if call.once is not None:
            await self._calm.reached(call.once, self._plan.endpoint)
        self._note("calling", call=key)
        try:
            params = await resolved(self._hands.control, call.params)
            receipt = await self._hands.control.send(replace(call, params=params))
        except AwsError as error:
            if not error.is_open or not await self._was_made(call):
                raise
            self._note("called", call=key, request_id=None)
        else:
            self._note("called", call=key, request_id=receipt.request_id)

    async def _was_made(self, call: Call) -> bool:
        """Asked more than once: what was cut off may take effect a little later."""
        for left in reversed(range(_PROBES)):
            try:
                if await was_made(self._hands.control, call):
                    return True
            except AwsError as error:
                if left == 0:
                    unknown = f"Nobody knows whether AWS has carried out {call.name}: {error}"
                    again = f"Look again with: smtop journal --finish {self._entry.id}"
                    raise _InterruptedError(f"{unknown} {again}") from error
            if left:
                await self._hands.clock.sleep(LOOK_S)
        return False

    def _made(self) -> list[tuple[str, Call]]:
        """The calls that AWS has carried out, the last first."""
        known = self._hands.journal.entry(self._entry.id).calls
        return [(key, call) for key, call in reversed(list(_places(self._plan))) if known.get(key, Made()).done]

    async def _turn_back(self, why: str) -> NoReturn:
        """Takes back what was done, as far as it can be."""
        left: list[Call] = []
        for key, call in self._made():
            for place, back in enumerate(call.back):
                try:
                    if not await self._is_back(f"back.{key}.{place}", back):
                        await self._make(f"back.{key}.{place}", back)
                    if back.until is not None:
                        await self._calm.reached(back.until, self._plan.endpoint, back)
                except (AwsError, CameToNothingError):
                    left.append(back)
        raise CameToNothingError(f"{why} {telling.left_to_do(left) if left else telling.TAKEN_BACK}")

    async def _left(self) -> Fields:
        """What the fields are now that the change has touched: AWS may say them in other words than they were sent."""
        try:
            fields = (await survey(self._hands.control, self._plan.endpoint)).fields
        except AwsError:
            return {}  # gone, as after a deletion, or not to be asked: then the plan is believed
        return {path: fields.get(path) for path in self._plan.after}

    async def _is_back(self, key: str, back: Call) -> bool:
        """Whether it is so already: AWS goes back to the old config by itself where it gives an update up."""
        known = self._hands.journal.entry(self._entry.id).calls
        moves = back.until is Until.IN_SERVICE and key not in known
        return moves and await was_made(self._hands.control, back)

    def _seen(self, status: str) -> None:
        self._note("seen", status=status)

    def _note(self, event: str, **members: object) -> None:
        self._hands.journal.note(self._entry.id, event, **members)

    def _mark_undone(self) -> None:
        undone = self._plan.wanted.get("change_id") if self._plan.change == UNDO else None
        if undone:
            self._hands.journal.note(str(undone), "undone", change=self._plan.id)


def _denial(error: Exception) -> dict[str, str]:
    """Which operation AWS did not permit, if that was it."""
    if isinstance(error, AwsError) and error.kind is FaultKind.PERMISSION:
        return {"denied": error.operation}
    return {}


def _can_be_turned_back(made: Sequence[Call]) -> bool:
    """Whether it can, and nothing stands on what is gone by now for good."""
    return any(call.back for call in made) and not any(_is_final(call) for call in made)


def _is_final(call: Call) -> bool:
    return call.operation.startswith("Delete") and not call.back


def _places(plan: Plan) -> Iterator[tuple[str, Call]]:
    """Every call with its place: `0`, and `0.1` for the second of what stands for it."""
    for place, call in enumerate(plan.calls):
        yield str(place), call
        for below, other in enumerate(call.otherwise):
            yield f"{place}.{below}", other
