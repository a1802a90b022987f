"""What goes wrong inside an endpoint: what ails it, how badly at the worst, and how it gets there."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from smtop.metrics.simulator.noise import Array, Minutes


class Ail(StrEnum):
    """What can ail an endpoint, with the unit of its size. `of` names what is struck; None strikes everything."""

    SLOWER = "slower"
    """Additional service time, as a multiple of the usual one; of a model."""
    ERRORS_5XX = "errors 5xx"
    """Additional share of calls that fail; of a model."""
    ERRORS_4XX = "errors 4xx"
    """Additional share of calls that are refused; of a model."""
    LOAD_FAILURES = "load failures"
    """Share of the calls to a multi-model endpoint whose model cannot be loaded."""
    DISK = "disk"
    """Share of what is usually free of the volume that is in use."""
    MEMORY = "memory"
    """Additional share of an instance's, or a serverless container's, memory in use."""
    HOT = "hot"
    """What the first instance gets beyond the mean load, as a share of the mean."""
    SKEW = "skew"
    """Additional demand for a container, or time in a step of a pipeline, as a multiple of the usual one."""
    NOTIFICATIONS = "notifications"
    """Share of processed asynchronous requests whose notification fails."""
    DOWNLOADS = "downloads"
    """Share of asynchronous requests whose payload cannot be fetched."""
    UPLOADS = "uploads"
    """Share of asynchronous requests whose result cannot be stored."""
    PROCESSING = "processing"
    """Share of asynchronous requests that fail otherwise, without an answer of the model."""
    PINNED = "pinned"
    """Share of the calls that name their variant, whatever its weight; of a variant."""
    UNPUBLISHED = "unpublished"
    """1 where nothing reaches CloudWatch; of a namespace."""
    LATE = "late"
    """Seconds that metrics are published later than usual."""


@dataclass(frozen=True)
class Course:
    """Nothing before `at` (epoch seconds), then more and more for `ramp_s`, then full strength until `until`."""

    at: float
    ramp_s: float = 0.0
    until: float = math.inf

    def strength(self, minutes: Minutes) -> Array:
        """0..1 for every minute; a minute counts from its start."""
        since = minutes * 60.0 - self.at
        grown = np.clip(since / self.ramp_s, 0.0, 1.0) if self.ramp_s else (since >= 0.0).astype(np.float64)
        return np.where(minutes * 60.0 < self.until, grown, 0.0)


@dataclass(frozen=True)
class Ailment:
    """One thing that is wrong from a moment on; `size` is how wrong it is at full strength."""

    ail: Ail
    size: float
    course: Course
    of: str | None = None


@dataclass(frozen=True)
class Ailments:
    """Everything that is wrong with an endpoint; several ailments of a kind add up."""

    known: tuple[Ailment, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.known)

    def plus(self, more: Iterable[Ailment]) -> "Ailments":
        """These and more."""
        return Ailments((*self.known, *more))

    def sizes(self, ail: Ail, minutes: Minutes, of: str | None = None) -> Array | None:
        """How much of it there is in every minute; None where there never is any."""
        found = [one for one in self.known if one.ail is ail and one.of in (None, of)]
        if not found:
            return None
        return np.asarray(sum(one.size * one.course.strength(minutes) for one in found), dtype=np.float64)

    def columns(self, minutes: Minutes, of: str | None = None) -> dict[str, Array]:
        """The sizes of all ails of a model by the ail's name, only those that there are."""
        return {ail.value: sizes for ail in self._ails() if (sizes := self.sizes(ail, minutes, of)) is not None}

    def _ails(self) -> Iterable[Ail]:
        return dict.fromkeys(one.ail for one in self.known)


WELL = Ailments(())
