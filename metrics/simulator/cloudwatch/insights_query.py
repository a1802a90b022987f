"""Metrics Insights queries: read, and refused where the language does not know them.

Source: CloudWatch user guide, "Query components and syntax in CloudWatch Metrics Insights". Resource tags
(`tag.key`) and groups by account are not simulated. AWS documents no error texts; these are ours.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from smtop.metrics.simulator.wire.credentials import ACCOUNT_ID

MOST_SERIES = 500
FUNCTIONS = ("AVG", "COUNT", "MAX", "MIN", "SUM")
_KEYWORDS = frozenset(
    {"SELECT", "FROM", "SCHEMA", "WHERE", "AND", "GROUP", "ORDER", "BY", "ASC", "DESC", "LIMIT", *FUNCTIONS}
)
"""Of the thousand reserved words those that the grammar itself uses: unquoted, none of them is a name."""
ACCOUNT = "AWS.AccountId"
"""A label that every metric has in a monitoring account."""
_TOKEN = re.compile(
    r"""\s*(?:(?P<name>"(?:[^"\\]|\\.)+")|(?P<value>'(?:[^'\\]|\\.)*')|(?P<word>[A-Za-z0-9_.]+)|(?P<sign>!=|[(),=]))"""
)


class SyntaxRefusedError(ValueError):
    """The text is not a query; the message says where it goes wrong."""


@dataclass(frozen=True)
class Condition:
    """A label's value must be equal to this one, or must not."""

    label: str
    value: str
    equal: bool


@dataclass(frozen=True)
class Order:
    """By which function of their values series are sorted."""

    function: str
    descending: bool


@dataclass(frozen=True)
class InsightsQuery:
    """One query. `schema` holds the exact names of dimensions, None where any will do."""

    function: str
    metric: str
    namespace: str
    schema: frozenset[str] | None = None
    where: tuple[Condition, ...] = ()
    group_by: tuple[str, ...] = ()
    order: Order | None = None
    limit: int = MOST_SERIES

    @property
    def account(self) -> str | None:
        """The one account that it is about; None where it names none."""
        return next((one.value for one in self.where if one.label == ACCOUNT and one.equal), None)


def is_insights(expression: str) -> bool:
    """Whether an expression is meant as a query; anything else is metric math."""
    return expression.lstrip()[:6].upper() == "SELECT"


def parse(text: str) -> InsightsQuery:
    """The query that the text is. Raises SyntaxRefusedError."""
    reader = _Reader(_tokens(text))
    reader.keyword("SELECT")
    function = reader.one_of(FUNCTIONS)
    reader.sign("(")
    metric = reader.name()
    reader.sign(")")
    reader.keyword("FROM")
    namespace, schema = _source(reader)
    where = _where(reader) if reader.takes("WHERE") else ()
    group_by = _group_by(reader) if reader.takes("GROUP") else ()
    order = _order(reader) if reader.takes("ORDER") else None
    limit = _limit(reader) if reader.takes("LIMIT") else MOST_SERIES
    reader.end()
    return InsightsQuery(function, metric, namespace, schema, where, group_by, order, limit)


@dataclass(frozen=True)
class _Token:
    """A piece of the text. `kind` is name (in double quotes), value (in single ones), word, sign or end."""

    kind: str
    text: str


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise SyntaxRefusedError(f"unexpected text at '{text[at:].strip()[:20]}'")
        kind = match.lastgroup or ""
        found = match[kind]
        tokens.append(_Token(kind, _unquoted(found) if kind in {"name", "value"} else found))
        at = match.end()
    return tokens


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


class _Reader:
    """Takes tokens from the left."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._left = tokens[::-1]

    def takes(self, word: str) -> bool:
        """Takes this keyword if it comes next."""
        token = self._next()
        found = token.kind == "word" and token.text.upper() == word
        return found and self._take() is token

    def keyword(self, word: str) -> None:
        if not self.takes(word):
            self._refuse(word)

    def one_of(self, words: tuple[str, ...]) -> str:
        found = next((word for word in words if self.takes(word)), None)
        return found or self._refuse(f"one of {', '.join(words)}")

    def sign(self, text: str) -> None:
        if not self.takes_sign(text):
            self._refuse(text)

    def takes_sign(self, text: str) -> bool:
        token = self._next()
        return token.kind == "sign" and token.text == text and self._take() is token

    def name(self) -> str:
        """A namespace, metric or label: quoted, unless it is of letters, digits and underscores and no keyword."""
        token = self._next()
        plain = token.kind == "word" and "." not in token.text and token.text.upper() not in _KEYWORDS
        return self._take().text if plain or token.kind == "name" else self._refuse("a name")

    def value(self) -> str:
        return self._take().text if self._next().kind == "value" else self._refuse("a value in single quotes")

    def number(self) -> int:
        token = self._next()
        return int(self._take().text) if token.kind == "word" and token.text.isdigit() else self._refuse("a number")

    def end(self) -> None:
        if self._left:
            self._refuse("the end")

    def _next(self) -> _Token:
        return self._left[-1] if self._left else _Token("end", "the end")

    def _take(self) -> _Token:
        return self._left.pop()

    def _refuse(self, wanted: str) -> NoReturn:
        raise SyntaxRefusedError(f"expected {wanted}, found '{self._next().text}'")


def _source(reader: _Reader) -> tuple[str, frozenset[str] | None]:
    if not reader.takes("SCHEMA"):
        return reader.name(), None
    reader.sign("(")
    namespace, *labels = _listed(reader, reader.name)
    reader.sign(")")
    return namespace, frozenset(labels)


def _where(reader: _Reader) -> tuple[Condition, ...]:
    conditions = [_condition(reader)]
    while reader.takes("AND"):
        conditions.append(_condition(reader))
    return tuple(conditions)


def _condition(reader: _Reader) -> Condition:
    of_account = reader.takes(ACCOUNT.upper())
    label = ACCOUNT if of_account else reader.name()
    equal = not reader.takes_sign("!=")
    if equal:
        reader.sign("=")
    if of_account and reader.takes("CURRENT_ACCOUNT_ID"):
        reader.sign("(")
        reader.sign(")")
        return Condition(label, ACCOUNT_ID, equal)
    return Condition(label, reader.value(), equal)


def _group_by(reader: _Reader) -> tuple[str, ...]:
    reader.keyword("BY")
    return tuple(_listed(reader, reader.name))


def _order(reader: _Reader) -> Order:
    reader.keyword("BY")
    function = reader.one_of(FUNCTIONS)
    reader.sign("(")
    reader.sign(")")
    descending = reader.takes("DESC")
    if not descending:
        reader.takes("ASC")
    return Order(function, descending)


def _limit(reader: _Reader) -> int:
    number = reader.number()
    if not 1 <= number <= MOST_SERIES:
        raise SyntaxRefusedError(f"LIMIT must be between 1 and {MOST_SERIES}")
    return number


def _listed(reader: _Reader, read: Callable[[], str]) -> list[str]:
    found = [read()]
    while reader.takes_sign(","):
        found.append(read())
    return found
