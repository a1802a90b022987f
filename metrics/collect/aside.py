"""Work that goes on beside the cycles, once at a time."""

import asyncio
from collections.abc import Coroutine


class Aside:
    """A task that is begun when the one before has ended."""

    def __init__(self) -> None:
        self._working: asyncio.Task[None] | None = None

    @property
    def is_at_work(self) -> bool:
        """Raises once what the work has raised."""
        if self._working is None or not self._working.done():
            return self._working is not None
        ended, self._working = self._working, None
        ended.result()
        return False

    def begin(self, work: Coroutine[None, None, None]) -> None:
        self._working = asyncio.ensure_future(work)

    async def close(self) -> None:
        """Ends what is under way."""
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)
            self._working = None
