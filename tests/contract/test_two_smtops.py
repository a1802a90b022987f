"""A second smtop takes over what the first one knows, and both say what they cost together."""

import os
from contextlib import aclosing

import pytest

from smtop.metrics.clock import SystemClock
from smtop.metrics.config import Settings
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.monitor import Monitor
from tests.contract.sessions import point_at
from tests.support.simulated_aws import SimulatedAws


async def first_round(monitor: Monitor) -> FleetSnapshot:
    """The picture after the first cycle; by then the monitor has told others of itself."""
    async with aclosing(monitor.snapshots()) as snapshots:
        async for one in snapshots:
            if one.next_poll_at is not None:
                return one
    raise AssertionError("the flow of snapshots ended")


async def test_a_second_smtop_need_not_describe_what_the_first_one_knows(
    simulated: SimulatedAws, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(simulated.environment, monkeypatch)
    own, other = os.getpid(), os.getppid()
    clock = SystemClock()
    monkeypatch.setattr(os, "getpid", lambda: other)
    async with Monitor(settings, clock) as first:
        alone = await first_round(first)
        monkeypatch.setattr(os, "getpid", lambda: own)
        async with Monitor(settings._replace(region=simulated.environment["AWS_REGION"]), clock) as second:
            beside = await first_round(second)
        assert beside.spend.others == 1
        assert beside.spend.others_usd_per_hour == pytest.approx(alone.spend.usd_per_hour)
        described = [one.spend.api_calls["DescribeEndpoint"] for one in (alone, beside)]
        assert described[1] < described[0] / 2
        monkeypatch.setattr(os, "getpid", lambda: other)
