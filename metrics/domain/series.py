"""Series and their points: what was asked, what came back, and how far it can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

PERIOD_S = 60
"""The period that smtop asks for; endpoints publish once a minute unless configured otherwise."""

PROVISIONAL_S = 2 * PERIOD_S
"""A bucket that began less than this long ago may still grow."""


@dataclass(frozen=True, slots=True)
class MetricId:
    """One CloudWatch metric. Dimensions are sorted by name and must match exactly: a subset finds nothing."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """One statistic of one metric."""

    metric: MetricId
    stat: str


@dataclass(frozen=True, slots=True)
class Owner:
    """The part of an endpoint that a series describes; all None means the endpoint itself."""

    endpoint: str
    variant: str | None = None
    container: str | None = None
    component: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A value of the period that begins at `at` (epoch seconds, UTC)."""

    at: int
    value: float


Points: TypeAlias = Sequence[Point]
"""Oldest first; a gap is a missing point, never a zero."""


class SampleState(StrEnum):
    """What a shown value is."""

    OK = "ok"
    PROVISIONAL = "provisional"
    STALE = "stale"
    NO_DATA = "no-data"
    NOT_COLLECTED = "not-collected"


@dataclass(frozen=True, slots=True)
class Sample:
    """The newest value of a series, in CloudWatch's own unit.

    `at` is the start of its period (epoch seconds), None without a value; `why` explains a missing or kept value;
    `filled` marks a zero that stands for an event counter without datapoints.
    """

    state: SampleState
    value: float | None = None
    at: int | None = None
    why: str | None = None
    filled: bool = False


def not_collected(why: str) -> Sample:
    return Sample(SampleState.NOT_COLLECTED, why=why)


NO_DATA = Sample(SampleState.NO_DATA)
