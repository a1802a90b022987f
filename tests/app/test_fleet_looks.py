"""The triage table at every size, without colours, in ASCII, and with hostile names."""

import pytest

from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.snapshot import EndpointView
from tests.support.fleet import MANY, endpoint, fleet, snapshot
from tests.support.stage import stage


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (60, 20), (40, 12), (20, 5)])
async def test_every_size_has_the_rows_and_nothing_outside(size: tuple[int, int]) -> None:
    worst = endpoint("credit-limits-2024-11-eu-west-1-blue-deployment-experiment-0042", Severity.CRITICAL)
    async with stage(snapshot(worst, *MANY.endpoints)) as it:
        await it.pilot.resize_terminal(*size)
        await it.settle()
        assert len(it.text) == size[1]
        assert it.table_lines[0].startswith(">!")
        assert it.table_lines[0][3:].split()[0].endswith("0042")
        assert any("WHY" in line or "ABOUT" in line for line in it.text) is (size[1] >= 10)


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
