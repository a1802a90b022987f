"""AWS JSON 1.0 and 1.1: `X-Amz-Target` names the operation, the body is one object, times are epoch seconds."""

import json
from typing import Any

from smtop.metrics.simulator.wire.errors import ServiceError


def decode(body: bytes) -> dict[str, Any]:
    """The request's members; an empty body is an empty request. Raises SerializationException."""
    try:
        decoded = json.loads(body or b"{}", parse_constant=_no_constant)
    except ValueError:
        raise ServiceError("SerializationException", "Could not parse the request body as JSON") from None
    if not isinstance(decoded, dict):
        raise ServiceError("SerializationException", "Start of structure or map expected")
    return decoded


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def encode(result: dict[str, Any]) -> bytes:
    """A successful answer."""
    return json.dumps(result, separators=(",", ":")).encode()


def encode_error(error: ServiceError, query_compatible: bool) -> tuple[int, dict[str, str], bytes]:
    """Status, extra headers and body of a refusal.

    A service that moved from the query protocol also sends the old code, in a header that clients prefer.
    """
    fault = "Sender" if error.status < 500 else "Receiver"
    headers = {"x-amzn-query-error": f"{error.query_code};{fault}"} if query_compatible else {}
    return error.status, headers, encode({"__type": error.code, "message": error.message})
