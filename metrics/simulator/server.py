"""The HTTP server on loopback. One port speaks for every service, as clients with an endpoint URL expect."""

import asyncio
import sys
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from email.utils import formatdate
from types import MappingProxyType
from typing import Any, Protocol

from aiohttp import web

from smtop.metrics.simulator.clock import SimulatedClock
from smtop.metrics.simulator.control import Control
from smtop.metrics.simulator.faults import opening_faults
from smtop.metrics.simulator.gateway import Delivery, Gateway
from smtop.metrics.simulator.harm import harms
from smtop.metrics.simulator.region import open_region
from smtop.metrics.simulator.resources import Deployments, EndpointSeed, MetricReader
from smtop.metrics.simulator.sagemaker.account import Account
from smtop.metrics.simulator.sagemaker.seeding import open_account
from smtop.metrics.simulator.wire.credentials import signed_for
from smtop.metrics.simulator.wire.messages import WireAnswer, WireRequest
from smtop.metrics.simulator.wire.peers import only_own

HOST = "127.0.0.1"
REGION = "us-east-1"
# Larger than what the services accept, so that a service's own refusal answers what is a little too large.
MOST_READ_BYTES = 16 * 1024 * 1024


class Fleet(Protocol):
    """How the server sees the simulated fleet."""

    @property
    def seeds(self) -> Sequence[EndpointSeed]:
        """The endpoints that exist when the account opens."""

    @property
    def plumbing(self) -> Sequence[str]:
        """Which of `throttled`, `denied`, `late-data` are on."""

    @property
    def alarms(self) -> Sequence[Mapping[str, Any]]:
        """The account's metric alarms, as PutMetricAlarm would take them."""

    @property
    def granted(self) -> Mapping[str, int]:
        """Quotas by name that are not the usual ones."""

    def telemetry(self, deployments: Deployments) -> MetricReader:
        """The metrics of whatever the control plane deploys."""

    def truth(self) -> list[dict[str, Any]]:
        """What is wrong with the fleet."""


def build_app(
    fleet: Fleet,
    clock: SimulatedClock,
    latency_ms: float = 0.0,
    region: str = REGION,
    links: Mapping[str, str] = MappingProxyType({}),
) -> web.Application:
    """The simulated AWS as an application; its fleet is in `region`, the accounts in `links` share their metrics."""
    account = open_account(region, fleet.seeds, clock.now())
    telemetry = fleet.telemetry(account)
    home = open_region(account, telemetry, fleet.alarms, fleet.seeds, fleet.granted, links)
    faults = opening_faults(fleet.plumbing, _closed_endpoint(fleet), latency_ms)
    gateway = Gateway(clock, home, faults, lambda: str(uuid.uuid4()), links)
    app = web.Application(client_max_size=MOST_READ_BYTES, middlewares=[only_own()])
    harm = _harm(fleet, telemetry, account, gateway)
    app.add_routes(Control(gateway, clock, fleet.truth, harm, telemetry).routes())
    app.router.add_route("*", "/{path:.*}", _front_door(gateway, clock))
    return app


def _harm(
    fleet: Fleet, telemetry: MetricReader, account: Account, gateway: Gateway
) -> Callable[[float], list[dict[str, Any]]]:
    def told(now: float) -> list[dict[str, Any]]:
        account.settle(now)
        return harms(fleet.truth(), telemetry, account, gateway.journal.writes, now)

    return told


def _front_door(gateway: Gateway, clock: SimulatedClock) -> Callable[[web.Request], Any]:
    queues: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def handle(request: web.Request) -> web.StreamResponse:
        wire = WireRequest(await request.read(), request.headers, request.method, request.path, request.query)
        if gateway.faults.latency_ms:
            await asyncio.sleep(gateway.faults.latency_ms / 1000)
        async with queues[signed_for(wire.authorization)]:
            await asyncio.sleep(0)  # calls of other services do not wait until this one has answered all of its own
            delivery = gateway.answer(wire)
        if delivery.stall_s:
            await asyncio.sleep(delivery.stall_s)
        return await _deliver(request, delivery, formatdate(clock.now(), usegmt=True))

    return handle


async def _deliver(request: web.Request, delivery: Delivery, date: str) -> web.StreamResponse:
    """The answer as it goes out; the connection is cut where there is none. Whether it reached anybody is noted."""
    answer, transport = delivery.answer, request.transport
    if answer is None:
        if transport is not None:
            transport.abort()
        return web.Response()
    if delivery.write is not None:
        delivery.write.delivered = transport is not None and not transport.is_closing()
    headers = {**answer.headers, "Content-Type": answer.content_type, "Date": date}
    if answer.lacking:
        return await _cut_short(request, answer, headers)
    return web.Response(status=answer.status, body=answer.body, headers=headers)


async def _cut_short(request: web.Request, answer: WireAnswer, headers: Mapping[str, str]) -> web.StreamResponse:
    """Announces a whole body, sends its beginning, and cuts the connection."""
    response = web.StreamResponse(status=answer.status, headers=headers)
    response.content_length = len(answer.body) + answer.lacking
    with suppress(ConnectionResetError):  # the client may have hung up already
        await response.prepare(request)
        await response.write(answer.body)
    if request.transport is not None:
        request.transport.close()
    return response


def _closed_endpoint(fleet: Fleet) -> str | None:
    """An endpoint in service that the ground truth says nothing about: to close it hides no trouble."""
    told = {entry.get("endpoint") for entry in fleet.truth()}
    names = [seed.name for seed in fleet.seeds if seed.status == "InService"]
    return next((name for name in names if name not in told), names[0] if names else None)


async def serve(app: web.Application, port: int, stop: asyncio.Event, ready: Callable[[int], None]) -> None:
    """Serve on loopback until `stop`; `ready` is told the port. Raises OSError where the port cannot be had."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        ready(runner.addresses[0][1])
        await stop.wait()
    finally:
        await runner.cleanup()


async def watch_parent(stop: asyncio.Event) -> None:
    """Set `stop` when standard input, a pipe held by the parent, reaches its end."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(4096):
        pass
    stop.set()
