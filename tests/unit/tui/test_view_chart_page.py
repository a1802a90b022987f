"""What stands around charts: ranges, menus, prices, the cursor, how reading stands, and how many charts fit."""

from dataclasses import replace
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from smtop.metrics.domain.history import EndpointHistory, Quote
from smtop.tui.view_models.cells import Paint, text_of, width_of
from smtop.tui.view_models.chart_page import (
    RANGES,
    Reading,
    Standing,
    comparable,
    first_shown,
    note_lines,
    on_a_point,
    range_line,
    range_that_reaches,
    stepped,
    zone_of,
)
from smtop.tui.view_models.charts import Chart
from smtop.tui.view_models.curves import Curve, Dot
from smtop.tui.view_models.fmt import BLOCKS
from smtop.tui.view_models.grid import Grid, grid
from smtop.tui.view_state import ChartState, Menu
from tests.support.fleet import NOW_S

PAINT = Paint(NOW_S, BLOCKS)
BERLIN = ZoneInfo("Europe/Berlin")
HISTORY = EndpointHistory("e", 0, 3600, 1800, fetched_at=NOW_S - 40)
WEEK = ChartState(range_s=7 * 86_400)
DAY = 86_400
END = int(NOW_S) // 60 * 60
LATELY = EndpointHistory("e", END - 3600, END, 60, fetched_at=NOW_S - 40)
HOUR = ChartState(range_s=3600)


def ranges(
    state: ChartState,
    reading: Reading,
    history: EndpointHistory | None,
    width: int = 120,
    prices: dict[int, Quote] | None = None,
) -> str:
    standing = Standing(state, reading, history, prices or {}, BERLIN)
    line = range_line(standing, width=width, paint=PAINT)
    assert width_of(line) <= width
    return text_of(line)


def test_the_range_and_its_period_and_zone_are_named() -> None:
    line = ranges(WEEK, Reading(), HISTORY)
    assert line.startswith(" 15m  1h  3h  12h  24h [7d]  a point every 30 min, times in CET")
    assert line.endswith("read 40s ago")


@pytest.mark.parametrize(
    ("period_s", "words"),
    [(60, "a point a minute"), (300, "a point every 5 min"), (3600, "a point an hour"), (21_600, "a point every 6 h")],
)
def test_periods_are_told_in_words(period_s: int, words: str) -> None:
    assert f"{words}," in ranges(WEEK, Reading(), replace(HISTORY, period_s=period_s))


def test_what_is_being_read_has_a_price() -> None:
    assert ranges(WEEK, Reading(Quote(12, 0.00012)), None).endswith("reading 7 days: 12 metrics, $0.00012")
    assert ranges(WEEK, Reading(Quote()), HISTORY).endswith("reading 7 days")


def test_why_it_cannot_be_read_is_said() -> None:
    assert ranges(WEEK, Reading(said="not connected to AWS yet"), None).endswith("not connected to AWS yet")


def test_choosing_shows_which_digit_is_which() -> None:
    line = ranges(WEEK._replace(menu=Menu.RANGE), Reading(), HISTORY)
    assert line.startswith("range: 1 15m  2 1h  3 3h  4 12h  5 24h  6 7d")


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_the_line_is_never_too_long(width: int) -> None:
    for state in (WEEK, WEEK._replace(menu=Menu.RANGE)):
        ranges(state, Reading(Quote(12, 0.00012)), HISTORY, width)


def test_every_range_fits_a_key() -> None:
    assert [each.seconds for each in RANGES] == [900, 3600, 10_800, 43_200, 86_400, 604_800]


def test_notes_take_two_lines_at_most() -> None:
    assert note_lines([], width=80, paint=PAINT) == []
    [line] = note_lines([replace(HISTORY, notes=("No network.",))] * 2, width=80, paint=PAINT)
    assert text_of(line) == "x No network."
    many = note_lines([replace(HISTORY, notes=("long words " * 20, "more"))], width=60, paint=PAINT)
    assert len(many) == 2
    assert text_of(many[1]).endswith("…")


@pytest.mark.parametrize(
    ("size", "columns", "rows"),
    [((80, 20), 2, 2), ((120, 36), 2, 3), ((200, 56), 3, 2), ((60, 16), 1, 1), ((40, 8), 1, 1), ((60, 40), 1, 4)],
)
def test_as_many_charts_as_can_be_read(size: tuple[int, int], columns: int, rows: int) -> None:
    made = grid(*size, 6)
    assert (made.columns, made.rows) == (columns, rows)
    assert made.width * made.columns <= size[0]
    assert made.height * made.rows <= size[1]


