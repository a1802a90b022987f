"""Baselines over the wire: the history of an endpoint, paid for once by its own name, and kept for the next run."""

from pathlib import Path

import pytest

from smtop.metrics.clock import SystemClock
from smtop.metrics.collect.baselines.reader import PAYER
from smtop.metrics.config import Directories, Settings
from smtop.metrics.domain.billing import USD_PER_METRIC
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.monitor import Monitor
from tests.contract.sessions import point_at
from tests.support.simulated_aws import SimulatedAws

SLOW = "checkout-fraud-slpc"
"""Its calls have outgrown its provisioned concurrency just now."""


async def taken(folder: Path) -> FleetSnapshot:
    settings = Settings(Directories(folder, folder, folder, folder))
    async with Monitor(settings, SystemClock()) as monitor:
        return await monitor.take(SLOW)


async def test_a_history_is_paid_for_once(
    simulated: SimulatedAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    point_at(simulated.environment, monkeypatch)
    first, second = await taken(tmp_path), await taken(tmp_path)
    assert first.spend.usd_spent_by_tier[PAYER] == pytest.approx(4 * USD_PER_METRIC)
    assert PAYER not in second.spend.usd_spent_by_tier
    assert [one.endpoints[0].no_baseline for one in (first, second)] == [None, None]
