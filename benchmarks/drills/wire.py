"""One fleet over HTTP: the simulated AWS as `smtop demo --serve` has it, and the whole product on a clock that is as
fast as the simulated one."""

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.drills.feed import Feed
from benchmarks.drills.run import Plan, Result, score, told_of
from benchmarks.drills.scoring import Told
from benchmarks.drills.watch import Look
from benchmarks.simulated import simulated_aws
from smtop.metrics.clock import ScaledClock
from smtop.metrics.config import Directories, Settings
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.monitor import Monitor

SPEED: Final = 30.0
ENDPOINTS: Final = 39
_CALM_S, _HOURS, _LASTS_S = 1800.0, 1.25, 10_800.0


def over_the_wire(seed: int) -> Result:
    """The same drills as the feed draws for this seed, seen through botocore and a socket."""
    opened = float(int(time.time() // 60) * 60)
    world = {"draw": {"endpoints": ENDPOINTS, "first": opened + _CALM_S, "last": opened + _HOURS * 3600.0}}
    result = Result(Plan("wire", seed, _LASTS_S, world, tiered=True))
    arguments = [f"--drills={_HOURS}", f"--endpoints={ENDPOINTS}", f"--seed={seed}", f"--speed={SPEED}"]
    with simulated_aws(f"--epoch={opened}", *arguments) as variables, tempfile.TemporaryDirectory() as folder:
        os.environ |= variables
        told = asyncio.run(_watched(opened, Path(folder), result))
    with Feed() as feed:
        feed.ask("open", seed=seed, opened=opened, **world)
        feed.ask("call", now=opened + _LASTS_S, service="sagemaker", operation="ListEndpoints", request={})
        score(result, feed, told)
    return result


async def _watched(opened: float, folder: Path, result: Result) -> list[Told]:
    settings = Settings(Directories(*(folder / name for name in ("config", "state", "cache", "data"))))
    clock = ScaledClock(opened, SPEED)
    told: list[Told] = []
    async with Monitor(settings, clock) as monitor:
        async for snapshot in monitor.snapshots():
            now = clock.wall()
            if now > opened + _LASTS_S:
                break
            told.append(told_of(_look(snapshot, now)))
            result.views += len(snapshot.endpoints)
    result.days = (told[-1].at - told[0].at) / 86_400.0 * ENDPOINTS
    return told


def _look(snapshot: FleetSnapshot, now: float) -> Look:
    return Look(now, snapshot.endpoints, snapshot.shared, snapshot.problems)
