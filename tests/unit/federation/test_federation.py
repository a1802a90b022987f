"""A federation of feeds: each goes on where another fails, and every wish goes to the endpoint's own feed."""

from contextlib import aclosing
from dataclasses import replace

import pytest

from smtop.metrics.actions.gate import READ_ONLY
from smtop.metrics.actions.invoke import Invocation
from smtop.metrics.domain.change import Resize, Undo
from smtop.metrics.domain.history import EndpointHistory
from smtop.metrics.domain.plan import Place
from smtop.metrics.domain.snapshot import FleetSnapshot, Problem
from smtop.metrics.errors import AwsError, FaultKind, RefusedError, SignIn
from tests.support.changes import applied, weights_plan
from tests.support.federated import PAYMENTS, SEARCH, Together, fleet_of, key, opening, source, together
from tests.support.fleet import FakeFeed, endpoint

REFUSED = AwsError(FaultKind.CREDENTIALS, "sagemaker:*", "The sign-in has expired.", SignIn(command="aws sso login"))
HERE, THERE = key(PAYMENTS, "fraud"), key(SEARCH, "fraud")


def feeds() -> tuple[FakeFeed, FakeFeed]:
    """Two that have an endpoint of the same name each."""
    return FakeFeed(fleet_of(PAYMENTS, endpoint("fraud"))), FakeFeed(fleet_of(SEARCH, endpoint("fraud")))


def has_both(taken: FleetSnapshot) -> bool:
    return {HERE, THERE} <= {view.key for view in taken.endpoints}


async def test_wishes_go_to_the_feed_of_the_endpoint_by_its_bare_name() -> None:
    here, there = feeds()
    async with together((source(PAYMENTS), opening(here)), (source(SEARCH), opening(there))) as it:
        await it.until(has_both)
        federation = it.federation
        federation.look(THERE, [HERE, THERE], frozenset({"Loads"}))
        await federation.mute(THERE, "idle", "known", 60.0, until_over=False)
        there.tell_history(EndpointHistory("fraud", 0, 60, 60), 900)
        history = await federation.history(THERE, 900)
        assert (here.looks[-1], there.looks[-1]) == ((None, ("fraud",)), ("fraud", ("fraud",)))
        assert (here.muted, [one[0] for one in there.muted]) == ([], ["fraud"])
        assert history.endpoint == THERE
        assert (await federation.known(HERE, 900)).endpoint == HERE
        assert (here.looked_up, there.looked_up) == (["fraud"], [])
        assert await federation.unmute(THERE)
        assert not await federation.unmute(HERE)


async def test_one_that_cannot_be_opened_leaves_the_other_live_and_is_tried_again() -> None:
    here, there = feeds()
    async with together((source(PAYMENTS), opening(REFUSED, here)), (source(SEARCH), opening(there))) as it:
        taken = await it.until(lambda taken: bool(taken.problems) and bool(taken.endpoints))
        assert [view.key for view in taken.endpoints] == [THERE]
        assert [problem.message for problem in taken.problems] == ["pay us-east-1: The sign-in has expired."]
        with pytest.raises(RefusedError, match="no endpoint"):
            await it.federation.mute(HERE, None, "why", 60.0, until_over=False)
        it.federation.look(HERE, [HERE])
        it.federation.ask_every(300)
        it.clock.wake()
        taken = await it.until(has_both)
        assert taken.problems == ()
        assert here.intervals == [300], "what the screen told is told to a feed that comes later"


async def test_a_feed_that_ends_keeps_its_last_picture_and_says_why() -> None:
    here, there = feeds()
    async with together((source(PAYMENTS), opening(here)), (source(SEARCH), opening(there))) as it:
        await it.until(has_both)
        here.push(AwsError(FaultKind.UNREACHABLE, "sts:GetCallerIdentity", "Nobody answers."))
        taken = await it.until(lambda taken: bool(taken.problems))
        assert has_both(taken)
        assert [one.cut_off for one in taken.watched] == [True, False]
        history = await it.federation.history(HERE, 900)
        assert history.notes == ("payments us-east-1 cannot be asked at the moment.",)
        assert here.closed


async def test_a_fault_of_smtop_s_own_is_not_kept_quiet() -> None:
    here, there = feeds()
    async with together((source(PAYMENTS), opening(here)), (source(SEARCH), opening(there))) as it:
        here.push(ZeroDivisionError("a bug"))
        with pytest.raises(ZeroDivisionError):
            async with aclosing(it.federation.snapshots()) as snapshots:
                async for _ in snapshots:
                    pass


async def test_two_profiles_of_one_account_and_region_are_watched_once() -> None:
    here, _ = feeds()
    again = FakeFeed(fleet_of(PAYMENTS._replace(profile="other"), endpoint("fraud")))
    other = source(PAYMENTS)._replace(profile="other")
    async with together((source(PAYMENTS), opening(here)), (other, opening(again))) as it:
        taken = await it.until(lambda taken: any("watched once" in notice for notice in taken.notices))
        assert [view.key for view in taken.endpoints] == [HERE]
        assert len(taken.watched) == 1
        assert [feed.closed for feed in (here, again)].count(True) == 1


