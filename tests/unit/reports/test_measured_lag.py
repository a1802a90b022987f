"""How late metrics are, measured on a source that publishes late, within a budget."""

import pytest

from smtop.metrics.clock import Clock
from smtop.metrics.collect.lag import Lateness
from smtop.metrics.collect.plan import asks
from smtop.metrics.domain.billing import USD_PER_METRIC, metrics_billed
from smtop.metrics.domain.catalogue import INVOCATIONS_NAMESPACE, METRICS, STANDARD
from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.series import PERIOD_S, MetricId, Point
from smtop.metrics.errors import FaultKind
from smtop.metrics.ports import Answer, Batch, BatchAnswer, Completeness
from smtop.metrics.reports.lag import EVERY_S, SERIES_PER_METRIC, Lag, Sample, choose, lag, measure
from tests.support.engine import HastyClock, ScriptedMetrics, component, fault, hosted, with_status

FLEET = [hosted(f"e{index}") for index in range(9)]
LISTED = {ask.key.metric for endpoint in FLEET for ask in asks(endpoint)}
NAMES = {metric.name for metric in LISTED}
READINGS = 5 * 60 // EVERY_S + 1
DEAR = 100.0


class Late(ScriptedMetrics):
    """Every minute of every series is out `late_s` after its end, half of it; the other half `grows_s` later."""

    def __init__(self, clock: Clock, late_s: float, grows_s: float) -> None:
        super().__init__()
        self._now, self._late_s, self._grows_s = clock, late_s, grows_s

    async def fetch(self, batch: Batch) -> BatchAnswer:
        await super().fetch(batch)
        age = {at: self._now.wall() - at - PERIOD_S for at in range(*_span(batch), PERIOD_S)}
        out = [
            Point(at, 50.0 + 50.0 * (s >= self._late_s + self._grows_s)) for at, s in age.items() if s >= self._late_s
        ]
        return BatchAnswer({key: Answer.of(Completeness.COMPLETE, out) for key in batch.series})


def _span(batch: Batch) -> tuple[int, int]:
    return batch.window.start, batch.window.end


class Till:
    """What was asked so far costs."""

    def __init__(self, source: ScriptedMetrics) -> None:
        self._source = source

    def __call__(self) -> float:
        return sum(metrics_billed(batch.series) for batch in self._source.requests) * USD_PER_METRIC


async def test_lags_are_those_of_the_source_as_exactly_as_it_is_read() -> None:
    clock = HastyClock()
    source = Late(clock, late_s=75, grows_s=60)
    sample = choose(FLEET, LISTED, STANDARD, 10, DEAR)
    measured = await measure(sample, source, clock, Till(source), DEAR)
    assert {one.metric[1] for one in measured.lags} == NAMES
    for one in measured.lags:
        assert one.samples >= 8 * SERIES_PER_METRIC
        assert 75 <= one.p50_s <= one.p95_s < 75 + EVERY_S
        assert one.settled_p50_s is not None and one.settled_p95_s is not None
        assert 135 <= one.settled_p50_s <= one.settled_p95_s < 135 + EVERY_S
    assert measured.problems == ()


async def test_what_never_comes_is_not_there() -> None:
    clock = HastyClock()
    source = ScriptedMetrics()
    measured = await measure(choose(FLEET, LISTED, STANDARD, 1, DEAR), source, clock, Till(source), DEAR)
    assert measured.lags == ()


async def test_the_price_that_is_told_is_what_it_costs() -> None:
    clock = HastyClock()
    source = Late(clock, 75, 60)
    sample = choose(FLEET, LISTED, STANDARD, 5, DEAR)
    began = clock.monotonic()
    await measure(sample, source, clock, Till(source), DEAR)
    assert Till(source)() == pytest.approx(sample.usd)
    assert sample.metrics == len(NAMES) * SERIES_PER_METRIC * READINGS
    assert clock.monotonic() - began == pytest.approx(5 * 60)


def test_every_metric_is_watched_before_any_is_watched_twice() -> None:
    price = len(NAMES) * READINGS * USD_PER_METRIC
    sample = choose(FLEET, LISTED, STANDARD, 5, price)
    assert {key.metric.name for key in sample.series} == NAMES
    assert len(sample.series) == len(NAMES)
    assert sample.usd == pytest.approx(price)
    assert sample.left_out == len(NAMES) * (SERIES_PER_METRIC - 1)


