"""How little the screen writes: the demo's fleet with the inspector open, and beside Textual's own table."""

from collections.abc import Sequence

import pytest

from benchmarks.demo import COLUMNS, LINES, Minute, minutes_of_the_demo
from benchmarks.keys import Seen, keys_and_minutes
from tests.support.terminal_screen import TerminalScreen

ENDPOINTS, WATCHED = 40, 4
MOST_BYTES_A_MINUTE = 24_000
LEAST_CELLS = 30
ROWS, PRESSES = 200, 5
MOST_BYTES_A_KEY = 800
LESS_THAN_A_DATATABLE = 4


@pytest.fixture(scope="module")
def demo() -> Sequence[Minute]:
    return minutes_of_the_demo(ENDPOINTS, WATCHED)


def test_a_minute_of_the_demo_fits_through_a_narrow_line(demo: Sequence[Minute]) -> None:
    for minute in demo:
        assert minute.seen["aged"] and minute.seen["polled"]
        assert minute.seen["cells"] >= LEAST_CELLS
        assert 0 < len(minute.written) <= MOST_BYTES_A_MINUTE


def test_in_each_minute_charts_of_another_endpoint_stand_beside_its_reasons(demo: Sequence[Minute]) -> None:
    assert len({minute.seen["cursor"] for minute in demo}) == WATCHED
    for minute in demo:
        inspected = "\n".join(minute.seen["lines"]).partition(f" {minute.seen['cursor']} ─")[2]
        assert inspected.count("└──") == 2, "two charts, each with its time axis"


def test_after_every_minute_the_terminal_shows_what_the_screen_means(demo: Sequence[Minute]) -> None:
    shown = TerminalScreen(COLUMNS, LINES)
    for minute in demo:
        shown.feed(minute.before + minute.written)
        assert shown.lines == minute.seen["lines"]


@pytest.fixture(scope="module")
def both() -> tuple[Seen, Seen]:
    """smtop's screen, and a DataTable of the same size with the same texts."""
    own = keys_and_minutes("smtop", ROWS, presses=PRESSES)
    return own, keys_and_minutes("datatable", ROWS, lines=own.used["table_lines"], presses=PRESSES)


def test_a_minute_writes_less_than_a_quarter_of_what_textuals_table_does(both: tuple[Seen, Seen]) -> None:
    own, theirs = both
    assert 0 < LESS_THAN_A_DATATABLE * max(own.minute_bytes) <= min(theirs.minute_bytes)


def test_a_key_writes_little_more_than_the_two_rows_that_look_otherwise(both: tuple[Seen, Seen]) -> None:
    own, theirs = both
    for keys, stock in ((own.moves, theirs.moves), (own.scrolls, theirs.scrolls)):
        assert 0 < keys.bytes_a_key <= MOST_BYTES_A_KEY
        assert keys.bytes_a_key < stock.bytes_a_key
