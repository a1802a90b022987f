"""Charts drawn with plotext. Imported only when the first one is drawn: plotext takes longer than the first paint."""

import re
import threading
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from itertools import chain
from typing import Any

import plotext

from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Line
from smtop.tui.view_models.charts import Chart, Curve, Dot, thinned, time_ticks
from smtop.tui.view_models.fmt import Glyphs

plotext.terminal.limit(False, False)  # a chart is as large as its place, whatever plotext takes for the terminal

_ONE_AT_A_TIME = threading.Lock()
"""plotext has one figure for the whole process."""

_FRAME, _FIRST_CURVE = 8, 20
_DOTS_PER_COLUMN = 2
_AXIS_LINES = 2

_COLOUR = re.compile(r"\x1b\[([\d;]*)m")
_IN_ASCII = str.maketrans("┌┐└┘─│┤├┬┴┼", "++++-|||+++")
_PLAIN_MARKERS = "*o+"


def draw(chart: Chart, width: int, height: int, glyphs: Glyphs, zone: tzinfo | None, *, colours: bool) -> list[Line]:
    """A chart in exactly `height` lines of `width` cells: its heading, its curves, its axes.

    Curves differ by colour, and without colours by their marks; what may still change is dim, or made of points.
    """
    markers = _markers(chart, glyphs, colours=colours)
    lines = [_heading(chart, markers, width, glyphs)]
    lines += (
        _in_words(chart, width, height - 1, glyphs)
        if chart.said
        else _plotted(chart, markers, (width, height - 1), glyphs, zone, colours=colours)
    )
    return lines


def _markers(chart: Chart, glyphs: Glyphs, *, colours: bool) -> list[str]:
    if glyphs.ascii_only:
        return list(_PLAIN_MARKERS[: len(chart.curves)])
    if colours:
        return ["braille"] * len(chart.curves)
    return ["braille", *_PLAIN_MARKERS[1:]][: len(chart.curves)]


def _heading(chart: Chart, markers: Sequence[str], width: int, glyphs: Glyphs) -> Line:
    """Title, unit, and the curves by their colours and marks."""
    cells = [Cell(f" {chart.title} ", "bold"), Cell(chart.unit, "dim")]
    for curve, marker in zip(chart.curves, markers, strict=True):
        sign = glyphs.rule if marker == "braille" else marker
        cells.append(Cell(f"  {sign} {curve.name}", curve.style))
    kept, room = [], width
    for cell in cells:
        kept.append(Cell(fmt.cut(cell.text, room, glyphs), cell.style))
        room -= fmt.cells(kept[-1].text)
    return tuple(kept)


def _in_words(chart: Chart, width: int, height: int, glyphs: Glyphs) -> list[Line]:
    words = [fmt.plain(part, ascii_only=glyphs.ascii_only) for part in fmt.wrap(chart.said, max(width - 4, 8))]
    lines: list[Line] = [()] * max((height - len(words)) // 2, 0)
    lines += [(Cell(f"  {word}", "dim"),) for word in words]
    return (lines + [()] * height)[:height]


def _plotted(
    chart: Chart, markers: Sequence[str], size: tuple[int, int], glyphs: Glyphs, zone: tzinfo | None, *, colours: bool
) -> list[Line]:
    with _ONE_AT_A_TIME:
        figure = _figure(chart, size, zone)
        columns = size[0] - max(len(mark.text) for mark in chart.marks()) - 1
        for place, (curve, marker) in enumerate(zip(chart.curves, markers, strict=True)):
            _add(figure, chart, _settled(curve), columns, plotext.marker(marker, _FIRST_CURVE + place))
            pending = marker if colours else "."
            _add(figure, chart, _pending(curve), columns, plotext.marker(pending, _FRAME))
        text = figure.build().string()
    if glyphs.ascii_only:
        text = text.translate(_IN_ASCII)
    styles = {str(_FIRST_CURVE + place): curve.style for place, curve in enumerate(chart.curves)}
    return [tuple(_cells(line, styles)) for line in text.rstrip("\n").split("\n")][: size[1]]


def _figure(chart: Chart, size: tuple[int, int], zone: tzinfo | None) -> Any:
    """An empty figure with its axes, in seconds since the chart's start: plotext rounds large numbers."""
    figure = plotext.figure
    figure.clear()
    figure.plot_size(*size)
    figure.canvas("default")
    figure.legend(False)
    figure.axes(pixel=_FRAME)
    figure.axes(False, side=1)
    across, upright = figure.ruler("x"), figure.ruler("y")
    across.lim(0, chart.end - chart.start)
    ticks = time_ticks(chart.start, chart.end, size[0], zone)
    across.ticks([tick.at - chart.start for tick in ticks], [tick.text for tick in ticks])
    upright.lim(0, chart.top)
    marks = chart.marks()
    upright.ticks([mark.at for mark in marks], [mark.text for mark in marks])
    for ruler in (across, upright):
        ruler.pixel(_FRAME)
    return figure


def _settled(curve: Curve) -> Sequence[Dot]:
    return curve.settled


def _pending(curve: Curve) -> Sequence[Dot]:
    """What may still change, begun at the last dot that may not."""
    pending = curve.provisional
    return (*curve.settled[-1:], *pending) if pending and pending[0].joined else pending


def _add(figure: Any, chart: Chart, dots: Sequence[Dot], columns: int, marker: Any) -> None:
    kept = thinned(dots, chart.start, chart.end, max(columns, 1))
    if not kept:
        return
    signal = figure.signal([dot.at - chart.start for dot in kept], [dot.value for dot in kept], marker=marker)
    for index, dot in enumerate(kept):
        signal.line(index, dot.joined)
    figure.draw(signal)


def _cells(line: str, styles: dict[str, str]) -> Iterator[Cell]:
    """Text between colour codes, in the style that its colour stands for."""
    parts = _COLOUR.split(line)
    style = "normal"
    for text, code in zip(parts[::2], chain(parts[1::2], ("",)), strict=True):
        if text:
            yield Cell(text, style)
        if code == "0":
            style = "normal"
        elif code.startswith("38;5;"):
            style = styles.get(code.removeprefix("38;5;"), "dim")
