"""botocore's parsers, held to what they promise: an answer is read, or it is a ResponseParserError.

By themselves they stumble over an answer of another shape with whatever error comes of it, and take JSON that breaks
off for an answer that says nothing: a list of endpoints that was cut off would be an account without endpoints.
"""

import json
from collections.abc import Mapping
from typing import Any

import orjson
from botocore.parsers import ResponseParserError

_OF_PARSERS = (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)
"""What reading an answer of another shape may come to."""


class StrictParsers:
    """botocore's factory of parsers, whose parsers raise ResponseParserError and nothing else."""

    def __init__(self, factory: Any) -> None:
        self._factory = factory

    def __getattr__(self, name: str) -> Any:
        return getattr(self._factory, name)

    def create_parser(self, protocol_name: str) -> "StrictParser":
        return StrictParser(self._factory.create_parser(protocol_name), protocol_name)


class StrictParser:
    """One of its parsers."""

    def __init__(self, parser: Any, protocol: str) -> None:
        self._parser = parser
        self._protocol = protocol

    def __getattr__(self, name: str) -> Any:
        return getattr(self._parser, name)

    async def parse(self, response: Mapping[str, Any], shape: Any) -> Any:
        """As botocore's."""
        try:
            if self._protocol == "json" and response["status_code"] < 300 and shape is not None and shape.members:
                _check_object(response["body"])
            return await self._parser.parse(response, shape)
        except _OF_PARSERS as error:
            raise ResponseParserError(f"{type(error).__name__}: {error}") from error


def _check_object(body: bytes) -> None:
    """Raises ValueError for what is no JSON object."""
    try:
        document = orjson.loads(body)
    except ValueError:  # orjson takes no NaN, which botocore does
        document = json.loads(body)
    if not isinstance(document, dict):
        raise TypeError(f"a JSON object was expected, not {type(document).__name__}")
