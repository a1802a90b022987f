"""Texts that are not ours cannot break a line, a colour or the terminal: in every view, at every size."""

import unicodedata
from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual import events

from smtop.metrics.domain.history import EndpointHistory
from smtop.metrics.domain.plan import Confirm
from smtop.tui.screens.past import PastScreen
from smtop.tui.screens.plan_dialog import PlanDialog
from smtop.tui.screens.watch import WatchPanel
from tests.support.fleet import snapshot
from tests.support.hostile import TEXTS, hostile_entry, hostile_fleet, hostile_plan
from tests.support.stage import Stage, stage

SIZES = [(12, 4), (40, 12), (80, 24), (200, 60)]
VIEWS: dict[str, tuple[str, ...]] = {
    "fleet": (),
    "last row": ("G",),
    "filter": ("slash", "a"),
    "problems": ("f12",),
    "overview": ("enter", "1"),
    "charts": ("j", "enter", "2"),
    "variants": ("enter", "3"),
    "scaling": ("enter", "4"),
    "config": ("enter", "5"),
    "columns": ("o",),
    "palette": ("ctrl+p",),
    "command": (":", *"ep 1"),
    "help": ("question_mark",),
    "menu of changes": ("a",),
    "form of a change": ("e",),
    "configs to go back to": ("a", "b"),
}
_FORBIDDEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Mn", "Me", "Mc"}


def assert_lines_hold(one: Stage) -> None:
    """Every line is as wide as the terminal, and nothing in it is more than a letter."""
    width, height = one.app.size
    strips = one.app.screen._compositor.render_strips()
    assert len(strips) == height
    for strip in strips:
        text = "".join(segment.text for segment in strip)
        assert cell_len(text) == width, text
        assert not [character for character in text if unicodedata.category(character) in _FORBIDDEN], ascii(text)
        assert not [character for character in text if unicodedata.bidirectional(character) in ("R", "AL", "AN")]


@pytest.mark.parametrize("view", VIEWS)
async def test_no_text_breaks_a_line(view: str) -> None:
    async with stage(hostile_fleet(), size=SIZES[0]) as one:
        await one.press(*VIEWS[view])
        await assert_lines_hold_at_all_sizes(one)


@pytest.mark.parametrize("typed", [False, True])
async def test_no_text_breaks_a_dialog(typed: bool) -> None:
    fleet = hostile_fleet()
    name = fleet.endpoints[0].endpoint.name
    plan = hostile_plan(name)
    async with stage(fleet, size=SIZES[0]) as one:
        one.feed.changes.plans = {name: plan if not typed else replace(plan, confirm=Confirm.TYPE_NAME)}
        one.feed.changes.entries, one.feed.changes.left = [hostile_entry(plan)], frozenset({plan.id})
        for keys in ((":", *"write", "enter"), (":", *"delete", "enter", "enter"), ("tab",), ("y",)):
            await one.press(*keys)
            await assert_lines_hold_at_all_sizes(one)
        assert in_front(one) is PlanDialog
        if not typed:
            await one.press("enter")
            one.feed.changes.tell(hostile_entry(plan))
            await one.settle()
            assert in_front(one) is WatchPanel
            await assert_lines_hold_at_all_sizes(one)
        await one.press("escape", ":", *"changes", "enter")
        assert in_front(one) is PastScreen
        await assert_lines_hold_at_all_sizes(one)


def in_front(one: Stage) -> type:
    return type(one.app.screen)


async def assert_lines_hold_at_all_sizes(one: Stage) -> None:
    for size in SIZES:
        await one.pilot.resize_terminal(*size)
        await one.settle()
        await one.until(lambda: one.app.screen._compositor.size == one.app.size)
        assert_lines_hold(one)


async def test_markup_in_a_name_is_shown_and_not_obeyed() -> None:
    async with stage(hostile_fleet(), size=(160, 90)) as one:
        await one.press("f12")
        assert any("[bold red]x[/] [@click=app.quit]y[/]" in line for line in one.text)


async def test_an_endpoint_with_such_a_name_can_be_opened_and_says_what_failed() -> None:
    """The name on the page is escaped, the name that is asked for is not."""
    fleet = hostile_fleet()
    async with stage(fleet, size=(120, 40)) as one:
        await one.press("enter")
        name = one.app.endpoint.endpoint if one.app.endpoint else None
        assert name == fleet.endpoints[0].endpoint.name
        one.feed.tell_history(EndpointHistory(str(name), 0, 0, 60, notes=TEXTS), 3 * 3600)
        await one.settle()
        assert_lines_hold(one)


async def test_what_is_pasted_into_the_filter_stays_in_its_line() -> None:
    async with stage(hostile_fleet(), size=(80, 24)) as one:
        await one.press("slash")
        for text in TEXTS[:10]:
            one.app.post_message(events.Paste(text))
        await one.settle()
        assert_lines_hold(one)
        assert one.app.fleet.view_state.filter_text.startswith("\\x1b[2J")
        await one.press("enter")
        assert_lines_hold(one)


async def test_a_sentence_of_the_feed_is_not_trusted_either() -> None:
    async with stage(snapshot(), size=(80, 24)) as one:
        await one.push(RuntimeError(" ".join(TEXTS)))
        assert "stopped reading" in one.text[2]
        assert_lines_hold(one)
