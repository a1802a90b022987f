"""Endpoint configs as AWS describes them, what is known of an endpoint's earlier ones, and how two of them differ."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple


class Standing(StrEnum):
    """How a config belongs to an endpoint, and so how sure that is."""

    LIVE = "live"
    """AWS says that it serves now."""
    ROLLING_OUT = "rolling out"
    """AWS says that it is on its way."""
    SEEN = "seen"
    """smtop itself saw it live before."""
    PERHAPS = "perhaps"
    """Its name is like that of the live one; AWS does not say more."""


@dataclass(frozen=True)
class EndpointConfig:
    """A config as JSON values, members included that the SDK does not know yet; `unknown` are the paths of those.

    `created_at` in epoch seconds.
    """

    name: str
    created_at: float
    document: Mapping[str, Any]
    unknown: frozenset[str] = frozenset()

    @property
    def variants(self) -> tuple[Mapping[str, Any], ...]:
        """Production variants, then shadows."""
        roles = ("ProductionVariants", "ShadowProductionVariants")
        return tuple(variant for role in roles for variant in self.document.get(role) or ())

    @property
    def models(self) -> tuple[str, ...]:
        """The models that its variants name."""
        return tuple(dict.fromkeys(str(each["ModelName"]) for each in self.variants if each.get("ModelName")))


@dataclass(frozen=True)
class KnownConfig:
    """One line of an endpoint's history. `how` says how smtop knows, `why` why the config itself could not be read.

    `seen` are the first and the last time at which smtop saw it live (epoch seconds), None where it never did.
    """

    name: str
    standing: Standing
    how: str
    created_at: float | None = None
    seen: tuple[float, float] | None = None
    config: EndpointConfig | None = None
    why: str = ""


@dataclass(frozen=True)
class ConfigSummary:
    """One entry of the list of configs; `created_at` in epoch seconds."""

    name: str
    created_at: float


# Names

_SERIAL = re.compile(r"(?:-*(?:[vV]?\d[\d-]*|[0-9a-f]{8,}))+$")


def stem(name: str) -> str:
    """A name without version, time or digest at its end: `fraud-cfg` of `fraud-cfg-17` and `fraud-cfg-2026-11-20`."""
    return _SERIAL.sub("", name).rstrip("-") or name


# Fields


class Field(NamedTuple):
    """One value of a config: the part that it belongs to, its name inside that part, and the value as text."""

    part: str
    name: str
    value: str


class Difference(NamedTuple):
    """A field of two configs; None where a config does not have it."""

    part: str
    name: str
    before: str | None
    after: str | None

    @property
    def mark(self) -> str:
        """`+` added, `-` taken away, `~` changed, and a blank for what is the same."""
        if self.before == self.after:
            return " "
        if self.before is None or self.after is None:
            return "+" if self.before is None else "-"
        return "~"


THE_REST = "config"

_NEVER_THE_SAME = frozenset({"EndpointConfigName", "EndpointConfigArn", "CreationTime", "ResponseMetadata"})
_ROLES = {"ProductionVariants": "variant", "ShadowProductionVariants": "shadow variant"}
_FIRST = (
    "VariantName",
    "ModelName",
    "InstanceType",
    "InitialInstanceCount",
    "InitialVariantWeight",
    "ServerlessConfig",
    "MemorySizeInMB",
    "MaxConcurrency",
    "ProvisionedConcurrency",
    "ManagedInstanceScaling",
    "RoutingConfig",
    "AsyncInferenceConfig",
    "DataCaptureConfig",
)
_PLACES = {name: place for place, name in enumerate(_FIRST)}


def fields(document: Mapping[str, Any]) -> list[Field]:
    """Every value, variants first and by name, what operators look for before the rest, without name, ARN and time."""
    found: list[Field] = []
    for role, word in _ROLES.items():
        for variant in document.get(role) or ():
            part = f"{word} {variant.get('VariantName', '?')}"
            found += [Field(part, *leaf) for leaf in _leaves(variant) if leaf[0] != "VariantName"]
    rest = {name: value for name, value in document.items() if name not in _ROLES and name not in _NEVER_THE_SAME}
    return found + [Field(THE_REST, *leaf) for leaf in (_leaves(rest) if rest else ())]


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The values below a value with their paths; a list of structures goes by number."""
    if isinstance(value, Mapping) and value:
        for name in sorted(value, key=lambda name: (_PLACES.get(name, len(_PLACES)), name)):
            yield from _leaves(value[name], f"{path}.{name}" if path else name)
    elif isinstance(value, Sequence) and not isinstance(value, str) and any(isinstance(one, Mapping) for one in value):
        for number, one in enumerate(value, start=1):
            yield from _leaves(one, f"{path}[{number}]")
    else:
        yield path, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # AWS writes a weight of 1 as 1.0
    if isinstance(value, Sequence):
        return ", ".join(_text(one) for one in value) or "[]"
    return json.dumps(value)


def differences(before: EndpointConfig, after: EndpointConfig) -> list[Difference]:
    """Every field of either, parts side by side; fields that are gone stand at the end of their part."""
    old, new = _by_place(before), _by_place(after)
    places = sorted({**new, **old}, key=lambda place: _order(place, list(new), list(old)))
    return [Difference(*place, old.get(place), new.get(place)) for place in places]


def _by_place(config: EndpointConfig) -> dict[tuple[str, str], str]:
    return {(field.part, field.name): field.value for field in fields(config.document)}


def _order(place: tuple[str, str], new: list[tuple[str, str]], old: list[tuple[str, str]]) -> tuple[object, ...]:
    """Parts as the newer config has them, then those of the older; the rest of the config comes last."""
    parts = list(dict.fromkeys(part for part, _ in (*new, *old) if part != THE_REST))
    part = len(parts) if place[0] == THE_REST else parts.index(place[0])
    return part, place not in new, new.index(place) if place in new else old.index(place)


def unknown_paths(document: Any, known: Any, path: str = "") -> Iterator[str]:
    """Paths of `document`'s members that are not in `known`, which is what the SDK has understood of it."""
    if isinstance(document, Mapping) and isinstance(known, Mapping):
        for name, value in document.items():
            below = f"{path}.{name}" if path else str(name)
            if name in known:
                yield from unknown_paths(value, known[name], below)
            elif value is not None:
                yield below
    elif isinstance(document, list) and isinstance(known, list):
        for place, (value, understood) in enumerate(zip(document, known, strict=False)):
            yield from unknown_paths(value, understood, f"{path}[{place + 1}]")
