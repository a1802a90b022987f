"""A fleet for somebody to practise on: after a quiet start one or two things go wrong, and others only look like it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from smtop.metrics.simulator import noise
from smtop.metrics.simulator.causes import CAUSES
from smtop.metrics.simulator.drills import MILD, SEVERE, Drill, DrillFleet, Strike, open_drills

LEAST_QUIET_S: Final = 120.0
MOST_QUIET_S: Final = 360.0
_BETWEEN_S: Final = 240.0
_SOON_S: Final = 300.0
# What takes an hour to tell, what one sees by its verdict alone, and what is no trouble but somebody's alarm.
_NOT_DRAWN: Final = ("pc-wasted", "pc-stuck-warm", "quota-near", "alarm-firing")
_BEGINNING_LATE: Final = tuple(name for name, cause in CAUSES.items() if cause.confounder and not cause.always)
CHOICES: Final = tuple(name for name, cause in CAUSES.items() if cause.rules and not cause.always)
"""What can be asked for."""
DRAWN: Final = tuple(name for name in CHOICES if CAUSES[name].full_s <= _SOON_S and name not in _NOT_DRAWN)
"""What is drawn: it shows within minutes."""


def open_exercise(endpoints: int, seed: int, opened: float, causes: Sequence[str] = ()) -> DrillFleet:
    """A fleet that opens at `opened`, the same for the same arguments.

    The first trouble begins two to six minutes later, a second one up to four minutes after it. `causes` are the
    troubles, by default one or two that the seed draws. One in eight endpoints only looks ill. Raises ValueError for
    a cause that there is not, and for fewer endpoints than troubles.
    """
    unknown = [name for name in causes if name not in CHOICES]
    if unknown:
        raise ValueError(f"unknown trouble {unknown[0]!r}; there are {', '.join(CHOICES)}")
    first = opened + LEAST_QUIET_S + _number(seed, "quiet") % int(MOST_QUIET_S - LEAST_QUIET_S)
    troubles = [*_troubles(causes or _drawn(seed), seed, first)]
    if endpoints < len(troubles):
        raise ValueError(f"{len(troubles)} troubles need as many endpoints; there are {endpoints}")
    calm = endpoints - len(troubles)
    drills = [*troubles, *_look_alikes(min(max(endpoints // 8, 1), calm), seed, first)]
    return open_drills(_scattered(drills, endpoints, seed), 0, seed, opened)


def _drawn(seed: int) -> Sequence[str]:
    count = 1 + _number(seed, "two") % 2
    return sorted(DRAWN, key=lambda name: _number(seed, "trouble", name))[:count]


def _troubles(names: Iterable[str], seed: int, first: float) -> Iterator[Drill]:
    for place, name in enumerate(names):
        later = _number(seed, "later", place) % int(_BETWEEN_S) if place else 0
        yield Drill((Strike(name, (MILD, SEVERE)[_number(seed, "severity", place) % 2], first + later),))


def _look_alikes(count: int, seed: int, first: float) -> Iterator[Drill]:
    for place in range(count):
        name = _BEGINNING_LATE[_number(seed, "look-alike", place) % len(_BEGINNING_LATE)]
        began = first + _number(seed, "beside", place) % int(2 * _BETWEEN_S) - _BETWEEN_S / 2
        yield Drill((Strike(name, (MILD, SEVERE)[place % 2], began),))


def _scattered(drills: Sequence[Drill], endpoints: int, seed: int) -> Sequence[Drill]:
    """Among as many endpoints, in an order that tells nothing; their names count up in it."""
    everything = [*drills, *(Drill(()) for _ in range(endpoints - len(drills)))]
    order = sorted(range(endpoints), key=lambda place: _number(seed, "place", place))
    return [everything[place] for place in order]


def _number(seed: int, *what: object) -> int:
    return noise.key(seed, "exercise", *what)
