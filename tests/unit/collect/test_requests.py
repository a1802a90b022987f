"""How far back a metric is read: what is looked at is drawn, and costs no more for it."""

from smtop.metrics.collect.plan import OVERLAP_S, asks
from smtop.metrics.domain.billing import metrics_billed
from smtop.metrics.domain.history import LOOK_S
from smtop.metrics.domain.series import PERIOD_S, SeriesKey
from smtop.metrics.ports import Completeness
from tests.support.engine import Rig, hosted, key_of, minutes, rig

FRAUD = hosted("fraud")
P99 = key_of(FRAUD, "ModelLatency.p99")


def spans_s(it: Rig, key: SeriesKey) -> list[int]:
    """How much each request since the last time has asked of a series."""
    found = [batch.window.end - batch.window.start for batch in it.source.requests if key in batch.series]
    it.source.requests.clear()
    return found


async def test_what_is_looked_at_is_read_back_an_hour_once() -> None:
    it = rig(FRAUD)
    it.source.tell(P99, *minutes(*[80_000.0] * 120, newest=0))
    await it.cycle()
    assert max(spans_s(it, P99)) < LOOK_S
    it.poller.look("fraud", ["fraud"])
    it.clock.move(PERIOD_S)
    await it.cycle()
    assert max(spans_s(it, P99)) >= LOOK_S
    [known] = (await it.poller.library.known("fraud", LOOK_S)).labelled("ModelLatency.p99")
    assert len(known.times) >= LOOK_S // PERIOD_S - 2
    it.clock.move(PERIOD_S)
    await it.cycle()
    assert max(spans_s(it, P99)) <= 2 * OVERLAP_S + PERIOD_S, "from then on only what is new"


async def test_reading_back_bills_every_metric_once() -> None:
    it = rig(FRAUD)
    await it.cycle()
    it.poller.look("fraud", ["fraud"])
    it.source.billed.clear()
    it.clock.move(PERIOD_S)
    await it.cycle()
    assert sum(it.source.billed.values()) == metrics_billed(ask.key for ask in asks(FRAUD))


async def test_an_answer_that_was_long_on_its_way_is_as_old_as_its_question() -> None:
    """What AWS had not published yet when it was asked is read again, however late the answer was."""
    it = rig(FRAUD)
    await it.cycle()
    it.source.requests.clear()
    it.clock.move(PERIOD_S)
    it.source.delay_s = 240.0
    asked_at = it.clock.wall()
    await it.cycle()
    it.source.requests.clear()
    it.source.delay_s = 0.0
    await it.cycle()
    assert min(batch.window.start for batch in it.source.requests if P99 in batch.series) <= asked_at - OVERLAP_S


async def test_half_an_answer_is_asked_again_from_where_the_last_whole_one_ended() -> None:
    it = rig(FRAUD)
    it.source.verdicts[P99] = [Completeness.PARTIAL]
    await it.cycle()
    first, *_ = spans_s(it, P99)
    it.clock.move(PERIOD_S)
    await it.cycle()
    assert spans_s(it, P99) == [first], "nothing was whole so far"


async def test_what_was_left_out_for_a_while_is_read_from_where_it_was_left() -> None:
    """Its last minutes were still growing."""
    it = rig(FRAUD)
    await it.cycle()
    left_at = it.clock.wall()
    it.source.requests.clear()
    it.clock.move(3000.0)
    await it.cycle()
    assert min(batch.window.start for batch in it.source.requests if P99 in batch.series) <= left_at - OVERLAP_S
