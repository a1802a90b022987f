"""A text in lines."""

from smtop.tui.view_models.cells import Cell, text_of
from smtop.tui.view_models.find import FOUND, marked, matches

LINES = [(Cell("Sort by "), Cell("name", "key")), (), (Cell("by the by"),), (Cell("İby"),)]


def test_lines_with_the_text_are_found_whatever_the_case() -> None:
    assert matches(LINES, "BY") == [0, 2, 3]
    assert matches(LINES, "y name") == [0]
    assert matches(LINES, "") == []


def test_every_occurrence_stands_out_and_the_text_stays() -> None:
    line = marked(LINES[2], "by")
    assert line == (Cell("by", FOUND), Cell(" the "), Cell("by", FOUND))
    across = marked(LINES[0], "y na")
    assert across == (Cell("Sort b"), Cell("y ", FOUND), Cell("na", FOUND), Cell("me", "key"))
    assert all(text_of(marked(one, "by")) == text_of(one) for one in LINES)


def test_where_there_is_nothing_to_mark_the_line_is_as_it_was() -> None:
    assert marked(LINES[0], "zzz") is LINES[0]
    assert marked(LINES[3], "by") is LINES[3]
