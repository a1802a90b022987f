"""Charts under their keys: the cursor, seeking, earlier days, variants, one at full size, times in UTC."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from textual import events

from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.history import EndpointHistory, Quote, SeriesHistory
from smtop.metrics.domain.series import Owner
from smtop.tui.widgets import plot
from tests.support.charting import DAY, HOURS_3, OWNER, WEEK, fleet, history, opened, page, text, until_drawn
from tests.support.fleet import NOW_S, endpoint, snapshot, variant
from tests.support.stage import Stage, stage

PRICE = Quote(12, 0.00012)


def line_with(it: Stage, words: str) -> str:
    return next(line for line in it.text if words in line)


def spiky(minutes_ago: int) -> EndpointHistory:
    """One request a minute, and a thousand in one of them."""
    calm = history()
    [requests, *_] = calm.series
    values = [1000.0 if calm.end - at == minutes_ago * 60 else 1.0 for at in requests.times]
    return replace(calm, series=(replace(requests, values=values),))


# The cursor


async def test_the_cursor_tells_all_values_at_its_time() -> None:
    async with opened((spiky(3), HOURS_3)) as it:
        assert "─ requests 1 " in line_with(it, "Requests a minute")
        await it.press("[")
        assert " at  14:08 UTC, 3m ago " in it.text[3]
        assert "─ requests 1,000" in line_with(it, "Requests") or "─ requests 1.0k" in line_with(it, "Requests")
        await it.press("]")
        await it.press("]")
        assert "times in UTC" in it.text[3], "beyond the newest value it follows the present"
        await it.press("{")
        assert " at  13:59 UTC" in it.text[3]
        assert sum("│" in line[50:58] for line in it.text) > 5, "a line through the chart"
        await it.press("}")
        await it.press("[", "[", "escape")
        assert "times in UTC" in it.text[3] and it.app.endpoint is not None


async def test_moving_the_cursor_draws_no_chart_again(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[object] = []
    draw = plot.draw
    async with opened((history(), HOURS_3)) as it:

        def noted(*args: Any, **options: Any) -> Any:
            drawn.append(args)
            return draw(*args, **options)

        monkeypatch.setattr(plot, "draw", noted)
        await it.press("[", "{", "]", "escape")
        assert drawn == []


async def test_the_cursor_survives_new_minutes() -> None:
    async with opened((history(), HOURS_3)) as it:
        await it.press("{")
        where = it.text[3].split("UTC")[0]
        it.feed.tell_history(history(level=2.0), HOURS_3)
        await it.push(fleet(NOW_S))
        await until_drawn(it)
        assert it.text[3].split("UTC")[0] == where
        assert "requests 800" in line_with(it, "Requests")


# Seeking


async def test_a_time_within_the_range_is_gone_to() -> None:
    async with opened((history(), HOURS_3)) as it:
        await it.press("@", *"13:30", "enter")
        assert " at  13:30 UTC, 41m ago " in it.text[3]
        assert it.feed.asked_histories == [("fraud", HOURS_3)]
        await it.press("@", "enter")
        assert "times in UTC" in it.text[3], "nothing is the present"


async def test_a_time_before_the_range_is_shown_in_a_longer_one() -> None:
    async with opened((history(), HOURS_3), (history(WEEK), WEEK)) as it:
        await it.press("@", *"2026-11-17 14:00", "enter")
        await until_drawn(it)
        assert it.feed.asked_histories[-1] == ("fraud", WEEK)
        assert "[7d]" in it.text[3] and " at  Tue 17 14:00 UTC, 3d ago " in it.text[3]


async def test_what_is_no_time_is_said_beside_it_and_escape_gives_up() -> None:
    async with opened((history(), HOURS_3)) as it:
        before = it.text
        for typed, said in (("soon", "a time is 14:02"), ("-8d", "charts reach 7 days back")):
            await it.press("@", *typed, "enter")
            assert said in line_with(it, f"@{typed}")
            await it.press("escape")
        assert it.text == before
        await it.press("[")
        assert " at " in it.text[3], "keys are keys again"


# Earlier days


async def test_prices_come_first_and_nothing_is_asked_before_the_digit() -> None:
    async with opened((history(), HOURS_3)) as it:
        it.feed.past_quotes["fraud", HOURS_3, DAY] = PRICE
        await it.press("b")
        assert it.text[3].startswith("compare with: 1 yesterday ($0.00012)   2 last week (read already)")
        assert it.feed.asked_past == []
        await it.press("escape")
        assert "[3h]" in it.text[3] and it.feed.asked_past == []
        await it.press("b", "1")
        assert it.text[3].endswith("reading yesterday: 12 metrics, $0.00012")
        it.feed.tell_history(history(level=0.5, ago_s=DAY), HOURS_3, DAY)
        await it.settle()
        await until_drawn(it)
        assert it.feed.asked_past == [("fraud", HOURS_3, DAY)]
        assert ": -1d 200" in line_with(it, "Requests a minute")
        assert text(it).count(":") > 30, "a line of points"


async def test_an_earlier_day_is_taken_away_again() -> None:
    async with opened((history(), HOURS_3)) as it:
        for ago_s in (DAY, WEEK):
            it.feed.tell_history(history(level=0.5, ago_s=ago_s), HOURS_3, ago_s)
        await it.press("b", "1")
        await it.press("b", "2")
        await until_drawn(it)
        assert ": -1d 200 ' -7d 200" in line_with(it, "Requests a minute").replace("  ", " ")
        await it.press("b", "1")
        await until_drawn(it)
        assert "-1d" not in text(it) and "-7d 200" in text(it)


async def test_a_range_that_reaches_into_the_day_is_not_compared_with_it() -> None:
    async with opened((history(), HOURS_3), (history(WEEK), WEEK)) as it:
        it.feed.tell_history(history(ago_s=DAY), HOURS_3, DAY)
        await it.press("b", "1")
        await until_drawn(it)
        await it.press("t", "6")
        await until_drawn(it)
        assert "-1d" not in text(it)
        assert it.feed.asked_past == [("fraud", HOURS_3, DAY)]
        await it.press("t", "3")
        await until_drawn(it)
        assert "-1d" in text(it), "the choice is kept"


async def test_what_could_not_be_asked_of_a_day_is_said() -> None:
    async with opened((history(), HOURS_3)) as it:
        refused = replace(history(ago_s=DAY), series=(), notes=("9 of 9 series were not collected: throttled.",))
        it.feed.tell_history(refused, HOURS_3, DAY)
        await it.press("b", "1")
        await until_drawn(it)
        assert "x 9 of 9 series were not collected: throttled." in it.text
        assert "-1d -" in text(it)


# Variants


@asynccontextmanager
async def of_two(*, shadow: bool = False) -> AsyncIterator[Stage]:
    blue = [variant("blue", 9), variant("green", 1, shadow=shadow)]
    view = endpoint("fraud", Severity.CRITICAL, kind=Kind.SERVERLESS, variants=blue)
    whole = history()
    told = [
        replace(one, owner=Owner("fraud", name), values=[value * factor for value in one.values])
        for one in whole.series
        for name, factor in (("blue", 3.0), ("green", 1.0))
    ]
    async with opened((replace(whole, series=tuple(told)), HOURS_3), shown=snapshot(view, endpoint("calm"))) as it:
        yield it


async def test_variants_are_split_and_put_together_again() -> None:
    async with of_two() as it:
        assert "requests 1.6k" in text(it)
        await it.press("s")
        await until_drawn(it)
        assert "* blue 1.2k  o green 400" in line_with(it, "Requests a minute")
        assert "Model latency, p99 ms  * blue 240  o green 80" in text(it)
        await it.press("s")
        await until_drawn(it)
        assert "requests 1.6k" in text(it)


async def test_a_shadow_stands_beside_production() -> None:
    async with of_two(shadow=True) as it:
        assert "* requests 1.2k  s shadow requests 400" in line_with(it, "Requests a minute")


# One at full size


async def test_one_chart_at_full_size_and_the_next_ones() -> None:
    async with opened((history(), HOURS_3), size=(80, 24)) as it:
        await it.press("v")
        await until_drawn(it)
        assert "Requests a minute" in text(it) and "Errors" not in text(it)
        await it.press("j", "j")
        await until_drawn(it)
        assert "Model latency ms" in text(it) and "Requests" not in text(it)
        await it.press("escape")
        await until_drawn(it)
        assert "Model latency ms" in text(it) and "Concurrency %" in text(it)


async def test_v_opens_it_from_the_fleet_and_escape_goes_straight_back() -> None:
    async with stage(fleet(), zone=UTC) as it:
        it.feed.tell_history(history(), HOURS_3)
        await it.press("v")
        await until_drawn(it)
        assert "Requests a minute" in text(it) and "Errors a minute" not in text(it)
        await it.press("escape")
        assert it.app.endpoint is None
        await it.press("v", "v")
        await until_drawn(it)
        assert "Errors a minute" in text(it)


# Times


async def test_times_in_utc_on_demand() -> None:
    async with opened((history(), HOURS_3)) as it:
        page(it).metrics._around = page(it).metrics._around._replace(zone=None)
        await it.press("Z")
        await until_drawn(it)
        assert "times in UTC" in it.text[3] and "14:00" in text(it)


async def test_the_menus_close_each_other() -> None:
    async with opened((history(), HOURS_3)) as it:
        await it.press("t", "b")
        assert it.text[3].startswith("compare with")
        await it.press("t")
        assert it.text[3].startswith("range: ")
        await it.press("t")
        assert "[3h]" in it.text[3]


async def test_nothing_of_the_series_is_lost_in_a_tiny_window() -> None:
    told = [SeriesHistory(OWNER, "Invocations.Sum", why="Refused.")]
    async with opened((replace(history(), series=tuple(told)), HOURS_3), size=(40, 12)) as it:
        await it.press("v", "[", "@", "escape", "b", "escape", "s", "Z")
        await until_drawn(it)
        assert "not collected: Refused." in text(it)


async def test_a_time_that_is_pasted_cannot_speak_to_the_terminal_and_a_wrong_one_can_be_mended() -> None:
    async with opened((history(), HOURS_3)) as it:
        await it.press("@")
        it.app.post_message(events.Paste("\x1b[2J"))
        await it.settle()
        assert "\x1b" not in text(it)
        assert "\\x1b[2J" in text(it)
        await it.press("enter", *["backspace"] * len("\\x1b[2J"), *"13:30", "enter")
        assert page(it).metrics.state.cursor is not None


async def test_charts_that_come_when_their_page_is_being_closed_harm_nobody() -> None:
    """Its parts go first, and the charts are made in a thread."""
    async with opened((history(), HOURS_3)) as it:
        metrics = page(it).metrics
        await metrics.query_one("#charts").remove()
        metrics.redraw()
        await it.until(lambda: not any(worker.group == "charts" for worker in it.app.workers))
        assert it.app.is_running
