"""A fleet of thousands, from the start on: `python -m benchmarks.scale cold|warm ENDPOINTS SECONDS`.

(`python -m benchmarks.scale remember FOLDER` is what `warm` runs before: the inventory as an earlier run leaves it.)

The screen runs without a terminal on a simulated account in another process, behind a latency and a throttle of its
own, while somebody presses keys. Prints as JSON when the first ranked list stood, what was asked for it, how busy the
screen's loop was, and what was held in memory. `warm` begins with the inventory that an earlier run would have left.
"""

import asyncio
import json
import resource
import selectors
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from os import environ
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
from textual.events import Key

from benchmarks.simulated import simulated_aws
from benchmarks.ticks import TimedSelector
from smtop.metrics.analysis.remembered import remembered
from smtop.metrics.cache import CachedInventory, InventoryCache
from smtop.metrics.clock import CorrectedClock, SystemClock
from smtop.metrics.collect.seeds import TELLING
from smtop.metrics.config import Directories, Settings
from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot
from smtop.metrics.limiter import Pace
from smtop.metrics.monitor import Monitor
from smtop.tui.app import SmtopApp
from smtop.tui.cli.screen import open_monitor

LATENCY_MS = 40
CALLS_PER_S = 50
TOP = 20
SIZE = (120, 40)
PRESS_EVERY_S = 0.5
KEYS = ("down", "down", "pagedown", "up", "end", "home", "L", "E", "pagedown", "home")
_GET = "cloudwatch:GetMetricData"
_LIMITED = (_GET, "cloudwatch:ListMetrics", "sagemaker")


@contextmanager
def simulator(endpoints: int, prepare: Callable[[], None] = lambda: None) -> Iterator[tuple[str, frozenset[str]]]:
    """An account of so many endpoints behind a latency and a throttle; points this process at it.

    Gives its URL, and the names of those of which CloudWatch has had anything for three hours.
    """
    with simulated_aws(f"--endpoints={endpoints}") as variables:
        environ.update(variables)
        url = environ["AWS_ENDPOINT_URL"]
        throttle = {action: {"rate": CALLS_PER_S, "burst": CALLS_PER_S} for action in _LIMITED}
        heard = heard_of()  # also lets the simulator work out what it lists, which AWS has done long before
        prepare()
        control(url, "faults", {"throttle": throttle, "latency_ms": LATENCY_MS})
        yield url, heard


def control(url: str, what: str, body: object = None) -> Any:
    """Asks the simulator's control path, or sets something there."""
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(f"{url}/_simulator/{what}", data=data), timeout=60) as answer:  # noqa: S310 - on loopback
        return json.load(answer)


def heard_of() -> frozenset[str]:
    """Endpoints with a recent datapoint of a metric that some kind of endpoint has."""
    pages = boto3.client("cloudwatch").get_paginator("list_metrics")
    names = set()
    for one in TELLING:
        asked = {"Namespace": one.namespace, "MetricName": one.metric, "RecentlyActive": "PT3H"}
        for page in pages.paginate(**asked):
            names |= {pair["Value"] for metric in page["Metrics"] for pair in metric["Dimensions"][:1]}
    return frozenset(names)


class Ticks(TimedSelector):
    """Notes the CPU of each tick, too: a busy machine makes a tick long, and not dear."""

    def __init__(self) -> None:
        super().__init__()
        self.busy_ms: list[float] = []
        self._used_s: float | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self._used_s is not None:
            self.busy_ms.append((time.thread_time() - self._used_s) * 1000)
        found = super().select(timeout)
        self._used_s = time.thread_time()
        return found


class Admitted:
    """What our own gate lets through: datapoints by the second."""

    def __init__(self) -> None:
        self._by_second: Counter[int] = Counter()

    def listen(self) -> None:
        admit = Pace.admit

        async def noted(pace: Pace, operation: str, datapoints: int = 0) -> None:
            await admit(pace, operation, datapoints)
            self._by_second[int(time.monotonic())] += datapoints

        setattr(Pace, "admit", noted)  # noqa: B010 - as a method of another's class, mypy takes it for none

    @property
    def worst_second(self) -> int:
        return max(self._by_second.values(), default=0)


def is_measured(view: EndpointView) -> bool:
    """Whether CloudWatch has answered about it, be it that there is nothing."""
    return any(sample.state.is_told for samples in view.metrics.values() for sample in samples.values())


def troubled(snapshot: FleetSnapshot) -> list[str]:
    """The worst of the list, as far as something is wrong with them."""
    grave = (Severity.CRITICAL, Severity.WARNING)
    return [view.endpoint.name for view in snapshot.endpoints if view.severity in grave][:TOP]


