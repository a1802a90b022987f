"""In which protocol CloudWatch is spoken to: JSON where it answers JSON, and the older query protocol elsewhere.

The service answers JSON 1.0 as well as forms and XML, at a third of the cost; the model that this botocore carries
knows the older protocol alone. Services that stand in for CloudWatch may not speak JSON, and some of them say so with
an ordinary HTTP 500. So a refusal is believed only once the same question in the query protocol gets an answer.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from botocore.parsers import ResponseParserError

_JSON_METADATA = {
    "protocol": "json",
    "protocols": ["json"],
    "jsonVersion": "1.0",
    "targetPrefix": "GraniteServiceVersion20100801",
    "awsQueryCompatible": {},
}
"""Source: the CloudWatch model of botocore 1.43 and later."""

_SAID_BY_ANY_FRONT = frozenset({407, 413, 429, 502, 503, 504})
"""Statuses that proxies and load balancers answer in words of their own, whatever the service speaks."""


class Protocol(Enum):
    UNKNOWN = "not known yet"
    JSON = "json"
    QUERY = "query"


class JsonRefusedError(ResponseParserError):  # type: ignore[misc]  # botocore has no types
    """A request in JSON met an answer that is no JSON."""


class CloudWatchModels:
    """botocore's loader of service models, with a CloudWatch that speaks JSON while `in_json` is set."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self.in_json = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """As botocore's; the model that it keeps for others is left as it is."""
        model = self._loader.load_service_model(service_name, type_name, api_version)
        if (service_name, type_name) != ("cloudwatch", "service-2") or not self.in_json:
            return model
        return {**model, "metadata": {**model["metadata"], **_JSON_METADATA}}


class Dialect:
    """What is known of the protocol; learns from every answer, and never forgets."""

    def __init__(self) -> None:
        self.protocol = Protocol.UNKNOWN

    def heard_in_json(self, response_dict: Mapping[str, Any] | None = None, **_: object) -> None:
        """The answer to a request in JSON. Raises JsonRefusedError where JSON may not be spoken."""
        if self.protocol is Protocol.JSON or response_dict is None:
            return
        status, body = response_dict["status_code"], response_dict["body"]
        if _is_json(status, body):
            self.protocol = Protocol.JSON
        elif status not in _SAID_BY_ANY_FRONT:
            raise JsonRefusedError(f"HTTP {status} without JSON")

    def heard_in_query(self, response_dict: Mapping[str, Any] | None = None, **_: object) -> None:
        """The answer to a request in the query protocol; only asked where JSON was refused."""
        if response_dict is None:
            return
        if response_dict["status_code"] < 500 and b"Response" in response_dict["body"][:300]:
            self.protocol = Protocol.QUERY


def _is_json(status: int, body: bytes) -> bool:
    unknown = status >= 400 and b"UnknownOperation" in body
    return body.lstrip()[:1] == b"{" and not unknown
