"""What was closed is forgotten: nobody's memory grows with the pages that were looked at."""

import gc
import weakref
from typing import Any

import pytest
from rich.segment import Segment
from textual._styles_cache import StylesCache
from textual.strip import Strip
from textual.widget import Widget

from smtop.tui.widgets import leftovers, whole_lines
from smtop.tui.widgets.command_bar import CommandBar
from tests.support.fleet import endpoint, snapshot
from tests.support.stage import stage


def are_left(*marked: weakref.ReferenceType[Any]) -> int:
    gc.collect()
    return sum(one() is not None for one in marked)


async def test_lines_that_were_left_are_gone() -> None:
    """But for the last, of which Textual remembers where they were."""
    bars = []
    async with stage(snapshot(endpoint("a"))) as it:
        for _ in range(5):
            await it.press("colon", "s", "o")
            bars.append(weakref.ref(it.app.screen.query(CommandBar).last()))
            await it.press("escape")
        await it.until(lambda: are_left(*bars) <= 2)


async def test_the_lines_of_a_page_that_was_closed_are_let_go() -> None:
    async with stage(snapshot(endpoint("a"))) as it:
        await it.press("question_mark")
        drawn = [weakref.ref(widget._styles_cache) for widget in it.app.screen.query(Widget)]
        assert len(drawn) > 1
        await it.press("escape")
        leftovers.let_go()
        await it.until(lambda: are_left(*drawn) == 0)


async def test_a_closed_page_has_no_lines_before_anybody_looks_for_garbage() -> None:
    async with stage(snapshot(endpoint("a"))) as it:
        await it.press("question_mark")
        page = it.app.screen
        widgets = list(page.query(Widget))
        assert any(widget._styles_cache._cache for widget in widgets)
        await it.press("escape")
        assert page is not it.app.screen
        assert not any(widget._styles_cache._cache or widget._render_cache.lines for widget in widgets)


async def test_no_line_that_was_shown_keeps_itself_alive() -> None:
    async with stage(snapshot(endpoint("a"))) as it:
        await it.press("question_mark", "escape", "down")
        lines = [one for one in gc.get_objects() if type(one) is Strip]
        assert lines
        assert not [line for line in lines for parts in line._divide_cache._cache.values() if parts[0] is line]


def test_a_line_is_cut_as_ever() -> None:
    whole_lines.let_die()
    line = Strip([Segment("one two")])
    assert [part.text for part in line.divide([7])] == ["one two"]
    assert [part.text for part in line.divide([3, 7])] == ["one", " two"]
    assert [part.text for part in line.divide([7, 9])] == ["one two"]


def test_a_textual_that_keeps_nothing_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(StylesCache, "get_inner_outer")
    leftovers.let_go()
    assert leftovers.why_not() == "textual._styles_cache.StylesCache.get_inner_outer is not memoized"
