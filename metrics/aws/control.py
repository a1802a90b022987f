"""The ControlPlane port over one session: documents as AWS sends them, and calls that change something, sent once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from botocore import xform_name

from smtop.metrics.actions.ports import Document, Reading, Receipt
from smtop.metrics.aws.as_sent import AS_SENT, keep, kept_as_sent
from smtop.metrics.aws.faults import translated
from smtop.metrics.aws.inventory import PAGE_SIZE, SageMakerInventory
from smtop.metrics.aws.operations import iam_prefix
from smtop.metrics.aws.session import SERVICES, AwsSession
from smtop.metrics.domain.configs import unknown_paths
from smtop.metrics.domain.endpoint import Account, Identity
from smtop.metrics.domain.plan import Call

_OWN = frozenset({AS_SENT, "ResponseMetadata"})


class AwsControl:
    """All of it over one session."""

    def __init__(self, session: AwsSession, accounts: Mapping[str, Account]) -> None:
        self._session = session
        self._inventory = SageMakerInventory(session, accounts)

    async def identity(self) -> Identity:
        return await self._inventory.identity()

    async def read(self, service: str, operation: str, **parameters: object) -> Reading:
        return _reading(await self._call(service, operation, parameters))

    async def entries(self, service: str, operation: str, member: str, **parameters: object) -> Sequence[Document]:
        client = await self._client(service)
        method, size = xform_name(operation), {"PageSize": PAGE_SIZE} if service == "sagemaker" else {}
        found: list[Document] = []
        with translated(f"{iam_prefix(service)}:{operation}", self._session.profile):
            async for page in client.get_paginator(method).paginate(PaginationConfig=size, **parameters):
                found += [_plain(entry) for entry in page.get(member, ())]
        return found

    async def send(self, call: Call) -> Receipt:
        answer = await self._call(call.service, call.operation, call.params)
        about = answer.get("ResponseMetadata", {})
        return Receipt(str(about.get("RequestId", "")), _reading(answer).document)

    async def _call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        client = await self._client(service)
        keep(client, operation)
        with translated(f"{iam_prefix(service)}:{operation}", self._session.profile), kept_as_sent():
            answer: Mapping[str, Any] = await getattr(client, xform_name(operation))(**parameters)
        return answer

    async def _client(self, service: str) -> Any:
        return self._session.client(service) if service in SERVICES else await self._session.opened(service)


def _reading(answer: Mapping[str, Any]) -> Reading:
    understood = _plain({name: value for name, value in answer.items() if name not in _OWN})
    sent = answer.get(AS_SENT)
    if not isinstance(sent, dict):
        return Reading(understood)
    return Reading(sent, frozenset(unknown_paths(sent, understood)))


def _plain(value: Any) -> Any:
    """The same as JSON values."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.timestamp() if isinstance(value, datetime) else value
