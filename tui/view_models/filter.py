"""The grammar of `/`: which endpoints are shown.

Terms are separated by spaces and must all match; a leading `!` turns one round; quotes keep spaces together.

    fraud           the name contains it, whatever the case; of several accounts also the account or region
    a|b             a regular expression on the name, if it has signs of one and compiles
    -f frdprd       fuzzy: the name has these characters in this order
    kind:sl         a fact: kind, status, severity, finding, variant, config, type, name, account, region
    p99:>500        a column, as it is shown: p99, requests, errors, impact, backlog ...; `p99>500` means the same
    >5 err          a column again, behind its bound
    tag:key=value   a tag; `tag:key` for its presence; `key:value` where the key is none of the above
"""

import operator
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from smtop.metrics.domain.endpoint import Kind
from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.view_models.columns import Key
from smtop.tui.view_models.patterns import Pattern
from smtop.tui.view_models.views import BY_ID
from smtop.tui.view_state import FilterError

__all__ = ["EXAMPLES", "FilterError", "compile_filter"]

EXAMPLES = "fraud  a|b  !text  -f fuzzy  kind:sl  tag:team=risk  p99:>500  >5 err"

Predicate: TypeAlias = Callable[[EndpointView], bool]


@lru_cache(maxsize=16)
def compile_filter(text: str) -> Predicate:
    """What the text asks for; an empty text matches everything. Raises FilterError, which its answer may do, too."""
    tokens = deque(_tokens(text))
    terms = []
    while tokens:
        terms.append(_term(tokens.popleft(), tokens))
    return terms[0] if len(terms) == 1 else lambda view: all(term(view) for term in terms)


def _tokens(text: str) -> list[str]:
    return [word.replace('"', "") for word in re.findall(r'(?:[^\s"]|"[^"]*"?)+', text)]


def _term(word: str, following: deque[str]) -> Predicate:
    """One term; some take the word behind them."""
    if word.startswith("!"):
        return _inverse(_term(word[1:], following)) if len(word) > 1 else _everything
    if word == "-f":
        return _fuzzy(_next(following, "-f needs letters behind it, as in -f frdprd."))
    if _COMPARISON.match(word) and word[0] in "<>=":
        return _number(_next(following, f"{word} needs a column behind it, as in {word} err.").lower(), word)
    key, colon, value = word.partition(":")
    if colon and key and not _is_regex(key):
        return _field(key.lower(), key, value)
    compared = _COMPARED.match(word)
    if compared and compared[1].lower() in _NUMBERS:
        return _number(compared[1].lower(), compared[2])
    return _name(word)


def _next(following: deque[str], complaint: str) -> str:
    if not following:
        raise FilterError(complaint)
    return following.popleft()


def _fuzzy(text: str) -> Predicate:
    letters = text.lower()

    def matches(view: EndpointView) -> bool:
        return any(_has_in_order(name.lower(), letters) for name in _names(view))

    return matches


def _has_in_order(name: str, letters: str) -> bool:
    rest = iter(name)
    return all(letter in rest for letter in letters)


def _everything(_view: EndpointView) -> bool:
    return True


def _inverse(term: Predicate) -> Predicate:
    return lambda view: not term(view)


def _is_regex(text: str) -> bool:
    return any(sign in text for sign in r"^$|*+?()[]{}\\")


def _name(text: str) -> Predicate:
    if _is_regex(text):
        try:
            pattern = Pattern(text)
        except re.error:
            pass  # not a regular expression after all: the text stands for itself
        else:
            return lambda view: any(map(pattern.matches, _names(view)))
    wanted = text.lower()
    return lambda view: any(wanted in name.lower() for name in _names(view))


def _names(view: EndpointView) -> Sequence[str]:
    """What it can be found by: its name, and among several accounts and regions theirs."""
    at = view.endpoint.at
    return (view.endpoint.name,) if at is None else (view.endpoint.name, *_accounts(view), at.region)


def _accounts(view: EndpointView) -> list[str]:
    """Whatever its account is called."""
    at = view.endpoint.at
    called = (at.label, at.profile, at.kind) if at else ()
    return [view.endpoint.summary.account, *filter(None, called)]


def _field(key: str, written: str, value: str) -> Predicate:
    if not value:
        raise FilterError(f"{written}: needs a value behind the colon.")
    if key == "kind":
        return _kind(value.lower())
    if key == "tag":
        return _tag(*_tag_parts(value))
    if key in _FACTS:
        return _fact(_FACTS[key], value.lower())
    if key in _NUMBERS or key in BY_ID:
        return _number(key, value)
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
    "account": _accounts,
    "region": lambda view: [view.endpoint.summary.region],
    "status": lambda view: [view.endpoint.status],
    "severity": lambda view: [view.severity.value],
    "finding": lambda view: [finding.id for finding in view.findings],
    "variant": lambda view: [variant.name for variant in view.endpoint.variants],
    "config": lambda view: [view.endpoint.config or ""],
    "type": lambda view: [
        variant.instances.type for variant in view.endpoint.variants if variant.instances and variant.instances.type
    ],
}

_BOUND = r"(<=|>=|<|>|=)?(-?\d+(?:\.\d+)?)([kM]?)(?:%|ms)?$"
_COMPARISON = re.compile(_BOUND)
_COMPARED = re.compile(rf"([\w/%-]+?)((?=[<>=]){_BOUND[:-1]})$")
_SCALES = {"": 1.0, "k": 1e3, "M": 1e6}
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}


def _numbers() -> dict[str, Key]:
    """What columns of numbers are called: by their id, by their title, and by their title without its unit."""
    numbers: dict[str, Key] = {}
    columns = [column for column in BY_ID.values() if column.key and column.largest_first and column.id != "age"]
    for column in columns:
        title = column.title.lower()
        for name in (column.id, title, title.removesuffix("%").removesuffix("ms").removesuffix("/m")):
            if column.key:
                numbers.setdefault(name, column.key)
    return numbers | {"5xx": numbers["errors"], "req": numbers["requests"]}


_NUMBERS: Mapping[str, Key] = _numbers()


def _number(column: str, value: str) -> Predicate:
    key, match = _NUMBERS.get(column), _COMPARISON.match(value)
    if key is None:
        raise FilterError(f"{column} is no column of numbers. Some are: {', '.join(list(_NUMBERS)[:8])}.")
    if match is None:
        raise FilterError(f"{column}: needs a number, as in {column}:>5.")
    return _compared(key, _COMPARE[match[1] or "="], float(match[2]) * _SCALES[match[3]])


def _compared(key: Key, holds: Callable[[float, float], bool], bound: float) -> Predicate:
    def matches(view: EndpointView) -> bool:
        value = key(view)
        return isinstance(value, float) and holds(value, bound)

    return matches
