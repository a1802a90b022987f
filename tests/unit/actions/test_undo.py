"""Which change is taken back, and where."""

from dataclasses import replace

import pytest

from smtop.metrics.actions.planner import plan
from smtop.metrics.domain.change import Undo, Weights
from smtop.metrics.domain.plan import Place, Plan
from smtop.metrics.errors import RefusedError
from smtop.metrics.journal import Journal
from tests.support.control import PLACE, FakeControl, hosted, means

TWO = ({"VariantName": "A", "InitialVariantWeight": 0.9}, {"VariantName": "B", "InitialVariantWeight": 0.1})
ELSEWHERE = {
    "account": replace(PLACE, account="210987654321"),
    "region": replace(PLACE, region="eu-west-1"),
    "address": replace(PLACE, endpoint_url="http://127.0.0.1:4566"),
}


@pytest.fixture
def fraud(control: FakeControl) -> FakeControl:
    hosted(control, "fraud", *TWO)
    return control


async def made(control: FakeControl, journal: Journal, name: str, place: Place = PLACE, *events: str) -> Plan:
    """A change in the journal, as far as these events tell; without any it was applied."""
    planned = replace(await plan(Weights("fraud", {"B": 0.3}), means(control, journal, place)), id=name)
    journal.begin(planned)
    journal.note(name, "begun")
    for event in events or ("calling", "sent", "applied"):
        members = {"call": "0"} if event == "calling" else {"error": "No."} if event == "failed" else {}
        journal.note(name, event, **members)
    return planned


@pytest.mark.parametrize("what", ELSEWHERE)
async def test_what_was_changed_elsewhere_is_taken_back_only_there(
    fraud: FakeControl, journal: Journal, what: str
) -> None:
    await made(fraud, journal, "there", ELSEWHERE[what])
    by = means(fraud, journal)
    with pytest.raises(RefusedError, match="There is no change of this user that could be taken back here"):
        await plan(Undo(), by)
    with pytest.raises(RefusedError, match=r"Change there was made in .* and is taken back only there"):
        await plan(Undo("there"), by)
    assert (await plan(Undo("there"), means(fraud, journal, ELSEWHERE[what]))).wanted["change_id"] == "there"


async def test_the_newest_that_can_be_is_taken_back(fraud: FakeControl, journal: Journal) -> None:
    await made(fraud, journal, "1-applied")
    await made(fraud, journal, "2-cut-off", PLACE, "calling")
    await made(fraud, journal, "3-failed", PLACE, "calling", "failed")
    await made(fraud, journal, "4-undone")
    journal.note("4-undone", "undone", change="5")
    by = means(fraud, journal)
    assert (await plan(Undo(), by)).wanted["change_id"] == "2-cut-off"
    journal.note("2-cut-off", "undone", change="6")
    assert (await plan(Undo(), by)).wanted["change_id"] == "1-applied"


@pytest.mark.parametrize(
    ("events", "why"),
    [
        (("refused",), "was refused: there is nothing to take back"),
        (("calling", "failed"), "was failed: there is nothing to take back"),
        (("applied", "undone"), "was taken back already, by another"),
    ],
)
async def test_what_cannot_be_taken_back(
    fraud: FakeControl, journal: Journal, events: tuple[str, ...], why: str
) -> None:
    planned = await plan(Weights("fraud", {"B": 0.3}), means(fraud, journal))
    journal.begin(planned)
    members = {"calling": {"call": "0"}, "undone": {"change": "another"}}
    for event in events:
        journal.note(planned.id, event, **members.get(event, {}))
    with pytest.raises(RefusedError, match=why):
        await plan(Undo(planned.id), means(fraud, journal))


async def test_what_is_being_carried_out_is_waited_for(fraud: FakeControl, journal: Journal) -> None:
    await made(fraud, journal, "now", PLACE, "calling")
    with journal.held("now"), pytest.raises(RefusedError, match="is being carried out"):
        await plan(Undo("now"), means(fraud, journal))
