"""Findings: what is wrong with an endpoint, with the numbers that say so."""

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How much a row asks for attention, worst first."""

    CRITICAL = "critical"
    WARNING = "warning"
    CHANGING = "changing"
    UNKNOWN = "unknown"
    IDLE = "idle"
    OK = "ok"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Finding(NamedTuple):
    """One failure mode that one endpoint, or one variant of it, shows.

    `since` is the start of the first bad minute within what was read (epoch seconds), None where that is not known.
    `next` is what to do, in a sentence.
    """

    id: str
    severity: Severity
    title: str
    evidence: tuple[str, ...] = ()
    since: int | None = None
    variant: str | None = None
    next: str | None = None
