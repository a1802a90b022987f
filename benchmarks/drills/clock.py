"""A clock that is moved by hand."""


class HandClock:
    """Nobody sleeps on it: whoever would is woken at once, and no time has passed."""

    def __init__(self, wall: float) -> None:
        self._wall = self._began = wall

    def wall(self) -> float:
        return self._wall

    def monotonic(self) -> float:
        return self._wall - self._began

    async def sleep(self, seconds: float) -> None:
        return None

    def move_to(self, wall: float) -> None:
        """Time passes until `wall` (epoch seconds)."""
        self._wall = wall
