"""Views, columns, marks, and what is kept of them: under their keys, with a feed that is pushed by hand."""

from dataclasses import replace

import pytest

from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Severity
from smtop.tui.app import SmtopApp
from smtop.tui.preferences import Memory, Preferences
from smtop.tui.view_state import FleetState, ViewState
from tests.support.fleet import FakeFeed, HandClock, endpoint, snapshot, vitals
from tests.support.stage import Line, Stage, stage

FLEET = snapshot(
    endpoint("calm-sl", kind=Kind.SERVERLESS, numbers=vitals(requests=5.0)),
    endpoint("sick-sp", Severity.CRITICAL, kind=Kind.SERVERLESS_PROVISIONED, numbers=vitals(requests=900.0)),
    endpoint("queue", Severity.WARNING, kind=Kind.ASYNC, numbers=vitals(requests=2.0)),
    endpoint("plain", numbers=vitals(requests=70.0)),
)


def heading(it: Stage) -> str:
    return it.text_behind[it.app.fleet.table.region.y]


def marked(it: Stage) -> list[str]:
    """The names behind the sign of a mark."""
    return [line[3:].split()[0] for line in it.table_lines if line[2:3] == "+"]


async def say(it: Stage, command: str) -> None:
    """Types a command."""
    await it.press(":", *command, "enter")


async def test_a_view_by_kind_has_its_own_rows_columns_sort_and_filter() -> None:
    async with stage(FLEET) as it:
        assert it.names == ["sick-sp", "queue", "calm-sl", "plain"]
        await say(it, "sl")
        assert it.names == ["sick-sp", "calm-sl"]
        assert "SPILL/m" in heading(it)
        assert it.text[2].endswith("sort worst first  2/2 shown")
        await it.press("T", "I", *"/calm", "enter")
        assert it.names == ["calm-sl"]
        await it.press("1")
        assert it.names == ["sick-sp", "queue", "calm-sl", "plain"]
        assert "SPILL/m" not in heading(it)
        await it.press("2")
        assert it.names == ["calm-sl", "plain", "queue", "sick-sp"]
        await say(it, "sl")
        assert it.names == ["calm-sl"]
        assert "sort REQ/m ^" in it.text[2]
        await say(it, "mm")
        assert any("No endpoint is of this kind." in line for line in it.text)


async def test_each_view_keeps_its_cursor_and_a_new_one_starts_at_the_top() -> None:
    async with stage(FLEET) as it:
        await it.press("j")
        assert it.pointed == "queue"
        await say(it, "sl")
        assert it.pointed == "sick-sp"
        await it.press("j")
        assert it.pointed == "calm-sl"
        await it.press("1")
        assert it.pointed == "queue"
        await say(it, "sl")
        assert it.pointed == "calm-sl"


async def test_marks_belong_to_endpoints_and_are_counted_even_out_of_sight() -> None:
    async with stage(FLEET) as it:
        await it.press("space", "space")
        assert marked(it) == ["sick-sp", "queue"]
        assert it.pointed == "calm-sl"
        assert "2 marked" in it.text[2]
        await it.press("N")
        assert marked(it) == ["queue", "sick-sp"]
        await say(it, "sl")
        assert marked(it) == ["sick-sp"]
        assert "2 marked (1 not shown)" in it.text[2]
        await it.press("*")
        assert marked(it) == ["sick-sp", "calm-sl"]
        await it.press("*")
        assert marked(it) == []
        assert "1 marked (1 not shown)" in it.text[2]
        await it.press("\\")
        assert "marked" not in it.text[2]


async def test_the_mark_of_an_endpoint_that_is_gone_does_not_come_back_with_its_name() -> None:
    async with stage(FLEET) as it:
        await it.press("space")
        await it.push(snapshot(*(view for view in FLEET.endpoints if view.endpoint.name != "sick-sp")))
        await it.push(FLEET)
        assert marked(it) == []


async def test_the_chooser_shows_hides_and_moves_and_the_table_follows_at_once() -> None:
    async with stage(FLEET) as it:
        await it.press("o")
        assert any("Columns of Triage" in line for line in it.text)
        await it.press("space")
        assert "KIND" not in heading(it)
        await it.press("j", "+")
        assert heading(it).index("REQ/m") < heading(it).index("VARIANTS")
        await it.press(*["k"] * 3, "space")
        await it.press("escape")
        assert not any("Columns of Triage" in line for line in it.text)
        assert it.app.fleet.view_state.columns is not None
        assert it.app.fleet.view_state.columns[-1] == "age"
        await it.press("2")
        assert "KIND" in heading(it)
        await it.press("1", "o", "0", "q")
        assert it.app.fleet.view_state.columns is None


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (200, 60)])
async def test_the_chooser_has_its_cursor_in_sight_at_every_size(size: tuple[int, int]) -> None:
    async with stage(FLEET, size=size) as it:
        await it.press("o")
        for key in ("j", "k", "k", "k"):
            assert sum("│>[" in line for line in it.text) == 1
            await it.press(key)


