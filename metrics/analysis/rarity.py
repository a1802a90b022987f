"""How rare a deviation is among those of its own series: nothing is assumed but that tails go on as powers."""

import math
from array import array
from collections.abc import Sequence

BINS = 128
_PER_OCTAVE = 4
_LOWEST = 2.0**-7
_TAIL = 5
"""Largest deviations that the tail beyond them is fitted to; where as many are seen, counting them is enough."""

_MOST_WEIGHT = 1e9
_COMMON = 0.05


class Rarity:
    """A fading histogram of deviations (zero or more, in spreads), with bins of equal ratio.

    The tail probability of a deviation is the share of all that were at least as large, counted with itself, as in a
    conformal p-value (Vovk et al., "Algorithmic Learning in a Random World", 2005). Beyond the five largest it goes on
    as a power of the deviation, with the exponent of Hill ("A Simple General Approach to Inference about the Tail of a
    Distribution", 1975). Fixed size; a deviation costs the same however many were seen.
    """

    __slots__ = ("_counts", "_one", "_total")

    def __init__(self) -> None:
        self._counts = array("d", bytes(8 * BINS))
        self._total = 0.0
        self._one = 1.0

    def surprise(self, deviation: float) -> float:
        """-log10 of the tail probability; 0 for what one in twenty reaches, and before anything was learned."""
        if deviation <= _LOWEST:
            return 0.0
        place = _place(deviation)
        as_large = sum(self._counts[place:])
        if as_large > _COMMON * self._total:
            return 0.0
        counted = math.log10((self._total + self._one) / (as_large + self._one))
        return counted if as_large >= _TAIL * self._one else self._beyond(deviation, counted)

    def learn(self, deviation: float) -> None:
        self._counts[_place(deviation)] += self._one
        self._total += self._one

    def fade(self, factor: float) -> None:
        """What was learned until now counts `factor` (below 1) of what comes."""
        self._one /= factor
        if self._one > _MOST_WEIGHT:
            self._counts = array("d", [count / self._one for count in self._counts])
            self._total /= self._one
            self._one = 1.0

    def to_document(self) -> list[float]:
        """Total, then places and counts in turn of the bins that are not empty."""
        kept = [(float(place), count / self._one) for place, count in enumerate(self._counts) if count]
        return [self._total / self._one, *(number for pair in kept for number in pair)]

    @classmethod
    def of_document(cls, document: Sequence[float]) -> "Rarity":
        rarity = cls()
        rarity._total, *pairs = document
        for place, count in zip(pairs[::2], pairs[1::2], strict=True):
            rarity._counts[int(place)] = count
        return rarity

    def _beyond(self, deviation: float, counted: float) -> float:
        """Hill's tail from the five largest; the ones added keep the exponent finite when these are all alike."""
        first, tail = BINS, 0.0
        while tail < _TAIL * self._one and first > 1:
            first -= 1
            tail += self._counts[first]
        if tail < self._one or first >= _place(deviation):
            return counted
        excess = sum((bin_ + 0.5) * count for bin_, count in enumerate(self._counts[first:]))
        octaves = math.log2(deviation / _LOWEST) - (first - 1) / _PER_OCTAVE
        exponent = (tail + self._one) / (excess * math.log(2) / _PER_OCTAVE + 0.5 * self._one)
        return math.log10((self._total + self._one) / tail) + exponent * octaves * math.log10(2)


def _place(deviation: float) -> int:
    if deviation <= _LOWEST:
        return 0
    return min(int(_PER_OCTAVE * math.log2(deviation / _LOWEST)) + 1, BINS - 1)