async def test_a_code_goes_to_the_place_that_asks_for_it_and_its_profile_follows() -> None:
    wants_code = Problem(FaultKind.CREDENTIALS, "sts:AssumeRole", "A code.", sign_in=SignIn(device="phone"))
    outside = replace(fleet_of(PAYMENTS), identity=None, problems=(wants_code,), listed_at=None)
    east, west, other = FakeFeed(outside), FakeFeed(outside), FakeFeed(fleet_of(SEARCH))
    further = source(PAYMENTS)._replace(region="us-west-2")
    members = ((source(PAYMENTS), opening(east)), (further, opening(west)), (source(SEARCH), opening(other)))
    async with together(*members) as it:
        taken = await it.until(lambda taken: len(taken.problems) == 2 and len(taken.identities) == 1)
        it.federation.sign_in("123456", taken.problems[1].source)
        assert (east.codes, west.codes, other.codes) == ([], ["123456"], [])
        west.push(fleet_of(PAYMENTS._replace(region="us-west-2")))
        await it.until(lambda taken: len(taken.problems) == 1)
        assert (east.refreshed, other.refreshed) == (1, 0)


# Changes


PAY, FIND = Place("111122223333", "us-east-1"), Place("444455556666", "eu-west-1", kind_word="PROD")


async def _opened(it: Together, here: FakeFeed, there: FakeFeed) -> None:
    here.changes.plans, there.changes.plans = {"fraud": weights_plan(place=PAY)}, {"fraud": weights_plan(place=FIND)}
    await it.until(has_both)


async def test_a_plan_is_made_where_the_endpoint_is_and_carried_out_there() -> None:
    here, there = feeds()
    async with together((source(PAYMENTS), opening(here)), (source(SEARCH), opening(there))) as it:
        await _opened(it, here, there)
        plan = await it.federation.changes.plan(Resize(THERE, count=2))
        assert (plan.place, plan.endpoint) == (FIND, "fraud")
        assert (here.changes.planned, there.changes.planned) == ([], [Resize("fraud", count=2)])
        await it.federation.changes.open(900)
        there.changes.tell(applied(plan))
        async with aclosing(it.federation.changes.apply(plan)) as news:
            assert [entry.plan async for entry in news] == [plan]
        assert (here.changes.applied, there.changes.applied) == ([], [plan])
        await it.federation.changes.invoke(Invocation(HERE, b"{}"), 1.0)
        assert [one.endpoint for one in here.changes.invoked] == ["fraud"]


async def test_a_place_that_is_never_to_be_changed_stays_shut_while_others_open() -> None:
    here, there = feeds()
    there.changes.forbidden = "The configuration says that nothing is changed in account 444455556666."
    async with together((source(PAYMENTS), opening(here)), (source(SEARCH), opening(there))) as it:
        await _opened(it, here, there)
        leave = await it.federation.changes.open(900)
        assert (leave.left_s, leave.why_not) == (900, None)
        assert leave.said == f"Still read-only: find eu-west-1. {there.changes.forbidden}"
        allowed, forbidden = [await it.federation.changes.plan(Resize(one, count=2)) for one in (HERE, THERE)]
        assert (allowed.blockers, forbidden.blockers) == ((), (there.changes.forbidden,))
        assert (await it.federation.changes.close()).why_not == READ_ONLY
        here.changes.forbidden = "Nor here."
        with pytest.raises(RefusedError, match="Nor here"):
            await it.federation.changes.open(900)


async def test_an_undo_goes_where_the_change_was_made() -> None:
    here, there = feeds()
    done = applied(weights_plan("fraud", "change-9", place=FIND))
    elsewhere = applied(weights_plan("fraud", "change-8", place=Place("999999999999", "us-east-1")))
    async with together((source(PAYMENTS), opening(here)), (source(SEARCH), opening(there))) as it:
        await _opened(it, here, there)
        there.changes.plans["undo"] = weights_plan(place=FIND)
        it.past.extend([elsewhere, done])
        assert (await it.federation.changes.plan(Undo())).place == FIND
        assert there.changes.planned == [Undo("change-9")]
        with pytest.raises(RefusedError, match="not among the accounts"):
            await it.federation.changes.plan(Undo("change-8"))
        there.changes.tell(done, "change-9")
        async with aclosing(it.federation.changes.finish("change-9")) as news:
            assert [entry.id async for entry in news] == ["change-9"]


async def test_before_anybody_can_be_asked_everything_is_shut_and_the_past_is_known() -> None:
    async with together((source(PAYMENTS), opening(REFUSED))) as it:
        it.past.append(applied(weights_plan("fraud", "change-9", place=FIND)))
        changes = it.federation.changes
        assert (await changes.leave()).why_not == READ_ONLY
        assert [entry.id for entry in (await changes.past()).entries] == ["change-9"]
        with pytest.raises(RefusedError, match="pay us-east-1 cannot be asked"):
            await changes.open(900)
