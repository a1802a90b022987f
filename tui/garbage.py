"""When the interpreter looks for garbage: it goes through everything while nobody is at the keyboard, or once an hour.

Going through the objects of a thousand endpoints takes 100 to 200 ms, in which no key is answered. Nothing that smtop
keeps for long points back at itself, so that nearly all of it goes by itself; pages that were closed do. So it looks
often at what is new, which takes a few milliseconds, and sets what it finds in use aside until it has time. Before the
first picture it does not look at all: nearly everything that is made until then stays.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # asyncio comes along
    from smtop.metrics.clock import Clock

ALONE_S = 30.0
"""Without a key for this long, nobody waits for the next answer."""

EVERY_S = 600.0

LATEST_S = 3600.0
"""Who never lets go of the keyboard waits for one answer an hour, so that memory stays bounded."""

MOST_NEW = 50_000
"""Objects. Where more have come, they are a fleet's, which was read: it stays, and to look through it takes long."""

_OLD = 2
"""The generation of what outlived two collections."""

_MIDDLE = 4
"""Collections of the youngest before those that outlived one are looked at: few, so that each look is short."""

_NEVER = 1_000_000_000


@contextmanager
def none_at_first() -> Iterator[None]:
    """No collections until the end, or until somebody has taken hold of them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Garbage:
    """Holds full collections back from `hold` to `release`, but for those that `tidy` finds time for."""

    def __init__(self, clock: "Clock") -> None:
        self._clock = clock
        self._usual = gc.get_threshold()
        self._touched_at = self._collected_at = clock.monotonic()

    def hold(self) -> None:
        gc.freeze()
        gc.set_threshold(self._usual[0], _MIDDLE, _NEVER)
        gc.enable()

    def release(self) -> None:
        gc.unfreeze()
        gc.set_threshold(*self._usual)

    def touched(self) -> None:
        """Somebody is there."""
        self._touched_at = self._clock.monotonic()

    def tidy(self) -> None:
        """Looks through everything if it is time and nobody waits, or nobody has let it; else at what is new."""
        if self._has_leisure():
            self._collected_at = self._clock.monotonic()
            gc.unfreeze()
            gc.collect()
        elif len(gc.get_objects(generation=_OLD)) < MOST_NEW:
            gc.collect()
        gc.freeze()

    def _has_leisure(self) -> bool:
        now = self._clock.monotonic()
        rests_s = now - self._collected_at
        return rests_s >= LATEST_S or (rests_s >= EVERY_S and now - self._touched_at >= ALONE_S)
