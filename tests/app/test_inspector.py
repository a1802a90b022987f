"""The inspector: charts and reasons of the row under the cursor, after it has rested, of what was read already."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from smtop.metrics.domain.history import LOOK_S, EndpointHistory
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.tui.widgets import plot
from tests.support.charting import fleet, history, until_drawn
from tests.support.fleet import NOW_S, endpoint
from tests.support.pictures import stored
from tests.support.stage import Stage, stage


def known(name: str, level: float = 1.0) -> EndpointHistory:
    told = history(LOOK_S, level=level)
    return replace(told, endpoint=name)


@asynccontextmanager
async def watched(
    *told: EndpointHistory, size: tuple[int, int] = (120, 40), shown: FleetSnapshot | None = None
) -> AsyncIterator[Stage]:
    """The fleet with what is known of its endpoints, once the inspector is drawn."""
    async with stage(size=size, zone=UTC) as it:
        it.feed.known_histories |= {one.endpoint: one for one in told}
        await it.push(shown or fleet())
        await until_inspected(it)
        yield it


async def until_inspected(it: Stage) -> None:
    await it.until(lambda: it.app.fleet.inspector.is_drawn)
    await it.settle()


def text(it: Stage) -> str:
    return "\n".join(it.text)


async def test_charts_on_the_left_and_reasons_on_the_right_of_nothing_that_was_bought() -> None:
    async with watched(known("fraud")) as it:
        assert "Model latency ms  * p99 80  o p50 30" in text(it)
        assert "Concurrency %  ─ used 50" in text(it)
        title = next(place for place, line in enumerate(it.text) if "ABOUT fraud" in line)
        assert "serverless, InService" in it.text[title + 1][60:]
        assert (it.feed.asked_histories, it.feed.asked_past) == ([], [])


async def test_on_a_wide_terminal_it_is_a_column_on_the_right() -> None:
    async with watched(known("fraud"), size=(200, 60)) as it:
        assert "ABOUT fraud" in it.text[3][135:]
        for title in ("Model latency ms", "Concurrency %", "Requests a minute", "Errors a minute"):
            assert any(title in line[135:] for line in it.text)
        assert len(it.text) == 60 and it.pointed == "fraud"


@pytest.mark.parametrize("size", [(80, 24), (120, 33), (90, 40), (60, 20)])
async def test_without_room_for_charts_nothing_is_looked_up(size: tuple[int, int]) -> None:
    async with watched(known("fraud"), size=size) as it:
        assert it.feed.looked_up == []
        assert "ABOUT fraud" in text(it)


@pytest.mark.parametrize(("size", "lines"), [((60, 20), 4), ((40, 12), 3), ((200, 19), 4), ((80, 9), 0)])
async def test_with_little_room_the_table_has_nearly_all_of_it(size: tuple[int, int], lines: int) -> None:
    async with watched(known("fraud"), size=size) as it:
        assert it.app.fleet.table.size.height == size[1] - 3 - lines
        assert it.pointed == "fraud"


async def test_it_follows_the_cursor_when_that_rests() -> None:
    async with watched(known("fraud"), known("other", level=2.0)) as it:
        await it.press("j", "j")
        await until_inspected(it)
        assert it.pointed == "other" and "ABOUT other" in text(it)
        assert "* p99 160" in text(it)
        assert it.feed.looked_up[-1] == "other"


async def test_a_row_that_is_only_passed_costs_nothing() -> None:
    async with watched(known("fraud")) as it:
        inspector = it.app.fleet.inspector
        inspector.follow_s = 3600.0
        await it.pilot.press("j", "j")
        assert it.pointed == "other", "the row goes first"
        assert inspector.is_following and "ABOUT fraud" in text(it)
        assert it.feed.looked_up == ["fraud"]
        await it.pilot.press("k", "k")
        await it.settle()
        assert not inspector.is_following, "back where it was, there is nothing to follow"


async def test_charts_of_another_endpoint_do_not_stay() -> None:
    async with watched(known("fraud")) as it:
        it.app.fleet.inspector.show_history(known("calm"))
        assert "* p99 80" in text(it), "what comes too late is not shown"
        it.feed.known = _never  # type: ignore[method-assign, assignment]
        await it.press("j")
        await it.until(lambda: "p99" not in text(it))
        assert "ABOUT calm" in text(it)


async def _never(_endpoint: str, _range_s: int) -> EndpointHistory:
    raise ZeroDivisionError


async def test_it_is_drawn_anew_only_when_a_datapoint_has_arrived(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[object] = []
    draw = plot.draw
    async with watched(known("fraud")) as it:

        def noted(*args: Any, **options: Any) -> Any:
            drawn.append(args)
            return draw(*args, **options)

        monkeypatch.setattr(plot, "draw", noted)
        it.clock.now += 60
        it.app.fleet.redraw()
        await it.push(fleet(NOW_S))
        await until_inspected(it)
        assert drawn == [], "the same values look the same"
        it.feed.known_histories["fraud"] = known("fraud", level=2.0)
        await it.push(fleet(NOW_S + 60))
        await it.until(lambda: "* p99 160" in text(it))
        assert len(drawn) == 2


async def test_behind_another_page_nothing_is_looked_up() -> None:
    async with watched(known("fraud")) as it:
        it.feed.tell_history(history(), 3 * 3600)
        await it.press("enter")
        await until_drawn(it)
        await it.push(fleet(NOW_S))
        assert it.feed.looked_up == ["fraud"]
        await it.press("escape")
        await it.until(lambda: it.feed.looked_up == ["fraud", "fraud"])


async def test_it_changes_its_place_with_the_terminal() -> None:
    async with watched(known("fraud")) as it:
        for size in ((200, 60), (80, 24), (120, 40), (60, 20), (120, 36)):
            await it.pilot.resize_terminal(*size)
            await it.settle()
            assert len(it.text) == size[1]
            assert it.names == ["fraud", "calm", "other"]
        await until_inspected(it)
        assert "Model latency ms" in text(it) and "Concurrency" not in text(it)


async def test_an_empty_fleet_has_nothing_to_inspect() -> None:
    async with watched(known("fraud")) as it:
        await it.press("/", *"nothing", "enter")
        await it.settle()
        await it.until(lambda: "p99" not in text(it))
        assert "ABOUT" not in text(it)


async def test_the_inspector_at_120x40_in_blocks() -> None:
    async with watched(known("fraud"), shown=fleet()) as it:
        shown = text(it) + "\n"
        assert shown == stored("inspector_120x40.txt", shown)


async def test_an_endpoint_that_vanishes_takes_its_charts_along() -> None:
    async with watched(known("fraud"), known("calm", level=2.0)) as it:
        rest = replace(fleet(), endpoints=(endpoint("calm"),))
        await it.push(rest)
        await until_inspected(it)
        assert "* p99 160" in text(it) and "ABOUT calm" in text(it)
