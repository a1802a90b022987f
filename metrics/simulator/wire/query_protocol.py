"""AWS query: a form whose names are dotted paths in, XML out. Times are ISO 8601 in both directions."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from smtop.metrics.simulator.wire.errors import ServiceError


class Timestamp(float):
    """Epoch seconds that XML shows as ISO 8601; JSON shows them as the number they are."""


class Pairs(dict[str, Any]):
    """A map with keys of the caller's choice, which XML shows entry by entry; JSON shows it as any object."""


def decode(body: bytes) -> dict[str, Any]:
    """The form as nested dictionaries and lists; every scalar is still a string. Raises MalformedInput."""
    tree: dict[str, Any] = {}
    try:
        for path, value in parse_qsl(body.decode(), keep_blank_values=True):
            _plant(tree, path.split("."), value)
    except (UnicodeDecodeError, ValueError, AttributeError, TypeError):
        raise ServiceError("MalformedInput", "Top level element may not be treated as a list") from None
    return {name: _harvest(value) for name, value in tree.items()}


def _plant(tree: dict[str, Any], path: list[str], value: str) -> None:
    for step in path[:-1]:
        tree = tree.setdefault(step, {})
    tree[path[-1]] = value


def _harvest(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node.keys() == {"member"} and isinstance(node["member"], dict):
        members = node["member"]
        return [_harvest(members[position]) for position in sorted(members, key=int)]
    return {name: _harvest(value) for name, value in node.items()}


def encode(action: str, namespace: str, result: Mapping[str, Any], request_id: str) -> bytes:
    """A successful answer in the wrapper that query services use."""
    body = "".join(_members(result))
    return (
        f'<{action}Response xmlns="{namespace}"><{action}Result>{body}</{action}Result>'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{action}Response>"
    ).encode()


def encode_error(error: ServiceError, namespace: str, request_id: str) -> tuple[int, bytes]:
    """Status and body of a refusal."""
    status = error.query_status or error.status
    fault = "Sender" if status < 500 else "Receiver"
    body = (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>{fault}</Type><Code>{escape(error.query_code)}</Code>'
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return status, body.encode()


def _members(record: Mapping[str, Any]) -> Iterator[str]:
    for name, value in record.items():
        if value is not None:
            yield f"<{name}>{_content(value)}</{name}>"


def _content(value: Any) -> str:
    if isinstance(value, Pairs):
        entries = (f"<key>{escape(key)}</key><value>{_content(item)}</value>" for key, item in value.items())
        return "".join(f"<entry>{entry}</entry>" for entry in entries)
    if isinstance(value, Mapping):
        return "".join(_members(value))
    if isinstance(value, list | tuple):
        # Most of an answer is long lists of times and values, where a call for each item would cost the most.
        show = _SHOWN_FAST.get(type(value[0]), _content) if value else _content
        return "".join([f"<member>{show(item)}</member>" for item in value])
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, Timestamp):
        return _iso(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(value) if isinstance(value, str) else repr(value)


@lru_cache(maxsize=65536)
def _iso(moment: float) -> str:
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds" if moment % 1 else "seconds")
    return text.replace("+00:00", "Z")


_SHOWN_FAST: dict[type, Callable[[Any], str]] = {Timestamp: _iso, float: repr}
