"""The gate that every call that changes something must pass. It is closed until the operator opens it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from smtop.metrics.clock import Clock
from smtop.metrics.errors import RefusedError

_passing: ContextVar[bool] = ContextVar("passing the write gate", default=False)

READ_ONLY = "smtop is read-only. Open it with :write 15m on the screen, or with --write on the command line."


def is_passing() -> bool:
    """Whether the current task is inside a passage; the edge below every AWS client asks."""
    return _passing.get()


class WriteGate:
    """Open for a time, for the whole run, or never.

    `forbidden` says who forbids it, None where nobody does. Whoever does keeps it shut, even if it was open before.
    """

    def __init__(self, clock: Clock, forbidden: Callable[[], str | None] = lambda: None) -> None:
        self._clock = clock
        self._forbidden = forbidden
        self._until = float("-inf")

    def open(self, seconds: float = float("inf")) -> None:
        """Raises RefusedError where it stays shut."""
        forbidden = self._forbidden()
        if forbidden is not None:
            raise RefusedError(forbidden)
        self._until = self._clock.monotonic() + seconds

    def close(self) -> None:
        self._until = float("-inf")

    @property
    def left_s(self) -> float:
        """Seconds until it closes; 0 while it is closed."""
        return max(self._until - self._clock.monotonic(), 0.0) if self._forbidden() is None else 0.0

    def why_closed(self, *, own: bool = False) -> str | None:
        """A sentence; None while it is open, as it always is for the way back of one's own change (`own`)."""
        forbidden = self._forbidden()
        if forbidden is not None:
            return forbidden
        return None if own or self.left_s > 0 else READ_ONLY

    @contextmanager
    def passage(self, *, own: bool = False) -> Iterator[None]:
        """Calls of the current task may change something inside the block. Raises RefusedError while it is closed."""
        closed = self.why_closed(own=own)
        if closed is not None:
            raise RefusedError(closed)
        token = _passing.set(True)
        try:
            yield
        finally:
            _passing.reset(token)
