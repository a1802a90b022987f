"""A canned CloudWatch on loopback, fast enough not to be what is measured: `python -m benchmarks.server`.

It answers GetMetricData and GetMetricStatistics in JSON and in the query protocol, from bodies made once for each
number of queries. One series in ten has no newest point, and another one has gaps of its own. The first line that it
prints is its URL; it ends with its standard input.
"""

import asyncio
import json
import random
import sys
from functools import lru_cache
from typing import Any

from aiohttp import web

from benchmarks.fleet import NEWEST_S
from smtop.metrics.clock import utc
from smtop.metrics.domain.series import PERIOD_S

_MOST_BODY_BYTES = 4 << 20


@lru_cache
def results(queries: int, points: int) -> list[dict[str, Any]]:
    """What the answer says of each query."""
    rng = random.Random(1)
    minutes = [NEWEST_S - PERIOD_S * ago for ago in reversed(range(points))]
    told = []
    for index in range(queries):
        times = minutes
        if index % 10 == 3:
            times = minutes[:-1]
        elif index % 10 == 7:
            times = [at for at in minutes if rng.random() < 0.8]
        values = [round(rng.uniform(0, 5e4), 4) for _ in times]
        result = {"Id": f"q{index}", "Label": f"AllTraffic metric-{index}", "Timestamps": times, "Values": values}
        told.append(result | {"StatusCode": "Complete"})
    return told


@lru_cache
def in_json(queries: int, points: int) -> bytes:
    return json.dumps({"MetricDataResults": results(queries, points), "Messages": []}, separators=(",", ":")).encode()


@lru_cache
def in_xml(queries: int, points: int) -> bytes:
    inner = "".join(map(_result, results(queries, points)))
    return _answer("GetMetricData", f"<MetricDataResults>{inner}</MetricDataResults><Messages/>")


def _result(result: dict[str, Any]) -> str:
    times = "".join(f"<member>{utc(at):%Y-%m-%dT%H:%M:%SZ}</member>" for at in result["Timestamps"])
    values = "".join(f"<member>{value}</member>" for value in result["Values"])
    return (
        f"<member><Timestamps>{times}</Timestamps><StatusCode>Complete</StatusCode><Values>{values}</Values>"
        f"<Id>{result['Id']}</Id><Label>{result['Label']}</Label></member>"
    )


def _answer(operation: str, inner: str) -> bytes:
    return (
        f'<{operation}Response xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><{operation}Result>{inner}'
        f"</{operation}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{operation}Response>"
    ).encode()


def application(points: int, latency_s: float, *, speaks_json: bool) -> web.Application:
    """The service; it answers `points` minutes of every series after `latency_s`."""
    statistics = _answer(
        "GetMetricStatistics",
        f"<Label>l</Label><Datapoints><member><Timestamp>{utc(NEWEST_S):%Y-%m-%dT%H:%M:%SZ}</Timestamp>"
        "<Average>1.5</Average><Unit>Count</Unit></member></Datapoints>",
    )

    async def answer(request: web.Request) -> web.Response:
        body = await request.read()
        if latency_s:
            await asyncio.sleep(latency_s)
        if "X-Amz-Target" in request.headers:
            if not speaks_json:
                return web.Response(body=b'{"__type":"UnknownOperationException"}', status=404)
            sent = in_json(body.count(b'"Id"'), points)
            return web.Response(body=sent, content_type="application/x-amz-json-1.0")
        if b"GetMetricStatistics" in body:
            return web.Response(body=statistics, content_type="text/xml")
        return web.Response(body=in_xml(body.count(b".Id="), points), content_type="text/xml")

    app = web.Application(client_max_size=_MOST_BODY_BYTES)
    app.router.add_post("/", answer)
    return app


async def serve(points: int, latency_s: float, *, speaks_json: bool) -> None:
    """Serves until standard input ends."""
    runner = web.AppRunner(application(points, latency_s, speaks_json=speaks_json), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)  # noqa: T201 - the line that the parent waits for
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]), speaks_json=sys.argv[3] == "json"))
