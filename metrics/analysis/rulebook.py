"""Which thresholds and which rules apply to an endpoint: the standard ones, and what the operator said otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smtop.metrics.analysis.thresholds import STANDARD, Thresholds
from smtop.metrics.domain.endpoint import Endpoint, Kind

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
