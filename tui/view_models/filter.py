"""The grammar of `/`: which endpoints are shown.

Terms are separated by spaces and must all match; a leading `!` turns one round; quotes keep spaces together.

    fraud           the name contains it, whatever the case
    a|b             a regular expression on the name, if it has signs of one and compiles
    kind:sl         a column or fact: kind, status, severity, finding, variant, config, type, name
    p99:>500        a number as shown: requests, 4xx, errors, p50, p99, saturation
    tag:key=value   a tag; `tag:key` for its presence; `key:value` where the key is none of the above
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.snapshot import EndpointView
from smtop.metrics.errors import SmtopError
from smtop.tui.view_models.columns import BY_ID, Key

Predicate: TypeAlias = Callable[[EndpointView], bool]


class FilterError(SmtopError):
    """A filter that cannot mean anything."""


def compile_filter(text: str) -> Predicate:
    """What the text asks for; an empty text matches everything. Raises FilterError."""
    terms = [_term(token) for token in _tokens(text)]
    return lambda view: all(term(view) for term in terms)


def _tokens(text: str) -> list[str]:
    return [token.replace('"', "") for token in re.findall(r'(?:[^\s"]|"[^"]*"?)+', text)]


def _term(token: str) -> Predicate:
    if token.startswith("!"):
        return _inverse(_term(token[1:])) if len(token) > 1 else _everything
    key, colon, value = token.partition(":")
    if not colon or not key or _is_regex(key):
        return _name(token)
    return _field(key.lower(), key, value)


def _everything(_view: EndpointView) -> bool:
    return True


def _inverse(term: Predicate) -> Predicate:
    return lambda view: not term(view)


def _is_regex(text: str) -> bool:
    return any(sign in text for sign in r"^$|*+?()[]{}\\")


def _name(text: str) -> Predicate:
    if _is_regex(text):
        try:
            pattern = re.compile(text, re.IGNORECASE)
        except re.error:
            pass  # not a regular expression after all: the text stands for itself
        else:
            return lambda view: pattern.search(view.endpoint.name) is not None
    wanted = text.lower()
    return lambda view: wanted in view.endpoint.name.lower()


def _field(key: str, written: str, value: str) -> Predicate:
    if not value:
        raise FilterError(f"{written}: needs a value behind the colon.")
    if key == "kind":
        return _kind(value.lower())
    if key == "tag":
        return _tag(*_tag_parts(value))
    if key in _NUMBERS:
        return _number(key, value)
    if key in _FACTS:
        return _fact(_FACTS[key], value.lower())
    return _tag(written, value)


def _kind(value: str) -> Predicate:
    kinds = {kind for kind in Kind if value in (kind.code.lower(), kind.value)}
    if value in ("sl", "serverless"):
        kinds = {kind for kind in Kind if kind.is_serverless}
    if not kinds:
        codes = " ".join(kind.code for kind in Kind if kind is not Kind.UNKNOWN)
        raise FilterError(f"No kind is called {value}. Kinds are {codes}.")
    return lambda view: view.endpoint.kind in kinds


def _tag_parts(value: str) -> tuple[str, str | None]:
    name, equals, wanted = value.partition("=")
    if not name:
        raise FilterError("tag: needs a key, as in tag:team=payments.")
    return name, wanted if equals else None


def _tag(name: str, wanted: str | None) -> Predicate:
    folded = wanted.lower() if wanted is not None else None

    def matches(view: EndpointView) -> bool:
        values = [value for key, value in view.endpoint.tags.items() if key.lower() == name.lower()]
        return any(folded is None or folded == value.lower() for value in values)

    return matches


def _fact(facts: Callable[[EndpointView], Iterable[str]], wanted: str) -> Predicate:
    return lambda view: any(wanted in fact.lower() for fact in facts(view))


_FACTS: Mapping[str, Callable[[EndpointView], Iterable[str]]] = {
    "name": lambda view: [view.endpoint.name],
    "status": lambda view: [view.endpoint.status],
    "severity": lambda view: [view.severity.value],
    "finding": lambda view: [finding.id for finding in view.findings],
    "variant": lambda view: [variant.name for variant in view.endpoint.variants],
    "config": lambda view: [view.endpoint.config or ""],
    "type": lambda view: [
        variant.instances.type for variant in view.endpoint.variants if variant.instances and variant.instances.type
    ],
}

_NUMBERS = ("requests", "4xx", "errors", "p50", "p99", "saturation")
_COMPARISON = re.compile(r"(<=|>=|<|>|=)?(-?\d+(?:\.\d+)?)%?$")
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}


def _number(column: str, value: str) -> Predicate:
    match = _COMPARISON.match(value)
    key = BY_ID[column].key
    if match is None or key is None:
        raise FilterError(f"{column}: needs a number, as in {column}:>5.")
    return _compared(key, _COMPARE[match[1] or "="], float(match[2]))


def _compared(key: Key, holds: Callable[[float, float], bool], bound: float) -> Predicate:
    def matches(view: EndpointView) -> bool:
        value = key(view)
        return isinstance(value, float) and holds(value, bound)

    return matches
