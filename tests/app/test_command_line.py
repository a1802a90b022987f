"""The command line, the palette, the help and the operator's own keys, on the screen."""

import asyncio
from pathlib import Path

from textual import events
from textual.keys import key_to_character

from smtop.metrics.domain.finding import Severity
from smtop.tui.command_history import CommandHistory
from smtop.tui.keymap import Scope, of_view, usage
from smtop.tui.preferences import Preferences
from smtop.tui.remap import remapped
from smtop.tui.widgets.command_bar import CommandBar
from tests.support.fleet import endpoint, snapshot, vitals
from tests.support.stage import Stage, stage

FLEET = snapshot(
    *(endpoint(name, numbers=vitals(requests=rate)) for name, rate in (("a", 1.0), ("b", 3.0), ("fraud", 2.0))),
    endpoint("sick", Severity.CRITICAL, numbers=vitals(requests=0.0)),
)


async def typed(it: Stage, text: str) -> None:
    await at_once(it, *({" ": "space", ":": "colon", "/": "slash", "?": "question_mark"}.get(one, one) for one in text))


async def at_once(it: Stage, *keys: str) -> None:
    """Keys that arrive together, as over a slow connection."""
    for key in keys:
        it.app.post_message(events.Key(key, key if len(key) == 1 else key_to_character(key)))
    await it.until_quiet()


async def kept(it: Stage) -> None:
    """Waits until the history is read or written."""
    await asyncio.gather(*(worker.wait() for worker in it.app.workers if worker.group == "commands"))


def bars(it: Stage) -> int:
    return len(it.app.screen.query(CommandBar))


async def test_a_command_is_offered_completed_and_run() -> None:
    async with stage(FLEET) as it:
        await typed(it, ":so")
        assert it.text[-1] == ":so"
        assert it.text[-2].split() == ["sort", "COLUMN", "sort", "by", "a", "column"]
        await it.press("tab", *"req", "tab")
        assert it.text[-1] == ":sort requests"
        await it.press("enter")
        assert it.names == ["b", "fraud", "a", "sick"]
        assert bars(it) == 0
        assert "Enter open" in it.text[-1]
        await it.press("j")
        assert it.pointed is not None


async def test_what_is_no_command_is_said_beside_it_and_can_be_mended() -> None:
    async with stage(FLEET) as it:
        await typed(it, ":sotr name")
        await it.press("enter")
        assert offers(it) == [" There is no command sotr. Nearest: :sort."]
        assert it.text[-1] == ":sotr name"
        await it.press("ctrl+u")
        assert it.text[-1] == ":"
        await typed(it, "sort name")
        await it.press("enter")
        assert it.names == ["a", "b", "fraud", "sick"]


async def test_what_an_action_objects_to_is_said_too() -> None:
    async with stage(FLEET) as it:
        await typed(it, ":filter kind:nonsense")
        await it.press("enter")
        assert "No kind is called nonsense." in offers(it)[0]
        assert it.text[-1].startswith(":filter kind:nonsense")
        await it.press("escape")
        assert (bars(it), it.names) == (0, ["sick", "a", "b", "fraud"])


async def test_the_line_can_be_left() -> None:
    async with stage(FLEET) as it:
        for keys in (("escape",), ("backspace",), ("enter",), ("x", "backspace", "backspace")):
            await at_once(it, "colon", *keys)
            assert bars(it) == 0
        await it.press("j")
        assert it.pointed == "a"


async def test_keys_that_arrive_together_belong_to_the_line() -> None:
    async with stage(FLEET) as it:
        await at_once(it, "colon", *"sotr", "backspace", "backspace", *"rt", "space", *"requests", "enter")
        assert it.names == ["b", "fraud", "a", "sick"]
        assert "LIVE" in it.text[0]
        await at_once(it, "slash", *"fra", "enter", "p")
        assert it.names == ["fraud"]
        assert "PAUSED" in it.text[0]


async def test_an_endpoint_is_opened_by_name_and_another_from_there() -> None:
    async with stage(FLEET) as it:
        await typed(it, ":ep fr")
        await it.press("tab", "enter")
        assert it.app.endpoint is not None
        assert it.app.endpoint.endpoint == "fraud"
        await typed(it, ":ep sick")
        await it.press("enter")
        assert it.app.endpoint.endpoint == "sick"
        await typed(it, ":range 24h")
        await it.press("enter")
        assert it.app.endpoint.metrics.state.range_s == 86_400
        await typed(it, ":triage")
        await it.press("enter")
        assert it.app.screen is it.app.fleet
        assert it.names[0] == "sick"


async def test_a_command_of_the_fleet_leads_back_to_it() -> None:
    async with stage(FLEET) as it:
        await it.press("enter", "?")
        await typed(it, ":filter a")
        await it.press("enter")
        assert it.names == ["a", "fraud"]
        assert it.app.screen is it.app.fleet


async def test_a_command_quits_from_anywhere() -> None:
    async with stage(FLEET) as it:
        await it.press("enter")
        await typed(it, ":q")
        await it.pilot.press("enter")
        await it.pilot.pause()
        assert not it.app.is_running
    assert it.feed.closed


async def test_the_history_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "commands"
    async with stage(FLEET, preferences=Preferences(history=CommandHistory(path))) as it:
        for line in (":sort name", ":attention"):
            await typed(it, line)
            await it.press("enter")
            await kept(it)
        await it.press(":", "up", "up")
        assert it.text[-1] == ":sort name"
        await it.press("down")
        assert it.text[-1] == ":attention"
    async with stage(FLEET, preferences=Preferences(history=CommandHistory(path))) as it:
        await kept(it)
        await it.press(":", "s", "up", "enter")
        assert it.names == ["a", "b", "fraud", "sick"]


