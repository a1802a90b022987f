"""What changing the fleet needs of AWS: a way to read documents, and a way to send calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from smtop.metrics.domain.endpoint import Identity
from smtop.metrics.domain.plan import Call

Document = Mapping[str, Any]
"""What AWS said, as JSON values; times are epoch seconds."""


@dataclass(frozen=True)
class Reading:
    """One answer as it was sent, with the paths of what the SDK does not know of it and would have dropped."""

    document: Document
    unknown: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True)
class Receipt:
    """AWS has carried a call out."""

    request_id: str
    answer: Document


class ControlPlane(Protocol):
    """SageMaker and the services around it. Operations are named as in AWS's API: `DescribeEndpoint`.

    Everything raises AwsError and nothing else.
    """

    async def identity(self) -> Identity:
        """Who the credentials belong to."""

    async def read(self, service: str, operation: str, **parameters: object) -> Reading:
        """One answer to a read."""

    async def entries(self, service: str, operation: str, member: str, **parameters: object) -> Sequence[Document]:
        """The entries under `member` of all pages."""

    async def send(self, call: Call) -> Receipt:
        """Sends a call that changes something, once: only what AWS turned away unread is sent again.

        Where AwsError.is_open, nobody knows whether AWS has carried it out. Raises AwsError, PERMISSION, unless it is
        sent within a passage of the write gate.
        """
