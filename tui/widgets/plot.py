"""Charts drawn with plotext. Imported only when the first one is drawn: plotext takes longer than the first paint."""

import re
import threading
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from itertools import chain
from typing import Any, NamedTuple

import plotext

from smtop.tui.view_models import fmt
from smtop.tui.view_models.axes import Tick, time_ticks
from smtop.tui.view_models.cells import Cell, Line
from smtop.tui.view_models.charts import Chart
from smtop.tui.view_models.curves import Curve, Dot, thinned
from smtop.tui.view_models.fmt import Glyphs
from smtop.tui.view_models.legend import FINE, drawn_with, is_labelled

plotext.terminal.limit(False, False)  # a chart is as large as its place, whatever plotext takes for the terminal

_ONE_AT_A_TIME = threading.Lock()
"""plotext has one figure for the whole process."""

_FRAME, _FIRST_CURVE = 8, 20
_CELLS_PER_LABEL = 18
_CELLS_PER_POINT = 2

_COLOUR = re.compile(r"\x1b\[([\d;]*)m")
_IN_ASCII = str.maketrans("┌┐└┘─│┤├┬┴┼", "++++-|||+++")


class Drawing(NamedTuple):
    """A drawn chart: its lines, and in how many cells of each the value axis stands."""

    lines: Sequence[Line]
    left: int


def draw(chart: Chart, width: int, height: int, glyphs: Glyphs, zone: tzinfo | None, *, colours: bool) -> Drawing:
    """A chart in exactly `height` lines of `width` cells: its curves and its axes.

    Curves differ by their marks, and where there are colours by them too; what may still change is dim, or made of
    points.
    """
    if chart.said:
        return Drawing(_in_words(chart, width, height, glyphs), 0)
    return Drawing(_plotted(chart, (width, height), glyphs, zone, colours=colours), _left(chart, height))


_AXIS_LINES = 2
_FEW_LINES = 6


def _marks(chart: Chart, height: int) -> Sequence[Tick]:
    """The ticks of the value axis; where few lines have no middle one, none stands beside it."""
    lines = height - _AXIS_LINES
    return chart.marks()[::2] if lines < _FEW_LINES and lines % 2 == 0 else chart.marks()


def _left(chart: Chart, height: int) -> int:
    return max(len(mark.text) for mark in _marks(chart, height)) + 1


def _in_words(chart: Chart, width: int, height: int, glyphs: Glyphs) -> list[Line]:
    words = [fmt.plain(part, ascii_only=glyphs.ascii_only) for part in fmt.wrap(chart.said, max(width - 4, 8))]
    lines: list[Line] = [()] * max((height - len(words)) // 2, 0)
    lines += [(Cell(f"  {word}", "dim"),) for word in words]
    return (lines + [()] * height)[:height]


def _plotted(chart: Chart, size: tuple[int, int], glyphs: Glyphs, zone: tzinfo | None, *, colours: bool) -> list[Line]:
    ways = drawn_with(chart, glyphs, colours=colours)
    with _ONE_AT_A_TIME:
        figure = _figure(chart, size, zone)
        columns = max(size[0] - _left(chart, size[1]), 1)
        for place, (curve, way) in reversed(list(enumerate(zip(chart.curves, ways, strict=True)))):
            _draw(figure, chart, curve, columns, plotext.marker(way, _FIRST_CURVE + place), way if colours else ".")
        if is_labelled(chart) and colours:
            _label(figure, chart, ways, columns)
        text = figure.build().string()
    if glyphs.ascii_only:
        text = text.translate(_IN_ASCII)
    styles = {str(_FIRST_CURVE + place): curve.style for place, curve in enumerate(chart.curves)}
    return [tuple(_cells(line, styles)) for line in text.rstrip("\n").split("\n")][: size[1]]


def _draw(figure: Any, chart: Chart, curve: Curve, columns: int, marker: Any, pending: str) -> None:
    """An earlier day as points with room between them, so that the present is seen through them."""
    if curve.is_past:
        _add(figure, chart, _middles(curve.dots, chart, columns // _CELLS_PER_POINT), columns, marker, joined=False)
        return
    _add(figure, chart, curve.settled, columns, marker)
    _add(figure, chart, _pending(curve), columns, plotext.marker(pending, _FRAME))


def _middles(dots: Sequence[Dot], chart: Chart, count: int) -> list[Dot]:
    """The dot with the middle value of each of so many stretches."""
    stretches: dict[int, list[Dot]] = {}
    for dot in dots:
        stretches.setdefault((dot.at - chart.start) * max(count, 1) // (chart.end - chart.start), []).append(dot)
    return [sorted(stretch, key=_value)[len(stretch) // 2] for stretch in stretches.values()]


def _value(dot: Dot) -> float:
    return dot.value


def _label(figure: Any, chart: Chart, ways: Sequence[str], columns: int) -> None:
    """The mark of each fine curve on it, now and then, each curve's in other columns."""
    fine = [place for place, way in enumerate(ways) if way == FINE and chart.curves[place].dots]
    every_s = max((chart.end - chart.start) * _CELLS_PER_LABEL // columns, 1)
    for turn, place in enumerate(fine):
        curve = chart.curves[place]
        phase_s = every_s * (2 * turn + 1) // (2 * len(fine))
        dots = _nearest(curve.dots, range(chart.start + phase_s, chart.end, every_s), every_s)
        _add(figure, chart, dots, columns, plotext.marker(curve.mark, _FIRST_CURVE + place), joined=False)


def _nearest(dots: Sequence[Dot], times: range, within_s: int) -> list[Dot]:
    """The first dot at or after each of these times, if it is near."""
    found = []
    for at in times:
        place = bisect_left(dots, at, key=_time)
        if place < len(dots) and dots[place].at - at < within_s / 2:
            found.append(dots[place])
    return found


def _time(dot: Dot) -> int:
    return dot.at


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
    marks = _marks(chart, size[1])
    upright.ticks([mark.at for mark in marks], [mark.text for mark in marks])
    for ruler in (across, upright):
        ruler.pixel(_FRAME)
    return figure


def _pending(curve: Curve) -> Sequence[Dot]:
    """What may still change, begun at the last dot that may not."""
    pending = curve.provisional
    return (*curve.settled[-1:], *pending) if pending and pending[0].joined else pending


def _add(figure: Any, chart: Chart, dots: Sequence[Dot], columns: int, marker: Any, *, joined: bool = True) -> None:
    kept = thinned(dots, chart.start, chart.end, max(columns, 1))
    if not kept:
        return
    signal = figure.signal([dot.at - chart.start for dot in kept], [dot.value for dot in kept], marker=marker)
    for index, dot in enumerate(kept):
        signal.line(index, joined and dot.joined)
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
