"""How late CloudWatch is: when each minute was first seen, and when its value stopped growing."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from smtop.metrics.domain.series import PERIOD_S, SeriesKey
from smtop.metrics.ports import Answer, Completeness

QUIET_S = 120
"""A value that was read again and again for this long without a change has stopped growing."""

_READ = (Completeness.COMPLETE, Completeness.PARTIAL)


class Lateness(NamedTuple):
    """Seconds after the end of a minute: when it was first seen, and when its value last changed.

    `settled_s` is None for a value that may still grow. The point of a minute under way is seen before its end.
    """

    seen_s: float
    settled_s: float | None


@dataclass
class _Sight:
    value: float
    seen_at: float
    changed_at: float
    read_at: float


class Sightings:
    """First sights of the minutes of some series, read again and again.

    What the first answer has is left out: nobody knows how long it had been there.
    """

    def __init__(self) -> None:
        self._before: dict[SeriesKey, frozenset[int]] = {}
        self._sights: defaultdict[SeriesKey, dict[int, _Sight]] = defaultdict(dict)

    def note(self, answers: Mapping[SeriesKey, Answer], now: float) -> None:
        """What CloudWatch answered at `now` (epoch seconds). A refused or failed answer tells nothing."""
        for key, answer in answers.items():
            if answer.completeness not in _READ:
                continue
            if key not in self._before:
                self._before[key] = frozenset(answer.times)
            for at, value in zip(answer.times, answer.values, strict=True):
                if at not in self._before[key]:
                    _look(self._sights[key], at, value, now)

    def lateness(self) -> dict[SeriesKey, list[Lateness]]:
        """Every minute that was seen to appear, by series."""
        return {key: [_lateness(at, sight) for at, sight in own.items()] for key, own in self._sights.items()}


def _look(sights: dict[int, _Sight], at: int, value: float, now: float) -> None:
    sight = sights.setdefault(at, _Sight(value, now, now, now))
    if sight.value != value:
        sight.value, sight.changed_at = value, now
    sight.read_at = now


def _lateness(at: int, sight: _Sight) -> Lateness:
    end = at + PERIOD_S
    is_quiet = sight.read_at - sight.changed_at >= QUIET_S
    return Lateness(sight.seen_at - end, sight.changed_at - end if is_quiet else None)
