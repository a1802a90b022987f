"""What stands around the charts of an endpoint: ranges, menus, how reading stands, the cursor, and where charts go."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import NamedTuple

from smtop.metrics.domain.history import EndpointHistory, Quote
from smtop.tui.view_models import fmt
from smtop.tui.view_models.axes import local
from smtop.tui.view_models.cells import Cell, Line, Paint
from smtop.tui.view_models.charts import EARLIER, Chart, Earlier
from smtop.tui.view_models.grid import Grid
from smtop.tui.view_models.header import spread
from smtop.tui.view_state import ChartState, Menu


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


def range_that_reaches(at: float, now: float) -> Range | None:
    """The shortest range in which that time lies; None where it is too long ago."""
    return next((each for each in RANGES if at >= now - each.seconds), None)


def comparable(state: ChartState) -> tuple[int, ...]:
    """The days that are compared with: a range must not reach into the day that it is compared with."""
    return () if state.beside else tuple(ago_s for ago_s in state.earlier if ago_s >= state.range_s)


@dataclass(frozen=True)
class Reading:
    """How reading stands: what is being read and at which price, or `said` if it cannot be read now.

    `ago_s` is how long ago what is being read ended, `beside` whose it is if it is another endpoint's.
    """

    quote: Quote | None = None
    said: str = ""
    ago_s: int = 0
    beside: str = ""


def first_shown(first: int, where: Grid, count: int) -> int:
    """The number of the chart in the first place: whole rows, and none empty that could be filled."""
    last_row = max(-(-count // where.columns) - where.rows, 0)
    return min(max(first, 0) // where.columns, last_row) * where.columns


def stepped(cursor: int | None, points: int, history: EndpointHistory, charts: Sequence[Chart]) -> int | None:
    """The cursor so many points further; it begins at the newest value, and beyond that it follows the present."""
    newest = max((one.newest for one in charts if one.newest is not None), default=None)
    if newest is None:
        return None
    at = on_a_point(cursor, history)
    moved = (newest if at is None else at) + points * history.period_s
    return None if moved > newest else max(moved, history.start)


def on_a_point(cursor: int | None, history: EndpointHistory) -> int | None:
    """The beginning of the period in which the cursor stands, within what is shown."""
    if cursor is None:
        return None
    return min(max(cursor // history.period_s * history.period_s, history.start), history.end - history.period_s)


def zone_of(state: ChartState, zone: tzinfo | None) -> tzinfo | None:
    """The zone in which times are written and typed."""
    return UTC if state.utc else zone


# Lines


@dataclass(frozen=True)
class Standing:
    """What the line above the charts tells of."""

    state: ChartState
    reading: Reading
    history: EndpointHistory | None
    prices: Mapping[int, Quote]
    zone: tzinfo | None


def range_line(standing: Standing, *, width: int, paint: Paint) -> Line:
    """The ranges with the one that is shown, or a menu, or the cursor; and how fresh it is or what is being read."""
    state, history = standing.state, standing.history
    right = _progress(standing, paint)
    if state.menu is Menu.RANGE:
        return spread((Cell("range: ", "key"), *_choices()), right, width, paint)
    if state.menu is Menu.EARLIER:
        return spread((Cell("compare with: ", "key"), *_days(standing)), (), width, paint)
    chosen = tuple(_choice(each, state.range_s) for each in RANGES)
    about = _about(standing, history, paint) if history else ()
    return spread((*chosen, *about), right, width, paint)


def _about(standing: Standing, history: EndpointHistory, paint: Paint) -> Line:
    at = on_a_point(standing.state.cursor, history)
    if at is not None:
        return (Cell("  at ", "dim"), Cell(_moment(at, standing, paint), "reverse"))
    beside = standing.state.beside
    other = (Cell(f"  beside {paint.plain(beside)}", "bold"),) if beside else ()
    return (*other, Cell(f"  {_every(history.period_s)}, {_zone(paint.now, standing.zone)}", "dim"))


def _moment(at: int, standing: Standing, paint: Paint) -> str:
    """A time on the axis, with its day where the range is longer than one, and how long ago it is."""
    when = local(at, standing.zone)
    form = "%a %d %H:%M" if standing.state.range_s > 86_400 // 2 else "%H:%M"
    return f" {when.strftime(form)} {when.tzname()}, {fmt.age(paint.now - at)} ago "


def _choice(each: Range, range_s: int) -> Cell:
    return Cell(f"[{each.short}]", "bold") if each.seconds == range_s else Cell(f" {each.short} ", "dim")


def _choices() -> Sequence[Cell]:
    pairs = ((Cell(f"{digit} ", "key"), Cell(f"{each.short}  ")) for digit, each in enumerate(RANGES, 1))
    return tuple(cell for pair in pairs for cell in pair)


def _days(standing: Standing) -> Iterator[Cell]:
    """The days to compare with, each with what it will cost."""
    for digit, day in enumerate(EARLIER, 1):
        yield Cell(f"{digit} ", "key")
        yield Cell(f"{day.name}{_terms(day, standing)}   ")


def _terms(day: Earlier, standing: Standing) -> str:
    if day.ago_s in standing.state.earlier:
        return " (on)"
    if standing.state.range_s > day.ago_s:
        return f" (up to {day.ago_s // 3600} h)"
    quote = standing.prices.get(day.ago_s)
    if quote is None:
        return " ($?)"
    return f" (${quote.usd:.5f})" if quote.metrics else " (read already)"


def _progress(standing: Standing, paint: Paint) -> Line:
    reading, history = standing.reading, standing.history
    if reading.said:
        return (Cell(reading.said, "warning"),)
    if reading.quote is not None:
        what = paint.plain(reading.beside) or _what(standing)
        return (Cell(f"reading {what}{_price(reading.quote)}", "changing"),)
    if history is None or history.fetched_at is None:
        return ()
    return (Cell(f"read {fmt.age(paint.now - history.fetched_at)} ago", "dim"),)


def _what(standing: Standing) -> str:
    earlier = next((day.name for day in EARLIER if day.ago_s == standing.reading.ago_s), None)
    return earlier or next(each.words for each in RANGES if each.seconds == standing.state.range_s)


def _price(quote: Quote) -> str:
    """`: 12 metrics, $0.00012`; nothing for what costs nothing."""
    return f": {quote.metrics} metrics, ${quote.usd:.5f}" if quote.metrics else ""


def _every(period_s: int) -> str:
    if period_s < 3600:
        return "a point a minute" if period_s == 60 else f"a point every {period_s // 60} min"
    return "a point an hour" if period_s == 3600 else f"a point every {period_s // 3600} h"


def _zone(now: float, zone: tzinfo | None) -> str:
    return f"times in {local(now, zone).tzname()}"


def note_lines(histories: Sequence[EndpointHistory], *, width: int, paint: Paint) -> list[Line]:
    """What could not be asked, in at most two lines."""
    notes = dict.fromkeys(note for history in histories for note in history.notes)
    texts = [paint.plain(note) for note in notes]
    lines = [part for text in texts for part in fmt.wrap(f"x {text}", width)]
    if len(lines) > 2:
        lines = [lines[0], fmt.cut(f"{lines[1]} {paint.glyphs.ellipsis}", width, paint.glyphs)]
    return [(Cell(line, "warning"),) for line in lines]
