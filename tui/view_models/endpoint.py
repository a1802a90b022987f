"""The page of one endpoint: its title, its ranges, how reading its history stands, and where the charts go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import NamedTuple

from smtop.metrics.domain.history import EndpointHistory, Quote
from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import MARKS, SEVERITY_STYLES, Cell, Line, Paint
from smtop.tui.view_models.charts import local
from smtop.tui.view_models.header import spread
from smtop.tui.view_state import ChartState


class Range(NamedTuple):
    """A stretch of time up to now."""

    seconds: int
    short: str
    words: str


RANGES = (
    Range(900, "15m", "15 minutes"),
    Range(3600, "1h", "an hour"),
    Range(3 * 3600, "3h", "3 hours"),
    Range(12 * 3600, "12h", "12 hours"),
    Range(86_400, "24h", "24 hours"),
    Range(7 * 86_400, "7d", "7 days"),
)


@dataclass(frozen=True)
class Reading:
    """How reading stands: what is being read and at which price, or `said` if it cannot be read now."""

    quote: Quote | None = None
    said: str = ""


class Grid(NamedTuple):
    """Charts side by side and below each other: how many, and how large each is, in cells."""

    columns: int
    rows: int
    width: int
    height: int

    @property
    def places(self) -> int:
        return self.columns * self.rows


_LOWEST_CHART = 9


def grid(width: int, height: int, count: int) -> Grid:
    """As many charts as can be read; on the smallest terminal one."""
    columns = min(1 if width < 72 else 2 if width < 165 else 3, max(count, 1))
    rows = min(-(-max(count, 1) // columns), max(height // _LOWEST_CHART, 1))
    return Grid(columns, rows, width // columns, height // rows)


def title(name: str, view: EndpointView | None, *, width: int, paint: Paint) -> Line:
    """What the endpoint is, and the worst that is wrong with it."""
    if view is None:
        return (Cell(f"? {fmt.cut_middle(paint.plain(name), max(width - 30, 10), paint.glyphs)}", "unknown"),)
    style = SEVERITY_STYLES[view.severity]
    shown = fmt.cut_middle(paint.plain(name), max(width // 2, 10), paint.glyphs)
    facts = f"  {view.endpoint.kind.code}  {paint.plain(view.endpoint.status)}"
    left = (Cell(f"{MARKS[view.severity]} {shown}", style), Cell(facts))
    right = (Cell(paint.plain(view.findings[0].title), style),) if view.findings else ()
    return spread(left, right, width, paint)


def range_line(
    state: ChartState,
    reading: Reading,
    history: EndpointHistory | None,
    *,
    width: int,
    paint: Paint,
    zone: tzinfo | None,
) -> Line:
    """The ranges with the one that is shown, and how fresh it is or what is being read."""
    right = _progress(state, reading, history, paint)
    if state.choosing:
        return spread((Cell("range: ", "key"), *_choices()), right, width, paint)
    chosen = tuple(_choice(each, state.range_s) for each in RANGES)
    about = (Cell(f"  {_every(history.period_s)}, {_zone(paint.now, zone)}", "dim"),) if history else ()
    return spread((*chosen, *about), right, width, paint)


def _choice(each: Range, range_s: int) -> Cell:
    return Cell(f"[{each.short}]", "bold") if each.seconds == range_s else Cell(f" {each.short} ", "dim")


def _choices() -> Sequence[Cell]:
    pairs = ((Cell(f"{digit} ", "key"), Cell(f"{each.short}  ")) for digit, each in enumerate(RANGES, 1))
    return tuple(cell for pair in pairs for cell in pair)


def _progress(state: ChartState, reading: Reading, history: EndpointHistory | None, paint: Paint) -> Line:
    if reading.said:
        return (Cell(reading.said, "warning"),)
    if reading.quote is not None:
        words = next(each.words for each in RANGES if each.seconds == state.range_s)
        return (Cell(f"reading {words}{_price(reading.quote)}", "changing"),)
    if history is None or history.fetched_at is None:
        return ()
    return (Cell(f"read {fmt.age(paint.now - history.fetched_at)} ago", "dim"),)


def _price(quote: Quote) -> str:
    """`: 12 metrics, $0.00012`; nothing for what costs nothing."""
    return f": {quote.metrics} metrics, ${quote.usd:.5f}" if quote.metrics else ""


def _every(period_s: int) -> str:
    if period_s < 3600:
        return "a point a minute" if period_s == 60 else f"a point every {period_s // 60} min"
    return "a point an hour" if period_s == 3600 else f"a point every {period_s // 3600} h"


def _zone(now: float, zone: tzinfo | None) -> str:
    return f"times in {local(now, zone).tzname()}"


def note_lines(history: EndpointHistory | None, *, width: int, paint: Paint) -> list[Line]:
    """What could not be asked, in at most two lines."""
    texts = [paint.plain(note) for note in history.notes] if history else []
    lines = [part for text in texts for part in fmt.wrap(f"x {text}", width)]
    if len(lines) > 2:
        lines = [lines[0], fmt.cut(f"{lines[1]} {paint.glyphs.ellipsis}", width, paint.glyphs)]
    return [(Cell(line, "warning"),) for line in lines]
