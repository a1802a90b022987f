"""Asking so that one refused query never costs the others, and an outage costs few requests."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from smtop.metrics.collect.fetch import IN_FLIGHT, REMEMBERED_S, Fetched, Fetcher
from smtop.metrics.collect.plan import pack, window
from smtop.metrics.domain.series import SeriesKey
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import Answer, Batch, Completeness
from tests.support.engine import FakeClock, HastyClock, ScriptedMetrics, at, fault, minutes, series, settle
from tests.support.fleet import NOW_S

OVER = window(NOW_S, 900)
MANY = [series(f"M{index}") for index in range(500)]
LATENCY = [series("ModelLatency", stat) for stat in ("p50", "p99", "Average", "SampleCount")]


def fetcher(source: ScriptedMetrics, clock: FakeClock | None = None) -> Fetcher:
    return Fetcher(source, clock or HastyClock())


async def ask(asker: Fetcher, keys: Sequence[SeriesKey]) -> Fetched:
    """Everything that came of asking these series."""
    answers: dict[SeriesKey, Answer] = {}
    failures: dict[SeriesKey, AwsError] = {}
    messages: list[str] = []
    async for fetched in asker.fetch(pack(keys, OVER)):
        answers |= fetched.answers
        failures |= fetched.failures
        messages += fetched.messages
    return Fetched(answers, failures, tuple(messages))


def refusing(kind: FaultKind, *poison: SeriesKey) -> Callable[[Batch], AwsError | None]:
    """Fails every request that holds one of these series."""
    return lambda batch: fault(kind) if set(poison) & set(batch.series) else None


def refusing_percentiles(kind: FaultKind) -> Callable[[Batch], AwsError | None]:
    return lambda batch: fault(kind) if any(key.stat.startswith("p") for key in batch.series) else None


async def test_every_series_gets_its_points() -> None:
    source = ScriptedMetrics()
    source.tell(LATENCY[1], *minutes(1.0, None, 3.0))
    fetched = await ask(fetcher(source), LATENCY)
    assert fetched.answers[LATENCY[1]].points == minutes(1.0, None, 3.0)
    assert set(fetched.answers) == set(LATENCY)
    assert len(source.requests) == 1


async def test_statistics_of_a_metric_are_joined_by_their_own_minutes() -> None:
    source = ScriptedMetrics()
    source.tell(LATENCY[0], *minutes(1.0, 2.0, 3.0))
    source.tell(LATENCY[1], *minutes(10.0, None, 30.0))
    answers = (await ask(fetcher(source), LATENCY)).answers
    assert [point.at for point in answers[LATENCY[1]].points] == [at(4), at(2)]
    assert [point.value for point in answers[LATENCY[0]].points] == [1.0, 2.0, 3.0]


async def test_requests_in_flight_are_bounded() -> None:
    source = ScriptedMetrics()
    await ask(fetcher(source), [series(f"M{index}") for index in range(500 * 20)])
    assert len(source.requests) == 20
    assert source.most_at_once == IN_FLIGHT


# One bad query


@pytest.mark.parametrize("kind", [FaultKind.INVALID, FaultKind.TOO_LARGE, FaultKind.SERVICE])
@pytest.mark.parametrize("place", [0, 251, 499])
async def test_one_poisonous_metric_among_five_hundred_is_found_in_few_requests(kind: FaultKind, place: int) -> None:
    source = ScriptedMetrics(refusing(kind, MANY[place]))
    asker = fetcher(source)
    fetched = await ask(asker, MANY)
    assert set(fetched.failures) == {MANY[place]}
    assert set(fetched.answers) == set(MANY) - {MANY[place]}
    assert len(source.requests) <= 40


async def test_a_refused_metric_is_remembered_and_asked_again_later() -> None:
    clock = HastyClock()
    source = ScriptedMetrics(refusing(FaultKind.INVALID, MANY[7]))
    asker = fetcher(source, clock)
    await ask(asker, MANY)
    source.requests.clear()
    again = await ask(asker, MANY)
    assert set(again.failures) == {MANY[7]}
    assert [len(batch.series) for batch in source.requests] == [499]
    clock.move(REMEMBERED_S)
    source.refuse = None
    assert (await ask(asker, MANY)).failures == {}


async def test_a_request_that_is_too_large_is_halved() -> None:
    source = ScriptedMetrics(lambda batch: fault(FaultKind.TOO_LARGE) if len(batch.series) > 200 else None)
    fetched = await ask(fetcher(source), MANY)
    assert (len(fetched.answers), fetched.failures) == (500, {})
    assert len(source.requests) == 7


async def test_halving_keeps_the_statistics_of_a_metric_together() -> None:
    keys = [series(f"M{index}", stat) for index in range(100) for stat in ("Average", "Maximum", "Sum")]
    source = ScriptedMetrics(lambda batch: fault(FaultKind.TOO_LARGE) if len(batch.series) > 80 else None)
    await ask(fetcher(source), keys)
    answered = [batch for batch in source.requests if len(batch.series) <= 80]
    homes = [{key.metric for key in batch.series} for batch in answered]
    assert sum(map(len, homes)) == 100


# Percentiles


@pytest.mark.parametrize("kind", [FaultKind.SERVICE, FaultKind.INVALID])
async def test_where_there_are_no_percentiles_the_rest_is_kept_and_they_are_not_asked_again(kind: FaultKind) -> None:
    keys = [*LATENCY, *MANY[:40]]
    source = ScriptedMetrics(refusing_percentiles(kind))
    source.tell(LATENCY[2], *minutes(5.0))
    asker = fetcher(source)
    fetched = await ask(asker, keys)
    assert set(fetched.failures) == set(LATENCY[:2])
    assert fetched.answers[LATENCY[2]].points == minutes(5.0)
    assert len(source.requests) <= 3
    assert "no percentiles" in str(fetched.failures[LATENCY[0]])
    source.requests.clear()
    other = series("OverheadLatency", "p99")
    again = await ask(asker, [*keys, other])
    assert set(again.failures) == {*LATENCY[:2], other}
    assert len(source.requests) == 1


async def test_refused_percentiles_are_tried_again_after_a_while() -> None:
    clock = HastyClock()
    source = ScriptedMetrics(refusing_percentiles(FaultKind.SERVICE))
    asker = fetcher(source, clock)
    await ask(asker, LATENCY)
    source.refuse = None
    clock.move(REMEMBERED_S)
    assert (await ask(asker, LATENCY)).failures == {}


async def test_one_poisonous_percentile_does_not_cost_the_others() -> None:
    keys = [series(f"M{index}", stat) for index in range(100) for stat in ("p99", "Average")]
    source = ScriptedMetrics(refusing(FaultKind.INVALID, keys[102]))
    source.tell(keys[1], *minutes(1.0))
    fetched = await ask(fetcher(source), keys)
    assert set(fetched.failures) == {keys[102]}
    assert len(source.requests) <= 25


async def test_denied_percentiles_are_said_to_be_denied() -> None:
    def refuse(batch: Batch) -> AwsError | None:
        percentiles = [key for key in batch.series if key.stat.startswith("p")]
        kind = FaultKind.INVALID if len(batch.series) > len(percentiles) else FaultKind.PERMISSION
        return fault(kind) if percentiles else None

    fetched = await ask(fetcher(ScriptedMetrics(refuse)), LATENCY)
    assert str(fetched.failures[LATENCY[0]]) == "cloudwatch:GetMetricData: permission."


# Outages and throttles


async def test_an_outage_is_no_storm_of_requests() -> None:
    source = ScriptedMetrics(lambda _: fault(FaultKind.SERVICE))
    keys = [series(f"M{index}", stat) for index in range(2500) for stat in ("p99", "Average")]
    fetched = await ask(fetcher(source), keys)
    assert set(fetched.failures) == set(keys)
    assert len(source.requests) <= 5 * len(pack(keys, OVER))


@pytest.mark.parametrize("keys", [LATENCY, LATENCY[1:3], LATENCY[:2], LATENCY[2:3], LATENCY[:1]])
async def test_an_outage_teaches_nothing_about_what_is_refused(keys: Sequence[SeriesKey]) -> None:
    source = ScriptedMetrics(lambda _: fault(FaultKind.SERVICE))
    asker = fetcher(source)
    assert set((await ask(asker, keys)).failures) == set(keys)
    source.refuse = None
    assert (await ask(asker, keys)).failures == {}


async def test_a_throttle_is_neither_cut_up_nor_remembered() -> None:
    source = ScriptedMetrics(lambda _: fault(FaultKind.THROTTLED))
    asker = fetcher(source)
    fetched = await ask(asker, LATENCY)
    assert {error.kind for error in fetched.failures.values()} == {FaultKind.THROTTLED}
    assert len(source.requests) == 1
    source.refuse = None
    assert (await ask(asker, LATENCY)).failures == {}


@pytest.mark.parametrize("kind", [FaultKind.CREDENTIALS, FaultKind.PERMISSION, FaultKind.UNREACHABLE])
async def test_a_fault_of_all_requests_stops_the_rest(kind: FaultKind) -> None:
    source = ScriptedMetrics(lambda _: fault(kind))
    keys = [series(f"M{index}") for index in range(500 * 30)]
    asker = fetcher(source)
    fetched = await ask(asker, keys)
    assert set(fetched.failures) == set(keys)
    assert {error.kind for error in fetched.failures.values()} == {kind}
    assert len(source.requests) <= IN_FLIGHT
    source.refuse = None
    assert (await ask(asker, keys)).failures == {}


async def test_a_throttle_of_one_request_does_not_stop_the_others() -> None:
    source = ScriptedMetrics(refusing(FaultKind.THROTTLED, series("M0")))
    keys = [series(f"M{index}") for index in range(1500)]
    fetched = await ask(fetcher(source), keys)
    assert set(fetched.failures) == {series(f"M{index}") for index in range(500)}
    assert len(fetched.answers) == 1000


# Single results


async def test_an_internal_error_of_one_result_is_asked_once_more() -> None:
    source = ScriptedMetrics()
    source.verdicts[LATENCY[1]] = [Completeness.ERROR]
    source.tell(LATENCY[1], *minutes(7.0))
    fetched = await ask(fetcher(source), LATENCY)
    assert fetched.answers[LATENCY[1]].completeness is Completeness.COMPLETE
    assert fetched.answers[LATENCY[1]].points == minutes(7.0)
    assert [batch.series for batch in source.requests[1:]] == [(LATENCY[1],)]


async def test_an_internal_error_that_stays_is_given_back_as_one() -> None:
    source = ScriptedMetrics()
    source.verdicts[LATENCY[1]] = [Completeness.ERROR] * 9
    fetched = await ask(fetcher(source), LATENCY)
    assert fetched.answers[LATENCY[1]].completeness is Completeness.ERROR
    assert [answer.completeness for answer in fetched.answers.values()].count(Completeness.COMPLETE) == 3
    assert len(source.requests) == 2


@pytest.mark.parametrize("verdict", [Completeness.PARTIAL, Completeness.FORBIDDEN])
async def test_partial_and_forbidden_results_are_handed_on_without_a_second_request(verdict: Completeness) -> None:
    source = ScriptedMetrics()
    source.verdicts[LATENCY[1]] = [verdict]
    fetched = await ask(fetcher(source), LATENCY)
    assert fetched.answers[LATENCY[1]].completeness is verdict
    assert len(source.requests) == 1


async def test_what_cloudwatch_says_about_a_request_is_handed_on() -> None:
    source = ScriptedMetrics()
    source.messages = ["Maximum number of allowed metrics exceeded"]
    fetched = await ask(fetcher(source), LATENCY)
    assert fetched.messages == ("Maximum number of allowed metrics exceeded",)
    assert set(fetched.answers) == set(LATENCY)


# Leaving


async def test_leaving_in_the_middle_ends_the_requests_under_way() -> None:
    clock = FakeClock()
    source = ScriptedMetrics()
    source.clock, source.delay_s = clock, 1.0
    keys = [series(f"N{index}") for index in range(500 * (IN_FLIGHT + 1))]
    results = fetcher(source, clock).fetch(pack(keys, OVER))
    first = asyncio.ensure_future(anext(aiter(results)))
    await clock.advance(1.0)
    assert len((await first).answers) == 500
    before = len(asyncio.all_tasks())
    await results.aclose()  # type: ignore[attr-defined]
    await settle()
    assert len(asyncio.all_tasks()) < before
    requests = len(source.requests)
    await clock.advance(60)
    assert len(source.requests) == requests
