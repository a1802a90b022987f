"""One AWS session: credentials, region and clients, all of whose calls pass the edge."""

import asyncio
import gc
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import aioboto3
from aiobotocore.session import AioSession
from botocore import exceptions as boto
from botocore.config import Config

from smtop.metrics.aws import fast_lane
from smtop.metrics.aws.edge import Edge
from smtop.metrics.aws.faults import translated
from smtop.metrics.aws.hooks import (
    ask_for_codes,
    give_credentials,
    parse_strictly,
    refresh_late,
    share_roles,
    speak_json,
)
from smtop.metrics.aws.meter import Meter
from smtop.metrics.aws.mfa import MfaCodes, SignOn
from smtop.metrics.aws.models import own_models
from smtop.metrics.aws.protocol import Dialect, JsonRefusedError, Protocol
from smtop.metrics.config import Settings
from smtop.metrics.errors import ConfigError
from smtop.metrics.ports import Gate

SERVICES = ("sagemaker", "cloudwatch", "sts")
LATER = ("application-autoscaling", "ecr", "iam", "s3", "sagemaker-runtime", "service-quotas")
"""Services whose client is opened when something is first asked of them."""
_CONNECTIONS = 64
_CONNECT_TIMEOUT_S = 5
_READ_TIMEOUT_S = 60
_IN_QUERY = "cloudwatch in the query protocol"

T = TypeVar("T")

for _library in ("aiobotocore", "aiohttp", "botocore"):
    # Without a handler of their own Python prints their warnings, tracebacks included, into the operator's terminal.
    logging.getLogger(_library).addHandler(logging.NullHandler())


