"""A change is cut off at every step that it takes; whoever comes after finishes it or takes it back.

A process that is killed runs nothing more, and neither does one here: what cuts it off is no Exception, so that no
handler of ours sees it. Locks go with the process; here they go with the block.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest

from smtop.metrics.actions.apply import Hands, carry_out
from smtop.metrics.actions.ports import ControlPlane, Document, Reading, Receipt
from smtop.metrics.clock import Clock
from smtop.metrics.domain.change import Bounds, Change, Delete, Policy, Undo, Update, Weights
from smtop.metrics.domain.endpoint import Identity
from smtop.metrics.domain.plan import Call, Plan
from smtop.metrics.errors import RefusedError
from smtop.metrics.journal import Journal, State
from tests.contract.leaping import PATIENCE_S, LeapingClock, Local


class CutOffError(BaseException):
    """The process is gone."""


class Fuse:
    """Counts steps, and cuts off at the one that it is set to."""

    def __init__(self, blows_at: int | None = None) -> None:
        self.steps = 0
        self._blows_at = blows_at

    def step(self) -> None:
        if self.steps == self._blows_at:
            raise CutOffError
        self.steps += 1


class CutControl:
    """A control plane that may be cut off before and after each call that writes.

    Reading leaves nothing behind: to be cut off there is to be cut off after the step before.
    """

    def __init__(self, control: ControlPlane, fuse: Fuse) -> None:
        self._control = control
        self._fuse = fuse

    async def identity(self) -> Identity:
        return await self._control.identity()

    async def read(self, service: str, operation: str, **parameters: object) -> Reading:
        return await self._control.read(service, operation, **parameters)

    async def entries(self, service: str, operation: str, member: str, **parameters: object) -> Sequence[Document]:
        return await self._control.entries(service, operation, member, **parameters)

    async def send(self, call: Call) -> Receipt:
        self._fuse.step()
        receipt = await self._control.send(call)
        self._fuse.step()
        return receipt


class CutJournal(Journal):
    """A journal that may be cut off before and after each line."""

    def __init__(self, journal: Journal, clock: Clock, fuse: Fuse) -> None:
        super().__init__(journal.folder.parent, clock)
        self._fuse = fuse

    def note(self, change_id: str, event: str, **members: Any) -> None:
        self._fuse.step()
        super().note(change_id, event, **members)
        self._fuse.step()


def hands(local: Local, fuse: Fuse) -> Hands:
    operator = local.operator
    clock = LeapingClock(local.aws, fuse.step)
    return Hands(CutControl(operator.control, fuse), CutJournal(operator.journal, clock, fuse), operator.gate, clock)


CHANGES: dict[str, Change] = {
    "weights": Weights("Fraud-Scorer", {"B": 0.75}),
    "model": Update("batch", model="search"),
    "bounds": Bounds("batch", least=0, most=3),
    "policy": Policy("batch", metric="backlog"),
    "delete": Delete("batch"),
    "delete-components": Delete("chat"),
    "delete-all": Delete("search", with_config=True, with_models=True),
}


STRIDE = 2
"""Every second step is cut off: after one thing is before the next."""


@pytest.mark.parametrize("name", CHANGES)
async def test_whatever_was_cut_off_is_finished_or_taken_back(local: Local, name: str) -> None:
    change, operator = CHANGES[name], local.operator
    steps = await counted(local, change)
    assert steps > 5
    before = local.described()
    for turn, step in enumerate(range(0, steps, STRIDE)):
        sent_before = len(local.aws.control("writes"))
        made = await operator.plan(change)
        operator.journal.begin(made)
        with suppress(CutOffError):  # AWS may need fewer looks than the first time, and then the end comes before
            await carry_out(hands(local, Fuse(step)), made.id)
        entry = operator.journal.entry(made.id)
        if entry.state.is_final:
            assert (entry.state, entry.error) == (State.APPLIED, None)
            await local.go(Undo(made.id))
        elif turn % 2:
            await finished(local, made, sent_before)
        else:
            await taken_back(local, made)
        after = local.described()
        moved = {part: (before[part], after[part]) for part in before if before[part] != after[part]}
        assert moved == {}, f"cut off at step {step} of {steps}"
        assert operator.journal.leftovers() == []


async def counted(local: Local, change: Change) -> int:
    """The steps of a change that nobody cuts off, which is then taken back."""
    made, fuse = await local.operator.plan(change), Fuse()
    assert made.blockers == ()
    local.operator.journal.begin(made)
    assert (await carry_out(hands(local, fuse), made.id)).state is State.APPLIED
    await local.go(Undo(made.id))
    return fuse.steps


async def finished(local: Local, made: Plan, sent_before: int) -> None:
    """Goes on where the cut was; nothing that was carried out is sent again."""
    entry = await local.operator.go_on(made.id, PATIENCE_S)
    assert (entry.state, entry.error) == (State.APPLIED, None)
    carried_out = [write["operation"] for write in local.aws.control("writes")[sent_before:] if write["carried_out"]]
    assert carried_out == [call.name for call in made.calls]
    await local.go(Undo(made.id))


async def taken_back(local: Local, made: Plan) -> None:
    """Back to where it began; a change of which nothing was begun has nothing to be taken back."""
    operator = local.operator
    if not operator.journal.entry(made.id).calls:
        with pytest.raises(RefusedError, match="nothing to take back"):
            await operator.plan(Undo(made.id))
        await local.operator.go_on(made.id, PATIENCE_S)
    undo = await operator.plan(Undo(made.id))
    if undo.calls or not undo.blockers:
        await local.go(Undo(made.id))
    else:
        assert "already" in " ".join(undo.blockers) or "with all that it had" in " ".join(undo.blockers)
        operator.journal.note(made.id, "undone", change="nothing")
