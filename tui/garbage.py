"""When the interpreter looks for garbage: it goes through everything while nobody is at the keyboard, or once an hour.

Going through the objects of a thousand endpoints takes 100 to 200 ms, in which no key is answered. Nothing that smtop
keeps for long points back at itself, so that nearly all of it goes by itself; pages that were closed do. So it looks
often at what is new, as long as that takes a few milliseconds. Once it would take longer, what there is is set aside
until there is time: a fleet was read, and stays. Before the first picture it does not look at all: nearly everything
that is made until then stays.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # asyncio comes along
    from smtop.metrics.clock import Clock

ALONE_S = 30.0
"""Without a key for this long, nobody waits for the next answer."""

EVERY_S = 600.0

LATEST_S = 3600.0
"""Who never lets go of the keyboard waits for one answer an hour, so that memory stays bounded."""

MOST_S = 0.01
"""What a look at what is new may take."""

_EACH_S = 1e-6
"""What one object takes of it, before it was measured."""

_FEW = 5000
"""Objects; with fewer it counts that the youngest are looked at, too."""

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
    """Holds full collections back from `hold` to `release`, but for those that `tidy` finds time for.

    `used_s` tells the processor time of this thread: a look is not longer because others want the core.
    """

    def __init__(self, clock: "Clock", used_s: Callable[[], float] = time.thread_time) -> None:
        self._clock = clock
        self._used_s = used_s
        self._usual = gc.get_threshold()
        self._touched_at = self._collected_at = clock.monotonic()
        self._each_s = _EACH_S

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
            gc.freeze()
            return
        new = self._new()
        if self._is_long(new):
            gc.freeze()
        else:
            self._look_at(new)

    def _new(self) -> int:
        """How many objects nobody has looked through. Very many are not counted, which takes a while too."""
        roughly = gc.get_count()[_OLD] * self._usual[0] * _MIDDLE
        return roughly if self._is_long(roughly) else len(gc.get_objects(generation=_OLD))

    def _is_long(self, objects: int) -> bool:
        return objects * self._each_s > MOST_S

    def _look_at(self, new: int) -> None:
        began_s = self._used_s()
        gc.collect()
        self._each_s = (self._used_s() - began_s) / max(new, _FEW)

    def _has_leisure(self) -> bool:
        now = self._clock.monotonic()
        rests_s = now - self._collected_at
        return rests_s >= LATEST_S or (rests_s >= EVERY_S and now - self._touched_at >= ALONE_S)
