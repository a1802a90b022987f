"""What the screen makes of the feed, and what the feed is told of the screen."""

import asyncio

import pytest

from smtop.metrics.domain.snapshot import Problem
from smtop.metrics.errors import AwsError, FaultKind
from smtop.tui.preferences import Memory, Preferences
from smtop.tui.widgets.fleet_table import FleetTable
from tests.support.fleet import FakeFeed, endpoint, fleet, snapshot
from tests.support.stage import Line, Stage, stage


async def test_a_pause_holds_the_picture_and_resuming_shows_the_newest() -> None:
    async with stage(fleet("a.")) as it:
        await it.press("p")
        assert "PAUSED" in it.text[0]
        await it.push(fleet("a.", "b."))
        assert it.names == ["a"]
        await it.press("p")
        assert it.names == ["a", "b"]
        assert "LIVE" in it.text[0]


@pytest.mark.parametrize("key", ["ctrl+r", "f5"])
async def test_refresh_asks_the_feed(key: str) -> None:
    async with stage(fleet("a.")) as it:
        await it.press(key)
        assert it.feed.refreshed == 1


async def looked(it: Stage, *, since: int = 0) -> tuple[str | None, tuple[str, ...]]:
    """The newest look that the feed was told of, once there is one more than `since`."""
    async with asyncio.timeout(20):
        while len(it.feed.looks) <= since:
            await it.pilot.pause(0.02)
    return it.feed.looks[-1]


async def test_the_feed_is_told_what_the_screen_rests_on() -> None:
    many = snapshot(*(endpoint(f"e{index:02}") for index in range(60)))
    async with stage(many, size=(80, 24)) as it:
        focused, visible = await looked(it)
        assert (focused, visible) == ("e00", tuple(it.names))
        told = len(it.feed.looks)
        await it.press(*["j"] * 30)
        focused, visible = await looked(it, since=told)
        assert (focused, visible) == ("e30", tuple(it.names))
        assert len(it.feed.looks) <= told + 3
        told = len(it.feed.looks)
        await it.pilot.resize_terminal(80, 30)
        assert (await looked(it, since=told))[1] == tuple(it.names)


async def test_a_filter_changes_what_is_in_sight() -> None:
    async with stage(snapshot(*(endpoint(f"e{index}") for index in range(9)))) as it:
        await looked(it)
        told = len(it.feed.looks)
        await it.press("/", "e", "4", "enter")
        assert await looked(it, since=told) == ("e4", ("e4",))


async def test_every_key_and_click_tells_the_feed_that_somebody_is_there() -> None:
    async with stage(snapshot(endpoint("a"), endpoint("b"))) as it:
        touches = [it.feed.touches]
        for key in ("j", "f8"):
            await it.press(key)
            touches.append(it.feed.touches)
        await it.pilot.click(FleetTable, offset=(4, 2))
        touches.append(it.feed.touches)
        assert touches[0] == 0
        assert touches == sorted(set(touches))


async def test_a_problem_is_a_line_above_the_table_that_covers_no_row() -> None:
    problems = [
        Problem(FaultKind.THROTTLED, "cloudwatch:GetMetricData", "CloudWatch is busy."),
        Problem(FaultKind.CREDENTIALS, "sagemaker:ListEndpoints", "Sign in again."),
    ]
    async with stage(fleet("a.")) as it:
        await it.push(snapshot(endpoint("a"), problems=problems))
        assert it.text[3].rstrip() == "! Sign in again.  +1 more (F12)"
        assert it.names == ["a"]
        await it.press("f12")
        assert "credentials: sagemaker:ListEndpoints" in it.text
        assert "  CloudWatch is busy." in it.text
        await it.press("q")
        assert it.names == ["a"]
        await it.push(fleet("a."))
        assert "NAME" in it.text[3]


async def test_a_lost_connection_keeps_the_values_and_tries_again() -> None:
    expired = AwsError(FaultKind.CREDENTIALS, "sts:GetCallerIdentity", "The session has expired; run aws sso login.")
    back = FakeFeed(fleet("a.", "b."))
    lost = FakeFeed(fleet("a."))
    line = Line([lost, expired, back])
    async with stage(connect=line) as it:
        lost.push(expired)
        await it.settle()
        assert lost.closed
        assert "OFFLINE" in it.text[0]
        assert it.text[3].rstrip() == "! The session has expired; run aws sso login."
        assert it.names == ["a"]
        it.clock.wake()
        await it.settle()
        assert it.clock.slept == [15, 15]
        assert line.asked == 2
        it.clock.wake()
        await it.settle()
        assert it.names == ["a", "b"]
        assert "LIVE" in it.text[0]
        assert "NAME" in it.text[3]
    assert back.closed


async def test_refresh_does_not_wait_for_the_next_attempt() -> None:
    refused = AwsError(FaultKind.UNREACHABLE, "sts:GetCallerIdentity", "No connection.")
    line = Line([refused, FakeFeed(fleet("a."))])
    async with stage(connect=line) as it:
        assert any("Nothing could be read yet." in text for text in it.text)
        await it.press("ctrl+r")
        assert it.names == ["a"]


async def test_a_fault_of_our_own_is_a_sentence_and_not_the_end() -> None:
    line = Line([ZeroDivisionError("oops"), FakeFeed(fleet("a."))])
    async with stage(connect=line) as it:
        assert "ZeroDivisionError('oops')" in it.text[3]
        await it.press("ctrl+r")
        assert it.names == ["a"]


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_quitting_lets_go_of_the_feed(key: str) -> None:
    async with stage(fleet("a.")) as it:
        await it.pilot.press(key)
    assert it.feed.closed


async def test_ctrl_c_quits_while_typing_and_q_is_a_letter() -> None:
    async with stage(fleet("a.")) as it:
        await it.press("/", "q")
        assert it.app.is_running
        assert it.text[-1] == "/q"
        await it.pilot.press("ctrl+c")
    assert it.feed.closed


async def test_how_often_is_asked_can_be_chosen_and_every_later_feed_is_told() -> None:
    expired = AwsError(FaultKind.CREDENTIALS, "sts:GetCallerIdentity", "The session has expired.")
    lost, back = FakeFeed(fleet("a.")), FakeFeed(fleet("a."))
    async with stage(connect=Line([lost, back])) as it:
        assert lost.intervals == []
        await it.press("r", *"5m", "enter")
        assert lost.intervals == [300]
        assert "no more often than every 5m" in it.text[-1]
        lost.push(expired)
        await it.settle()
        await it.press("ctrl+r")
        assert back.intervals == [300]
        kept = it.app.fleet.state
    async with stage(fleet("a."), preferences=Preferences(memory=Memory(kept))) as it:
        assert it.feed.intervals == [300]
