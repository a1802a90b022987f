"""What a rule is: one failure mode with its id, what it reads, and a page of help."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from smtop.metrics.analysis.subject import Subject
from smtop.metrics.analysis.thresholds import Band, Thresholds
from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.series import Owner, Point

Check = Callable[[Subject, Thresholds], Iterator[Finding]]
"""Pure: what one endpoint shows of one failure mode."""

DECIDING = 3
"""Settled points that decide; two of them must be bad."""


class Rule(NamedTuple):
    """One failure mode. `severity` is the worst that it may have by itself (see
    `causes.CONSEQUENCES`), `reads` the series as `MetricName.Stat` and the
    surroundings by their names, `limits` the names of its thresholds. `minutes` is how far back it must see. One that
    goes `by_baseline` says nothing where it is not known what is usual.

    `help` says in plain paragraphs what it means, how it is decided, what looks alike, and what to do.
    """

    id: str
    title: str
    severity: Severity
    check: Check
    reads: Sequence[str]
    help: str
    limits: Sequence[str] = ()
    minutes: int = 15
    by_baseline: bool = False


def holds(points: Sequence[Point], band: Band, *, is_open: bool) -> bool:
    """Whether the newest settled points say that it is bad: two of three to begin with, one of three to go on."""
    newest = points[-DECIDING:]
    bad = sum(band.is_bad(point.value, is_open=is_open) for point in newest)
    return bad >= (1 if is_open else 2)


def saturates(
    subject: Subject, finding_id: str, owner: Owner, label: str, band: Band, *, beside: str | None = None
) -> bool:
    """Whether a series of an owner is and stays beyond a threshold, with the hysteresis of the finding."""
    newest = subject.newest(owner, label, DECIDING, beside=beside)
    return holds(newest, band, is_open=subject.is_open(finding_id, owner))
