"""What the operator can do with the room on the fleet's page: scroll columns, a smaller header, one pane alone."""

from smtop.metrics.domain.finding import Finding, Severity
from smtop.tui.preferences import Memory, Preferences
from smtop.tui.view_state import FleetState, Pane, ViewState
from tests.support.fleet import endpoint, fleet, snapshot, vitals
from tests.support.stage import Stage, stage

FINDING = Finding("pc-exhausted", Severity.CRITICAL, "Concurrency is used up", ("9 minutes at 1.00",))
FLEET = snapshot(endpoint("fire", Severity.CRITICAL, findings=[FINDING]), endpoint("calm", numbers=vitals(p50=12.0)))


def titles(it: Stage) -> list[str]:
    return [slot.column.title for slot in it.app.fleet.table.slots]


async def test_columns_that_do_not_fit_are_scrolled_to_beside_the_name() -> None:
    async with stage(FLEET, size=(80, 24)) as it:
        before = titles(it)
        assert "P50ms" not in before
        await it.press("right")
        assert titles(it)[:3] == ["", "NAME", "STATUS"]
        assert "columns from STATUS" in it.text[1]
        await it.press(*["right"] * 20)
        assert titles(it)[:2] == ["", "NAME"]
        assert titles(it)[-1] == "TREND 1h"
        assert "P50ms" in titles(it)
        assert it.names == ["fire", "calm"]
        await it.press(*["left"] * 20)
        assert titles(it) == before
        assert "columns from" not in it.text[1]


async def test_what_is_scrolled_to_is_left_as_it_was_for_each_view() -> None:
    kept: list[FleetState] = []
    start = FleetState(views={"triage": ViewState(skipped=2)})
    memory = Memory(start, kept.append)
    async with stage(FLEET, size=(80, 24), preferences=Preferences(memory=memory)) as it:
        assert "columns from VARIANTS" in it.text[1]
        await it.press("2")
        assert "columns from" not in it.text[1]
        await it.press("right", "H", "1")
        assert "columns from VARIANTS" in it.text[0]
    assert {name: view.skipped for name, view in kept[-1].views.items()} == {"triage": 2, "all": 1}
    assert kept[-1].compact


async def test_where_all_columns_fit_there_is_nothing_to_scroll_to() -> None:
    async with stage(FLEET, size=(200, 40)) as it:
        before = titles(it)
        await it.press("right")
        assert titles(it) == before
        assert "All columns of this view are in sight." in it.text[-1]


async def test_a_compact_header_leaves_a_line_to_the_table() -> None:
    async with stage(FLEET, size=(80, 24)) as it:
        assert "NAME" in it.text[2]
        await it.press("H")
        assert "NAME" in it.text[1]
        assert "LIVE" in it.text[0]
        assert " 1! 1ok" in it.text[0]
        await it.press("/", "c", "a", "enter")
        assert "/ca" in it.text[0]
        await it.press("H")
        assert "NAME" in it.text[2]


async def test_a_pane_can_have_the_page_to_itself() -> None:
    async with stage(FLEET, size=(120, 40)) as it:
        assert any("WHY fire" in line for line in it.text)
        await it.press("f11")
        assert it.names == ["fire", "calm"]
        assert not any("WHY fire" in line for line in it.text)
        await it.press("f11")
        assert it.text[3].startswith("── WHY fire")
        assert any("Concurrency is used up" in line for line in it.text)
        await it.press("j")
        assert it.text[3].startswith("── ABOUT calm")
        await it.press("f11")
        assert it.names == ["fire", "calm"]
        assert it.pointed == "calm"
        assert any("ABOUT calm" in line for line in it.text)


async def test_on_a_small_terminal_the_reasons_take_the_place_of_the_table() -> None:
    async with stage(FLEET, size=(60, 18)) as it:
        assert it.names == ["fire", "calm"]
        assert it.text[13].startswith("── WHY fire"), "three lines of it beside the table"
        await it.press("f11", "f11")
        assert it.text[2].startswith("── WHY fire")
        assert len(it.text) == 18
        await it.press("f11")
        assert it.app.fleet.state.pane is Pane.BOTH
        assert it.names == ["fire", "calm"]


async def test_rows_that_the_reasons_hide_are_not_asked_as_if_they_were_in_sight() -> None:
    async with stage(FLEET, size=(120, 40)) as it:
        await it.press("f11", "f11")
        await it.until(lambda: bool(it.feed.looks) and it.feed.looks[-1] == ("fire", ("fire",)))
        await it.press("f11")
        await it.until(lambda: it.feed.looks[-1] == ("fire", ("fire", "calm")))


async def test_a_range_is_marked_from_where_space_was_pressed() -> None:
    async with stage(fleet("a.", "b.", "c.", "d.", "e.")) as it:
        await it.press("j", "space", "j", "V")
        assert it.app.fleet.state.marks == {"b", "c", "d"}
        await it.press("g", "V")
        assert it.app.fleet.state.marks == {"a", "b", "c", "d"}
        await it.press("\\", "/", "e", "enter", "V")
        assert it.app.fleet.state.marks == {"e"}


def place(it: Stage) -> str:
    page = it.app.endpoint
    return page.endpoint if page else it.app.fleet.state.view


async def test_minus_goes_back_to_the_last_view_and_again_back() -> None:
    async with stage(fleet("a.", "b.", "c.")) as it:
        await it.press("-")
        assert "There is no view before this one." in it.text[-1]
        await it.press("2", "-")
        assert place(it) == "triage"
        await it.press("-")
        assert place(it) == "all"
        await it.press("j", "enter")
        assert place(it) == "b"
        await it.press("-")
        assert place(it) == "all"
        await it.press("-")
        assert place(it) == "b"


async def test_minus_leads_from_one_endpoint_to_another() -> None:
    async with stage(fleet("a.", "b.", "c.")) as it:
        for name in "bc":
            await it.press(":", *f"ep {name}", "enter")
            await it.until(lambda name=name: place(it) == name)  # type: ignore[misc]
        for name in "bc":
            await it.press("-")
            await it.until(lambda name=name: place(it) == name)  # type: ignore[misc]
        await it.press("escape", "-")
        await it.until(lambda: place(it) == "c")


async def test_minus_says_that_an_endpoint_is_there_no_more() -> None:
    async with stage(fleet("a.", "b.")) as it:
        await it.press("enter", "escape")
        await it.push(fleet("b."))
        await it.press("-")
        assert "There is no endpoint a here." in it.text[-1]
