"""The triage screen under its keys, with a feed that is pushed by hand."""

import asyncio
from dataclasses import replace

import pytest
from textual.geometry import Region
from textual.widgets import Input

from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot, Problem
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import FleetFeed
from smtop.tui.widgets.fleet_table import FleetTable
from tests.support.fleet import NOW_S, FakeFeed, endpoint, snapshot, vitals
from tests.support.stage import Line, Stage, stage


def fleet(*marks: str) -> FleetSnapshot:
    """One endpoint a word: `a!` is a critical one called a."""
    severities = {"!": Severity.CRITICAL, "~": Severity.WARNING, "z": Severity.IDLE, ".": Severity.OK}
    return snapshot(*(endpoint(mark[:-1], severities[mark[-1]]) for mark in marks))


MANY = snapshot(*(endpoint(f"e{number:03d}", numbers=vitals(requests=float(number))) for number in range(100)))


async def test_the_worst_stands_on_top_and_its_reasons_below() -> None:
    finding = Finding("pc-exhausted", Severity.CRITICAL, "Concurrency is used up", ("9 minutes at 1.00",))
    async with stage(snapshot(endpoint("calm"), endpoint("fire", Severity.CRITICAL, findings=[finding]))) as it:
        assert it.names == ["fire", "calm"]
        assert it.pointed == "fire"
        assert any(line.startswith("── WHY fire") for line in it.text)
        assert any("! Concurrency is used up  pc-exhausted" in line for line in it.text)
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
        assert "/fr  2/3 shown" in it.text[1]
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
        assert "sort IMPACT v" in it.text[1]
        await it.press("<", "<")
        assert "SATURATIONv" in heading(it)


def heading(it: Stage) -> str:
    return it.text[it.app.fleet.table.region.y]


async def test_attention_hides_what_is_fine() -> None:
    async with stage(fleet("a.", "b!", "cz", "d~")) as it:
        await it.press("!")
        assert it.names == ["b", "d"]
        assert "attention only  2/4 shown" in it.text[1]
        await it.press("!")
        assert it.names == ["b", "d", "c", "a"]


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
        for key in ("j", "f9"):
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
        assert it.text[2].rstrip() == "! Sign in again.  +1 more (F12)"
        assert it.names == ["a"]
        await it.press("f12")
        assert "credentials: sagemaker:ListEndpoints" in it.text
        assert "  CloudWatch is busy." in it.text
        await it.press("q")
        assert it.names == ["a"]
        await it.push(fleet("a."))
        assert "NAME" in it.text[2]


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
        assert it.text[2].rstrip() == "! The session has expired; run aws sso login."
        assert it.names == ["a"]
        it.clock.wake()
        await it.settle()
        assert it.clock.slept == [15, 15]
        assert line.asked == 2
        it.clock.wake()
        await it.settle()
        assert it.names == ["a", "b"]
        assert "LIVE" in it.text[0]
        assert "NAME" in it.text[2]
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
        assert "ZeroDivisionError('oops')" in it.text[2]
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


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (60, 20), (40, 12), (20, 5)])
async def test_every_size_has_the_rows_and_nothing_outside(size: tuple[int, int]) -> None:
    worst = endpoint("credit-limits-2024-11-eu-west-1-blue-deployment-experiment-0042", Severity.CRITICAL)
    async with stage(snapshot(worst, *MANY.endpoints)) as it:
        await it.pilot.resize_terminal(*size)
        await it.settle()
        assert len(it.text) == size[1]
        assert it.table_lines[0].startswith(">!")
        assert it.table_lines[0][3:].split()[0].endswith("0042")
        assert any("WHY" in line or "ABOUT" in line for line in it.text) is (size[0] >= 80 and size[1] >= 20)


async def test_after_a_resize_the_cursor_is_still_in_sight() -> None:
    async with stage(MANY, size=(120, 40)) as it:
        await it.press("G")
        await it.pilot.resize_terminal(80, 15)
        await it.settle()
        assert it.pointed == "e099"
        await it.pilot.resize_terminal(80, 50)
        await it.settle()
        assert it.pointed == "e099"
        assert len(it.names) == len(it.table_lines)


def hostile() -> EndpointView:
    return endpoint("a\x1b[31m[red]\u202eb日本\u200b", Severity.CRITICAL, status_reason="\x07bell")


async def test_ascii_means_ascii() -> None:
    async with stage(snapshot(hostile(), *MANY.endpoints), ascii_only=True, size=(200, 60)) as it:
        assert all(line.isascii() for line in it.text)
        await it.press("/", "e", ":")
        assert all(line.isascii() for line in it.text)
        await it.press("escape", "?")
        assert all(line.isascii() for line in it.text)


async def test_a_hostile_name_stays_text() -> None:
    async with stage(snapshot(hostile())) as it:
        text = "\n".join(it.text)
        assert "a\\x1b[31m" in text
        assert not {"\x1b", "\x07", "\u202e", "\u200b"} & set(text)


async def test_without_colour_nothing_is_coloured_and_the_cursor_still_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with stage(fleet("a!", "b~")) as it:
        strips = it.app.screen._compositor.render_strips()
        colours = {
            colour.name
            for strip in strips
            for segment in strip.apply_filter(it.app.get_line_filters()[-1], it.app.screen.background_colors[1])
            if segment.style
            for colour in (segment.style.color, segment.style.bgcolor)
            if colour is not None
        }
        assert colours <= {"default"}
        assert it.pointed == "a"


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
