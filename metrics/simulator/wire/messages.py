"""What crosses the wire: a request as it arrived, the call that it turned out to be, the answer that goes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_IAM_PREFIXES = {"sagemaker-runtime": "sagemaker"}


@dataclass(frozen=True)
class WireRequest:
    """What arrived. `headers` are found whatever the case of their names; `path` is decoded."""

    body: bytes
    headers: Mapping[str, str]
    method: str = "POST"
    path: str = "/"
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str | None:
        """The operation as the JSON protocol names it; absent in every other one."""
        return self.headers.get("X-Amz-Target")

    @property
    def authorization(self) -> str | None:
        """Who signed, and for what."""
        return self.headers.get("Authorization")

    @property
    def content_type(self) -> str:
        """The body's type; AWS's JSON where the client names none."""
        return self.headers.get("Content-Type", "application/x-amz-json-1.1")

    @property
    def invocation(self) -> str:
        """The client's own id of the call, the same in each of its retries; empty where the client sends none."""
        return self.headers.get("amz-sdk-invocation-id", "")


@dataclass(frozen=True)
class WireAnswer:
    """What goes back. `lacking` is how many more bytes are announced than come before the connection is cut."""

    status: int
    body: bytes
    content_type: str
    headers: Mapping[str, str]
    lacking: int = 0


@dataclass(frozen=True)
class Call:
    """A request whose service and operation are known; `members` is still untyped, text where `textual`."""

    service: str
    operation: str
    members: dict[str, Any]
    textual: bool = False

    @property
    def action(self) -> str:
        """The call as IAM names it."""
        return f"{_IAM_PREFIXES.get(self.service, self.service)}:{self.operation}"
