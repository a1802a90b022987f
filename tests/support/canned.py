"""Requests of the SDK that never leave the process: a function answers them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pytest
from aiobotocore.awsrequest import AioAWSResponse
from aiobotocore.httpsession import AIOHTTPSession
from botocore.compat import HTTPHeaders


@dataclass(frozen=True)
class Canned:
    """One answer."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Answering: TypeAlias = Callable[[Any], Canned]
"""A request that botocore has prepared, to its answer."""


class _Raw:
    """What aiohttp would read the body from, at once or as a stream."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.content = self

    async def read(self, amount: int = -1) -> bytes:
        read, self._body = (self._body, b"") if amount < 0 else (self._body[:amount], self._body[amount:])
        return read


def answer_by(answering: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every client of aiobotocore, ours and others, is answered by this function instead of the network."""

    async def send(_session: AIOHTTPSession, request: Any) -> AioAWSResponse:
        said = answering(request)
        headers = HTTPHeaders()
        for name, value in said.headers.items():
            headers[name] = value
        return AioAWSResponse(request.url, said.status, headers, _Raw(said.body))

    monkeypatch.setattr(AIOHTTPSession, "send", send)
