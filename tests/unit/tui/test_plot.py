"""Charts as they are drawn: size, axes, gaps, what may still change, and terminals without colours or blocks."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from smtop.tui.view_models.cells import Line, text_of, width_of
from smtop.tui.view_models.charts import Chart
from smtop.tui.view_models.curves import Curve, Dot
from smtop.tui.view_models.fmt import ASCII, BLOCKS, Glyphs
from smtop.tui.widgets.plot import draw

START = 1_795_003_200
UTC = ZoneInfo("UTC")


def curve(name: str, height: float, minutes: range, style: str = "accent", provisional_after: int = 60) -> Curve:
    dots = tuple(Dot(START + minute * 60, height, minute != minutes.start) for minute in minutes)
    return Curve(name, style, dots, START + provisional_after * 60)


def chart(*curves: Curve, said: str = "") -> Chart:
    return Chart("Model latency", "ms", START, START + 3600, curves, said=said)


BOTH = chart(curve("p99", 90.0, range(60), "warning"), replace(curve("p50", 20.0, range(60)), mark="o"))
YESTERDAY = replace(curve("-1d", 50.0, range(60), "dim"), mark=":", is_past=True)


def lines(
    one: Chart, width: int = 60, height: int = 12, glyphs: Glyphs = BLOCKS, *, colours: bool = True
) -> list[Line]:
    return list(draw(one, width, height, glyphs, UTC, colours=colours).lines)


@pytest.mark.parametrize("size", [(30, 8), (40, 10), (60, 12), (66, 28), (200, 56)])
@pytest.mark.parametrize("glyphs", [BLOCKS, ASCII])
@pytest.mark.parametrize("one", [BOTH, chart(), chart(said="not collected: " + "a long reason " * 30)])
def test_a_chart_fills_its_place_exactly(size: tuple[int, int], glyphs: Glyphs, one: Chart) -> None:
    drawn = lines(one, *size, glyphs)
    assert len(drawn) == size[1]
    assert all(width_of(line) <= size[0] for line in drawn)


def test_the_axes_have_values_and_local_times() -> None:
    texts = [text_of(line) for line in draw(BOTH, 60, 12, BLOCKS, ZoneInfo("Asia/Kathmandu"), colours=True).lines]
    assert [text[:4].strip(" ┤│") for text in texts if "┤" in text] == ["100", "50", "0"]
    assert texts[-1].split() == ["17:45", "18:00", "18:15", "18:30"]


def columns(drawn: list[Line], style: str) -> set[int]:
    """The columns of the canvas in which this style has drawn anything."""
    found = set()
    for line in drawn[:-2]:
        x = 0
        for cell in line:
            found |= {x + index for index, sign in enumerate(cell.text) if cell.style == style and sign.strip()}
            x += len(cell.text)
    return found


def test_a_gap_stays_empty() -> None:
    before, after = curve("c", 50.0, range(20)), curve("c", 50.0, range(40, 60))
    drawn = columns(lines(chart(replace(before, dots=before.dots + after.dots))), "accent")
    assert drawn
    inside = set(range(24, 39))
    assert not drawn & inside
    assert min(drawn) < 10 and max(drawn) > 55


def test_what_may_still_change_is_dim_and_goes_on_from_what_may_not() -> None:
    drawn = lines(chart(curve("c", 50.0, range(60), provisional_after=45)))
    settled, dim = columns(drawn, "accent"), columns(drawn, "dim")
    assert max(settled) <= 48
    assert {50, 55, 58} <= dim
    assert set(range(min(settled), 58)) <= settled | dim


def test_without_colours_curves_differ_by_their_marks() -> None:
    text = "\n".join(text_of(line) for line in lines(BOTH, colours=False))
    assert "ooooo" in text and "⠒⠒⠒" in text
    plain = [text_of(line) for line in lines(BOTH, glyphs=ASCII, colours=False)]
    assert all(line.isascii() for line in plain)
    assert any("*****" in line for line in plain) and any("ooooo" in line for line in plain)
    pending = [
        text_of(line)
        for line in lines(chart(curve("c", 50.0, range(60), provisional_after=45)), glyphs=ASCII, colours=False)
    ]
    assert any("***...." in line for line in pending)


def test_what_is_missing_is_said_in_words_that_are_safe_to_print() -> None:
    texts = [text_of(line) for line in lines(chart(said="not collected: \x1b[31mevil"), glyphs=ASCII)]
    assert any("not collected: \\x1b[31mevil" in text for text in texts)


def test_the_highest_minute_of_a_week_is_seen() -> None:
    week = tuple(Dot(START + index * 60, 1000.0 if index == 5003 else 10.0, index > 0) for index in range(10_080))
    one = Chart("t", "u", START, START + 7 * 86_400, (Curve("c", "accent", week, float("inf")),))
    drawn = lines(one)
    top = next(cell for cell in drawn[0] if cell.style == "accent")
    assert top.text.strip()


def marks_of(drawn: list[Line], sign: str, style: str) -> int:
    """How often a sign stands on the canvas in a style."""
    return sum(cell.text.count(sign) for line in drawn[:-2] for cell in line if cell.style == style)


def test_with_colours_curves_carry_their_marks_too() -> None:
    drawn = lines(BOTH)
    assert 2 <= marks_of(drawn, "*", "warning") <= 5
    assert 2 <= marks_of(drawn, "o", "accent") <= 5
    alone = lines(chart(curve("requests", 90.0, range(60))))
    assert marks_of(alone, "*", "accent") == 0, "a single curve needs none"


def test_a_gap_carries_no_mark() -> None:
    halves = curve("c", 50.0, range(10)).dots + curve("c", 50.0, range(50, 60)).dots
    drawn = lines(chart(replace(BOTH.curves[0], dots=halves), BOTH.curves[1]))
    assert not columns(drawn, "warning") & set(range(16, 46))


@pytest.mark.parametrize(("glyphs", "colours"), [(BLOCKS, True), (BLOCKS, False), (ASCII, False)])
def test_an_earlier_day_is_made_of_points_behind_the_present(glyphs: Glyphs, colours: bool) -> None:
    drawn = lines(chart(curve("c", 90.0, range(60)), YESTERDAY), glyphs=glyphs, colours=colours)
    assert 20 <= marks_of(drawn, ":", "dim") <= 35
    covered = lines(chart(curve("c", 50.0, range(60)), YESTERDAY), glyphs=glyphs, colours=colours)
    assert marks_of(covered, ":", "dim") <= 2, "where both are equal the present is seen"


def test_the_value_axis_is_as_wide_as_it_says() -> None:
    for one in (BOTH, chart(curve("c", 123_456.0, range(60)))):
        drawing = draw(one, 60, 12, BLOCKS, UTC, colours=True)
        assert all(text_of(line)[drawing.left - 1] in "│┤" for line in drawing.lines[:-2])


@pytest.mark.parametrize(("minutes", "width"), [(60, 60), (180, 59), (180, 40), (400, 118)])
@pytest.mark.parametrize("glyphs", [BLOCKS, ASCII])
def test_a_time_is_drawn_in_the_column_that_the_cursor_takes(minutes: int, width: int, glyphs: Glyphs) -> None:
    for minute in range(0, minutes, 7):
        alone = Curve("c", "accent", (Dot(START + minute * 60, 5.0, False),), float("inf"))
        one = Chart("t", "u", START, START + minutes * 60, (alone,))
        drawing = draw(one, width, 8, glyphs, UTC, colours=True)
        room = width - drawing.left
        column = one.column(START + minute * 60, room)
        assert column is not None
        between_two = abs(minute / minutes * (room - 1) % 1 - 0.5) < 1e-9
        [found] = columns(list(drawing.lines), "accent")
        assert found == drawing.left + column or between_two
    assert one.column(START - 60, 50) is None and one.column(one.end, 50) is None
