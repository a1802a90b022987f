"""What can be done about a verdict on the screen: plan what it proposes, and read about its rule."""

from dataclasses import replace

import pytest

from smtop.metrics.config import Notify
from smtop.metrics.domain.change import Resize
from smtop.metrics.domain.finding import Finding, Muted, Severity, SharedCause
from smtop.tui.clipboard import Clipboard
from smtop.tui.preferences import Preferences
from smtop.tui.terminal import Terminal
from tests.support.fleet import NOW_S, endpoint, snapshot
from tests.support.stage import stage

PROPOSED = Resize("fire", "AllTraffic", provisioned_concurrency=9)
FINDING = Finding(
    "pc-exhausted",
    Severity.CRITICAL,
    "provisioned concurrency is used up",
    ("utilisation 100%",),
    next="Raise provisioned concurrency from 5 to 9.",
    change=PROPOSED,
)
FIRE = endpoint("fire", Severity.CRITICAL, findings=[FINDING])
SMOKE = endpoint("smoke", Severity.WARNING, findings=[FINDING._replace(severity=Severity.WARNING, change=None)])
FLEET = snapshot(FIRE, SMOKE, endpoint("calm"))


async def test_a_key_plans_what_the_verdict_proposes() -> None:
    async with stage(FLEET, size=(120, 40)) as it:
        await it.press("F")
        await it.until(lambda: it.feed.changes.planned == [PROPOSED])


async def test_without_a_proposal_it_says_what_to_do_or_that_nothing_is_wrong() -> None:
    async with stage(FLEET, size=(120, 40)) as it:
        await it.press("j", "F")
        await it.until(lambda: "There is no change to plan for it. Raise provisioned" in it.text[-1])
        await it.press("j", "F")
        await it.until(lambda: "Nothing is known to be wrong with it." in it.text[-1])


async def test_a_key_opens_the_page_about_the_rule() -> None:
    async with stage(FLEET, size=(80, 24)) as it:
        await it.press("W")
        await it.until(lambda: any("Provisioned concurrency exhausted" in line for line in it.text))
        assert any("provisioned_full = 1, clears at 0.95" in line for line in it.text)
        await it.press("W")
        await it.until(lambda: it.names == ["fire", "smoke", "calm"])


async def test_a_rule_can_be_named_and_one_that_there_is_not_is_refused() -> None:
    async with stage(FLEET, size=(120, 40)) as it:
        await it.press(":", *"rule spillover", "enter")
        await it.until(lambda: any("Spillover" in line for line in it.text))
        await it.press("q", ":", *"rule nonsense", "enter")
        await it.until(lambda: any(":rule does not know nonsense" in line for line in it.text))


# What somebody knows of


async def test_what_is_acknowledged_is_told_to_the_feed_with_reason_and_end() -> None:
    async with stage(FLEET, size=(120, 40)) as it:
        await it.press("n", *"vendor knows", "enter")
        await it.until(lambda: it.feed.muted == [("fire", "pc-exhausted", "vendor knows", 7200.0, True)])
        assert "pc-exhausted: quiet for 2h or until it is over" in it.text[-1]
        await it.press(":", *"unmute", "enter")
        await it.until(lambda: it.feed.muted == [])


async def test_a_rule_is_muted_for_a_time_on_all_that_are_marked() -> None:
    async with stage(FLEET, size=(120, 40)) as it:
        await it.press("space", "space", ":", *"mute 3d pc-high nightly load test", "enter")
        muted = [("fire", "pc-high", "nightly load test", 259_200.0, False)]
        await it.until(lambda: it.feed.muted == [*muted, ("smoke", *muted[0][1:])])


async def test_it_must_be_said_why_and_for_how_long_at_most() -> None:
    async with stage(FLEET, size=(120, 40)) as it:
        for line, said in (
            ("ack 2h", "Say why"),
            ("mute 1d pc-high", "Say why"),
            ("mute 400d pc-high never", "1m to 90d"),
        ):
            await it.press(":", *line, "enter")
            assert any(said in text for text in it.text), line
            await it.press("escape")
        await it.press("G", ":", *"ack 2h all is well", "enter")
        assert any("Nothing is found on calm" in text for text in it.text)
        assert it.feed.muted == []


async def test_what_cannot_be_written_down_is_said() -> None:
    async with stage(FLEET, size=(120, 40)) as it:
        it.feed.unwritable = True
        await it.press("n", *"known", "enter")
        await it.until(lambda: "cannot be written down" in it.text[-1])


async def test_what_is_muted_is_counted_marked_and_listed() -> None:
    hushed = FINDING._replace(muted=Muted("vendor knows", NOW_S + 7200, "ana"))
    async with stage(snapshot(endpoint("fire", findings=[hushed]), endpoint("calm")), size=(120, 40)) as it:
        assert "1 muted" in it.text[1]
        assert next(line for line in it.table_lines if "fire" in line).startswith((">m", " m"))
        await it.press(":", *"muted", "enter")
        await it.until(lambda: any("muted by ana: vendor knows" in line for line in it.text))
        await it.press("escape")
        assert it.names == ["calm", "fire"]


async def test_the_last_line_offers_the_fix_only_where_there_is_one() -> None:
    async with stage(FLEET, size=(80, 24)) as it:
        assert "F fix" in it.text[-1]
        await it.press("j")
        assert "F fix" not in it.text[-1]
        await it.press("k", "enter")
        await it.until(lambda: it.app.endpoint is not None)
        await it.until(lambda: "F fix" in it.text[-1])


# What several share

CAUSES = tuple(
    SharedCause(Finding("shared-cause", Severity.CRITICAL, title, next="Look at that first."), names)
    for title, names in (("2 endpoints have errors-5xx", ("fire", "smoke")), ("1 has other", ("calm",)))
)


async def test_a_key_marks_all_endpoints_of_a_cause_then_of_the_next_then_none() -> None:
    async with stage(replace(FLEET, shared=CAUSES), size=(120, 40)) as it:
        assert any("2 endpoints have errors-5xx  +1 more  [&] marks" in line for line in it.text)
        for marks in ({"fire", "smoke"}, {"calm"}, set(), {"fire", "smoke"}):
            await it.press("&")
            assert it.app.fleet.state.marks == marks
        assert "Marked: 2 endpoints have errors-5xx. Look at that first." in it.text[-1]
        await it.press(":", *"shared", "enter")
        await it.until(lambda: it.app.fleet.state.marks == {"calm"})


async def test_without_a_shared_cause_it_says_so() -> None:
    async with stage(FLEET, size=(120, 40)) as it:
        await it.press("&")
        await it.until(lambda: "No cause is known that several endpoints share." in it.text[-1])


# Beyond the screen


async def test_a_new_critical_rings_once_where_that_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(clipboard=Clipboard({"TERM": "xterm-256color"}))
    preferences = Preferences(terminal=terminal, notify=Notify(bell=True, osc9=True))
    async with stage(replace(snapshot(endpoint("calm")), complete=True), preferences=preferences) as it:
        written: list[str] = []
        driver = it.app._driver
        assert driver
        monkeypatch.setattr(driver, "write", written.append)
        await it.until(lambda: it.names == ["calm"])
        await it.push(FLEET)
        await it.until(lambda: "\a" in written)
        await it.push(FLEET)
        await it.until(lambda: it.feed.is_drained)
        told = [text for text in written if text.startswith(("\a", "\x1b]9;"))]
    assert told == ["\a", "\x1b]9;smtop: fire: provisioned concurrency is used up\a"]
