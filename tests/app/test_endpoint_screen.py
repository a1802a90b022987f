"""The page of an endpoint under its keys: charts, ranges, what is said while nothing is there, and the way back."""

import asyncio
import threading
from dataclasses import replace
from datetime import UTC

import pytest

from smtop.metrics.domain.history import Quote, SeriesHistory
from smtop.tui.widgets import plot
from tests.support.charting import HOURS_3, OWNER, WEEK, fleet, history, opened, page, text, until_drawn
from tests.support.fleet import NOW, NOW_S, endpoint, snapshot
from tests.support.pictures import stored
from tests.support.stage import stage


async def test_enter_opens_the_charts_of_the_row_under_the_cursor() -> None:
    async with opened((history(), HOURS_3)) as it:
        assert it.feed.asked_histories == [("fraud", HOURS_3)]
        assert it.text[1].startswith("! fraud  SL  InService")
        assert "[3h]" in it.text[3] and "times in UTC" in it.text[3]
        for title in ("Requests a minute", "Errors a minute", "Model latency ms", "Concurrency %", "Cold starts"):
            assert title in text(it)
        assert "⠤" in text(it) or "⠒" in text(it) or "⠉" in text(it)


async def test_a_range_is_chosen_with_t_and_a_digit() -> None:
    async with opened((history(), HOURS_3), (history(WEEK), WEEK)) as it:
        await it.press("6")
        assert it.feed.asked_histories == [("fraud", HOURS_3)], "a digit alone does nothing"
        await it.press("t")
        assert it.text[3].startswith("range: 1 15m")
        await it.press("6")
        await until_drawn(it)
        assert it.feed.asked_histories[-1] == ("fraud", WEEK)
        assert "[7d]  a point every 30 min" in it.text[3]
        assert any("Thu 19" in line for line in it.text)


async def test_while_a_range_is_read_its_price_is_shown_and_the_old_charts_stay() -> None:
    async with opened((history(), HOURS_3)) as it:
        it.feed.quotes["fraud", WEEK] = Quote(12, 0.00012)
        await it.press("t", "6")
        assert it.text[3].endswith("reading 7 days: 12 metrics, $0.00012")
        assert "Requests a minute" in text(it)
        it.feed.tell_history(history(WEEK), WEEK)
        await it.settle()
        await until_drawn(it)
        assert it.text[3].endswith("read 40s ago")


async def test_an_answer_for_a_range_that_is_no_longer_wanted_is_not_shown() -> None:
    async with opened((history(), HOURS_3)) as it:
        await it.press("t", "6")
        await it.press("t", "3")
        it.feed.tell_history(history(WEEK), WEEK)
        await it.settle()
        await until_drawn(it)
        assert "[3h]" in it.text[3] and "a point a minute" in it.text[3]


async def test_new_minutes_bring_new_charts_and_nothing_else_does() -> None:
    async with opened((history(), HOURS_3)) as it:
        await it.push(fleet())
        assert len(it.feed.asked_histories) == 1
        it.feed.tell_history(history(level=100.0), HOURS_3)
        await it.push(fleet(NOW_S))
        await until_drawn(it)
        assert len(it.feed.asked_histories) == 2
        assert "40k" in text(it)


async def test_the_way_back_leaves_the_fleet_as_it_was() -> None:
    async with stage(fleet(), zone=UTC) as it:
        await it.press("N", "j")
        before, pointed = it.text, it.pointed
        for key in ("escape", "q", "backspace"):
            await it.press("enter", "j", "k", key)
            assert it.app.endpoint is None
            assert (it.text, it.pointed) == (before, pointed)
            assert it.app.is_running


async def test_escape_closes_the_choice_of_a_range_first() -> None:
    async with opened((history(), HOURS_3)) as it:
        await it.press("t", "escape")
        assert it.app.endpoint is not None
        assert "[3h]" in it.text[3]
        await it.press("escape")
        assert it.app.endpoint is None


async def test_what_could_not_be_asked_is_said() -> None:
    refused = tuple(
        SeriesHistory(OWNER, label, why="CloudWatch gives no percentiles here.")
        for label in ("ModelLatency.p99", "ModelLatency.p50")
    )
    whole = history(notes=["2 of 9 series were not collected: CloudWatch gives no percentiles here."])
    told = tuple(one for one in whole.series if not one.label.startswith("ModelLatency"))
    async with opened((replace(whole, series=told + refused), HOURS_3)) as it:
        assert "x 2 of 9 series were not collected: CloudWatch gives no percentiles here." in it.text
        assert "not collected: CloudWatch gives no percentiles" in text(it)
        assert "no data in this time" not in text(it)
        assert "not measured for this endpoint" in text(it), "cold starts have no series in this history"


