"""Which thresholds and which rules apply to an endpoint: the standard ones, and what the operator said otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smtop.metrics.analysis.rules import BY_ID
from smtop.metrics.analysis.thresholds import STANDARD, Band, Thresholds
from smtop.metrics.domain.endpoint import Endpoint, Kind
from smtop.metrics.errors import ConfigError

Changes = Mapping[str, Any]
"""New values by the names of thresholds."""


@dataclass(frozen=True)
class Terms:
    """Thresholds for one endpoint, and the ids of rules that are switched off for it."""

    limits: Thresholds = STANDARD
    off: frozenset[str] = frozenset()


STANDARD_TERMS = Terms()


@dataclass(frozen=True)
class Rulebook:
    """Changes for the whole fleet, by kind, by tag (`key=value`) and by endpoint, the more special ones winning.

    The key `off` of each holds ids of rules; a rule that is switched off anywhere stays so.
    """

    everywhere: Changes = field(default_factory=dict)
    by_kind: Mapping[Kind, Changes] = field(default_factory=dict)
    by_tag: Mapping[str, Changes] = field(default_factory=dict)
    by_endpoint: Mapping[str, Changes] = field(default_factory=dict)

    def terms(self, endpoint: Endpoint) -> Terms:
        """What applies to an endpoint."""
        changes = [self.everywhere, self.by_kind.get(endpoint.kind, {})]
        changes += [said for tag, said in self.by_tag.items() if _has(endpoint, tag)]
        changes.append(self.by_endpoint.get(endpoint.name, {}))
        if not any(changes):
            return STANDARD_TERMS
        off = frozenset(rule for said in changes for rule in said.get("off", ()))
        limits = {name: value for said in changes for name, value in said.items() if name != "off"}
        return Terms(STANDARD._replace(**limits), off)


STANDARD_RULES = Rulebook()


def _has(endpoint: Endpoint, tag: str) -> bool:
    key, _, value = tag.partition("=")
    return endpoint.tags.get(key) == value


# The configuration file

_SECTIONS = ("kind", "tag", "endpoint")


def rulebook_of(table: Mapping[str, Any]) -> Rulebook:
    """The rulebook that a configuration file means by its table `rules`.

    A threshold is a number, or for one with hysteresis two: where it fires and where it clears. Raises ConfigError,
    naming the key, for what no rule knows.
    """
    if not table:
        return STANDARD_RULES
    everywhere = {name: value for name, value in table.items() if name not in _SECTIONS}
    return Rulebook(
        _changes("rules", everywhere),
        {_kind(name): _changes(f"rules.kind.{name}", said) for name, said in _section(table, "kind").items()},
        {_tag(name): _changes(f'rules.tag."{name}"', said) for name, said in _section(table, "tag").items()},
        {name: _changes(f"rules.endpoint.{name}", said) for name, said in _section(table, "endpoint").items()},
    )


def _section(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = table.get(name, {})
    if not isinstance(section, dict):
        raise ConfigError(f"rules.{name} must hold tables.")
    return section


def _kind(name: str) -> Kind:
    if name not in set(Kind):
        raise ConfigError(f"rules.kind.{name}: there is no such kind. Known: {', '.join(Kind)}.")
    return Kind(name)


def _tag(name: str) -> str:
    if "=" not in name:
        raise ConfigError(f'rules.tag."{name}" must be written as a key and its value, like [rules.tag."team=ads"].')
    return name


def _changes(where: str, said: object) -> Changes:
    if not isinstance(said, dict):
        raise ConfigError(f"{where} must be a table.")
    return {name: _off(where, value) if name == "off" else _value(where, name, value) for name, value in said.items()}


def _off(where: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not set(value) <= set(BY_ID):
        raise ConfigError(f"{where}.off must be a list of rules. Known: {', '.join(BY_ID)}.")
    return tuple(value)


def _value(where: str, name: str, value: object) -> Any:
    if name not in Thresholds._fields:
        raise ConfigError(f"{where}: there is no threshold {name}. Known: off, {', '.join(Thresholds._fields)}.")
    standard = getattr(STANDARD, name)
    if not isinstance(standard, Band):
        return type(standard)(_number(where, name, value))
    if isinstance(value, list):
        if len(value) != len(Band._fields):
            raise ConfigError(f"{where}.{name} must be two numbers: where it fires, and where it clears.")
        return Band(*(_number(where, name, one) for one in value))
    fires = _number(where, name, value)
    return Band(fires, fires * standard.clears / standard.fires if standard.fires else standard.clears)


def _number(where: str, name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ConfigError(f"{where}.{name} must be a number, 0 or more.")
    return float(value)
