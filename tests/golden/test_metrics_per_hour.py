"""Billed metrics of an hour of polling, over fleets of four sizes, against the published estimate.

The estimate takes 1.2 variants an endpoint and 14 metrics a variant. One endpoint in focus and the sick ones (2 %, at
most ten) are asked everything each minute; the busy ones, and half of the rows on the screen, four metrics each
minute; the warm ones four every five minutes; the idle ones one every quarter of an hour. smtop spends the same
otherwise: less on rows without traffic, more on those with. The two largest fleets are watched for a quarter of an
hour; what is asked more rarely than that is in the hour that smtop says it costs, which must not be more either.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from smtop.metrics.collect.gallery import Gallery, Picture
from smtop.metrics.collect.plan import asks
from smtop.metrics.collect.tiers import TRAFFIC
from smtop.metrics.domain.billing import USD_PER_METRIC, metrics_billed
from smtop.metrics.domain.catalogue import METRICS as METRICS_OF_AWS
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.domain.series import PERIOD_S, MetricId, Point, SeriesKey
from smtop.metrics.ports import Answer, Batch, BatchAnswer, Completeness
from tests.support.engine import FakeInventory, HastyClock, Rig, ScriptedMetrics, component, hosted, variant_of
from tests.support.fleet import NOW_S

SIZES = (20, 200, 1000, 5000)
MARGIN = 1.05
TICKS = {20: 60, 200: 60, 1000: 15, 5000: 15}
VARIANTS, METRICS, HEADLINES = 1.2, 14, 4
WARM_MINUTES_AGO = 20
MISSPELLED = {alias for spec in METRICS_OF_AWS for alias in spec.aliases}


@dataclass(frozen=True)
class Fleet:
    """The endpoints of one file, and which of them do what."""

    endpoints: Sequence[Endpoint]
    traffic: dict[str, str]
    failed: int
    visible: int

    def named(self, traffic: str) -> list[str]:
        return [name for name, own in self.traffic.items() if own == traffic]

    @property
    def look(self) -> list[str]:
        """The rows on the screen: half of them busy, as far as there are so many."""
        busy, others = self.named("hot"), [*self.named("idle"), *self.named("warm")]
        half = max(self.visible // 2, self.visible - len(others))
        return [*busy[:half], *others[: self.visible - len(busy[:half])]]

    @property
    def estimate(self) -> float:
        """Metrics an hour by the published formula."""
        minutely, warm, idle = (len(self.named(traffic)) for traffic in ("hot", "warm", "idle"))
        everything = (1 + min(10, 0.02 * len(self.endpoints))) * METRICS * 60
        headlines = (minutely + min(20, len(self.endpoints) / 2)) * HEADLINES * 60 + warm * HEADLINES * 12
        return VARIANTS * (everything + headlines + idle * 4)


def load(size: int) -> Fleet:
    content = json.loads((Path(__file__).parent / f"fleet-{size}.json").read_text(encoding="utf-8"))
    endpoints: list[Endpoint] = []
    traffic: dict[str, str] = {}
    for group in content["groups"]:
        for _ in range(group["endpoints"]):
            number = len(endpoints)
            variants = 2 if number % content["two_variants_every"] == 0 else 1
            failed = bool(content["failed"]) and (number + 1) % (size // content["failed"]) == 0
            endpoints.append(made(f"e{number:04}", group, variants, failed=failed))
            traffic[endpoints[-1].name] = group["traffic"]
    return Fleet(endpoints, traffic, content["failed"], content["visible"])


def made(name: str, group: dict[str, Any], variants: int, *, failed: bool) -> Endpoint:
    kind = Kind(group["kind"])
    parts = [variant_of(kind, f"v{index}", instance_type=group["instance_type"]) for index in range(variants)]
    components = [component(f"{name}-c", "v0")] if kind is Kind.INFERENCE_COMPONENT else []
    return hosted(name, kind, variants=parts, components=components, status="Failed" if failed else "InService")


class Talking(ScriptedMetrics):
    """Every metric has a point a minute; requests come where and as long as the fleet's file says."""

    def __init__(self, fleet: Fleet) -> None:
        super().__init__()
        self.fleet = fleet
        self.metrics = {ask.key.metric for endpoint in fleet.endpoints for ask in asks(endpoint)}

    async def fetch(self, batch: Batch) -> BatchAnswer:
        await asyncio.sleep(0)
        self.billed["fleet"] += metrics_billed(batch.series)
        newest = batch.window.end - 3 * PERIOD_S
        answers = {key: self._said(key, newest, batch.window.start) for key in batch.series}
        return BatchAnswer(answers)

    async def published(self, namespace: str) -> AsyncIterator[Sequence[MetricId]]:
        yield [metric for metric in self.metrics if metric.namespace == namespace]

    def _said(self, key: SeriesKey, newest: int, start: int) -> Answer:
        at, value = newest, 1.0
        if key.metric.name in MISSPELLED:
            return Answer(Completeness.COMPLETE)
        if key.metric.name in TRAFFIC:
            named = dict(key.metric.dimensions)
            name = named.get("EndpointName") or named["InferenceComponentName"].removesuffix("-c")
            busy = self.fleet.traffic[name]
            value = 0.0 if busy == "idle" else 50.0
            at = newest if busy != "warm" else int(NOW_S) // PERIOD_S * PERIOD_S - WARM_MINUTES_AGO * PERIOD_S
        elif "Error" in key.metric.name:
            value = 0.0
        return Answer.of(Completeness.COMPLETE, (Point(at, value),) if at >= start else ())


@pytest.mark.parametrize("size", SIZES)
async def test_an_hour_of_polling_stays_within_the_estimate(
    size: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Gallery, "draw", unpainted)
    fleet = load(size)
    source = Talking(fleet)
    rig = Rig(FakeInventory(*fleet.endpoints), source, HastyClock())
    rig.inventory.PAGE = 100
    rig.poller.look(fleet.look[0], fleet.look)
    await cycle(rig)
    first = source.billed.total()
    source.billed.clear()
    for _ in range(TICKS[size]):
        rig.clock.move(PERIOD_S)
        rig.poller.touched()
        await cycle(rig)
    hourly = source.billed.total() * 60 / TICKS[size]
    spent, estimated, at_first = (metrics * USD_PER_METRIC for metrics in (hourly, fleet.estimate, first))
    said = (await rig.poller.snapshot()).spend.usd_per_hour
    with capsys.disabled():
        told = f"${spent:.3f} an hour, said to be ${said:.3f}, estimated ${estimated:.3f}; first look ${at_first:.3f}"
        sys.stdout.write(f"\n{size} endpoints: {told}\n")
    assert max(spent, said or 0.0) <= MARGIN * estimated
    assert said == pytest.approx(spent, rel=0.03 if TICKS[size] == 60 else 0.12)
    assert said >= 0.8 * estimated


async def unpainted(*_: object) -> Picture:
    """What polling costs needs no painting, which takes longer than the polling."""
    return Picture((), None)


async def cycle(rig: Rig) -> None:
    """A cycle without its picture."""
    async for _ in rig.poller.cycle():
        pass


@pytest.mark.parametrize(("size", "estimate"), list(zip(SIZES, (7_022, 25_368, 84_024, 347_064), strict=True)))
def test_the_estimate_is_the_published_one(size: int, estimate: int) -> None:
    assert load(size).estimate == pytest.approx(estimate, rel=0.005)
    variants = [len(endpoint.variants) for endpoint in load(size).endpoints]
    assert sum(variants) / len(variants) == pytest.approx(VARIANTS)
