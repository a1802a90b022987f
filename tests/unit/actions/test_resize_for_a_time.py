"""Provisioned concurrency for a time: put off, begun, reminded of and taken back by whoever is there."""

from dataclasses import replace
from typing import Any

import pytest

from smtop.metrics.actions.apply import Hands, carry_out
from smtop.metrics.actions.gate import WriteGate
from smtop.metrics.actions.means import Means
from smtop.metrics.actions.planner import plan
from smtop.metrics.domain.change import Resize, Undo
from smtop.metrics.errors import RefusedError
from smtop.metrics.journal import Entry, Journal, State
from smtop.tui.view_models.plan import due_line, result_document
from tests.support.control import FakeControl
from tests.support.fleet import NOW_S, HandClock
from tests.support.sizes import resized

HOUR_S = 3600.0
BEGINS, ENDS = NOW_S + HOUR_S, NOW_S + 3 * HOUR_S


class Aws(FakeControl):
    """Takes concurrency in place, at once."""

    async def send(self, call: Any) -> Any:
        receipt = await super().send(call)
        if call.operation == "UpdateEndpointWeightsAndCapacities":
            (wanted,) = call.params["DesiredWeightsAndCapacities"]
            live = self.documents["DescribeEndpoint", "sls"]["ProductionVariants"][0]
            live["DesiredServerlessConfig"] = {**live["DesiredServerlessConfig"], **wanted["ServerlessUpdateConfig"]}
        return receipt


@pytest.fixture
def control() -> FakeControl:
    return Aws()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def kept(journal: Journal, clock: HandClock) -> Journal:
    """The journal, on a clock that this test moves."""
    return Journal(journal.folder.parent, clock)


@pytest.fixture
def by(by: Means, kept: Journal, clock: HandClock) -> Means:
    return replace(by, journal=kept, clock=clock)


@pytest.fixture
def hands(control: FakeControl, kept: Journal, clock: HandClock) -> Hands:
    gate = WriteGate(clock)
    gate.open()
    return Hands(control, kept, gate, clock)


async def begun(hands: Hands, by: Means, **when: float) -> Entry:
    made = await resized(by, "sls", provisioned_concurrency=8, **when)
    assert made.blockers == ()
    return await carry_out(hands, hands.journal.begin(made).id)


async def test_it_is_had_at_once_and_due_to_go(fleet: FakeControl, hands: Hands, by: Means, clock: HandClock) -> None:
    entry = await begun(hands, by, ends_at=ENDS)
    assert (entry.state, entry.due_at, hands.journal.due()) == (State.APPLIED, ENDS, [])
    assert any("due to be taken back at 2026-11-20 17:11Z" in sentence for sentence in entry.plan.warnings)
    clock.now = ENDS
    assert [one.id for one in hands.journal.due()] == [entry.id]
    place = "123456789012 us-east-1"
    assert due_line(entry) == (
        f"resize sls in {place} is due to be taken back at 2026-11-20 17:11Z: smtop undo {entry.id}"
    )
    back = await carry_out(hands, hands.journal.begin(await plan(Undo(entry.id), by)).id)
    assert back.state is State.APPLIED
    assert fleet.documents["DescribeEndpoint", "sls"]["ProductionVariants"][0]["DesiredServerlessConfig"] == {
        "MemorySizeInMB": 2048,
        "MaxConcurrency": 20,
        "ProvisionedConcurrency": 5,
    }
    assert hands.journal.due() == []


async def test_nothing_is_sent_before_its_time(fleet: FakeControl, hands: Hands, by: Means, clock: HandClock) -> None:
    entry = await begun(hands, by, begins_at=BEGINS, ends_at=ENDS)
    assert (entry.state, fleet.sent, hands.journal.due()) == (State.DEFERRED, [], [])
    assert result_document(entry)["outcome"] == "in-progress"
    assert hands.journal.leftovers() == []
    clock.now = BEGINS
    (due,) = hands.journal.due()
    assert due_line(due).endswith(f"is due to be made at 2026-11-20 15:11Z: smtop journal --finish {entry.id} --write")
    made = await carry_out(hands, entry.id)
    assert (made.state, made.due_at, len(fleet.sent)) == (State.APPLIED, ENDS, 1)


async def test_a_follower_is_told_that_it_was_put_off(fleet: FakeControl, hands: Hands, by: Means) -> None:
    entry = await begun(hands, by, begins_at=BEGINS)
    assert [one.state async for one in hands.journal.follow(entry.id)] == [State.DEFERRED]


async def test_the_ground_must_not_have_moved_until_then(
    fleet: FakeControl, hands: Hands, by: Means, clock: HandClock
) -> None:
    entry = await begun(hands, by, begins_at=BEGINS)
    live = fleet.documents["DescribeEndpoint", "sls"]["ProductionVariants"][0]
    live["DesiredServerlessConfig"] = {**live["DesiredServerlessConfig"], "ProvisionedConcurrency": 6}
    clock.now = BEGINS
    made = await carry_out(hands, entry.id)
    assert (made.state, fleet.sent) == (State.REFUSED, [])
    assert "AllTraffic.provisioned_concurrency is 6 and was 5" in str(made.error)


async def test_nothing_begins_after_its_end(fleet: FakeControl, hands: Hands, by: Means, clock: HandClock) -> None:
    entry = await begun(hands, by, begins_at=BEGINS, ends_at=ENDS)
    clock.now = ENDS
    assert (await carry_out(hands, entry.id)).error == "The time that it was wanted for is over. Nothing was sent."


async def test_what_was_put_off_can_be_called_off(
    fleet: FakeControl, hands: Hands, by: Means, clock: HandClock
) -> None:
    entry = await begun(hands, by, begins_at=BEGINS)
    off = await plan(Undo(), by)
    assert (off.blockers, off.calls) == ((), ())
    assert off.warnings == (f"Nothing of change {entry.id} was sent; it is called off.",)
    assert (await carry_out(hands, hands.journal.begin(off).id)).state is State.APPLIED
    clock.now = BEGINS
    assert hands.journal.due() == []
    with pytest.raises(RefusedError, match=f"was taken back by {off.id}"):
        await carry_out(hands, entry.id)
    assert fleet.sent == []


async def test_a_later_change_takes_the_reminder_over(
    fleet: FakeControl, hands: Hands, by: Means, clock: HandClock
) -> None:
    await begun(hands, by, ends_at=ENDS)
    later = await plan(Resize("sls", provisioned_concurrency=6), by)
    await carry_out(hands, hands.journal.begin(later).id)
    clock.now = ENDS
    assert hands.journal.due() == []
