"""Answers as they were sent: botocore drops every member that its model does not have."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

AS_SENT = "AsSent"
"""The member of an answer under which the whole of it is kept."""

_wanted: ContextVar[bool] = ContextVar("as_sent", default=False)


@contextmanager
def kept_as_sent() -> Iterator[None]:
    """For the length of the block answers of operations that `keep` knows are kept: parsing twice is for few calls."""
    before = _wanted.set(True)
    try:
        yield
    finally:
        _wanted.reset(before)


def keep(client: Any, operation: str) -> None:
    """Prepares a client; again changes nothing."""
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register_first(f"before-parse.{service}.{operation}", _keep, f"{AS_SENT}.{operation}")


def _keep(**event: Any) -> None:
    """Where this botocore tells something else, documents are without the members that it does not know."""
    if not _wanted.get():
        return
    with suppress(LookupError, TypeError, ValueError):
        if event["response_dict"]["status_code"] == 200:
            event["customized_response_dict"][AS_SENT] = json.loads(event["response_dict"]["body"])
