"""When the interpreter looks for garbage: it goes through everything only while nobody is at the keyboard.

Going through the objects of a thousand endpoints takes 100 to 200 ms, in which no key is answered. Nothing that smtop
keeps for long points back at itself, so that nearly all of it goes by itself, and young objects are looked at as ever.
"""

import gc

from smtop.metrics.clock import Clock

ALONE_S = 30.0
"""Without a key for this long, nobody waits for the next answer."""

EVERY_S = 600.0

_MIDDLE = 4
"""Collections of the youngest before those that outlived one are looked at: few, so that each look is short."""

_NEVER = 1_000_000_000


class Garbage:
    """Holds full collections back from `hold` to `release`, but for those that `collect_at_leisure` finds time for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._usual = gc.get_threshold()
        self._touched_at = self._collected_at = clock.monotonic()

    def hold(self) -> None:
        gc.set_threshold(self._usual[0], _MIDDLE, _NEVER)

    def release(self) -> None:
        gc.set_threshold(*self._usual)

    def touched(self) -> None:
        """Somebody is there."""
        self._touched_at = self._clock.monotonic()

    def collect_at_leisure(self) -> bool:
        """Looks through everything if it is time and nobody waits; says whether it did."""
        now = self._clock.monotonic()
        if now - self._touched_at < ALONE_S or now - self._collected_at < EVERY_S:
            return False
        self._collected_at = now
        gc.collect()
        return True
