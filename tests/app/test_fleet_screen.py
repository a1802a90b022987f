"""The triage table under its keys, with a feed that is pushed by hand."""

import asyncio
from dataclasses import replace

import pytest
from textual.geometry import Region
from textual.widgets import Input

from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.ports import FleetFeed
from smtop.tui.screens.fleet import FleetPage
from smtop.tui.widgets.fleet_table import FleetTable
from tests.support.fleet import MANY, NOW_S, FakeFeed, endpoint, fleet, snapshot, vitals
from tests.support.stage import Stage, stage


async def test_the_worst_stands_on_top_and_its_reasons_below() -> None:
    finding = Finding("pc-exhausted", Severity.CRITICAL, "Concurrency is used up", ("9 minutes at 1.00",))
    async with stage(snapshot(endpoint("calm"), endpoint("fire", Severity.CRITICAL, findings=[finding]))) as it:
        assert it.names == ["fire", "calm"]
        assert it.pointed == "fire"
        assert any(line.startswith("── WHY fire ── pc-exhausted") for line in it.text)
        assert any("! Concurrency is used up" in line for line in it.text)
        await it.press("j")
        assert it.pointed == "calm"
        assert any(line.startswith("── ABOUT calm") for line in it.text)


async def test_the_cache_is_painted_before_anything_is_connected() -> None:
    waiting = asyncio.Event()

    async def connect() -> FleetFeed:
        await waiting.wait()
        return FakeFeed()

    cached = snapshot(endpoint("old"), cached=True, at=NOW_S - 720)
    async with stage(first=cached, connect=connect) as it:
        assert it.names == ["old"]
        assert "CACHED 12 min" in it.text[0]
    async with stage(connect=connect) as it:
        assert "eu-west-1" in it.text[0]
        assert any("Reading the fleet…" in line for line in it.text)


async def test_the_cursor_stays_on_its_endpoint_when_rows_move() -> None:
    async with stage(fleet("a.", "b.", "c.", "d.")) as it:
        await it.press("j", "j")
        assert it.pointed == "c"
        await it.push(fleet("a.", "b.", "c.", "d!", "new~"))
        assert it.names == ["d", "new", "a", "b", "c"]
        assert it.pointed == "c"
        await it.press("N", "I")
        assert it.names == ["new", "d", "c", "b", "a"]
        assert it.pointed == "c"


async def test_the_cursor_keeps_its_line_on_the_screen_once_scrolled() -> None:
    async with stage(MANY, size=(80, 24)) as it:
        await it.press("G", *["k"] * 3)
        assert it.pointed == "e096"
        line = next(y for y, text in enumerate(it.text) if text.startswith(">"))
        moved = snapshot(*(view for view in MANY.endpoints), endpoint("aaa"), endpoint("aab"))
        await it.push(moved)
        assert it.text[line].startswith("> ") or it.text[line].startswith(">.")
        assert it.pointed == "e096"


async def test_a_vanished_endpoint_leaves_the_cursor_to_its_neighbour() -> None:
    async with stage(fleet("a.", "b.", "c.")) as it:
        await it.press("j")
        await it.push(fleet("a.", "c."))
        assert it.pointed == "c"
        await it.push(fleet("a."))
        assert it.pointed == "a"
        await it.push(fleet())
        assert not it.names
        assert any("No SageMaker endpoints in 123456789012 / eu-west-1." in line for line in it.text)


async def test_until_it_was_read_whole_the_cursor_waits_on_the_worst_row() -> None:
    async with stage(first=snapshot(endpoint("a"), endpoint("b"), cached=True)) as it:
        assert it.pointed == "a"
        await it.push(replace(fleet("a.", "b~"), complete=False))
        assert it.pointed == "b"
        await it.push(fleet("a.", "b~", "c!"))
        assert it.pointed == "c"
        await it.push(fleet("a.", "b!", "c!"))
        assert it.names == ["b", "c", "a"]
        assert it.pointed == "c"


async def test_a_key_holds_the_cursor_even_before() -> None:
    async with stage(first=snapshot(endpoint("a"), endpoint("b"), cached=True)) as it:
        await it.press("k")
        await it.push(fleet("a.", "b!"))
        assert it.pointed == "a"


async def test_moving_about() -> None:
    async with stage(MANY, size=(80, 24)) as it:
        page = len(it.names)
        for key, name in [
            ("G", "e099"),
            ("g", "e000"),
            ("end", "e099"),
            ("home", "e000"),
            ("pagedown", f"e{page:03d}"),
            ("pageup", "e000"),
            ("ctrl+d", f"e{page // 2:03d}"),
            ("ctrl+u", "e000"),
            ("down", "e001"),
            ("up", "e000"),
            ("k", "e000"),
        ]:
            await it.press(key)
            assert it.pointed == name, key


