"""What a request may look like, as data: types, required members, bounds; and AWS's words for what breaks them.

`read` turns a decoded body into typed values and raises `ServiceError` SerializationException where a type is wrong;
`violations` yields the constraint texts that SageMaker joins into one ValidationException. Members that a shape does
not know pass through untouched, as from a client newer than this list.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from smtop.metrics.simulator.wire.errors import ServiceError, invalid


class Shape(Protocol):
    """One type of value."""

    def read(self, value: Any, textual: bool) -> Any:
        """The typed value; `textual` where every scalar arrives as a string (query protocol)."""

    def violations(self, value: Any, path: str) -> Iterator[str]:
        """AWS's text for each constraint that `value` at `path` breaks."""


def _broken(value: Any, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: Member must {constraint}"


def _wrong_type(value: Any, wanted: str) -> ServiceError:
    names = {bool: "BOOLEAN_VALUE", str: "STRING_VALUE", int: "NUMBER_VALUE", float: "NUMBER_VALUE"}
    got = names.get(type(value), "Start of structure or map found where not expected:")
    return ServiceError("SerializationException", f"{got} can not be converted to {wanted}")


@dataclass(frozen=True)
class Text:
    """A string; `listed` is what the error shows instead of a long `pattern`-checked enumeration."""

    most: int | None = None
    least: int = 0
    pattern: str | None = None
    choices: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()

    def read(self, value: Any, textual: bool) -> str:
        if not isinstance(value, str):
            raise _wrong_type(value, "a String")
        return value

    def violations(self, value: str, path: str) -> Iterator[str]:
        if len(value) < self.least:
            yield _broken(value, path, f"have length greater than or equal to {self.least}")
        if self.most is not None and len(value) > self.most:
            yield _broken(value, path, f"have length less than or equal to {self.most}")
        if self.choices and value not in self.choices:
            yield _broken(value, path, f"satisfy enum value set: [{', '.join(self.choices)}]")
        if self.pattern and not re.fullmatch(self.pattern, value):
            wanted = f"satisfy enum value set: [{', '.join(self.listed)}]"
            yield _broken(value, path, wanted if self.listed else f"satisfy regular expression pattern: {self.pattern}")


@dataclass(frozen=True)
class Number:
    """An integer or, with `whole` off, any number."""

    least: float | None = None
    most: float | None = None
    whole: bool = True
    choices: tuple[int, ...] = ()

    def read(self, value: Any, textual: bool) -> float:
        if textual:
            value = self._parse(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong_type(value, "an Integer" if self.whole else "Float")
        return int(value) if self.whole else float(value)

    def _parse(self, value: Any) -> float:
        try:
            return int(value) if self.whole else float(value)
        except (TypeError, ValueError):
            raise ServiceError("MalformedInput", f"The value {value!r} is not a number.") from None

    def violations(self, value: float, path: str) -> Iterator[str]:
        if self.choices and value not in self.choices:
            yield _broken(value, path, f"satisfy enum value set: [{', '.join(map(str, self.choices))}]")
        if self.least is not None and value < self.least:
            yield _broken(value, path, f"have value greater than or equal to {self.least:g}")
        if self.most is not None and value > self.most:
            yield _broken(value, path, f"have value less than or equal to {self.most:g}")


@dataclass(frozen=True)
class Flag:
    """A boolean."""

    def read(self, value: Any, textual: bool) -> bool:
        if textual and value in {"true", "false"}:
            return bool(value == "true")
        if not isinstance(value, bool):
            raise _wrong_type(value, "a Boolean")
        return value

    def violations(self, value: bool, path: str) -> Iterator[str]:
        yield from ()


@dataclass(frozen=True)
class Moment:
    """A time: epoch seconds in JSON, ISO 8601 in a form; read as epoch seconds either way."""

    def read(self, value: Any, textual: bool) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise ServiceError("SerializationException", f"Unparseable date: {value!r}") from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

    def violations(self, value: float, path: str) -> Iterator[str]:
        yield from ()


@dataclass(frozen=True)
class Words:
    """A map of strings."""

    most: int = 100

    def read(self, value: Any, textual: bool) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong_type(value, "a Map")
        return value

    def violations(self, value: dict[str, Any], path: str) -> Iterator[str]:
        if len(value) > self.most:
            yield _broken(value, path, f"have length less than or equal to {self.most}")


@dataclass(frozen=True)
class Listing:
    """A list of one shape."""

    of: Shape
    least: int = 0
    most: int | None = None

    def read(self, value: Any, textual: bool) -> list[Any]:
        if textual and value == "":  # an empty list in a form is its bare name
            return []
        if not isinstance(value, list):
            raise _wrong_type(value, "a List")
        return [self.of.read(item, textual) for item in value]

    def violations(self, value: list[Any], path: str) -> Iterator[str]:
        if len(value) < self.least:
            yield _broken(value, path, f"have length greater than or equal to {self.least}")
        if self.most is not None and len(value) > self.most:
            yield _broken(value, path, f"have length less than or equal to {self.most}")
        for position, item in enumerate(value, start=1):
            yield from self.of.violations(item, f"{path}.{position}.member")


@dataclass(frozen=True)
class Record:
    """A structure of named members."""

    members: Mapping[str, Shape] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    def read(self, value: Any, textual: bool) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong_type(value, "a Structure")
        members = self.members
        return {
            name: members[name].read(item, textual) if name in members else item
            for name, item in value.items()
            if item is not None
        }

    def violations(self, value: Mapping[str, Any], path: str) -> Iterator[str]:
        for name in self.required:
            if name not in value:
                yield _broken(None, _member(path, name), "not be null")
        for name, item in value.items():
            if name in self.members:
                yield from self.members[name].violations(item, _member(path, name))


def _member(path: str, name: str) -> str:
    lowered = name[0].lower() + name[1:]
    return f"{path}.{lowered}" if path else lowered


def check(shape: Record, request: Mapping[str, Any]) -> None:
    """Raise SageMaker's ValidationException naming every broken constraint of a request."""
    broken = list(shape.violations(request, ""))
    if broken:
        plural = "error" if len(broken) == 1 else "errors"
        raise invalid(f"{len(broken)} validation {plural} detected: {'; '.join(broken)}")