def test_zooming_leaves_room_for_one_chart() -> None:
    assert grid(120, 36, 6, zoomed=True) == Grid(1, 1, 120, 36)


def test_charts_are_scrolled_by_whole_rows_and_to_the_last() -> None:
    two_by_two, alone = Grid(2, 2, 40, 9), Grid(1, 1, 80, 20)
    assert [first_shown(first, two_by_two, 6) for first in (-2, 0, 1, 2, 3, 9)] == [0, 0, 0, 2, 2, 2]
    assert [first_shown(first, alone, 6) for first in (-1, 3, 9)] == [0, 3, 5]
    assert first_shown(4, two_by_two, 3) == 0


# Earlier days


def test_days_have_their_price_before_anything_is_read() -> None:
    menu = HOUR._replace(menu=Menu.EARLIER)
    prices = {DAY: Quote(12, 0.00012), 7 * DAY: Quote()}
    assert ranges(menu, Reading(), LATELY, prices=prices).startswith(
        "compare with: 1 yesterday ($0.00012)   2 last week (read already)"
    )
    assert "1 yesterday ($?)" in ranges(menu, Reading(), LATELY), "not known yet"
    assert "1 yesterday (on)" in ranges(menu._replace(earlier=(DAY,)), Reading(), LATELY, prices=prices)
    assert "1 yesterday (up to 24 h)" in ranges(menu._replace(range_s=7 * DAY), Reading(), LATELY, prices=prices)


def test_a_range_is_not_compared_with_a_day_that_it_reaches_into() -> None:
    both = (DAY, 7 * DAY)
    assert comparable(HOUR._replace(earlier=both)) == both
    assert comparable(HOUR._replace(earlier=both, range_s=DAY)) == both
    assert comparable(HOUR._replace(earlier=both, range_s=7 * DAY)) == (7 * DAY,)


def test_an_earlier_day_that_is_being_read_is_named_with_its_price() -> None:
    line = ranges(HOUR, Reading(Quote(12, 0.00012), ago_s=7 * DAY), LATELY)
    assert line.endswith("reading last week: 12 metrics, $0.00012")


# The cursor


def charted(*values: float | None) -> Chart:
    """A chart whose newest value is four minutes old."""
    first = END - 240 - (len(values) - 1) * 60
    dots = tuple(Dot(first + 60 * place, value, True) for place, value in enumerate(values) if value is not None)
    return Chart("t", "u", LATELY.start, LATELY.end, (Curve("c", "accent", dots, END - 180),))


def test_the_cursor_begins_at_the_newest_value_and_goes_no_further() -> None:
    charts = [charted(1.0, 2.0, 3.0)]
    newest = END - 240
    assert stepped(None, -1, LATELY, charts) == newest - 60
    assert stepped(None, -10, LATELY, charts) == newest - 600
    assert stepped(newest - 60, 1, LATELY, charts) == newest
    assert stepped(newest, 1, LATELY, charts) is None, "beyond it follows the present"
    assert stepped(newest - 3300, -10, LATELY, charts) == LATELY.start
    assert stepped(None, -1, LATELY, [charted(None)]) is None


def test_the_cursor_stands_on_a_point_within_what_is_shown() -> None:
    assert on_a_point(None, LATELY) is None
    assert on_a_point(END - 239, LATELY) == END - 240
    assert on_a_point(0, LATELY) == LATELY.start
    assert on_a_point(END + 999, LATELY) == END - 60


def test_where_the_cursor_stands_is_said_in_the_zone_of_the_axis() -> None:
    line = ranges(HOUR._replace(cursor=END - 540), Reading(), LATELY)
    assert " at  15:02 CET, 9m ago " in line
    week = EndpointHistory("e", END - 7 * DAY, END, 1800, fetched_at=NOW_S)
    assert " at  Thu 19 " in ranges(WEEK._replace(cursor=END - DAY), Reading(), week)


def test_the_shortest_range_that_reaches() -> None:
    found = [range_that_reaches(NOW_S - seconds, NOW_S) for seconds in (0, 900, 901, DAY, 7 * DAY)]
    assert [one.short for one in found if one] == ["15m", "15m", "1h", "24h", "7d"]
    assert range_that_reaches(NOW_S - 7 * DAY - 1, NOW_S) is None


def test_utc_on_demand() -> None:
    assert zone_of(HOUR, BERLIN) is BERLIN
    assert zone_of(HOUR._replace(utc=True), BERLIN) is UTC
