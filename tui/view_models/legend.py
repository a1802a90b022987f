"""The line above a chart: what it shows, in which unit, and the values of all its curves at one time."""

from collections.abc import Sequence

from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Line
from smtop.tui.view_models.charts import Chart
from smtop.tui.view_models.curves import Curve
from smtop.tui.view_models.fmt import Glyphs

FINE = "braille"
"""The way to draw a curve in pieces that are smaller than a cell."""


def drawn_with(chart: Chart, glyphs: Glyphs, *, colours: bool) -> list[str]:
    """How each curve is drawn: fine, or with its own mark where colours cannot tell it from the others."""
    if glyphs.ascii_only:
        return [one.mark for one in chart.curves]
    first = [one for one in chart.curves if one.dots and not one.is_past][:1]
    return [one.mark if one.is_past else FINE if colours or one in first else one.mark for one in chart.curves]


def is_labelled(chart: Chart) -> bool:
    """Whether fine curves carry their marks: a single one needs none."""
    return sum(1 for one in chart.curves if one.dots and not one.is_past) > 1


def legend(chart: Chart, at: int | None, width: int, glyphs: Glyphs, *, colours: bool) -> Line:
    """Title, unit, and each curve with its sign and its value at that time, or at the newest that is settled."""
    moment = chart.newest if at is None else at
    ways = drawn_with(chart, glyphs, colours=colours)
    cells = [Cell(f" {chart.title} ", "bold"), Cell(chart.unit, "dim")]
    for one, way in zip(chart.curves, ways, strict=True):
        plain_line = way == FINE and not (colours and is_labelled(chart))
        cells += _entry(one, glyphs.rule if plain_line else one.mark, _value(chart, one, moment), glyphs)
    if chart.left_out:
        cells.append(Cell(f"  and {chart.left_out} more", "dim"))
    if sum(fmt.cells(cell.text) for cell in cells) > width:
        cells = [Cell(cell.text.replace("  ", " "), cell.style) for cell in cells]
    return _cut(cells, width, glyphs)


def _entry(one: Curve, sign: str, value: Cell, glyphs: Glyphs) -> Sequence[Cell]:
    name = fmt.plain(one.name, ascii_only=glyphs.ascii_only)
    return Cell(f"  {sign} {name}" if one.dots else f"  {name}", one.style), Cell(" "), value


def _value(chart: Chart, one: Curve, moment: int | None) -> Cell:
    """A value, `-` for none, `x` for what could not be collected; dim where it may still change."""
    dot = None if moment is None else one.at(moment)
    if dot is None:
        return Cell("x" if one.why and not one.dots else "-", "dim")
    return Cell(chart.number(dot.value)[0], "dim" if dot.at >= one.provisional_from else "normal")


def _cut(cells: Sequence[Cell], width: int, glyphs: Glyphs) -> Line:
    kept, room = [], width
    for cell in cells:
        kept.append(Cell(fmt.cut(cell.text, room, glyphs), cell.style))
        room -= fmt.cells(kept[-1].text)
    return tuple(kept)