async def test_without_a_connection_it_says_so_and_goes_on_when_there_is_one() -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    async with stage(first=fleet(), connect=never, zone=UTC) as it:  # type: ignore[arg-type]
        await it.press("enter")
        assert it.text[3].endswith("not connected to AWS yet")


async def test_an_endpoint_that_vanishes_keeps_its_page() -> None:
    async with opened((history(), HOURS_3)) as it:
        gone = replace(history(), notes=("There is no endpoint fraud any more.",))
        it.feed.tell_history(gone, HOURS_3)
        await it.push(replace(snapshot(endpoint("calm")), data_until=NOW))
        await until_drawn(it)
        assert "x There is no endpoint fraud any more." in it.text
        assert "Requests a minute" in text(it)
        await it.press("escape")
        assert it.names == ["calm"]


async def test_held_pictures_hold_the_charts_too() -> None:
    async with opened((history(), HOURS_3)) as it:
        await it.press("p")
        await it.push(fleet(NOW_S))
        assert len(it.feed.asked_histories) == 1
        await it.press("p")
        assert len(it.feed.asked_histories) == 2


async def test_a_feed_that_breaks_is_a_fault_that_is_shown() -> None:
    async with stage(fleet(), zone=UTC) as it:
        it.feed.quote = _broken  # type: ignore[method-assign, assignment]
        await it.press("enter")
        assert "a fault of smtop's own: ZeroDivisionError" in it.text[3]


async def _broken(_endpoint: str, _range_s: int, _ago_s: int) -> Quote:
    raise ZeroDivisionError


async def test_quitting_while_a_history_is_read_ends_at_once() -> None:
    async with opened() as it:
        assert it.feed.asked_histories == [("fraud", HOURS_3)]
        await it.press("ctrl+c")
        await it.settle()
        assert not it.app.is_running
    assert it.feed.closed
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_it_fits_every_terminal() -> None:
    async with opened((history(), HOURS_3), size=(60, 20)) as it:
        for size in ((40, 12), (80, 24), (200, 60)):
            await it.pilot.resize_terminal(*size)
            await it.settle()
            await until_drawn(it)
            assert len(it.text) == size[1]
            assert "Requests a minute" in text(it)
            assert it.text[-1].lstrip().startswith("Esc back")
        assert "Cold starts" in text(it)


async def test_charts_that_do_not_fit_are_below() -> None:
    async with opened((history(), HOURS_3), size=(80, 24)) as it:
        assert "Cold starts" not in text(it)
        await it.press("j")
        await until_drawn(it)
        assert "Cold starts" in text(it) and "Requests a minute" not in text(it)
        await it.press("j", "j", "k")
        await until_drawn(it)
        assert "Requests a minute" in text(it)


async def test_drawing_leaves_the_loop_alone_and_happens_once(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []
    draw = plot.draw

    def watched(*arguments: object, **options: object) -> object:
        if arguments[1] == 60:  # a chart of the page, not of the inspector
            threads.append(threading.current_thread())
        return draw(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(plot, "draw", watched)
    async with opened((history(), HOURS_3)) as it:
        assert len(threads) == 6
        assert threading.main_thread() not in threads
        it.clock.now += 60
        page(it).redraw()
        await it.settle()
        assert len(threads) == 6, "a chart that looks the same is not drawn again"


async def test_keys_are_answered_while_charts_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, draw = threading.Event(), plot.draw

    def slow(*arguments: object, **options: object) -> object:
        gate.wait(20)
        return draw(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(plot, "draw", slow)
    async with stage(fleet(), zone=UTC) as it:
        it.feed.tell_history(history(), HOURS_3)
        await it.press("enter", "t")
        assert it.text[3].startswith("range: 1 15m")
        gate.set()
        await it.press("escape")
        await until_drawn(it)


async def test_help_and_problems_open_from_here() -> None:
    async with opened((history(), HOURS_3)) as it:
        await it.press("?")
        assert "Keys and signs" in it.text[0]
        await it.press("escape", "f12")
        assert "What could not be asked" in it.text[0]
        await it.press("escape")
        assert it.app.endpoint is not None and it.text[1].startswith("! fraud")


async def test_the_page_at_80x24_in_ascii() -> None:
    async with opened((history(), HOURS_3), size=(80, 24), ascii_only=True) as it:
        shown = text(it) + "\n"
        assert shown.isascii()
        assert shown == stored("endpoint_80x24_ascii.txt", shown)


async def test_the_page_at_120x40_in_blocks() -> None:
    async with opened((history(), HOURS_3)) as it:
        shown = text(it) + "\n"
        assert shown == stored("endpoint_120x40.txt", shown)
