"""Recorded answers to every operation of the table, through smtop's session and through an SDK with nothing of ours.

`python tools/record_traffic.py` records them anew.
"""

import asyncio
import json
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import botocore.loaders
import pytest
from aiobotocore.session import AioSession
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from smtop.metrics.actions.gate import WriteGate
from smtop.metrics.aws import cloudwatch
from smtop.metrics.aws.cloudwatch import CloudWatchMetrics
from smtop.metrics.aws.meter import Meter
from smtop.metrics.aws.operations import ALLOWED, CHANGING, iam_prefix
from smtop.metrics.aws.protocol import CloudWatchModels
from smtop.metrics.aws.session import SERVICES, AwsSession
from smtop.metrics.clock import SystemClock
from smtop.metrics.config import Directories, Settings
from smtop.metrics.domain.series import MetricId, SeriesKey
from smtop.metrics.ports import Batch, Window
from tests.contract.sessions import point_at
from tests.support.canned import Canned, answer_by

IN_JSON = "cloudwatch-in-json"
NAMED = {"AWS_ACCESS_KEY_ID": "canned", "AWS_SECRET_ACCESS_KEY": "canned", "AWS_REGION": "us-east-1"}
NEW_EACH_TIME = frozenset({"amz-sdk-invocation-id", "authorization", "user-agent", "x-amz-date", "content-length"})


@dataclass(frozen=True)
class Recorded:
    """A call and its answer."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    answer: Canned

    @property
    def is_in_json(self) -> bool:
        return self.service == IN_JSON

    @property
    def client(self) -> str:
        """What botocore calls the service."""
        return "cloudwatch" if self.is_in_json else self.service

    def __str__(self) -> str:
        return f"{self.service}-{self.operation}-{self.answer.status}"


def recordings() -> Iterator[Recorded]:
    for path in sorted((Path(__file__).parent / "traffic").glob("*.json")):
        for entry in json.loads(path.read_text()):
            body = json.dumps(entry["json"]) if "json" in entry else entry["text"]
            answer = Canned(body.encode(), entry["status"], entry["headers"])
            yield Recorded(path.stem, entry["operation"], entry["parameters"], answer)


RECORDED = tuple(recordings())
DATA = tuple(one for one in RECORDED if one.operation == "GetMetricData" and one.answer.status == 200)
ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1}, max_pool_connections=64)
UNKNOWN_OPERATION = Canned(b'{"__type": "UnknownOperationException"}', 404)


class Wire:
    """What is sent during a call, and the answer to it."""

    def __init__(self) -> None:
        self.recorded = RECORDED[0]
        self.sent: list[dict[str, Any]] = []

    def answering(self, request: Any) -> Canned:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if self.recorded.service == "cloudwatch" and "x-amz-target" in headers:
            return UNKNOWN_OPERATION
        body = request.body.encode() if isinstance(request.body, str) else request.body
        body = body if isinstance(body, bytes | None) else type(body).__name__  # s3 sends it piece by piece
        kept = {name: value for name, value in headers.items() if name not in NEW_EACH_TIME}
        self.sent.append({"method": request.method, "url": request.url, "body": body, "headers": kept})
        return self.recorded.answer


class Callers:
    """smtop's sessions, and clients of an SDK that has nothing of ours, on one wire."""

    def __init__(self, settings: Settings, loader: botocore.loaders.Loader) -> None:
        self.wire = Wire()
        self._gate = WriteGate(SystemClock())
        self._gate.open()
        self._loader = loader
        self._sessions = {service: AwsSession(settings, Meter()) for service in ("", "cloudwatch")}
        self._stock: dict[str, Any] = {}
        self._opened = AsyncExitStack()

    async def open(self) -> None:
        for session in self._sessions.values():
            await self._opened.enter_async_context(session)

    async def close(self) -> None:
        await self._opened.aclose()

    def session(self, recorded: Recorded) -> AwsSession:
        """One for the query protocol, which a session stays with, and one for everything else."""
        return self._sessions.get(recorded.service, self._sessions[""])

    async def ours(self, recorded: Recorded) -> Any:
        session = self.session(recorded)
        with self._gate.passage():
            if recorded.client == "cloudwatch":
                return await session.cloudwatch(lambda client: told(client, recorded))
            known = recorded.client in SERVICES
            client = session.client(recorded.client) if known else await session.opened(recorded.client)
            return await told(client, recorded)

    async def theirs(self, recorded: Recorded) -> Any:
        if recorded.service not in self._stock:
            session = AioSession()
            loader = CloudWatchModels(self._loader) if recorded.is_in_json else self._loader
            session.register_component("data_loader", loader)
            client = session.create_client(recorded.client, region_name="us-east-1", config=ONCE)
            self._stock[recorded.service] = await self._opened.enter_async_context(client)
        return await told(self._stock[recorded.service], recorded)

    async def sent(self, recorded: Recorded, call: Awaitable[Any]) -> tuple[Any, list[dict[str, Any]]]:
        """What comes of a call, and what it has sent."""
        self.wire.recorded, self.wire.sent = recorded, []
        return await call, self.wire.sent


