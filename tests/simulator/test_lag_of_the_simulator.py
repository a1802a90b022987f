"""The lags that are measured on the simulated CloudWatch are those that it was made with: hours in a moment."""

from collections.abc import AsyncIterator, Sequence

from smtop.metrics.domain.series import MetricId, Point, SeriesKey
from smtop.metrics.ports import Answer, Batch, BatchAnswer, Completeness
from smtop.metrics.reports.lag import EVERY_S, Sample, measure
from smtop.metrics.simulator.resources import MetricId as SimulatedMetricId
from tests.simulator.fleet_playback import OPENED, Account
from tests.support.engine import HastyClock

ENDPOINT = "ad-click-ctr-prod"
VISIBLE_S, SETTLED_S = (60.0, 105.0), (130.0, 240.0)
"""Between which ages the simulator's documentation says a minute appears and is whole."""


class PlaybackMetrics:
    """The MetricSource port over an account in this process, at the time of a clock that is moved by hand."""

    def __init__(self, account: Account, clock: HastyClock) -> None:
        self._account, self._clock = account, clock

    async def fetch(self, batch: Batch) -> BatchAnswer:
        return BatchAnswer({key: self._answer(key, batch) for key in batch.series})

    async def published(self, namespace: str) -> AsyncIterator[Sequence[MetricId]]:
        yield []

    async def recent(self, namespace: str, metric: str) -> AsyncIterator[Sequence[MetricId]]:
        yield []

    def _answer(self, key: SeriesKey, batch: Batch) -> Answer:
        start, end = batch.window.start, batch.window.end
        told = self._account.reader.read(SimulatedMetricId(*key.metric), key.stat, start, end, 60, self._clock.wall())
        return Answer.of(Completeness.COMPLETE, (Point(at, value) for at, value in zip(*told, strict=True)))


async def test_first_seen_and_settled_are_within_the_simulator_s_own_delays() -> None:
    clock = HastyClock(OPENED)
    source = PlaybackMetrics(Account(), clock)
    metric = MetricId("AWS/SageMaker", "Invocations", (("EndpointName", ENDPOINT), ("VariantName", "AllTraffic")))
    sample = Sample({SeriesKey(metric, "Sum"): ("AWS/SageMaker", "Invocations")}, 60 * 60 // EVERY_S, 0)
    [lag] = (await measure(sample, source, clock, lambda: 0.0, 1.0)).lags
    assert lag.samples >= 55
    assert VISIBLE_S[0] <= lag.p50_s <= lag.p95_s <= VISIBLE_S[1] + EVERY_S
    assert lag.settled_p50_s is not None and lag.settled_p95_s is not None
    assert SETTLED_S[0] - EVERY_S <= lag.settled_p50_s <= lag.settled_p95_s <= SETTLED_S[1] + EVERY_S
