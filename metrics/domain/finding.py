"""Findings: what is wrong with an endpoint, with the numbers that say so."""

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # a fleet is painted before anybody thinks of changing it
    from smtop.metrics.domain.change import Change


class Severity(StrEnum):
    """How much a row asks for attention, worst first. A finding that is `ok` is advice, and changes no row."""

    CRITICAL = "critical"
    WARNING = "warning"
    CHANGING = "changing"
    UNKNOWN = "unknown"
    IDLE = "idle"
    OK = "ok"

    rank: int
    """0 for the worst."""

    def __init__(self, _value: str) -> None:
        self.rank = len(type(self).__members__)


class Confidence(StrEnum):
    """How sure a rule is of the cause that it names, not of the numbers that it read."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Happening(NamedTuple):
    """Something that was done to an endpoint, or happened around it, at `at` (epoch seconds)."""

    at: int
    what: str


class Muted(NamedTuple):
    """Somebody knows of a finding: it is shown, and counts no more until `until` (epoch seconds)."""

    reason: str
    until: float
    by: str


class Finding(NamedTuple):
    """One failure mode that one endpoint, or one variant or component of it, shows.

    `since` is the start of the first bad minute within what was read (epoch seconds), None where that is not known;
    `or_earlier` where that is the first minute that was read at all.
    `next` is what to do, in a sentence, and `change` the same as a change that can be planned, where there is one.
    `impact_per_minute` are failed or slowed requests, None where that cannot be told. `changes` happened shortly before
    `since`, the newest first.
    """

    id: str
    severity: Severity
    title: str
    evidence: tuple[str, ...] = ()
    since: int | None = None
    variant: str | None = None
    next: str | None = None
    confidence: Confidence = Confidence.HIGH
    impact_per_minute: float | None = None
    change: "Change | None" = None
    changes: tuple[Happening, ...] = ()
    component: str | None = None
    muted: Muted | None = None
    or_earlier: bool = False

    @property
    def place(self) -> tuple[str, str | None, str | None]:
        """What stays the same for as long as it lasts."""
        return self.id, self.variant, self.component


class SharedCause(NamedTuple):
    """Several endpoints, by their keys, that fell ill together, by what they have in common and the others have not."""

    finding: Finding
    endpoints: tuple[str, ...]
