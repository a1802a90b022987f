"""Five minutes without a network, through the whole path: what the row shows meanwhile, and that nothing is missing."""

from smtop.metrics.collect.poller import RETRY_S
from smtop.metrics.collect.tiers import TICK_S
from smtop.metrics.domain.series import PERIOD_S, Point
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Paint
from smtop.tui.view_models.header import Shown, as_text, header
from smtop.tui.view_models.problems import sentences
from smtop.tui.view_models.views import BY_ID
from smtop.tui.view_state import FeedState, ViewState
from tests.support.engine import OFFLINE, Rig, at, hosted, key_of, row
from tests.support.loops import Start, still

FRAUD = hosted("fraud")
CALLS = key_of(FRAUD, "Invocations.Sum")
OUTAGE_S = 300


def cell(snapshot: FleetSnapshot, made: Rig, column: str) -> Cell:
    """What a column of the row shows."""
    draw = BY_ID[column].draw
    return draw(row(snapshot, "fraud"), 12, Paint(made.clock.wall(), fmt.BLOCKS))


def first_line(snapshot: FleetSnapshot, made: Rig) -> str:
    paint = Paint(made.clock.wall(), fmt.BLOCKS)
    lines = header(snapshot, FeedState(), ViewState(), Shown(1, 1), place="", width=120, paint=paint)
    return as_text(lines)[0]


async def test_values_grow_old_and_grey_and_every_minute_is_there_afterwards(start: Start) -> None:
    made = still(FRAUD)
    made.source.tell(CALLS, *(Point(at(minute), 50.0) for minute in range(-30, 90)))
    loop = await start(made)
    await made.clock.advance(TICK_S)
    assert cell(loop.last, made, "requests") == Cell("50", "normal")

    made.inventory.faults["list"] = [OFFLINE] * 1000
    asked = len(made.source.requests)
    for _ in range(int(OUTAGE_S // RETRY_S) + 4):
        await made.clock.advance(RETRY_S)
    assert len(made.source.requests) == asked
    assert sentences(loop.last, FeedState()) == [str(OFFLINE)]
    assert " OFFLINE " in first_line(loop.last, made)
    assert cell(loop.last, made, "requests") == Cell("50 8m", "dim")

    made.inventory.faults["list"].clear()
    await made.clock.advance(RETRY_S)
    assert loop.last.problems == ()
    assert " LIVE " in first_line(loop.last, made)
    assert cell(loop.last, made, "requests") == Cell("50", "normal")
    trend = [point.at for point in row(loop.last, "fraud").vitals.trend]
    assert trend == list(range(trend[0], trend[0] + 60 * PERIOD_S, PERIOD_S))
    again = [key for batch in made.source.requests[asked:] for key in batch.series]
    assert len(again) == len(set(again))
