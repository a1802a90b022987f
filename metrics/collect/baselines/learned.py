"""One series with its baseline, and what rules are told of it."""

from collections import deque
from collections.abc import Iterable
from typing import Self

from smtop.metrics.analysis.baseline import Baseline
from smtop.metrics.analysis.subject import Usual
from smtop.metrics.analysis.usual import HOUR_S
from smtop.metrics.analysis.usual_range import NEWEST, usual_of, usual_range
from smtop.metrics.baseline_file import Kept
from smtop.metrics.domain.series import PERIOD_S, Point


class Learned:
    """A series of an endpoint that was created at `created_at`. Points must come once, oldest first.

    `until` is the start of the first minute that was not learned (epoch seconds).
    """

    def __init__(self, created_at: float, baseline: Baseline | None = None, until: int = 0) -> None:
        self.created_at = created_at
        self.until = until
        self.usual: Usual | None = None
        self.begun = baseline is not None
        self._baseline = baseline or Baseline()
        self._rarities: deque[float] = deque(maxlen=NEWEST)
        self._told_of = -1

    def learn(self, points: Iterable[Point], until: int | None = None) -> None:
        """Learns what is settled, and with `until` that all before it is known."""
        verdict = None
        for point in points:
            verdict = self._baseline.update(point.at, point.value)
            self._rarities.append(verdict.rarity)
            self.until = max(self.until, point.at + PERIOD_S)
        if until is not None:
            self.until = max(self.until, until)
        if verdict is not None:
            self.begun = True
            self.usual = usual_range(verdict, self._rarities)
            self._told_of = self.until // HOUR_S

    def catch_up(self) -> None:
        """Tells what is usual in the hour that is reached, where no point of it has come."""
        hour = self.until // HOUR_S
        if self.begun and hour != self._told_of:
            self._told_of = hour
            self._rarities.clear()
            self.usual = usual_of(self._baseline, (), self.until)

    def kept(self) -> Kept:
        return Kept(self.created_at, self.until, self._baseline.to_document())

    @classmethod
    def of(cls, kept: Kept) -> Self:
        """What was kept. Raises ValueError, TypeError, LookupError or AttributeError for what is none."""
        learned = cls(kept.created_at, Baseline.of_document(kept.learned), kept.until)
        learned.catch_up()
        return learned
