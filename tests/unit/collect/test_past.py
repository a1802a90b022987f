"""Earlier days, to be laid over a chart: read once, read ahead, and never of another endpoint of the same name."""

from datetime import timedelta

import pytest

from smtop.metrics.collect.fetch import Fetcher
from smtop.metrics.collect.history import Planned
from smtop.metrics.collect.past import MOST_PIECES, Past
from smtop.metrics.collect.plan import asks
from smtop.metrics.domain.billing import USD_PER_METRIC, metrics_billed
from smtop.metrics.domain.history import EndpointHistory, SeriesHistory, chart_period_s
from smtop.metrics.domain.series import Point
from smtop.metrics.errors import AwsError, FaultKind
from smtop.metrics.ports import Batch, Completeness
from tests.support.engine import FakeClock, HastyClock, ScriptedMetrics, at, fault, hosted, key_of

BROKEN = fault(FaultKind.UNREACHABLE)

HOUR, DAY = 3600, 86_400
WEEK = 7 * DAY
FRAUD = hosted("fraud")
PLANNED = Planned(FRAUD, asks(FRAUD))
REQUESTS = key_of(FRAUD, "Invocations.Sum")
BILLED = metrics_billed(ask.key for ask in PLANNED.asks)


class Bench:
    """The past over a scripted CloudWatch; `refused` makes its next requests fail."""

    def __init__(self) -> None:
        self.clock: FakeClock = HastyClock()
        self.refused: AwsError | None = None
        self.source = ScriptedMetrics(self._refuse)
        self.past = Past(Fetcher(self.source, self.clock), self.clock)

    def _refuse(self, _batch: Batch) -> AwsError | None:
        return self.refused

    async def read(self, range_s: int, ago_s: int, planned: Planned | None = PLANNED) -> EndpointHistory:
        return await self.past.read("fraud", planned, range_s, ago_s)

    def asked(self) -> list[Batch]:
        """The requests since the last time this was asked."""
        requests = list(self.source.requests)
        self.source.requests.clear()
        return requests


def of(history: EndpointHistory, label: str = "Invocations.Sum") -> SeriesHistory:
    [series] = history.labelled(label)
    return series


async def test_yesterday_is_what_cloudwatch_had_at_the_same_hour() -> None:
    bench = Bench()
    bench.source.tell(REQUESTS, Point(at(0) - DAY - 600, 7.0), Point(at(0) - 600, 9.0))
    history = await bench.read(HOUR, DAY)
    assert (history.start, history.end) == (at(59) - DAY, at(-1) - DAY)
    assert (of(history).times, of(history).values) == ([at(0) - DAY - 600], [7.0])
    assert of(history).provisional_from == float("inf"), "what is a day old no longer changes"


@pytest.mark.parametrize(("range_s", "ago_s"), [(900, DAY), (3 * HOUR, DAY), (DAY, DAY), (DAY, WEEK), (WEEK, WEEK)])
async def test_periods_are_those_of_the_present(range_s: int, ago_s: int) -> None:
    history = await Bench().read(range_s, ago_s)
    assert history.period_s == chart_period_s(range_s)
    assert ago_s % history.period_s == 0, "a period lies over a period"


async def test_it_is_billed_as_quoted_and_only_once() -> None:
    bench = Bench()
    quote = bench.past.quote(PLANNED, HOUR, DAY)
    assert quote.metrics == BILLED
    assert quote.usd == pytest.approx(BILLED * USD_PER_METRIC)
    await bench.read(HOUR, DAY)
    assert sum(bench.source.billed.values()) == BILLED
    assert bench.past.quote(PLANNED, HOUR, DAY).metrics == 0
    await bench.read(HOUR, DAY)
    assert sum(bench.source.billed.values()) == BILLED
    assert bench.past.quote(None, HOUR, DAY).metrics == 0


async def test_time_that_goes_on_was_read_ahead() -> None:
    bench = Bench()
    bench.source.tell(REQUESTS, Point(at(0) - DAY + 600, 7.0))
    await bench.read(HOUR, DAY)
    bench.asked()
    bench.clock.move(1200)
    assert of(await bench.read(HOUR, DAY)).values == [7.0]
    assert bench.asked() == []
    bench.clock.move(1200)
    await bench.read(HOUR, DAY)
    assert len(bench.asked()) == 1


async def test_days_are_kept_apart() -> None:
    bench = Bench()
    bench.source.tell(REQUESTS, Point(at(0) - DAY, 1.0), Point(at(0) - WEEK, 2.0))
    assert of(await bench.read(HOUR, DAY)).values == [1.0]
    assert of(await bench.read(HOUR, WEEK)).values == [2.0]


async def test_what_failed_says_why_and_is_asked_again_alone() -> None:
    bench = Bench()
    bench.refused = BROKEN
    failed = await bench.read(HOUR, DAY)
    assert of(failed).why == str(BROKEN)
    assert any("were not collected" in note for note in failed.notes)
    bench.refused = None
    bench.asked()
    await bench.read(HOUR, DAY)
    assert bench.asked() == [], "not at once"
    bench.clock.move(61)
    bench.source.verdicts[REQUESTS] = [Completeness.FORBIDDEN]
    assert of(await bench.read(HOUR, DAY)).why == "CloudWatch answered Forbidden for it."
    bench.asked()
    bench.clock.move(61)
    assert of(await bench.read(HOUR, DAY)).why is None
    assert {key.metric for batch in bench.asked() for key in batch.series} == {REQUESTS.metric}


async def test_an_endpoint_that_did_not_exist_has_nothing_and_costs_nothing() -> None:
    bench = Bench()
    young = FRAUD._replace(summary=FRAUD.summary._replace(created_at=FRAUD.summary.created_at + timedelta(days=3650)))
    planned = Planned(young, asks(young))
    assert bench.past.quote(planned, HOUR, DAY).metrics == 0
    assert of(await bench.read(HOUR, DAY, planned)).times == []
    assert bench.asked() == []


async def test_what_is_older_than_the_endpoint_is_anothers() -> None:
    bench = Bench()
    created = at(0) - DAY - 600
    moment = FRAUD.summary.created_at + timedelta(seconds=created - FRAUD.summary.created_at.timestamp())
    young = FRAUD._replace(summary=FRAUD.summary._replace(created_at=moment))
    bench.source.tell(REQUESTS, Point(created - 60, 1.0), Point(created + 60, 2.0))
    assert of(await bench.read(HOUR, DAY, Planned(young, asks(young)))).values == [2.0]


async def test_an_endpoint_that_is_gone_is_told() -> None:
    history = await Bench().read(HOUR, DAY, None)
    assert (history.series, history.notes) == ((), ("There is no endpoint fraud any more.",))


async def test_only_so_much_is_kept() -> None:
    bench = Bench()
    for days in range(1, MOST_PIECES + 2):
        await bench.read(HOUR, days * DAY)
    bench.asked()
    await bench.read(HOUR, 2 * DAY)
    assert bench.asked() == []
    await bench.read(HOUR, DAY)
    assert len(bench.asked()) == 1
