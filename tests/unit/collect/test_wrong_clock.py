"""A machine whose clock is wrong, or is set while smtop runs: windows are AWS's minutes, and it is said."""

from collections.abc import AsyncIterator, Sequence
from email.utils import format_datetime

import pytest

from smtop.metrics.clock import CorrectedClock, utc
from smtop.metrics.collect.outside import Outside
from smtop.metrics.collect.poller import Poller
from smtop.metrics.domain.endpoint import EndpointSummary
from smtop.metrics.domain.series import PERIOD_S
from smtop.metrics.domain.snapshot import FleetSnapshot, Spend
from tests.support.engine import FakeInventory, HastyClock, ScriptedMetrics, hosted, key_of, minutes, row
from tests.support.fleet import NOW_S

FRAUD = hosted("fraud")
CALLS = key_of(FRAUD, "Invocations.Sum")


class Aws(FakeInventory):
    """AWS, whose clock is right and whose lists of endpoints say what time it is."""

    def __init__(self, machine: HastyClock) -> None:
        super().__init__(FRAUD)
        self.corrected = CorrectedClock(machine)
        self._machine = machine
        self._began = machine.monotonic()

    @property
    def now(self) -> float:
        return NOW_S + self._machine.monotonic() - self._began

    async def summaries(self) -> AsyncIterator[Sequence[EndpointSummary]]:
        self.corrected.heard(format_datetime(utc(int(self.now)), usegmt=True))
        async for page in super().summaries():
            yield page


class Watch:
    """A poller on a machine whose clock is `skew_s` behind AWS's."""

    def __init__(self, skew_s: float) -> None:
        self.machine = HastyClock(NOW_S - skew_s)
        self.aws = Aws(self.machine)
        self.source = ScriptedMetrics()
        self.source.tell(CALLS, *minutes(*[50.0] * 180, newest=-60))
        clock = self.aws.corrected
        outside = Outside(self.aws, self.source, Spend, self._renew, skew_s=lambda: clock.skew_s)
        self.poller = Poller(outside, clock)

    async def cycle(self) -> FleetSnapshot:
        self.source.requests.clear()
        async for _ in self.poller.cycle():
            pass
        return await self.poller.snapshot()

    def asked_until(self) -> set[int]:
        """Ends of the windows of the newest requests, in seconds after the minute that is under way at AWS."""
        minute = int(self.aws.now) // PERIOD_S * PERIOD_S
        return {batch.window.end - minute for batch in self.source.requests}

    async def _renew(self) -> None:
        pass


@pytest.mark.parametrize("skew_s", [-300.0, 300.0, 3600.0])
async def test_windows_end_with_awss_minute_on_a_machine_whose_clock_is_wrong(skew_s: float) -> None:
    watch = Watch(skew_s)
    for _ in range(3):
        snapshot = await watch.cycle()
        assert watch.asked_until() == {PERIOD_S}
        assert row(snapshot, "fraud").vitals.requests_per_minute.value == 50.0
        assert abs(snapshot.generated_at.timestamp() - watch.aws.now) <= 1.0
        watch.machine.move(PERIOD_S)
    side = "behind" if skew_s > 0 else "ahead of"
    assert snapshot.notices == (
        f"This machine's clock is {abs(skew_s) / 60:.0f} min {side} AWS's. "
        "smtop goes by AWS's; other tools go by yours.",
    )


@pytest.mark.parametrize("jump_s", [-3600.0, -120.0, 120.0, 3600.0])
async def test_a_clock_that_is_set_while_smtop_runs_loses_no_minute(jump_s: float) -> None:
    watch = Watch(0.0)
    assert (await watch.cycle()).notices == ()
    watch.machine.set_wall(watch.machine.wall() + jump_s)
    for _ in range(5):
        watch.machine.move(PERIOD_S)
        snapshot = await watch.cycle()
        assert watch.asked_until() == {PERIOD_S}
    assert len(snapshot.notices) == 1
    watch.machine.set_wall(watch.aws.now)
    watch.machine.move(PERIOD_S)
    assert (await watch.cycle()).notices == ()


@pytest.mark.parametrize("skew_s", [-29.0, 0.0, 29.0])
async def test_a_clock_that_is_nearly_right_is_no_news(skew_s: float) -> None:
    assert (await Watch(skew_s).cycle()).notices == ()