class Watched:
    """A feed that notes what its snapshots say and when; all else goes on to the feed behind."""

    def __init__(self, feed: Any, began_s: float, heard: frozenset[str]) -> None:
        self._feed = feed
        self._heard = heard
        self._began_s = began_s
        self.ranked_s: float | None = None
        self.ranked_cpu_s: float | None = None
        self.described_s: float | None = None
        self.first: list[str] = []
        self.newest: FleetSnapshot | None = None
        self.progress: list[tuple[float, int, int, int]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._feed, name)

    async def snapshots(self) -> AsyncGenerator[FleetSnapshot, None]:
        async for snapshot in self._feed.snapshots():
            at = time.perf_counter() - self._began_s
            self.newest = snapshot
            await asyncio.to_thread(self._note, snapshot, at)
            yield snapshot

    def _note(self, snapshot: FleetSnapshot, at: float) -> None:
        views = snapshot.endpoints
        measured = sum(map(is_measured, views))
        silent = sum(not view.metrics and view.endpoint.name not in self._heard for view in views)
        described = sum(view.endpoint.described for view in views)
        self.progress.append((round(at, 1), measured, silent, described))
        if snapshot.listed_at is None or not views:
            return
        if self.ranked_s is None and measured + silent == len(views):
            self.ranked_s, self.ranked_cpu_s, self.first = at, time.process_time(), troubled(snapshot)
        if self.described_s is None and described == len(views):
            self.described_s = at


async def answer_ms(app: SmtopApp, key: str) -> float:
    """From a key to the picture that answers it, on the screen's own loop."""
    done = asyncio.Event()
    pressed_s = time.perf_counter()
    app.post_message(Key(key, None))
    app.screen.call_after_refresh(done.set)
    await done.wait()
    return (time.perf_counter() - pressed_s) * 1000


def screen(settings: Settings, cached: CachedInventory | None, heard: frozenset[str], feeds: list[Watched]) -> SmtopApp:
    """The screen as `smtop` makes it, before its loop runs; what it connects to is put into `feeds`."""
    began_s = time.perf_counter()
    clock = CorrectedClock(SystemClock())

    async def connect() -> Any:
        feeds.append(Watched(await open_monitor(settings, clock, cached=cached), began_s, heard))
        return feeds[-1]

    return SmtopApp(connect, remembered(cached) if cached else None, clock=clock)


async def watch(app: SmtopApp, feeds: Sequence[Watched], seconds: float, selector: Ticks) -> Any:
    """Somebody at the keyboard, for so long from now on."""
    began_s, keys_ms = time.perf_counter(), []
    async with app.run_test(size=SIZE):
        turn = 0
        while time.perf_counter() - began_s < seconds:
            await asyncio.sleep(PRESS_EVERY_S)
            keys_ms.append(await answer_ms(app, KEYS[turn % len(KEYS)]))
            turn += 1
        ticks, busy = sorted(selector.ticks_ms, reverse=True), sorted(selector.busy_ms, reverse=True)
    return told(feeds[0], ticks, sorted(keys_ms)) | {"busiest_ms": busy[:5]}


def told(feed: Watched, ticks: Sequence[float], keys_ms: Sequence[float]) -> dict[str, Any]:
    newest = feed.newest
    last = troubled(newest) if newest else []
    return {
        "ranked_s": feed.ranked_s,
        "ranked_cpu_s": feed.ranked_cpu_s,
        "described_s": feed.described_s,
        "progress": feed.progress[:: max(len(feed.progress) // 40, 1)],
        "top_first": feed.first,
        "top_kept": len(set(feed.first) & set(last)),
        "top_last": len(last),
        "longest_ms": ticks[:5],
        "key_p95_ms": keys_ms[int(len(keys_ms) * 0.95)] if keys_ms else None,
        "metrics": newest.spend.metrics_billed if newest else 0,
        "severities": Counter(view.severity.value for view in newest.endpoints) if newest else {},
        "problems": [problem.message for problem in newest.problems] if newest else [],
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        "cpu_s": sum(resource.getrusage(resource.RUSAGE_SELF)[:2]),
    }


def remember(folder: Path) -> None:
    """Describes everything and leaves the inventory; another process does it, so that this one holds nothing of it."""
    command = [sys.executable, "-m", "benchmarks.scale", "remember", str(folder)]
    subprocess.run(command, check=True)


async def survey(settings: Settings) -> None:
    clock = SystemClock()
    async with Monitor(settings, clock) as monitor:
        endpoints, _ = await monitor.survey()
        identity = monitor._poller.identity
    assert identity is not None
    InventoryCache(settings).save(identity, endpoints, clock.wall())


def settings_in(folder: Path) -> Settings:
    return Settings(Directories(*[folder] * 4))


def run(contender: str, endpoints: int, seconds: float) -> dict[str, Any]:
    selector, admitted = Ticks(), Admitted()
    admitted.listen()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare = partial(remember, folder) if contender == "warm" else lambda: None
        with simulator(endpoints, prepare) as (url, heard):
            before = control(url, "calls")
            settings = settings_in(folder)
            feeds: list[Watched] = []
            app = screen(settings, InventoryCache(settings).load(), heard, feeds)
            with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
                used: dict[str, Any] = runner.run(watch(app, feeds, seconds, selector))
            after = control(url, "calls")
    refused = Counter(after["refused"]) - Counter(before["refused"])
    return used | {
        "worst_second": admitted.worst_second,
        "refused": refused,
        "refused_by_cloudwatch": sum(times for call, times in refused.items() if call.startswith("cloudwatch:")),
        "calls": Counter(after["calls"]) - Counter(before["calls"]),
        "billed_metrics": after["billed_metrics"] - before["billed_metrics"],
    }


def main(contender: str, *arguments: str) -> None:
    if contender == "remember":
        asyncio.run(survey(settings_in(Path(arguments[0]))))
        return
    endpoints, seconds = arguments
    sys.stdout.write(json.dumps(run(contender, int(endpoints), float(seconds))))


if __name__ == "__main__":
    main(*sys.argv[1:])
