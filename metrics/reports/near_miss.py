"""Which metric of the catalogue is meant by one that it does not know, and what to write to make them one."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import IntEnum
from typing import NamedTuple

from smtop.metrics.domain.catalogue import Catalogue, MetricSpec
from smtop.metrics.domain.overrides import Override, documented, entry_key

ALIKE = 0.9
"""The share of letters in common (difflib) above which two names may be the same one misspelt."""


class Shape(NamedTuple):
    """What is left of a metric without the values of its dimensions."""

    namespace: str
    name: str
    dimensions: tuple[str, ...]


class Missing(NamedTuple):
    """A metric that is not listed as it is expected, and how else it is listed, which an override must keep."""

    spec: MetricSpec
    kept: tuple[Shape, ...] = ()


class Likeness(IntEnum):
    """How far two shapes are apart, the nearest first."""

    CASE = 0
    """Nothing but the case of letters, or the slash before a namespace."""
    DIMENSION = 1
    """The name of one dimension."""
    SPELLING = 2
    """A few letters of the name."""


@dataclass(frozen=True)
class Near:
    """A metric that is expected and missing, and how to tell smtop that it is published under this other name."""

    spec: MetricSpec
    expected: Shape
    likeness: Likeness
    snippet: str


def nearest(published: Shape, missing: Mapping[Shape, Missing], catalogue: Catalogue) -> Near | None:
    """The missing metric that is most like a published one, if any is and can be renamed without loss."""
    likely = min(_likely(published, missing), default=None)
    if likely is None:
        return None
    likeness, _, expected = likely
    spec = missing[expected].spec
    return Near(spec, expected, likeness, snippet(spec, published, expected, catalogue))


def snippet(spec: MetricSpec, published: Shape, expected: Shape, catalogue: Catalogue) -> str:
    """The lines of the configuration file that make smtop ask for `published` where it asks for `expected`."""
    original = documented(spec, catalogue)
    back = {there: own for own, there in spec.renamed.items()}
    pairs = _pairs(published.dimensions, expected.dimensions) or []
    renamed = dict(spec.renamed) | {back.get(own, own): there for own, there in pairs}
    override = Override(
        published.name if (published.name,) != original.spellings else None,
        published.namespace if published.namespace != original.namespace else None,
        {own: there for own, there in renamed.items() if own != there},
    )
    if override == Override():  # the documented names after all, where another override stands in their way
        override = Override(published.name)
    return "\n".join(_toml(entry_key(original), override))


def _toml(key: str, override: Override) -> Iterator[str]:
    yield f"[catalogue.{_quoted(key)}]"
    if override.name:
        yield f"name = {json.dumps(override.name)}"
    if override.namespace:
        yield f"namespace = {json.dumps(override.namespace)}"
    if override.dimensions:
        pairs = ", ".join(f"{_quoted(own)} = {json.dumps(there)}" for own, there in override.dimensions.items())
        yield f"dimensions = {{ {pairs} }}"


def _quoted(key: str) -> str:
    return key if key.isalnum() and key.isascii() else json.dumps(key)


def _likely(published: Shape, missing: Mapping[Shape, Missing]) -> Iterator[tuple[Likeness, float, Shape]]:
    for expected, (_, kept) in missing.items():
        pairs = _pairs(published.dimensions, expected.dimensions)
        if pairs is None or _folded(published.namespace) != _folded(expected.namespace):
            continue
        if kept and _breaks(published, expected, pairs, kept):
            continue
        same_dimensions = all(own.casefold() == there.casefold() for own, there in pairs)
        likeness = SequenceMatcher(None, published.name.casefold(), expected.name.casefold()).ratio()
        if likeness == 1.0:
            yield Likeness.CASE if same_dimensions else Likeness.DIMENSION, 0.0, expected
        elif likeness >= ALIKE and same_dimensions:
            yield Likeness.SPELLING, -likeness, expected


def _breaks(published: Shape, expected: Shape, pairs: Iterable[tuple[str, str]], kept: Iterable[Shape]) -> bool:
    """Whether smtop would lose shapes that are listed, if it asked for `published` where it asks for `expected`."""
    if published[:2] != expected[:2]:
        return True
    changed = {own for own, there in pairs if own != there}
    return any(changed.intersection(shape.dimensions) for shape in kept)


def _folded(namespace: str) -> str:
    return namespace.casefold().removeprefix("/")


def _pairs(published: Sequence[str], expected: Sequence[str]) -> list[tuple[str, str]] | None:
    """Dimension names of the catalogue beside CloudWatch's, if no more than one of them is really another name."""
    if len(published) != len(expected):
        return None
    there = {name.casefold(): name for name in published}
    pairs = [(own, there.pop(own.casefold())) for own in expected if own.casefold() in there]
    rest = [own for own in expected if own not in dict(pairs)]
    if len(rest) > 1 or len(there) != len(rest):
        return None
    return pairs + list(zip(rest, there.values(), strict=True))
