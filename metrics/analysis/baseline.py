"""What is normal for a series at this hour, and how strange a value is: causal, and the same work for every point."""

import math
from collections.abc import Mapping, Sequence
from copy import deepcopy
from statistics import median
from typing import Any, NamedTuple

from smtop.metrics.analysis.rarity import Rarity
from smtop.metrics.analysis.unrest import WINDOWS, Movement
from smtop.metrics.analysis.usual import HOUR_S, Usual
from smtop.metrics.analysis.width import Width

KNOWN_AFTER_S = 24 * HOUR_S
KNOWN_AFTER_POINTS = 100
"""Further points, after the first day."""

ALARM = 0.95
"""Worth a look: on series with planted faults the most were found from here for the fewest false ones."""

_REST_S = 4 * HOUR_S
_FADING_S = 14 * 86_400
_KEPT, _SHARE = 0.7, 0.3
_DRIFT = 0.75
_CLIP = 4.0
_NEAR = 5
_BATCH = 12


class Verdict(NamedTuple):
    """One value against its series, in the unit of the value.

    `expected` is what is usual at this hour and `spread` its standard deviation without outliers; both are None before
    there is anything to go by. `rarity` is 0 for the ordinary and near 1 for what was never seen (0.9 is one in a
    thousand, alone); it stays up as long as the values are strange. `score` is the same, but falls when what goes on
    was already told. Both are 0 while `is_known` is false: there is no baseline yet.
    """

    expected: float | None
    spread: float | None
    score: float
    is_known: bool
    rarity: float = 0.0


class _Sides(NamedTuple):
    """Deviations above and below, in spreads, zero or more."""

    above: float
    below: float


class _Signs(NamedTuple):
    """What a value deviates from: the usual at this hour, the usual for some time now, its neighbours; the unrest."""

    usual: _Sides
    lasting: _Sides
    near: _Sides
    unrest: Sequence[float]


_OF_A_POINT = 6
_KINDS = _OF_A_POINT + 2 * len(WINDOWS)


class _Surprise(NamedTuple):
    """How rare the rarest is, of what one value deviates by and of what its window of values does."""

    point: float
    window: float