async def told(client: Any, recorded: Recorded) -> Any:
    """What a client makes of the answer: members, or the error that it raises; times as epoch seconds."""
    try:
        answer = await getattr(client, xform_name(recorded.operation))(**recorded.parameters)
    except ClientError as error:
        answer = {"Refused": type(error).__name__, **error.response}
    if hasattr(answer.get("Body"), "read"):
        answer["Body"] = await answer["Body"].read()
    return plain(answer)


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.timestamp() if isinstance(value, datetime) else value


@pytest.fixture(scope="module")
def on_wire(
    tmp_path_factory: pytest.TempPathFactory, parsed_models: botocore.loaders.Loader
) -> Iterator[tuple[asyncio.Runner, Callers]]:
    folder = tmp_path_factory.mktemp("traffic")
    settings = Settings(Directories(*(folder / name for name in ("config", "state", "cache", "data"))))
    with pytest.MonkeyPatch.context() as monkeypatch, asyncio.Runner() as runner:
        monkeypatch.setattr("botocore.session.create_loader", lambda _: parsed_models)
        point_at(NAMED, monkeypatch)
        callers = Callers(settings, parsed_models)
        answer_by(callers.wire.answering, monkeypatch)
        runner.run(callers.open())
        yield runner, callers
        runner.run(callers.close())


def test_every_operation_of_the_table_is_recorded() -> None:
    made = {f"{iam_prefix(one.client)}:{one.operation}" for one in RECORDED}
    assert made == ALLOWED | CHANGING


@pytest.mark.parametrize("recorded", RECORDED, ids=str)
def test_smtop_sends_and_reads_what_the_sdk_alone_does(
    recorded: Recorded, on_wire: tuple[asyncio.Runner, Callers]
) -> None:
    runner, callers = on_wire
    ours = runner.run(callers.sent(recorded, callers.ours(recorded)))
    assert ours == runner.run(callers.sent(recorded, callers.theirs(recorded)))
    assert len(ours[1]) == 1


@pytest.mark.parametrize("recorded", DATA, ids=str)
def test_the_short_way_sends_and_reads_what_the_sdk_alone_does(
    recorded: Recorded, on_wire: tuple[asyncio.Runner, Callers], monkeypatch: pytest.MonkeyPatch
) -> None:
    runner, callers = on_wire
    theirs, asked = runner.run(callers.sent(recorded, callers.theirs(recorded)))
    monkeypatch.setattr(cloudwatch, "page_of", None)  # which only the long way needs
    source = CloudWatchMetrics(callers.session(recorded))
    reply, sent = runner.run(callers.sent(recorded, source.fetch(batch_of(recorded.parameters))))
    assert sent == asked
    assert [(list(one.times), list(one.values), one.completeness) for one in reply.answers.values()] == [
        (one["Timestamps"], one["Values"], one["StatusCode"]) for one in theirs["MetricDataResults"]
    ]


def batch_of(parameters: Mapping[str, Any]) -> Batch:
    """The recorded request as smtop asks for it."""
    stats = [query["MetricStat"] for query in parameters["MetricDataQueries"]]
    named = [(stat["Metric"], stat["Stat"]) for stat in stats]
    series = [
        SeriesKey(MetricId(metric["Namespace"], metric["MetricName"], dimensions(metric)), stat)
        for metric, stat in named
    ]
    return Batch(tuple(series), Window(parameters["StartTime"], parameters["EndTime"]))


def dimensions(metric: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((one["Name"], one["Value"]) for one in metric["Dimensions"])
