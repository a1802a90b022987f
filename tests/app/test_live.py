"""The screen on the real engine and a simulated AWS that misbehaves: what is said, what stays, how it recovers.

Time runs a hundred times as fast on both sides, so that the poll of each minute comes within a second.
"""

import os
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from smtop.metrics.clock import ScaledClock
from smtop.metrics.config import Directories, Settings
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.tui.app import SmtopApp
from smtop.tui.cli.screen import open_monitor
from tests.support.simulated_aws import SimulatedAws, start_simulated_aws
from tests.support.trust import QUICK_TRUST

SPEED = 100
ENDPOINTS = 8
PATIENCE_S = 120.0
STEP_S = 0.1
TOUCH_S = 2.0
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_AGE = re.compile(r"data (\d+)([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


class Cloud:
    """A simulated AWS that can go away and come back at the same address."""

    def __init__(self) -> None:
        self.epoch = time.time()
        self.clock = ScaledClock(self.epoch, SPEED)
        self._running = ExitStack()
        self.aws = self._start()

    def _start(self, *arguments: str) -> SimulatedAws:
        told = (f"--endpoints={ENDPOINTS}", f"--speed={SPEED}", f"--epoch={self.epoch}")
        return self._running.enter_context(start_simulated_aws(*told, *arguments))

    def go_away(self) -> None:
        self._running.close()

    def come_back(self) -> None:
        self.aws = self._start(f"--port={self.aws.url.rpartition(':')[2]}")


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """An AWS of its own, and an environment that knows no other."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    made = Cloud()
    for name, value in (QUICK_TRUST | made.aws.environment).items():
        monkeypatch.setenv(name, value)
    yield made
    made.go_away()


@dataclass
class Watch:
    """An app that watches the cloud, and what is to be seen on it."""

    app: SmtopApp
    pilot: Pilot[None]
    touched_at: float = field(default_factory=time.monotonic)

    @property
    def lines(self) -> list[str]:
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    @property
    def banner(self) -> str:
        """The sentence above the table; empty when all is well."""
        title = next(index for index, line in enumerate(self.lines) if line.split()[:2] == ["NAME", "KIND"])
        return " ".join(line.strip() for line in self.lines[2:title])

    @property
    def snapshot(self) -> FleetSnapshot:
        assert self.app.fleet.snapshot is not None
        return self.app.fleet.snapshot

    @property
    def rows(self) -> list[str]:
        """The lines of the table that have an endpoint."""
        names = {view.endpoint.name for view in self.snapshot.endpoints} if self.app.fleet.snapshot else set()
        return [line for line in self.lines if line[3:].split(" ")[0] in names]

    @property
    def age_s(self) -> int:
        """How old the header says the data is."""
        found = _AGE.search(self.lines[0])
        assert found, self.lines[0]
        return int(found[1]) * _SECONDS[found[2]]

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        """Waits until something is to be seen; fails with what is on the screen instead.

        A key that means nothing shows that somebody is there: on a busy machine fifteen minutes are soon over.
        """
        deadline = time.monotonic() + PATIENCE_S
        while not (self.lines and holds()):
            if time.monotonic() > deadline:
                pytest.fail(f"never saw {what}:\n" + "\n".join(self.lines))
            if time.monotonic() > self.touched_at + TOUCH_S:
                self.touched_at = time.monotonic()
                self.app.post_message(events.Key("f24", None))
            await self.pilot.pause(STEP_S)

    async def until_well(self) -> None:
        """Everything was read, nothing is complained of, and the screen shows it."""
        await self.until(
            lambda: not self.banner and len(self.rows) == ENDPOINTS and " LIVE " in self.lines[0] and self._is_whole,
            "a fleet that is well",
        )

    @property
    def _is_whole(self) -> bool:
        return self.app.fleet.snapshot is not None and self.snapshot.complete

    async def until_told(self, *words: str) -> None:
        await self.until(lambda: all(word in self.banner for word in words), f"a banner with {words}")


@asynccontextmanager
async def watching(cloud: Cloud, folder: Path) -> AsyncIterator[Watch]:
    settings = Settings(Directories(*(folder / name for name in ("config", "state", "cache", "data"))))
    app = SmtopApp(lambda: open_monitor(settings, cloud.clock), clock=cloud.clock)
    async with app.run_test(size=(150, 30)) as pilot:
        yield Watch(app, pilot)


def has_numbers(rows: list[str]) -> bool:
    """Whether some row shows a latency: P50 and P99 side by side, with or without an age."""
    return any(re.search(r"\d+( \d+m)? +\d[\d,.k]*( \d+m)? +(CPU|GPU|PC|CONC)", row) for row in rows)


async def test_without_credentials_it_says_so_and_starts_once_they_are_there(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in KEYS:
        monkeypatch.delenv(name)
    async with watching(cloud, tmp_path) as watch:
        await watch.until_told("No AWS credentials were found", "aws sso login")
        assert watch.rows == []
        assert any("Nothing could be read yet" in line or "keeps trying" in line for line in watch.lines)
        for name in KEYS:
            monkeypatch.setenv(name, cloud.aws.environment[name])
        await watch.until_well()
        assert has_numbers(watch.rows)


async def test_expired_credentials_leave_the_rows_and_their_age(cloud: Cloud, tmp_path: Path) -> None:
    async with watching(cloud, tmp_path) as watch:
        await watch.until_well()
        cloud.aws.faults(expired=True)
        await watch.until_told("expired", "aws sso login")
        assert "OFFLINE" in watch.lines[0]
        expired = watch.age_s
        await watch.until(lambda: watch.age_s > expired + 120, "data that grows older")
        assert len(watch.rows) == ENDPOINTS
        assert has_numbers(watch.rows)
        billed, oldest = cloud.aws.calls()["billed_metrics"], watch.age_s
        cloud.aws.faults()
        await watch.until_well()
        await watch.until(lambda: watch.age_s < oldest, "data that is young again")
        assert cloud.aws.calls()["billed_metrics"] > billed


async def test_a_missing_permission_is_named_and_every_value_has_its_age(cloud: Cloud, tmp_path: Path) -> None:
    async with watching(cloud, tmp_path) as watch:
        await watch.until_well()
        cloud.aws.faults(deny=["cloudwatch:GetMetricData"])
        await watch.until_told("cloudwatch:GetMetricData is denied", "ask for this permission")
        await watch.until(lambda: any(re.search(r"\d \d+m ", row) for row in watch.rows), "values with an age")
        assert len(watch.rows) == ENDPOINTS
        cloud.aws.faults()
        await watch.until_well()
        await watch.until(lambda: not any(re.search(r"\d \d+m ", row) for row in watch.rows), "no value with an age")


async def test_aws_may_go_away_and_come_back(cloud: Cloud, tmp_path: Path) -> None:
    async with watching(cloud, tmp_path) as watch:
        await watch.until_well()
        cloud.go_away()
        await watch.until_told("cannot be reached", "network")
        assert "OFFLINE" in watch.lines[0]
        assert len(watch.rows) == ENDPOINTS
        assert has_numbers(watch.rows)
        cloud.come_back()
        await watch.until_well()


async def test_the_list_of_problems_says_it_in_full(cloud: Cloud, tmp_path: Path) -> None:
    """F12 opens what the banner has no room for; the operation and AWS's own words are in it."""
    cloud.aws.faults(deny=["sagemaker:ListTags", "sagemaker:DescribeModel"])
    async with watching(cloud, tmp_path) as watch:
        await watch.until_told("is denied", "+1 more (F12)")
        await watch.pilot.press("f12")
        await watch.until(lambda: any("What could not be asked" in line for line in watch.lines), "the problems")
        shown = " ".join(watch.lines)
        assert "permission: sagemaker:ListTags" in shown
        assert "permission: sagemaker:DescribeModel" in shown
        assert "no identity-based policy" in re.sub(r"\s+", " ", shown)


async def test_a_denied_endpoint_is_a_row_all_the_same(cloud: Cloud, tmp_path: Path) -> None:
    closed = "fraud-scorer-prod"
    cloud.aws.faults(deny_endpoints={"sagemaker:DescribeEndpoint": [closed]})
    async with watching(cloud, tmp_path) as watch:
        await watch.until_told("sagemaker:DescribeEndpoint", "is denied")
        await watch.until(lambda: len(watch.rows) == ENDPOINTS and has_numbers(watch.rows), "all rows")
        (row,) = [row for row in watch.rows if closed in row]
        assert "??" in row
        cloud.aws.faults()
        await watch.until_well()
        (row,) = [row for row in watch.rows if closed in row]
        assert " RT " in row