class AwsSession:
    """Clients of one account and region, opened once and closed together.

    `heard_date` is told the Date header of every answer. Sessions of one profile may have one `sign_on`. `services` are
    those of SERVICES that it is for, CloudWatch always among them. `account` is None until AWS has told it.
    """

    def __init__(
        self,
        settings: Settings,
        meter: Meter,
        gate: Gate | None = None,
        heard_date: Callable[[str], None] = lambda _: None,
        sign_on: SignOn | None = None,
        services: Sequence[str] = SERVICES,
    ) -> None:
        self._settings = settings
        self._services = services
        self._sign_on = sign_on or SignOn()
        self._stack = AsyncExitStack()
        self._is_closed = False
        self._clients: dict[str, Any] = {}
        self._opening = asyncio.Lock()
        self._dialect = Dialect()
        self.profile = settings.profile or os.environ.get("AWS_PROFILE")
        self._unused: AioSession | None = _session(settings, self._sign_on)
        self.region = _region(settings, self._unused)
        self.account: str | None = None
        self._edge = Edge(meter, gate, heard_date, self._unused.get_config_variable("max_attempts"))
        self._gate_of: Callable[[str], Gate] | None = None

    def go_by(self, gate: Gate, of_account: Callable[[str], Gate] | None = None) -> None:
        """Another gate for all calls from now on, and what it becomes once the account is known."""
        self._edge.gate = gate
        self._gate_of = of_account

    def belongs_to(self, account: str) -> None:
        """AWS has told whose the credentials are."""
        self.account = account
        if self._gate_of is not None:
            self._edge.gate = self._gate_of(account)

    @property
    def codes(self) -> MfaCodes:
        """Where a code of the MFA device is given."""
        return self._sign_on.codes

    async def __aenter__(self) -> "AwsSession":
        await self._open()
        gc.freeze()  # the SDK's models stay for good, and looking through them takes longer than reading an answer
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._is_closed = True
        await self._stack.aclose()

    async def renew(self) -> None:
        """Gives all clients whatever credentials the operator has by now; the old ones stay if that fails.

        Clients stay as they are: a new one takes megabytes, and while nobody signs in this is tried again and again.
        """
        async with self._opening:
            self._sign_on.forget(getattr(await self._botocore.get_credentials(), "_access_key", None))
            with translated("sts:*", self.profile):
                credentials = await _session(self._settings, self._sign_on).get_credentials()
            refresh_late(credentials)
            if not give_credentials(credentials, self._botocore, self._clients.values()):
                old = self._stack
                await self._open()
                await old.aclose()

    async def _open(self) -> None:
        botocore_session, self._unused = self._unused or _session(self._settings, self._sign_on), None
        self._config = _client_config(botocore_session)
        models = speak_json(botocore_session)
        session = aioboto3.Session(botocore_session=botocore_session, region_name=self.region)
        async with AsyncExitStack() as opened:
            clients = {service: await self._enter(session, service, opened) for service in self._services}
            refresh_late(await botocore_session.get_credentials())
            self._stack = opened.pop_all()
        self._shorten(clients["cloudwatch"].meta.events, self._dialect.heard_in_json)
        self._session, self._botocore, self._models, self._clients = session, botocore_session, models, clients

    async def _enter(self, session: aioboto3.Session, service: str, opened: AsyncExitStack) -> Any:
        """Making a client reads the credentials, which may be incomplete or out of reach."""
        with translated(f"{service}:*", self.profile):
            try:
                client = await opened.enter_async_context(session.client(service, config=self._config))
            except ValueError as error:  # botocore's answer to an endpoint URL or a region that cannot be one
                why = str(error).rstrip(".")
                raise ConfigError(f"{why}. Check --region and AWS_ENDPOINT_URL.") from error
        self._edge.guard(client.meta.events)
        client.meta.events.register_last("before-send", self._refuse_once_closed)
        return client

    def _refuse_once_closed(self, **_: object) -> None:
        """What still waits for its turn would open connections that nobody closes."""
        if self._is_closed:
            raise boto.HTTPClientError(error="smtop is about to end")

    async def given(self) -> dict[str, str]:
        """The credentials that a code of the MFA device has opened, as variables; nothing where there was none."""
        if not self.codes.were_used:
            return {}
        frozen = await (await self._botocore.get_credentials()).get_frozen_credentials()
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        return dict(zip(names, (frozen.access_key, frozen.secret_key, frozen.token), strict=True))

    @property
    def endpoint_url(self) -> str:
        """Where SageMaker is asked: Amazon's own address, or another AWS."""
        return str(self._clients["sagemaker"].meta.endpoint_url)

    def client(self, service: str) -> Any:
        """The client of one of SERVICES."""
        return self._clients[service]

    async def opened(self, service: str) -> Any:
        """The client of one of LATER."""
        async with self._opening:
            if service not in self._clients:
                self._clients[service] = await self._enter(self._session, service, self._stack)
            return self._clients[service]

    async def cloudwatch(self, call: Callable[[Any], Awaitable[T]]) -> T:
        """What `call` gets from a CloudWatch client, in the protocol that the service speaks."""
        if self._dialect.protocol is not Protocol.QUERY:
            try:
                return await call(self._clients["cloudwatch"])
            except JsonRefusedError:
                pass
        return await call(await self._in_query())

    async def _in_query(self) -> Any:
        """The client that speaks the query protocol, opened when it is first needed."""
        async with self._opening:
            if _IN_QUERY not in self._clients:
                if self._models is not None:
                    self._models.in_json = False
                client = await self._enter(self._session, "cloudwatch", self._stack)
                self._shorten(client.meta.events, self._dialect.heard_in_query)
                self._clients[_IN_QUERY] = client
            return self._clients[_IN_QUERY]

    def _shorten(self, events: Any, heard: Callable[..., None]) -> None:
        events.register_first("before-parse", heard)
        fast_lane.attach(events)


def _session(settings: Settings, sign_on: SignOn) -> AioSession:
    try:
        session = AioSession(profile=settings.profile)
        parse_strictly(session)
        session.get_scoped_config()
        session.register_component("data_loader", own_models(session.get_config_variable("data_path")))
        ask_for_codes(session, sign_on.codes.take)
        share_roles(session, sign_on.roles)
    except boto.ProfileNotFound as error:
        raise ConfigError(f"{error}. Choose one with --profile, or write it into the AWS config file.") from error
    except boto.ConfigParseError as error:
        raise ConfigError(f"{error}. Mend that file, or name another with AWS_CONFIG_FILE.") from error
    return session


def _region(settings: Settings, session: AioSession) -> str:
    region = (
        settings.region
        or os.environ.get("AWS_REGION")
        or os.environ.get("AWS_DEFAULT_REGION")
        or session.get_scoped_config().get("region")
    )
    if not region:
        raise ConfigError("No AWS region is set. Give --region, set AWS_REGION, or give the profile a region.")
    return str(region)


def _client_config(session: AioSession) -> Config:
    return Config(
        connect_timeout=_CONNECT_TIMEOUT_S,
        read_timeout=_READ_TIMEOUT_S,
        max_pool_connections=_CONNECTIONS,
        retries={"mode": "standard", "total_max_attempts": 1},  # the edge has its own, which the gate bounds
        user_agent=f"smtop {session.user_agent()}",  # else it is put together anew for every call
    )