async def test_commands_and_help_are_at_hand_in_the_chooser() -> None:
    async with stage(FLEET) as it:
        await it.press("o", "?")
        assert any("show or hide it" in line for line in it.text)
        await it.press("escape")
        assert any("Columns of Triage" in line for line in it.text)
        await say(it, "sl")
        assert it.names == ["sick-sp", "calm-sl"]
        assert not any("Columns of" in line for line in it.text)


async def test_rows_stay_where_they_are_while_a_dialog_lies_over_them() -> None:
    async with stage(FLEET) as it:
        await it.press("o")
        worse = [replace(view, severity=Severity.CRITICAL) for view in FLEET.endpoints if view.endpoint.name != "queue"]
        await it.push(snapshot(*worse, endpoint("new", Severity.CRITICAL)))
        assert it.names == ["sick-sp", "queue", "calm-sl", "plain"]
        assert [line[1] for line in it.table_lines[:4]] == ["!", "~", "!", "!"]
        await it.press("escape")
        assert it.names == ["calm-sl", "new", "plain", "sick-sp"]


async def test_everything_is_there_again_after_a_drill_down() -> None:
    async with stage(FLEET) as it:
        await say(it, "sl")
        await it.press("T", "I", "space")
        before = it.app.fleet.state
        await it.press("enter")
        await it.push(FLEET)
        await it.press("escape")
        assert it.app.fleet.state == before
        assert it.pointed == "sick-sp"
        assert it.names == ["calm-sl", "sick-sp"]


async def test_the_next_start_goes_on_where_this_one_ended() -> None:
    kept: list[FleetState] = []
    memory = Memory(remember=kept.append)
    feed = FakeFeed(FLEET)
    app = SmtopApp(Line([feed]), clock=HandClock(), preferences=Preferences(memory=memory))
    async with app.run_test(size=(120, 40)) as pilot:
        it = Stage(app, pilot, feed, HandClock())
        await it.settle()
        await say(it, "sl")
        await it.press("T", "space", "!", "!", "j")
    assert kept[-1] == FleetState("sl", {"sl": ViewState("requests", cursor="calm-sl")}, frozenset({"sick-sp"}))
    again = FakeFeed(FLEET)
    app = SmtopApp(Line([again]), clock=HandClock(), preferences=Preferences(memory=Memory(kept[-1])))
    async with app.run_test(size=(120, 40)) as pilot:
        it = Stage(app, pilot, again, HandClock())
        await it.settle()
        assert it.names == ["sick-sp", "calm-sl"]
        assert it.pointed == "calm-sl"
        assert marked(it) == ["sick-sp"]
        assert "sort REQ/m v" in it.text[2]


async def test_a_remembered_cursor_never_moves_a_fleet_that_was_read_whole_without_it() -> None:
    state = FleetState(views={"triage": ViewState(cursor="gone")})
    feed = FakeFeed(FLEET)
    app = SmtopApp(Line([feed]), clock=HandClock(), preferences=Preferences(memory=Memory(state)))
    async with app.run_test(size=(120, 40)) as pilot:
        it = Stage(app, pilot, feed, HandClock())
        await it.settle()
        assert it.pointed == "sick-sp"
        await it.push(snapshot(*FLEET.endpoints, endpoint("gone")))
        assert it.pointed == "sick-sp"


async def test_the_engine_is_told_which_metrics_a_view_shows() -> None:
    async with stage(FLEET) as it:
        await say(it, "sl")
        await it.pilot.pause(0.4)
        await it.settle()
        assert it.feed.looks[-1] == ("sick-sp", ("sick-sp", "calm-sl"))
        assert "ServerlessProvisionedConcurrencySpilloverInvocations" in it.feed.wanted
        await it.press("1")
        await it.pilot.pause(0.4)
        await it.settle()
        assert it.feed.wanted == frozenset()


async def test_a_bad_pattern_is_answered_beside_it_and_the_rows_stay() -> None:
    async with stage(FLEET) as it:
        await it.press("/", *"(a+)+")
        assert any("A repeated group may hold no" in line for line in it.text)
        assert it.names == ["calm-sl", "plain"]
