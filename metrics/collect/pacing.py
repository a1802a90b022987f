"""How often there is something new to see, so that drawing never takes the time that the work needs."""

from collections.abc import AsyncIterator

from smtop.metrics.clock import Clock

_PUBLISH_EVERY_S = 0.4
_WORK_PER_DRAW = 5
_LONGEST_S = 10.0
"""Nothing that is known is kept from the screen for longer, however long drawing takes."""


async def paced(steps: AsyncIterator[object], clock: Clock) -> AsyncIterator[None]:
    """Lets the first step through, then one at most every so often, those that are true, and the last.

    Whoever reads may take long to draw; most of the time must be left for the work itself.
    """
    next_at = float("-inf")
    pending = False
    async for is_telling in steps:
        now = clock.monotonic()
        pending = now < next_at and not is_telling
        if not pending:
            yield
            drawn_at = clock.monotonic()
            next_at = drawn_at + min(max(_PUBLISH_EVERY_S, _WORK_PER_DRAW * (drawn_at - now)), _LONGEST_S)
    if pending:
        yield