def test_series_of_one_metric_are_of_different_endpoints() -> None:
    sample = choose(FLEET, LISTED, STANDARD, 5, DEAR)
    watched = [dict(key.metric.dimensions)["EndpointName"] for key in sample.series if key.metric.name == "Invocations"]
    assert len(set(watched)) == SERIES_PER_METRIC


def test_only_what_is_listed_and_in_service_is_watched() -> None:
    [some] = [
        metric for metric in LISTED if metric.name == "Invocations" and ("EndpointName", "e4") in metric.dimensions
    ]
    assert [key.metric for key in choose(FLEET, {some}, STANDARD, 5, DEAR).series] == [some]
    failed = [with_status(endpoint, "Failed") for endpoint in FLEET]
    assert not choose(failed, LISTED, STANDARD, 5, DEAR).series


def test_a_component_is_watched_by_cloudwatch_s_spelling() -> None:
    llm = hosted("llm", Kind.INFERENCE_COMPONENT, components=[component("Chat")])
    listed = MetricId(INVOCATIONS_NAMESPACE, "Invocations", (("InferenceComponentName", "chat"),))
    assert [key.metric for key in choose([llm], {listed}, STANDARD, 5, DEAR).series] == [listed]


def test_less_money_than_one_metric_costs_buys_nothing() -> None:
    sample = choose(FLEET, LISTED, STANDARD, 5, READINGS * USD_PER_METRIC * 0.99)
    assert (len(sample.series), sample.usd) == (0, 0)
    assert sample.left_out == len(NAMES) * SERIES_PER_METRIC


def test_each_metric_is_watched_by_a_statistic_that_aws_documents() -> None:
    kinds = [kind for kind in Kind if kind is not Kind.UNKNOWN]
    fleet = [
        hosted(f"one-{kind}", kind, components=[component(f"c-{kind}")] if kind is Kind.INFERENCE_COMPONENT else [])
        for kind in kinds
    ]
    listed = {ask.key.metric for endpoint in fleet for ask in asks(endpoint)}
    documented = {(spec.namespace, spec.name): spec.stats for spec in METRICS}
    sample = choose(fleet, listed, STANDARD, 5, DEAR)
    assert all(key.stat in documented[name] for key, name in sample.series.items())


async def test_it_ends_when_retries_have_used_up_the_money() -> None:
    clock = HastyClock()
    source = Late(clock, 75, 60)
    sample = choose(FLEET, LISTED, STANDARD, 5, DEAR)
    till = Till(source)
    measured = await measure(sample, source, clock, lambda: 2 * till(), sample.usd)
    assert len(source.requests) == READINGS // 2 + 1
    [problem] = measured.problems
    assert problem.startswith("Stopped after ")


async def test_it_ends_when_aws_cannot_be_asked_at_all() -> None:
    clock = HastyClock()
    source = ScriptedMetrics(lambda _: fault(FaultKind.CREDENTIALS, message="Signed out."))
    measured = await measure(choose(FLEET, LISTED, STANDARD, 5, DEAR), source, clock, Till(source), DEAR)
    assert (measured.lags, measured.problems) == ((), ("Signed out.",))
    assert len(source.requests) == 1


async def test_nothing_to_watch_takes_no_time() -> None:
    clock = HastyClock()
    source = ScriptedMetrics()
    measured = await measure(Sample({}, 21, 0), source, clock, Till(source), DEAR)
    assert (measured.lags, clock.slept, source.requests) == ((), [], [])


def test_percentiles_are_of_the_nearest_rank() -> None:
    lateness = [Lateness(float(seconds), float(seconds) if seconds > 90 else None) for seconds in range(1, 101)]
    assert lag(("N", "M"), lateness[::-1]) == Lag(("N", "M"), 100, 50.0, 95.0, 10, 95.0, 100.0)
    assert lag(("N", "M"), [Lateness(7.0, None)]) == Lag(("N", "M"), 1, 7.0, 7.0, 0, None, None)
