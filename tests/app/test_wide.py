"""The screen on two accounts, of which one lets nobody in at first; both have an endpoint of the same name."""

from smtop.metrics.domain.history import EndpointHistory
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.federation.feed import Federation
from smtop.metrics.ports import FleetFeed
from tests.support.federated import PAYMENTS, SEARCH, RestlessClock, fleet_of, key, opening, source
from tests.support.fleet import FakeFeed, endpoint
from tests.support.stage import stage

EXPIRED = AwsError(FaultKind.CREDENTIALS, "sts:*", "The sign-in has expired. Run: aws sso login --profile find")
HERE, THERE = key(PAYMENTS, "fraud"), key(SEARCH, "fraud")


async def test_two_accounts_in_one_table_of_which_one_comes_late() -> None:
    here, there = FakeFeed(fleet_of(PAYMENTS, endpoint("fraud"))), FakeFeed(fleet_of(SEARCH, endpoint("fraud")))
    clock = RestlessClock()

    async def connect() -> FleetFeed:
        members = ((source(PAYMENTS), opening(here)), (source(SEARCH), opening(EXPIRED, there)))
        return await Federation(members, clock, here.changes.past).__aenter__()

    async with stage(connect=connect) as it:
        await it.until(lambda: it.names == ["fraud"] and any("expired" in line for line in it.text))
        assert "LIVE 1/2" in it.text[0]
        assert any(line.startswith("! find eu-west-1: The sign-in has expired.") for line in it.text)
        assert not any("ACCOUNT" in line for line in it.text)
        clock.wake()
        await it.until(lambda: it.names == ["fraud", "fraud"])
        [title] = [line for line in it.text if " NAME" in line]
        assert title.split()[1:3] == ["ACCOUNT", "REGION"]

        await it.press("j", "space")
        assert it.app.fleet.table.cursor == THERE
        assert it.app.fleet.state.marks == {THERE}
        await it.until(lambda: bool(there.looks) and there.looks[-1][0] == "fraud")
        assert here.looks[-1][0] is None

        await it.press(*":mute 1h idle known", "enter")
        await it.until(lambda: bool(there.muted))
        assert (here.muted, there.muted[0][:2]) == ([], ("fraud", "idle"))

        await it.press(*":ep fraud", "enter")
        await it.until(lambda: any("There are 2 endpoints called fraud" in line for line in it.text))
        await it.press("escape", "escape")

        await it.press("slash", *"region:us-east", "enter")
        assert [it.names, it.app.fleet.table.cursor] == [["fraud"], HERE]
        assert it.app.fleet.state.marks == {THERE}, "what is filtered away stays marked"
        await it.press("escape", "G", "enter")
        await it.until(lambda: bool(there.asked_histories))
        assert here.asked_histories == []
        there.tell_history(EndpointHistory("fraud", 0, 60, 60), there.asked_histories[0][1])
        await it.until(lambda: any("fraud (find eu-west-1)" in line for line in it.text))
