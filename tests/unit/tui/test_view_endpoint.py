"""The frame of an endpoint's page: title, ranges, how reading stands, and how many charts fit."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.history import EndpointHistory, Quote
from smtop.tui.view_models.cells import Paint, text_of, width_of
from smtop.tui.view_models.endpoint import RANGES, Reading, grid, note_lines, range_line, title
from smtop.tui.view_models.fmt import ASCII, BLOCKS
from smtop.tui.view_state import ChartState
from tests.support.fleet import NOW_S, endpoint

PAINT = Paint(NOW_S, BLOCKS)
BERLIN = ZoneInfo("Europe/Berlin")
HISTORY = EndpointHistory("e", 0, 3600, 1800, fetched_at=NOW_S - 40)
WEEK = ChartState(range_s=7 * 86_400)


def ranges(state: ChartState, reading: Reading, history: EndpointHistory | None, width: int = 120) -> str:
    line = range_line(state, reading, history, width=width, paint=PAINT, zone=BERLIN)
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
    line = ranges(replace(WEEK, choosing=True), Reading(), HISTORY)
    assert line.startswith("range: 1 15m  2 1h  3 3h  4 12h  5 24h  6 7d")


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_the_line_is_never_too_long(width: int) -> None:
    for state in (WEEK, replace(WEEK, choosing=True)):
        ranges(state, Reading(Quote(12, 0.00012)), HISTORY, width)


def test_every_range_fits_a_key() -> None:
    assert [each.seconds for each in RANGES] == [900, 3600, 10_800, 43_200, 86_400, 604_800]


def test_the_title_says_what_it_is_and_what_is_worst() -> None:
    finding = Finding("pc-exhausted", Severity.CRITICAL, "Concurrency is used up", ())
    line = text_of(title("fraud", endpoint("fraud", Severity.CRITICAL, findings=[finding]), width=80, paint=PAINT))
    assert line.startswith("! fraud  RT  InService")
    assert line.endswith("Concurrency is used up")
    assert text_of(title("gone", None, width=80, paint=PAINT)) == "? gone"


@pytest.mark.parametrize("width", [40, 80])
def test_a_long_name_is_cut_and_a_foreign_one_is_safe(width: int) -> None:
    name = "very-long-endpoint-name-" * 3
    assert width_of(title(name, endpoint(name), width=width, paint=PAINT)) <= width
    assert text_of(title("a\x1b[31m", None, width=80, paint=Paint(NOW_S, ASCII))).isprintable()


def test_notes_take_two_lines_at_most() -> None:
    assert note_lines(None, width=80, paint=PAINT) == []
    [line] = note_lines(replace(HISTORY, notes=("No network.",)), width=80, paint=PAINT)
    assert text_of(line) == "x No network."
    many = note_lines(replace(HISTORY, notes=("long words " * 20, "more")), width=60, paint=PAINT)
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
