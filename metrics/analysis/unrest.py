"""How much a series moves from point to point of late, against how much it usually does."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

WINDOWS = (12, 36)
"""In points: an hour and three of a series with five-minute steps."""

_MOST = 4.0
_LEAST = 0.02
_RATE = 0.002
_NONE = (0.0,) * (2 * len(WINDOWS))


class Movement:
    """The mean absolute step of the last points, in each of `WINDOWS`, beside the mean of all such means.

    Steps are between logarithms of deviations (with their sign, one added), so that an outlier is one step and not the
    whole window; in that they are as the successive differences of von Neumann, "Distribution of the Ratio of the Mean
    Square Successive Difference to the Variance" (1941): a level or a slow trend does not count. A metric that froze
    and one that swings show here while each value alone is usual.
    """

    def __init__(self) -> None:
        self._steps: list[float] = []
        self._before: float | None = None
        self._sums = [0.0] * len(WINDOWS)
        self._usual = [0.0] * len(WINDOWS)
        self._counts = [0] * len(WINDOWS)

    def unrest(self, deviation: float) -> Sequence[float]:
        """If `deviation` (in spreads, with sign) came next: by how much more its window moves than is usual, by how
        much less, and the same for the longer window. 1 is twice, or half; 0 before a window was full.
        """
        if self._before is None:
            return _NONE
        step, unrest = self._step(self._before, _compressed(deviation)), list(_NONE)
        for place, window in enumerate(WINDOWS):
            if self._counts[place] and len(self._steps) >= window:
                newest = _mean(self._sums[place] + step - self._steps[-window], window)
                usual = self._usual[place]
                unrest[2 * place + (newest < usual)] = abs(newest - usual) / min(newest, usual)
        return unrest

    def learn(self, deviation: float) -> None:
        before, self._before = self._before, _compressed(deviation)
        if before is None:
            return
        step, full = self._step(before, self._before), len(self._steps)
        for place, window in enumerate(WINDOWS):
            self._sums[place] += step - (self._steps[-window] if full >= window else 0.0)
            if full + 1 >= window:
                self._counts[place] += 1
                rate = max(1 / self._counts[place], _RATE)
                self._usual[place] += rate * (_mean(self._sums[place], window) - self._usual[place])
        self._steps.append(step)
        if full >= WINDOWS[-1]:
            del self._steps[0]

    def forget_window(self) -> None:
        """After a gap: what is usual stays."""
        self._steps, self._before, self._sums = [], None, [0.0] * len(WINDOWS)

    def to_document(self) -> dict[str, Any]:
        return {
            "steps": list(self._steps),
            "before": self._before,
            "sums": list(self._sums),
            "usual": list(self._usual),
            "counts": list(self._counts),
        }

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> "Movement":
        movement = cls()
        movement._steps, movement._before = list(document["steps"]), document["before"]
        movement._sums = list(document["sums"])
        movement._usual, movement._counts = list(document["usual"]), list(document["counts"])
        return movement

    @staticmethod
    def _step(before: float, now: float) -> float:
        return min(abs(now - before), _MOST)


def _compressed(deviation: float) -> float:
    return math.copysign(math.log1p(abs(deviation)), deviation)


def _mean(steps: float, window: int) -> float:
    """Never zero: a series that stands still is as far from one that hardly moves as that is worth."""
    return max(steps, 0.0) / window + _LEAST
