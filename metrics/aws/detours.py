"""What smtop does more slowly, or not at all, with this botocore: each of its own ways is tried without a network."""

import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from aiobotocore.awsrequest import AioAWSResponse
from aiobotocore.session import AioSession
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from smtop.metrics.aws import fast_lane, hooks
from smtop.metrics.aws.edge import Edge
from smtop.metrics.aws.fast_lane import Passage, Preparations, Request, under_way
from smtop.metrics.aws.meter import Meter
from smtop.metrics.aws.repeats import Repeats
from smtop.metrics.domain.series import MetricId, SeriesKey
from smtop.metrics.domain.way import Way
from smtop.metrics.ports import Window

_KEY = SeriesKey(MetricId("AWS/SageMaker", "Invocations", (("EndpointName", "e"),)), "Sum")
_IN_XML = b"""<GetMetricDataResponse><GetMetricDataResult><MetricDataResults><member><Id>q0</Id>
<Timestamps><member>1970-01-01T00:01:00Z</member></Timestamps><Values><member>2.5</member></Values></member>
</MetricDataResults></GetMetricDataResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
</GetMetricDataResponse>"""
_ANSWERS: Mapping[str, bytes] = {
    "json": b'{"MetricDataResults": [{"Id": "q0", "Timestamps": [60], "Values": [2.5]}]}',
    "query": _IN_XML,
}
_NOWHERE = {"region_name": "us-east-1", "endpoint_url": "http://127.0.0.1:9"}


class NotHereError(Exception):
    """A way that this botocore does not let pass."""


async def ways() -> list[Way]:
    """All of them, tried."""
    return [Way(name, instead, await _tried(attempt)) for name, instead, attempt in _WAYS]


async def _tried(attempt: Callable[[], Awaitable[None]]) -> str | None:
    """Why an attempt failed."""
    try:
        await attempt()
    except Exception as error:
        return f"{type(error).__name__}: {error}" if not isinstance(error, NotHereError) else str(error)
    return None


async def _short_in_json() -> None:
    await _short_way("json")


async def _short_in_query() -> None:
    await _short_way("query")


async def _short_way(protocol: str) -> None:
    passage = Passage(Request(Preparations().of((_KEY,)), Window(0, 120)))
    async with _client(protocol) as client:
        fast_lane.attach(client.meta.events)
        client.meta.events.register_last("before-send", _answering(_ANSWERS[protocol]))
        token = under_way.set(passage)
        try:
            await client.get_metric_data(MetricDataQueries=[], **passage.request.changing())
        finally:
            under_way.reset(token)
    if passage.page is None or (passage.page.times, passage.page.values) != ([[60]], [[2.5]]):
        raise NotHereError("answers are not shown before they are parsed")


async def _speaking_json() -> None:
    async with _client("json") as client:
        spoken = client.meta.service_model.resolved_protocol
        if spoken != "json":
            raise NotHereError(f"its model of CloudWatch stays with {spoken}")


async def _strict_parsers() -> None:
    if not hooks.parse_strictly(_session()):
        raise NotHereError("its factory of parsers has no set_parser_defaults")
    async with _client("json") as client:
        client.meta.events.register_last("before-send", _answering(b'{"Metrics": ['))
        try:
            await client.list_metrics()
        except ResponseParserError:
            return
    raise NotHereError("answers that break off are taken for empty ones")


async def _repeats() -> None:
    heard: list[int] = []
    edge = Edge(Meter(), _Gate(heard), lambda _: None)
    async with _client("query") as client:
        edge.guard(client.meta.events)
        client.meta.events.register_last("before-send", _answering(b"", 503))
        with suppress(ClientError):
            await client.list_metrics()
    if heard != [1]:
        raise NotHereError(Repeats().missing or "failures are not told before they are raised")


class _Gate:
    """Lets everything pass and nothing be sent again."""

    def __init__(self, heard: list[int]) -> None:
        self._heard = heard

    async def admit(self, _operation: str, _datapoints: int = 0) -> None:
        """At once."""

    def throttled(self, _operation: str) -> None:
        """Changes nothing."""

    async def may_retry(self, attempts: int, _retry_after_s: float = 0.0) -> bool:
        self._heard.append(attempts)
        return False


async def _codes() -> None:
    if not hooks.ask_for_codes(_session(), lambda _: ""):
        raise NotHereError("its provider of assumed roles has no _prompter")


async def _roles() -> None:
    if not hooks.share_roles(_session(), {}):
        raise NotHereError("its provider of assumed roles has no cache")


async def _late_refresh() -> None:
    if not hooks.refresh_late(None):
        raise NotHereError("its refreshable credentials have no _advisory_refresh_timeout")


async def _signing_in_again() -> None:
    session, nobody = _session(), Credentials("another", "nothing")
    session.set_credentials("nobody", "nothing")
    async with session.create_client("sts", **_NOWHERE) as client:
        if not hooks.give_credentials(nobody, session, [client]):
            raise NotHereError("its clients have no _request_signer with _credentials")


def _session() -> AioSession:
    """One that reads no configuration of anybody."""
    nothing = (None, None, None, None)
    files = dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))
    return AioSession(session_vars={"profile": nothing, **files})


def _client(protocol: str) -> Any:
    """A CloudWatch client, prepared as a session of smtop prepares it, without credentials of anybody."""
    session = _session()
    hooks.parse_strictly(session)
    models = hooks.speak_json(session)
    if models is not None:
        models.in_json = protocol == "json"
    session.set_credentials("nobody", "nothing")
    once = Config(retries={"mode": "standard", "total_max_attempts": 1})
    return session.create_client("cloudwatch", config=once, **_NOWHERE)


class _Raw:
    """A body to be read."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self) -> bytes:
        return self._body


def _answering(body: bytes, status: int = 200) -> Callable[..., AioAWSResponse]:
    """Answers instead of the network."""

    def answer(**_: object) -> AioAWSResponse:
        return AioAWSResponse(_NOWHERE["endpoint_url"], status, HTTPHeaders(), _Raw(body))

    return answer


_WAYS: tuple[tuple[str, str, Callable[[], Awaitable[None]]], ...] = (
    ("metrics in JSON", "botocore writes the requests and reads the answers", _short_in_json),
    ("metrics in the query protocol", "botocore writes the requests and reads the answers", _short_in_query),
    ("CloudWatch in JSON", "CloudWatch is asked in the query protocol", _speaking_json),
    ("strict reading", "botocore takes a list that was cut off for an empty one", _strict_parsers),
    ("asking again", "no failed call is sent again before the next poll", _repeats),
    ("MFA codes on the screen", "botocore asks for them on the terminal; sign in before smtop starts", _codes),
    ("one MFA code for all regions of a profile", "each region asks for one of its own", _roles),
    ("role credentials kept to their last minutes", "botocore renews them 15 minutes before their end", _late_refresh),
    ("signing in again", "new clients are opened each time, which takes memory", _signing_in_again),
)
