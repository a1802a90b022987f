"""Quitting while AWS is slow to answer: no connection, task or further call is left behind."""

import asyncio
import gc

import aioboto3
import pytest

from smtop.metrics.aws.session import SERVICES
from smtop.metrics.clock import SystemClock
from smtop.metrics.config import Settings
from smtop.metrics.monitor import Monitor
from tests.contract.sessions import point_at
from tests.support.simulated_aws import SimulatedAws


async def test_quitting_while_aws_is_asked_leaves_nothing_behind(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An AWS that takes calls and never answers. Warnings are errors here: an unclosed session would fail the test."""
    calls: list[bytes] = []
    called, hung_up = asyncio.Event(), asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(await reader.readuntil(b"\r\n"))
        called.set()
        await reader.read()
        writer.close()
        hung_up.set()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    keys = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing", "AWS_REGION": "us-east-1"}
    point_at({"AWS_ENDPOINT_URL": url, **keys}, monkeypatch)
    async with server:
        tasks = asyncio.all_tasks()
        async with Monitor(settings, SystemClock()) as monitor:
            feed = monitor.snapshots()
            reading = asyncio.ensure_future(anext(feed))
            await called.wait()
            reading.cancel()
            await asyncio.wait([reading])
            await asyncio.sleep(0)
        await hung_up.wait()
        await asyncio.sleep(0)
        gc.collect()
        assert asyncio.all_tasks() == tasks
        assert len(calls) == 1


async def test_clients_are_made_once_however_often_the_fleet_is_asked(
    simulated: SimulatedAws, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(simulated.environment, monkeypatch)
    made: list[str] = []
    make = aioboto3.Session.client

    def counting(session: aioboto3.Session, service: str, **options: object) -> object:
        made.append(service)
        return make(session, service, **options)

    monkeypatch.setattr(aioboto3.Session, "client", counting)
    async with Monitor(settings, SystemClock()) as monitor:
        for _ in range(3):
            assert (await monitor.take()).complete
    assert sorted(made) == sorted((*SERVICES, "application-autoscaling", "ecr", "s3", "service-quotas"))
