"""The meter against the bill: what smtop says it has spent is what the simulated AWS has counted."""

from collections import Counter
from typing import Any

import pytest

from smtop.metrics.aws.cloudwatch import CloudWatchMetrics
from smtop.metrics.aws.meter import Meter
from smtop.metrics.clock import SystemClock
from smtop.metrics.collect.fetch import Fetcher
from smtop.metrics.config import Settings
from smtop.metrics.domain.billing import metrics_billed
from smtop.metrics.domain.catalogue import METRICS
from smtop.metrics.domain.series import PERIOD_S, MetricId, SeriesKey
from smtop.metrics.domain.snapshot import Spend
from smtop.metrics.errors import AwsError
from smtop.metrics.monitor import Monitor
from smtop.metrics.ports import Batch, Completeness, Priority, Window
from tests.contract.sessions import Connect, point_at
from tests.support.simulated_aws import SimulatedAws

DATAPOINTS_A_PAGE = 100_800
MINUTES = 240
MOST_QUERIES = 500


class Bill:
    """What the simulated AWS has counted since this was made."""

    def __init__(self, aws: SimulatedAws) -> None:
        self._aws = aws
        self._before = aws.calls()

    def calls(self) -> dict[str, int]:
        """By operation without its service, as smtop's meter has them."""
        now: dict[str, Any] = self._aws.calls()["calls"]
        more = Counter(now) - Counter(self._before["calls"])
        return {name.partition(":")[2]: count for name, count in more.items()}

    def metrics(self) -> int:
        return int(self._aws.calls()["billed_metrics"]) - int(self._before["billed_metrics"])


def assert_equal(spend: Spend, bill: Bill) -> None:
    assert dict(spend.api_calls) == bill.calls()
    assert spend.metrics_billed == bill.metrics()
    assert spend.usd == pytest.approx(bill.metrics() * 0.01 / 1000, abs=1e-6)
    assert sum(spend.usd_spent_by_tier.values()) == pytest.approx(spend.usd, abs=1e-6 * len(Priority))


async def taken(settings: Settings) -> Spend:
    async with Monitor(settings, SystemClock()) as monitor:
        return (await monitor.take()).spend


@pytest.mark.parametrize(
    "faults",
    [
        {},
        {
            "throttle": {
                "sagemaker:DescribeEndpoint": {"rate": 100, "burst": 5},
                "cloudwatch:GetMetricData": {"rate": 20, "burst": 1},
            }
        },
        {"deny": ["sagemaker:ListTags", "cloudwatch:GetMetricData"]},
    ],
    ids=["fine", "throttled", "denied"],
)
async def test_a_snapshot_costs_what_the_meter_says(
    simulated: SimulatedAws, settings: Settings, monkeypatch: pytest.MonkeyPatch, faults: dict[str, Any]
) -> None:
    """Refused calls are calls, and are not billed."""
    point_at(simulated.environment, monkeypatch)
    simulated.faults(**faults)
    bill = Bill(simulated)
    spend = await taken(settings)
    assert_equal(spend, bill)
    assert (spend.metrics_billed == 0) == ("deny" in faults)


def busy_series() -> list[SeriesKey]:
    """Series that have a point nearly every minute: all statistics of three endpoints' metrics."""
    stats = ("Average", "Sum", "Minimum", "Maximum", "SampleCount", *(f"p{percent}" for percent in range(1, 100)))
    specs = [spec for spec in METRICS if spec.name in ("Invocations", "ModelLatency", "CPUUtilization")]
    found = []
    for endpoint in ("ad-click-ctr-prod", "search-ranker-prod", "checkout-risk"):
        dimensions = (("EndpointName", endpoint), ("VariantName", "AllTraffic"))
        for spec in specs:
            found += [SeriesKey(MetricId(spec.namespace, spec.name, dimensions), stat) for stat in stats]
    return found[:MOST_QUERIES]


async def test_pages_are_billed_each_for_itself(simulated: SimulatedAws, connect: Connect) -> None:
    """More datapoints than an answer may hold: every page is a request that is billed for all its metrics."""
    meter = Meter()
    keys = busy_series()
    end = int(simulated.now()) // PERIOD_S * PERIOD_S
    batch = Batch(tuple(keys), Window(end - MINUTES * PERIOD_S, end))
    async with connect(simulated.environment, meter) as session:
        bill = Bill(simulated)
        reply = await CloudWatchMetrics(session).fetch(batch)
    points = sum(len(answer.points) for answer in reply.answers.values())
    assert bill.calls()["GetMetricData"] == -(-points // DATAPOINTS_A_PAGE) == 2
    assert_equal(meter.spend(), bill)


async def test_every_tier_pays_for_its_own_metrics_whatever_else_is_in_the_request(
    simulated: SimulatedAws, connect: Connect
) -> None:
    meter = Meter()
    keys = busy_series()
    due = {key: "warm" if key.metric.name == "CPUUtilization" else "hot" for key in keys}
    end = int(simulated.now()) // PERIOD_S * PERIOD_S
    batch = Batch(tuple(keys), Window(end - 600, end), Priority.HOT, due)
    async with connect(simulated.environment, meter) as session:
        bill = Bill(simulated)
        fetcher = Fetcher(CloudWatchMetrics(session), SystemClock())
        assert [len(fetched.answers) async for fetched in fetcher.fetch([batch])] == [len(keys)]
    spend = meter.spend()
    assert_equal(spend, bill)
    own = {tier: metrics_billed(key for key in keys if due[key] == tier) for tier in ("hot", "warm")}
    assert own["warm"] > 0
    assert spend.usd_spent_by_tier == pytest.approx({tier: billed * 0.01 / 1000 for tier, billed in own.items()})


async def test_a_sixth_statistic_of_a_metric_is_billed_again(simulated: SimulatedAws, connect: Connect) -> None:
    metric = MetricId(
        "AWS/SageMaker", "ModelLatency", (("EndpointName", "checkout-risk"), ("VariantName", "AllTraffic"))
    )
    end = int(simulated.now()) // PERIOD_S * PERIOD_S
    stats = ("Average", "Sum", "Minimum", "Maximum", "SampleCount", "p50")
    for count, metrics in ((1, 1), (5, 1), (6, 2)):
        meter = Meter()
        async with connect(simulated.environment, meter) as session:
            bill = Bill(simulated)
            keys = tuple(SeriesKey(metric, stat) for stat in stats[:count])
            reply = await CloudWatchMetrics(session).fetch(Batch(keys, Window(end - 600, end)))
        assert {answer.completeness for answer in reply.answers.values()} == {Completeness.COMPLETE}
        assert meter.spend().metrics_billed == metrics
        assert_equal(meter.spend(), bill)


async def test_a_refused_request_costs_a_call_and_no_money(simulated: SimulatedAws, connect: Connect) -> None:
    meter = Meter()
    simulated.faults(deny=["cloudwatch:GetMetricData"])
    async with connect(simulated.environment, meter) as session:
        bill = Bill(simulated)
        with pytest.raises(AwsError):
            await CloudWatchMetrics(session).fetch(Batch((busy_series()[0],), Window(0, 600)))
    assert_equal(meter.spend(), bill)
    assert meter.spend() == Spend(0, {"GetMetricData": 1}, 0.0)