async def test_a_filter_works_while_it_is_typed() -> None:
    async with stage(fleet("fraud-a.", "fraud-b!", "rec~")) as it:
        await it.press("/", "f", "r")
        assert it.names == ["fraud-b", "fraud-a"]
        assert "/fr  2/3 shown" in it.text[2]
        assert it.text[-1] == "/fr"
        await it.press("enter")
        assert it.names == ["fraud-b", "fraud-a"]
        assert "filter" in it.text[-1]
        await it.press("j")
        assert it.pointed == "fraud-a"
        await it.press("escape")
        assert it.names == ["fraud-b", "rec", "fraud-a"]
        assert it.pointed == "fraud-a"


async def test_a_filter_without_matches_says_how_to_clear_it() -> None:
    async with stage(fleet("a.")) as it:
        await it.press("/", "q", "q")
        assert any("No endpoint matches /qq" in line for line in it.text)
        assert any("Esc clears the filter." in line for line in it.text)
        await it.press("escape")
        assert it.names == ["a"]
        assert not isinstance(it.app.focused, Input)


async def test_a_filter_that_means_nothing_leaves_the_rows_and_says_why() -> None:
    async with stage(fleet("kind-a.", "b.")) as it:
        await it.press("/", *"kind")
        await it.press(":", "q")
        assert it.names == ["kind-a"]
        assert "No kind is called q." in it.text[-1]


async def test_sort_keys_mark_their_column() -> None:
    calm = [endpoint(name, numbers=vitals(requests=rate)) for name, rate in (("a", 1.0), ("b", 3.0), ("c", 2.0))]
    async with stage(snapshot(*calm)) as it:
        await it.press("T")
        assert it.names == ["b", "c", "a"]
        assert "REQ/mv" in heading(it)
        await it.press("T")
        assert it.names == ["a", "c", "b"]
        assert "REQ/m^" in heading(it)
        await it.press("0")
        assert it.names == ["a", "b", "c"]
        await it.press(">")
        assert "NAME^" in heading(it)
        await it.press("<", "<")
        assert "sort IMPACT v" in it.text[2]
        await it.press("<", "<")
        assert "SATURATIONv" in heading(it)


def heading(it: Stage) -> str:
    return it.text[it.app.fleet.table.region.y]


async def test_attention_hides_what_is_fine() -> None:
    async with stage(fleet("a.", "b!", "cz", "d~")) as it:
        await it.press("!")
        assert it.names == ["b", "d"]
        assert "attention only  2/4 shown" in it.text[2]
        await it.press("!")
        assert it.names == ["b", "d", "c", "a"]


async def test_only_cells_that_changed_are_painted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def numbered(rate: float) -> FleetSnapshot:
        return snapshot(endpoint("a", numbers=vitals(requests=rate)), endpoint("b", numbers=vitals(requests=5.0)))

    async with stage(numbered(1.0)) as it:
        painted: list[Region] = []
        refresh = FleetTable.refresh

        def spy(table: FleetTable, *regions: Region, **options: bool) -> FleetTable:
            painted.extend(regions)
            return refresh(table, *regions, **options)

        monkeypatch.setattr(FleetTable, "refresh", spy)
        await it.push(numbered(2.0))
        slot = next(slot for slot in it.app.fleet.table.slots if slot.column.id == "requests")
        assert painted == [Region(slot.x, 1, slot.width, 1)]
        painted.clear()
        await it.push(numbered(2.0))
        assert painted == []


async def test_the_newest_of_many_snapshots_is_shown() -> None:
    async with stage() as it:
        for number in range(50):
            it.feed.push(fleet(f"e{number}."))
        while not it.feed.is_drained:
            await it.settle()
        await it.settle()
        assert it.names == ["e49"]


async def test_a_click_moves_the_cursor() -> None:
    async with stage(fleet("a.", "b.", "c.")) as it:
        await it.pilot.click(FleetTable, offset=(10, 3))
        await it.settle()
        assert it.pointed == "c"


async def test_what_comes_while_the_screen_is_taken_down_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The feed may speak up to the end, when the parts of the screen are gone and the screen is not."""
    told = []

    def speak(page: FleetPage) -> None:
        told.append(len(page.children))
        page.redraw()

    monkeypatch.setattr(FleetPage, "on_unmount", speak, raising=False)
    async with stage(snapshot(endpoint("fraud"))):
        assert told == []
    assert told == [0]