class Baseline:
    """Learns a series point by point. Ask `judge` what a value would be, `update` to learn it too.

    A value deviates in three ways, each upwards and downwards: from what is usual (`Usual`), in units of the median
    deviation, times how wide this hour is (`Width`); for longer, by Page's cumulative sum of clipped deviations
    ("Continuous Inspection Schemes", 1954); and from the median of the five values before it, in units of what such
    steps are. In a fourth the values of late deviate together: they move more or less than usual (`Movement`), over one
    window and over a longer one. For each of the ten `Rarity` has how rare that is in this very series.

    The rarest of a value counts, and a share of what came just before is added: evidence adds up as in Fisher's sum of
    logarithms ("Statistical Methods for Research Workers", 1925). A window has its past in it: it counts as what came
    twice, and nothing adds up. So a series with bursts every day is not strange when it bursts, and one that is always
    zero is when it does not stay so.

    Outliers are clipped before anything is learned from them; a level that lasts is usual after six hours, and what was
    rare counts half after fourteen days. Deviations of the first day are not counted: nobody could know its hours. A
    gap longer than an hour ends what goes on. After a deviation was told, the score is lessened by as much, half as
    much four hours later, unless it is ten times rarer.
    """

    def __init__(self) -> None:
        self._usual = Usual()
        self._width = Width()
        self._rarities = [Rarity() for _ in range(_KINDS)]
        self._first_at: int | None = None
        self._last_at = 0
        self._points = 0
        self._counted = 0
        self._deviations: list[float] = []
        self._spread: float | None = None
        self._mean_deviation = 0.0
        self._lasting = _Sides(0.0, 0.0)
        self._near: list[float] = []
        self._step = 0.0
        self._movement = Movement()
        self._lately = 0.0
        self._told = 0.0

    def update(self, at: int, value: float) -> Verdict:
        """Judges a value and learns it; `at` in epoch seconds. Raises ValueError for a value that is not finite.

        A time that is not later than the one before counts as that one: clocks of hosts are put back.
        """
        at = self._checked(at, value)
        self._begin(at)
        signs = self._signs(value)
        surprise = self._surprise(at, signs)
        verdict, told = self._verdict(at, surprise)
        self._lately = _KEPT * (self._lately + (surprise.point if surprise else 0.0))
        if signs is not None and self._has_seen_a_day(at):
            self._count(signs)
        self._learn(value, signs)
        self._told = max(told, self._still_told(at))
        self._first_at = at if self._first_at is None else self._first_at
        self._last_at = at
        return verdict

    def judge(self, at: int, value: float) -> Verdict:
        """What `update` would say, without learning anything."""
        at = self._checked(at, value)
        seen = self if self._goes_on(at) else deepcopy(self)
        seen._begin(at)
        return seen._verdict(at, seen._surprise(at, seen._signs(value)))[0]

    def to_document(self) -> dict[str, Any]:
        """All that was learned, for JSON."""
        return {
            "usual": self._usual.to_document(),
            "width": self._width.to_document(),
            "rarities": [rarity.to_document() for rarity in self._rarities],
            "times": [self._first_at, self._last_at, self._points, self._counted],
            "deviations": [self._spread, self._mean_deviation, list(self._deviations)],
            "lasting": list(self._lasting),
            "near": [self._step, list(self._near)],
            "movement": self._movement.to_document(),
            "told": [self._told, self._lately],
        }

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> "Baseline":
        baseline = cls()
        baseline._usual = Usual.of_document(document["usual"])
        baseline._width = Width.of_document(document["width"])
        baseline._rarities = [Rarity.of_document(each) for each in document["rarities"]]
        baseline._first_at, baseline._last_at, baseline._points, baseline._counted = document["times"]
        baseline._spread, baseline._mean_deviation, baseline._deviations = document["deviations"]
        baseline._lasting = _Sides(*document["lasting"])
        baseline._step, baseline._near = document["near"]
        baseline._movement = Movement.of_document(document["movement"])
        baseline._told, baseline._lately = document["told"]
        return baseline

    def _checked(self, at: int, value: float) -> int:
        if not math.isfinite(value):
            raise ValueError(f"{value} is no value: leave it out")
        return at if self._first_at is None else max(at, self._last_at)

    def _goes_on(self, at: int) -> bool:
        return at // HOUR_S == self._usual.hour and at - self._last_at <= HOUR_S

    def _begin(self, at: int) -> None:
        """Whatever time alone changes: a new hour, and the end of what went on before a gap."""
        if self._goes_on(at):
            return
        if self._usual.hour is not None:
            passed = (at - self._usual.hour * HOUR_S) / _FADING_S
            for rarity in self._rarities:
                rarity.fade(math.pow(2, -min(passed, 10)))
        if at - self._last_at > HOUR_S:
            self._near, self._lasting, self._lately = [], _Sides(0.0, 0.0), 0.0
            self._movement.forget_window()
        self._usual.begin(at // HOUR_S)
        self._width.begin(at // HOUR_S)

    def _signs(self, value: float) -> _Signs | None:
        expected = self._usual.expected
        if expected is None:
            return None
        deviation = (value - expected) / self._unit(self._width.factor * (self._spread or 0.0), expected)
        clipped = max(-_CLIP, min(_CLIP, deviation))
        above, below = self._lasting
        lasting = _Sides(max(0.0, above + clipped - _DRIFT), max(0.0, below - clipped - _DRIFT))
        return _Signs(_sides(deviation), lasting, self._from_near(value), self._movement.unrest(deviation))

    def _from_near(self, value: float) -> _Sides:
        if not self._near:
            return _Sides(0.0, 0.0)
        middle = _middle(self._near)
        return _sides((value - middle) / self._unit(self._width.factor * self._step, middle))

    def _unit(self, spread: float, around: float) -> float:
        """A spread that is not zero where a series mostly stands still."""
        return max(spread, 0.1 * self._mean_deviation, 0.01 * abs(around), 1e-12)

    def _surprise(self, at: int, signs: _Signs | None) -> _Surprise | None:
        """None while there is no baseline."""
        if signs is None or not self._is_known(at):
            return None
        each = list(map(Rarity.surprise, self._rarities, _flat(signs)))
        return _Surprise(max(each[:_OF_A_POINT]), max(each[_OF_A_POINT:]))

    def _verdict(self, at: int, surprise: _Surprise | None) -> tuple[Verdict, float]:
        """And how much was told with it."""
        expected, spread = self._usual.expected, self._spread
        if surprise is None:
            return Verdict(expected, spread, 0.0, is_known=False), 0.0
        evidence = max(surprise.point + _SHARE * self._lately, surprise.window * (1 + _SHARE * _KEPT))
        told_before = self._still_told(at)
        told = evidence if evidence > told_before + 1 else max(0.0, evidence - told_before)
        return Verdict(expected, spread, _score(told), is_known=True, rarity=_score(evidence)), told

    def _is_known(self, at: int) -> bool:
        return self._counted >= KNOWN_AFTER_POINTS and self._has_seen_a_day(at)

    def _has_seen_a_day(self, at: int) -> bool:
        return self._first_at is not None and at - self._first_at >= KNOWN_AFTER_S

    def _still_told(self, at: int) -> float:
        return self._told * math.pow(0.5, (at - self._last_at) / _REST_S)

    def _count(self, signs: _Signs) -> None:
        self._counted += 1
        for rarity, deviation in zip(self._rarities, _flat(signs), strict=True):
            rarity.learn(deviation)

    def _learn(self, value: float, signs: _Signs | None) -> None:
        if signs is not None and self._usual.expected is not None:
            self._lasting = _Sides(min(signs.lasting.above, 200.0), min(signs.lasting.below, 200.0))
            deviation = signs.usual.above - signs.usual.below
            self._movement.learn(deviation)
            self._width.learn(self._width.factor * deviation)
            self._learn_spread(abs(value - self._usual.expected), self._usual.expected)
        if self._near:
            self._learn_step(abs(value - _middle(self._near)))
        self._near = [*self._near, value][-_NEAR:]
        self._usual.learn(value)

    def _learn_spread(self, deviation: float, expected: float) -> None:
        """The median deviation of every twelve points, as a standard deviation, and the mean one for bursts."""
        self._points += 1
        unit = self._unit(self._spread or 0.0, expected)
        clipped = min(deviation, 20 * unit) if self._points > 50 else deviation
        self._mean_deviation += max(1 / self._points, 0.001) * (clipped - self._mean_deviation)
        self._deviations.append(deviation)
        if len(self._deviations) < _BATCH:
            return
        newest = 1.4826 * median(self._deviations)
        self._deviations = []
        if self._spread is None:
            self._spread = newest
        else:
            rate = max(_BATCH / self._points, 0.02)
            self._spread += rate * (min(newest, 4 * self._spread + unit) - self._spread)

    def _learn_step(self, step: float) -> None:
        clipped = min(step, 8 * self._step) if self._points > 50 else step
        self._step += max(0.01, 1 / (self._points + 1)) * (clipped - self._step)


def _flat(signs: _Signs) -> Sequence[float]:
    return [*signs.usual, *signs.lasting, *signs.near, *signs.unrest]


def _sides(deviation: float) -> _Sides:
    return _Sides(max(deviation, 0.0), max(-deviation, 0.0))


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _score(evidence: float) -> float:
    """0 for none, 0.9 for one value in a thousand that comes alone, 0.99 for one in a million."""
    return 1 - math.pow(10, -evidence / 3)
