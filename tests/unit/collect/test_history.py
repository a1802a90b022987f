"""Histories for charts: asked once at the right period, extended by what is new, and honest about what is missing."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from smtop.metrics.collect.fetch import Fetcher
from smtop.metrics.collect.history import History, Planned
from smtop.metrics.collect.plan import asks, is_percentile
from smtop.metrics.domain.billing import USD_PER_METRIC, metrics_billed
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.history import EndpointHistory, SeriesHistory, chart_period_s
from smtop.metrics.domain.series import PERIOD_S, Point, SeriesKey
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import Answer, Batch, Completeness, Priority
from smtop.metrics.store import Store
from tests.support.engine import (
    FakeClock,
    HastyClock,
    ScriptedMetrics,
    at,
    fault,
    hosted,
    key_of,
    rig,
    settle,
    variant_of,
)

MINUTES_15, HOUR, DAY = 900, 3600, 86_400
WEEK = 7 * DAY
RANGES = (MINUTES_15, HOUR, 3 * HOUR, 12 * HOUR, DAY, WEEK, 15 * DAY)

FRAUD = hosted("fraud")
REQUESTS = key_of(FRAUD, "Invocations.Sum")
P99 = key_of(FRAUD, "ModelLatency.p99")
AVERAGE = key_of(FRAUD, "ModelLatency.Average")
BILLED = metrics_billed(ask.key for ask in asks(FRAUD))


class Bench:
    """A history over a scripted CloudWatch and a store that only tests write."""

    def __init__(
        self, *, most_bytes: int = 16_000_000, refuse: Callable[[Batch], AwsError | None] | None = None
    ) -> None:
        self.clock: FakeClock = HastyClock()
        self.source = ScriptedMetrics(refuse)
        self.store = Store()
        fetcher = Fetcher(self.source, self.clock)
        self.history = History(fetcher, self.store, self.clock, most_bytes)

    async def read(self, range_s: int, endpoint: Endpoint = FRAUD) -> EndpointHistory:
        return await self.history.read(endpoint.name, planned(endpoint), range_s)

    def asked(self) -> list[Batch]:
        """The requests since the last time this was asked."""
        requests = list(self.source.requests)
        self.source.requests.clear()
        return requests


def planned(endpoint: Endpoint) -> Planned:
    return Planned(endpoint, asks(endpoint))


def every(seconds: int, count: int, value: float = 1.0) -> list[Point]:
    """Points up to the minute under way, the oldest first."""
    return [Point(at(0) - index * seconds, value) for index in reversed(range(count))]


def of(history: EndpointHistory, label: str) -> SeriesHistory:
    [series] = history.labelled(label)
    return series


def points(history: EndpointHistory, label: str) -> dict[int, float]:
    series = of(history, label)
    return dict(zip(series.times, series.values, strict=True))


@pytest.mark.parametrize("range_s", RANGES)
async def test_a_range_is_asked_once_at_its_period(range_s: int) -> None:
    bench = Bench()
    bench.source.tell(REQUESTS, *every(PERIOD_S, range_s // PERIOD_S, 2.0))
    history = await bench.read(range_s)
    period_s = chart_period_s(range_s)
    assert history.period_s == period_s
    assert (history.end - history.start, history.end % period_s) == (range_s, 0)
    assert {batch.window.period_s for batch in bench.asked()} == {period_s}
    told = points(history, "Invocations.Sum")
    assert len(told) == range_s // period_s
    assert sorted(told.values())[len(told) // 2] == 2.0 * period_s / PERIOD_S
    assert await bench.read(range_s) == history
    assert bench.asked() == []


async def test_shorter_ranges_of_the_same_period_are_not_asked_again() -> None:
    bench = Bench()
    bench.source.tell(REQUESTS, *every(PERIOD_S, 200))
    await bench.read(3 * HOUR)
    bench.asked()
    assert len(of(await bench.read(HOUR), "Invocations.Sum").times) == 60
    assert len(of(await bench.read(MINUTES_15), "Invocations.Sum").times) == 15
    assert bench.asked() == []


async def test_later_only_what_is_new_is_asked_and_what_has_grown_is_replaced() -> None:
    bench = Bench()
    bench.source.tell(REQUESTS, *every(PERIOD_S, 60, 5.0))
    await bench.read(HOUR)
    bench.asked()
    bench.clock.move(180)
    bench.source.tell(REQUESTS, Point(at(0), 9.0), Point(at(-1), 7.0))
    later = points(await bench.read(HOUR), "Invocations.Sum")
    assert {batch.window.start for batch in bench.asked()} == {at(5)}
    assert (later[at(0)], later[at(-1)], later[at(30)]) == (9.0, 7.0, 5.0)
    assert max(later) == at(-1)
    bench.clock.move(120)
    await bench.read(HOUR)
    assert {batch.window.start for batch in bench.asked() if REQUESTS in batch.series} == {at(2)}


async def test_a_long_period_is_not_asked_again_before_there_can_be_a_new_one() -> None:
    bench = Bench()
    bench.source.tell(REQUESTS, *every(HOUR, 24))
    await bench.read(WEEK)
    bench.asked()
    bench.clock.move(1700)
    await bench.read(WEEK)
    assert bench.asked() == []
    bench.clock.move(200)
    await bench.read(WEEK)
    assert all(batch.window.periods <= 3 for batch in bench.asked())


async def test_gaps_stay_gaps() -> None:
    bench = Bench()
    bench.source.tell(AVERAGE, Point(at(9), 1.0), Point(at(4), 3.0))
    assert points(await bench.read(HOUR), "ModelLatency.Average") == {at(9): 1.0, at(4): 3.0}


async def test_the_tail_may_still_change() -> None:
    bench = Bench()
    bench.source.tell(REQUESTS, *every(PERIOD_S, 20))
    series = of(await bench.read(HOUR), "Invocations.Sum")
    assert [time for time in series.times if time >= series.provisional_from] == [at(1), at(0)]
    series = of(await bench.read(DAY), "Invocations.Sum")
    assert [time for time in series.times if time >= series.provisional_from] == [at(0) // 300 * 300]


async def test_it_is_billed_as_it_was_quoted_and_afterwards_costs_nothing() -> None:
    bench = Bench()
    quote = bench.history.quote(planned(FRAUD), WEEK)
    assert (quote.metrics, quote.usd) == (BILLED, BILLED * USD_PER_METRIC)
    await bench.read(WEEK)
    assert sum(metrics_billed(batch.series) for batch in bench.asked()) == quote.metrics
    assert bench.history.quote(planned(FRAUD), WEEK).metrics == 0
    assert bench.history.quote(None, WEEK).metrics == 0


async def test_it_waits_for_what_is_on_the_screen_and_not_for_what_is_idle() -> None:
    bench = Bench()
    await bench.read(WEEK)
    assert all(Priority.HOT < given < Priority.IDLE for given in bench.source.priorities)


async def test_minutes_that_the_poller_has_read_are_not_asked_again() -> None:
    bench = Bench()
    own = [ask.key for ask in asks(FRAUD)]
    told = {key: Answer.of(Completeness.COMPLETE, every(PERIOD_S, 15, 4.0)) for key in own if key != P99}
    bench.store.record(told, bench.clock.wall(), at(15))
    history = await bench.read(MINUTES_15)
    assert {key for batch in bench.asked() for key in batch.series} == {P99}
    assert points(history, "Invocations.Sum") == {point.at: 4.0 for point in every(PERIOD_S, 15)}
    await bench.read(HOUR)
    assert REQUESTS in {key for batch in bench.asked() for key in batch.series}


async def test_the_poller_keeps_a_chart_up_to_date_for_nothing() -> None:
    bench = Bench()
    bench.source.tell(REQUESTS, *every(PERIOD_S, 60, 5.0))
    await bench.read(HOUR)
    bench.asked()
    for minute in range(1, 30):
        bench.clock.move(PERIOD_S)
        fresh = [Point(at(ago - minute), 8.0) for ago in (2, 1, 0)]
        told = {ask.key: Answer.of(Completeness.COMPLETE, fresh) for ask in asks(FRAUD)}
        bench.store.record(told, bench.clock.wall(), at(6 - minute))
        latest = points(await bench.read(HOUR), "Invocations.Sum")
        assert (len(latest), latest[at(-minute)], latest[at(1 - minute)]) == (60, 8.0, 8.0)
    assert bench.asked() == []


async def test_what_the_poller_read_earlier_does_not_replace_what_was_read_later() -> None:
    bench = Bench()
    bench.store.record({REQUESTS: Answer.of(Completeness.COMPLETE, [Point(at(1), 70.0)])}, at(0), at(5))
    bench.source.tell(REQUESTS, Point(at(1), 120.0))
    assert points(await bench.read(HOUR), "Invocations.Sum")[at(1)] == 120.0


async def test_minutes_that_the_poller_left_out_are_asked() -> None:
    bench = Bench()
    own = [ask.key for ask in asks(FRAUD)]
    for start, now in ((at(15), at(10)), (at(5), at(0))):
        bench.store.record({key: Answer(Completeness.COMPLETE) for key in own}, now, start)
    await bench.read(MINUTES_15)
    assert {key for batch in bench.asked() for key in batch.series} == set(own)


async def test_nothing_is_shown_from_before_the_endpoint_was_made_anew() -> None:
    bench = Bench()
    bench.source.tell(REQUESTS, *every(PERIOD_S, 180, 3.0))
    bench.store.record({REQUESTS: Answer.of(Completeness.COMPLETE, every(PERIOD_S, 180, 3.0))}, at(0), at(180))
    assert len(points(await bench.read(3 * HOUR), "Invocations.Sum")) == 180
    bench.asked()
    young = hosted("fraud", age=timedelta(minutes=20))
    history = await bench.read(3 * HOUR, young)
    told = points(history, "Invocations.Sum")
    assert min(told) >= young.summary.created_at.timestamp()
    assert len(told) == 20
    assert history.end - history.start == 3 * HOUR
    assert all(batch.window.start >= at(20) for batch in bench.asked())


async def test_a_young_endpoint_is_shown_in_minutes_whatever_the_range() -> None:
    bench = Bench()
    assert (await bench.read(WEEK, hosted("new", age=timedelta(minutes=20)))).period_s == PERIOD_S
    assert (await bench.read(WEEK, hosted("newer", age=timedelta(seconds=5)))).period_s == PERIOD_S


async def test_what_is_kept_stays_within_its_bounds_and_the_oldest_goes_first() -> None:
    bench = Bench(most_bytes=200_000)
    fleet = [hosted(f"e{number}") for number in range(20)]
    for endpoint in fleet:
        keys = [ask.key for ask in asks(endpoint)][:10]
        for key in keys:
            bench.source.tell(key, *every(HOUR, 200))
        await bench.read(WEEK, endpoint)
        assert bench.history.size <= 200_000
    assert bench.history.quote(planned(fleet[-1]), WEEK).metrics == 0
    assert bench.history.quote(planned(fleet[0]), WEEK).metrics == BILLED


async def test_a_chart_that_stays_open_for_a_day_does_not_grow() -> None:
    bench = Bench()
    bench.source.tell(REQUESTS, *[Point(at(-minute), 1.0) for minute in range(-60, 1500)])
    sizes = []
    for _ in range(48):
        await bench.read(HOUR)
        bench.clock.move(1800)
        sizes.append(bench.history.size)
    assert max(sizes[24:]) == max(sizes[:24])


def _without_percentiles(batch: Batch) -> AwsError | None:
    return fault(FaultKind.INVALID, message="No percentiles.") if any(map(is_percentile, batch.series)) else None


async def test_refused_percentiles_cost_nothing_else_and_say_why() -> None:
    bench = Bench(refuse=_without_percentiles)
    bench.source.tell(REQUESTS, *every(PERIOD_S, 60))
    bench.source.tell(AVERAGE, *every(PERIOD_S, 60))
    history = await bench.read(HOUR)
    assert len(of(history, "Invocations.Sum").times) == len(of(history, "ModelLatency.Average").times) == 60
    assert of(history, "ModelLatency.p99").why is not None
    assert of(history, "Invocations.Sum").why is None
    [note] = history.notes
    assert note.startswith("2 of ") and "gives no percentiles here" in note
    bench.asked()
    bench.clock.move(30)
    await bench.read(HOUR)
    assert bench.asked() == []


async def test_expired_credentials_are_told_and_the_next_read_makes_it_good() -> None:
    expired: list[AwsError | None] = [fault(FaultKind.CREDENTIALS, message="The credentials have expired.")]
    bench = Bench(refuse=lambda _: expired[0])
    bench.source.tell(REQUESTS, *every(PERIOD_S, 60))
    history = await bench.read(HOUR)
    assert history.fetched_at is None
    assert history.notes == (
        f"{len(asks(FRAUD))} of {len(asks(FRAUD))} series were not collected: The credentials have expired.",
    )
    assert len(bench.asked()) == 1
    await bench.read(HOUR)
    assert bench.asked() == [], "one refusal a minute is enough"
    expired[0] = None
    bench.clock.move(60)
    healed = await bench.read(HOUR)
    assert (healed.notes, len(of(healed, "Invocations.Sum").times)) == ((), 59)


async def test_a_failure_keeps_the_points_of_before() -> None:
    failing: list[AwsError | None] = [None]
    bench = Bench(refuse=lambda _: failing[0])
    bench.source.tell(REQUESTS, *every(PERIOD_S, 60))
    before = await bench.read(HOUR)
    failing[0] = fault(FaultKind.UNREACHABLE, message="No network.")
    bench.clock.move(120)
    after = await bench.read(HOUR)
    assert set(of(after, "Invocations.Sum").times) <= set(of(before, "Invocations.Sum").times)
    assert of(after, "Invocations.Sum").why == "No network."
    assert after.fetched_at == before.fetched_at


@pytest.mark.parametrize("verdict", [Completeness.ERROR, Completeness.FORBIDDEN, Completeness.PARTIAL])
async def test_a_series_that_is_not_answered_whole_is_asked_again_alone(verdict: Completeness) -> None:
    bench = Bench()
    bench.source.tell(REQUESTS, *every(PERIOD_S, 60))
    bench.source.verdicts[REQUESTS] = [verdict, verdict]
    assert of(await bench.read(HOUR), "Invocations.Sum").why is not None
    bench.source.verdicts[REQUESTS].clear()
    bench.asked()
    bench.clock.move(59)
    await bench.read(HOUR)
    assert bench.asked() == []
    bench.clock.move(1)
    history = await bench.read(HOUR)
    assert {batch.window.periods for batch in bench.asked() if REQUESTS in batch.series} == {60}
    assert of(history, "Invocations.Sum").why is None


async def test_a_metric_that_has_been_silent_all_along_is_asked_every_half_hour() -> None:
    bench = Bench()
    bench.source.tell(REQUESTS, *every(PERIOD_S, 60))
    await bench.read(HOUR)
    bench.asked()
    bench.clock.move(120)
    await bench.read(HOUR)
    assert {key for batch in bench.asked() for key in batch.series} == {REQUESTS}


async def test_a_deleted_endpoint_keeps_its_history_and_is_not_asked() -> None:
    bench = Bench()
    bench.source.tell(REQUESTS, *every(PERIOD_S, 60))
    before = await bench.read(HOUR)
    bench.asked()
    bench.clock.move(600)
    after = await bench.history.read("fraud", None, HOUR)
    assert after.notes == ("There is no endpoint fraud any more.",)
    assert set(of(after, "Invocations.Sum").times) < set(of(before, "Invocations.Sum").times)
    assert (await bench.history.read("fraud", None, WEEK)).period_s == 1800
    assert (await bench.history.read("ghost", None, HOUR)).notes == ("There is no endpoint ghost any more.",)
    assert bench.asked() == []


async def test_an_endpoint_that_was_only_listed_says_so() -> None:
    bench = Bench()
    history = await bench.read(HOUR, FRAUD._replace(described=False, variants=()))
    assert (history.series, history.notes) == ((), ("fraud is not described yet.",))
    assert bench.asked() == []


async def test_a_metric_of_two_names_is_told_once_by_the_one_that_speaks() -> None:
    bench = Bench()
    queue = hosted("queue", Kind.ASYNC)
    spellings = [ask.key for ask in asks(queue) if ask.label == "InvocationsProcessed.Sum"]
    assert len(spellings) == 2
    for speaking in spellings:
        one = Bench()
        one.source.tell(speaking, Point(at(5), 2.0))
        assert points(await one.read(HOUR, queue), "InvocationsProcessed.Sum") == {at(5): 2.0}
    assert of(await bench.read(HOUR, queue), "InvocationsProcessed.Sum").times == []


async def test_two_readers_at_once_pay_once() -> None:
    bench = Bench()
    await asyncio.gather(bench.read(WEEK), bench.read(WEEK), bench.read(WEEK))
    assert sum(metrics_billed(batch.series) for batch in bench.asked()) == BILLED


async def test_a_reader_that_leaves_takes_its_requests_along_and_the_next_one_is_served() -> None:
    bench = Bench()
    bench.source.clock, bench.source.delay_s = FakeClock(), 60.0
    reading = asyncio.ensure_future(bench.read(WEEK))
    await settle()
    assert bench.source.requests
    tasks = len(asyncio.all_tasks())
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert len(asyncio.all_tasks()) < tasks
    bench.source.delay_s = 0.0
    assert (await bench.read(WEEK)).notes == ()


async def test_no_answer_holds_more_datapoints_than_can_be_read_in_one_go() -> None:
    bench = Bench()
    many = hosted("many", variants=[variant_of(name=f"v{number}") for number in range(12)])
    await bench.read(WEEK, many)
    batches = bench.asked()
    assert len(batches) > 1
    assert all(len(batch.series) * batch.window.periods <= 20_000 for batch in batches)
    asked: Sequence[SeriesKey] = [key for batch in batches for key in batch.series]
    assert sum(metrics_billed(batch.series) for batch in batches) == metrics_billed(asked)


async def test_the_poller_gives_histories_of_what_it_polls() -> None:
    it = rig(FRAUD)
    assert (await it.poller.library.read("fraud", HOUR)).notes == ("There is no endpoint fraud any more.",)
    await it.cycle()
    it.source.requests.clear()
    quote = it.poller.library.quote("fraud", 2 * HOUR)
    assert 0 < quote.metrics < BILLED, "the requests of three hours have been read"
    history = await it.poller.library.read("fraud", 2 * HOUR)
    assert len(of(history, "Invocations.Sum").times) == 120
    assert sum(metrics_billed(batch.series) for batch in it.source.requests) == quote.metrics


# What is known without asking


async def test_what_is_known_is_what_was_read_and_nothing_is_asked() -> None:
    bench = Bench()
    nothing = await bench.history.known("fraud", planned(FRAUD), HOUR)
    assert of(nothing, "Invocations.Sum").why == "It was not asked yet."
    bench.source.tell(REQUESTS, *every(PERIOD_S, 20, 5.0))
    await bench.read(HOUR)
    bench.asked()
    known = await bench.history.known("fraud", planned(FRAUD), HOUR)
    assert of(known, "Invocations.Sum").values == [5.0] * 20
    assert known.notes == ()
    assert bench.asked() == []


async def test_the_pollers_minutes_are_known_though_they_do_not_fill_the_range() -> None:
    it = rig(FRAUD)
    await it.cycle()
    asked = len(it.source.requests)
    known = await it.poller.library.known("fraud", HOUR)
    requests = of(known, "Invocations.Sum")
    assert len(requests.times) > 30
    assert requests.times[0] < requests.provisional_from <= requests.times[-1] + 2 * PERIOD_S
    assert len(it.source.requests) == asked
    gone = await it.poller.library.known("ghost", HOUR)
    assert gone.notes == ("There is no endpoint ghost any more.",)
