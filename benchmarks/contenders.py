"""Ways to read the same numbers. Each is made for one fleet and then polled: `python -m benchmarks.contenders`.

A contender runs in a process of its own and prints what the process has used, as JSON: CPU and wall seconds of the
polls after a first one that is not counted, and the most memory that it has held.
"""

import asyncio
import json
import resource
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from os import environ
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.fleet import batches, minutes, queries, series
from smtop.metrics.clock import SystemClock, utc
from smtop.metrics.domain.series import PERIOD_S
from smtop.metrics.ports import Batch

AT_ONCE = 8
"""Requests in flight of the asynchronous ones but for smtop, which has its own bound."""

THREADS = 16


@dataclass(frozen=True)
class Fleet:
    """What to poll."""

    metrics: int
    points: int

    def batches(self) -> list[Batch]:
        return batches(series(self.metrics), self.points)


Poll: TypeAlias = Callable[[], Awaitable[object]]


def peak_mib() -> float:
    """The most memory that this process has held. The kernel's rusage would count what it was forked from."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


@asynccontextmanager
async def smtop(fleet: Fleet) -> AsyncIterator[Poll]:
    """smtop's own way from the wire into its store, without its pace, which is there to be slow.

    What is asked is packed as the poller packs it, and planned beforehand, as for all contenders.
    """
    from smtop.metrics.aws.cloudwatch import CloudWatchMetrics
    from smtop.metrics.aws.meter import Meter
    from smtop.metrics.aws.session import AwsSession
    from smtop.metrics.collect.fetch import Fetcher
    from smtop.metrics.collect.plan import pack
    from smtop.metrics.config import Directories, Settings
    from smtop.metrics.store import Store

    window = minutes(fleet.points)
    packed = [batch.series for batch in pack(series(fleet.metrics), window)]
    nowhere = Path("/nonexistent")
    store = Store()
    async with AwsSession(Settings(Directories(nowhere, nowhere, nowhere, nowhere)), Meter()) as session:
        fetcher = Fetcher(CloudWatchMetrics(session), SystemClock())

        async def poll() -> None:
            """New batches of the same series every time, as the poller makes them."""
            async for fetched in fetcher.fetch([Batch((*keys,), window) for keys in packed]):
                if fetched.failures:
                    raise next(iter(fetched.failures.values()))
                store.record(fetched.answers, time.time())

        yield poll


@asynccontextmanager
async def aiobotocore(fleet: Fleet) -> AsyncIterator[Poll]:
    """The SDK as it comes."""
    import aioboto3

    asked = [_parameters(batch) for batch in fleet.batches()]
    async with aioboto3.Session().client("cloudwatch") as client:
        yield partial(_all, [partial(client.get_metric_data, **parameters) for parameters in asked])


@asynccontextmanager
async def boto3_threads(fleet: Fleet) -> AsyncIterator[Poll]:
    """What most scripts do."""
    import boto3
    from botocore.config import Config

    asked = [_parameters(batch) for batch in fleet.batches()]
    client = boto3.client("cloudwatch", config=Config(max_pool_connections=THREADS))
    with ThreadPoolExecutor(THREADS) as pool:

        async def poll() -> list[Any]:
            return list(pool.map(lambda parameters: client.get_metric_data(**parameters), asked))

        yield poll


@asynccontextmanager
async def one_by_one(fleet: Fleet) -> AsyncIterator[Poll]:
    """GetMetricStatistics, one metric after the other."""
    import boto3

    client = boto3.client("cloudwatch")
    asked = [_statistics(query, batch) for batch in fleet.batches() for query in queries(batch)]

    async def poll() -> list[Any]:
        return [client.get_metric_statistics(**parameters) for parameters in asked]

    yield poll


@asynccontextmanager
async def aiohttp_orjson(fleet: Fleet) -> AsyncIterator[Poll]:
    """The floor: bodies that never change, no signing, no retries, no errors, nothing stored."""
    import aiohttp
    import orjson

    asked = [_raw_body(batch) for batch in fleet.batches()]
    headers = {"X-Amz-Target": "GraniteServiceVersion20100801.GetMetricData"}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def ask(body: bytes) -> list[Any]:
            async with session.post(environ["AWS_ENDPOINT_URL"], data=body) as response:
                answer = orjson.loads(await response.read())
            return [(result["Timestamps"], result["Values"]) for result in answer["MetricDataResults"]]

        yield partial(_all, [partial(ask, body) for body in asked])


CONTENDERS: Mapping[str, Callable[[Fleet], Any]] = {
    "smtop": smtop,
    "aiobotocore": aiobotocore,
    "boto3": boto3_threads,
    "one-by-one": one_by_one,
    "aiohttp-orjson": aiohttp_orjson,
}


async def _all(calls: Sequence[Callable[[], Awaitable[Any]]]) -> list[Any]:
    room = asyncio.Semaphore(AT_ONCE)

    async def within(call: Callable[[], Awaitable[Any]]) -> Any:
        async with room:
            return await call()

    return await asyncio.gather(*map(within, calls))


def _parameters(batch: Batch) -> dict[str, Any]:
    return {
        "MetricDataQueries": queries(batch),
        "StartTime": utc(batch.window.start),
        "EndTime": utc(batch.window.end),
        "ScanBy": "TimestampAscending",
    }


def _raw_body(batch: Batch) -> bytes:
    times = {"StartTime": batch.window.start, "EndTime": batch.window.end}
    return json.dumps({"MetricDataQueries": queries(batch), **times}).encode()


def _statistics(query: dict[str, Any], batch: Batch) -> dict[str, Any]:
    metric = query["MetricStat"]["Metric"]
    times = {"StartTime": utc(batch.window.start), "EndTime": utc(batch.window.end)}
    return {**metric, **times, "Period": PERIOD_S, "Statistics": [query["MetricStat"]["Stat"]]}


async def measure(name: str, fleet: Fleet, polls: int, *, warm: bool) -> dict[str, float]:
    """What one poll takes, and the most memory that the process has held."""
    async with CONTENDERS[name](fleet) as poll:
        if warm:
            await poll()
        before, started = _cpu_s(), time.perf_counter()
        for _ in range(polls):
            await poll()
        cpu_s, wall_s = _cpu_s() - before, time.perf_counter() - started
    per_poll = {"cpu_s": cpu_s / polls, "wall_s": wall_s / polls}
    return per_poll | {"cpu_ms_per_1k": cpu_s / polls / fleet.metrics * 1e6, "peak_mib": peak_mib()}


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    _, _name, _metrics, _points, _polls, _warm = sys.argv
    _used = asyncio.run(measure(_name, Fleet(int(_metrics), int(_points)), int(_polls), warm=_warm == "warm"))
    sys.stdout.write(json.dumps(_used))