async def test_a_history_that_cannot_be_kept_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    async with stage(FLEET, preferences=Preferences(history=CommandHistory(tmp_path / "file" / "commands"))) as it:
        await typed(it, ":sort name")
        await it.press("enter")
        await kept(it)
        await it.settle()
        assert any("Commands are not remembered over a restart: " in line for line in it.text)
        await it.press(":", "up")
        assert it.text[-1] == ":sort name"


async def test_the_palette_finds_and_runs() -> None:
    async with stage(FLEET) as it:
        await it.press("ctrl+p")
        assert it.text[-1] == ">"
        await typed(it, "sort name")
        assert "sort by name" in offers(it)[0]
        await it.press("enter")
        assert it.names == ["a", "b", "fraud", "sick"]
        await at_once(it, "ctrl+p", *"zzzz", "enter")
        assert offers(it) == [" No action is like zzzz."]
        await it.press("escape", "ctrl+p", "up", "tab", "enter")
        assert it.text[-1].startswith("/ ") and "kind:sl" in it.text[-1]
        await it.press("escape")
        await it.press("ctrl+p")
        await typed(it, "sort by a column")
        await it.press("enter")
        assert it.text[-1] == ":sort"
        await typed(it, "requests")
        await it.press("enter")
        assert it.names == ["b", "fraud", "a", "sick"]


def offers(it: Stage) -> list[str]:
    region = it.app.screen.query_one("#command-offers").region
    return it.text[region.y : region.bottom]


async def test_f6_offers_the_columns_while_the_fleet_goes_on() -> None:
    async with stage(FLEET) as it:
        await it.press("f6")
        assert it.text[-1] == ":sort"
        assert offers(it)[0].split() == ["worst"]
        await it.push(snapshot(endpoint("new", Severity.CRITICAL), *FLEET.endpoints))
        assert "new" in it.names
        assert it.text[-1] == ":sort"


async def test_the_bar_fits_every_terminal() -> None:
    async with stage(FLEET) as it:
        await it.press("ctrl+p")
        for width, height in ((120, 40), (80, 24), (40, 12), (20, 5), (60, 10)):
            await it.pilot.resize_terminal(width, height)
            await it.until_quiet()
            assert len(it.text) == height
            assert it.text[-1] == ">"
            assert len(offers(it)) == min(8, height - 3)


async def test_the_help_is_that_of_the_view_in_front() -> None:
    async with stage(FLEET, size=(120, 120)) as it:
        for view, keys in ((Scope.FLEET, ()), (Scope.CHARTS, ("enter",)), (Scope.TEXT, ("f12",))):
            await it.press(*keys, "?")
            text = "\n".join(it.text)
            assert all(action.what in text and usage(action) in text for action in of_view(view))
            await it.press("?")
        await it.press("q", "q")
        assert it.names


async def test_the_help_can_be_searched() -> None:
    async with stage(FLEET, size=(80, 20)) as it:
        await typed(it, "?/sort by")
        assert "/sort by  1 of " in it.text[0]
        first = it.text[1:-1]
        await at_once(it, "enter", *["n"] * 8)
        assert "9 of " in it.text[0]
        assert it.text[1:-1] != first
        assert any("sort by" in line for line in it.text[1:-1])
        await it.press("N", "f3")
        await typed(it, "/zzz")
        assert "not found" in it.text[0]
        assert it.text[-1] == "/zzz"
        await it.press("escape")
        assert "/" not in it.text[0]
        await it.press("G")
        assert any("a gap is a gap" in line for line in it.text)
        await it.press("g", "q")
        assert it.names


async def test_the_help_closes() -> None:
    async with stage(FLEET) as it:
        for key in ("escape", "q", "backspace", "question_mark", "f1"):
            await at_once(it, "f1")
            assert "Keys and signs" in it.text[0]
            await at_once(it, key)
            assert it.names


def own(wanted: dict[str, list[str]]) -> Preferences:
    return Preferences(remapped(wanted, "config.toml"))


async def test_the_operators_own_keys_work_and_are_shown() -> None:
    mine = own({"pause": ["x", "f8"], "sort-name": ["p"], "sort": ["o"], "open": ["right"]})
    async with stage(FLEET, preferences=mine) as it:
        assert "right open" in it.text[-1].lower()
        assert " x pause" in it.text[-1]
        await it.press("p")
        assert it.names == ["a", "b", "fraud", "sick"]
        assert "LIVE" in it.text[0]
        for key, state in (("x", "PAUSED"), ("f8", "LIVE"), ("N", "LIVE"), ("enter", "LIVE")):
            await it.press(key)
            assert state in it.text[0]
        assert it.app.endpoint is None
        await it.press("/", "x", "escape")
        assert "LIVE" in it.text[0]
        await typed(it, "?/hold")
        assert any(line.split()[:2] == ["x", "F8"] for line in it.text)


async def test_a_key_that_was_taken_is_told_where_problems_stand() -> None:
    async with stage(FLEET, preferences=own({"sort-name": ["p"]})) as it:
        sentence = "config.toml: keys.sort-name takes p from pause, which has no key left; :pause does it."
        assert sentence in it.text[3]
        await it.press("f12")
        assert any(sentence in line for line in it.text)
