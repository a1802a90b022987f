"""What AWS answers is either read or refused: botocore takes a body that it cannot read for an answer without members.

A page of a proxy, a body that was cut short, or none at all would otherwise say that there are no endpoints.
"""

import json
from collections.abc import Mapping
from typing import Any

import orjson
from aiobotocore.parsers import AioResponseParserFactory
from botocore.parsers import ResponseParserError

_GOOD = 300


class StrictParsers(AioResponseParserFactory):  # type: ignore[misc]  # aiobotocore has no types
    """Makes parsers that raise ResponseParserError, and nothing else, for whatever is no answer to the question."""

    def create_parser(self, protocol_name: str) -> Any:
        return _StrictParser(super().create_parser(protocol_name), protocol_name)


class _StrictParser:
    def __init__(self, parser: Any, protocol: str) -> None:
        self._parser = parser
        self._protocol = protocol

    async def parse(self, response: Mapping[str, Any], shape: Any) -> Any:
        try:
            if (
                response["status_code"] < _GOOD
                and shape is not None
                and not _is_answer(self._protocol, response, shape)
            ):
                raise ResponseParserError("The body is no answer to the question")
            return await self._parser.parse(response, shape)
        except ResponseParserError:
            raise
        except Exception as error:
            raise ResponseParserError(f"The body cannot be read: {error!r}") from error


def _is_answer(protocol: str, response: Mapping[str, Any], shape: Any) -> bool:
    if protocol == "json":
        return not shape.members or isinstance(_read(response["body"]), dict)
    wrapper = shape.serialization.get("resultWrapper") if protocol == "query" else None
    return wrapper is None or f"<{wrapper}".encode() in response["body"]


def _read(body: bytes) -> Any:
    """The JSON value; botocore accepts more than the fast parser, NaN for one. Raises ValueError."""
    try:
        return orjson.loads(body)
    except ValueError:
        return json.loads(body)
