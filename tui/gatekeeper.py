"""Opens and shuts the write gate, and tells the operator for how long it stays open."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.timer import Timer

from smtop.metrics.actions.gate import READ_ONLY
from smtop.metrics.clock import Clock
from smtop.metrics.errors import RefusedError, SmtopError
from smtop.tui.follower import Follower
from smtop.tui.view_models.gate import seconds_of, time_left

if TYPE_CHECKING:  # imported after the first paint
    from smtop.metrics.changes import Changes, Leave

LOOK_S = 1.0
"""How often the countdown is looked at; it moves in minutes, and below one in steps of ten seconds."""

OFFLINE = "There is no connection to AWS yet. Nothing can be changed before there is one."


class Gatekeeper:
    """`show` gets the time that is left, empty where the gate is shut; `say` why it stays shut."""

    def __init__(
        self,
        app: App[None],
        follower: Follower,
        clock: Clock,
        show: Callable[[str], None],
        say: Callable[[str], None],
    ) -> None:
        self._app = app
        self._follower = follower
        self._clock = clock
        self._show = show
        self._say = say
        self._why_not: str | None = OFFLINE
        self._until = float("-inf")
        self._shown = ""
        self._countdown: Timer | None = None

    @property
    def closed(self) -> str | None:
        """Why nothing may be changed; None where it may."""
        return None if self._left_s > 0 else self._why_not

    @property
    def _left_s(self) -> float:
        return self._until - self._clock.monotonic()

    def ask(self) -> None:
        """How it stands with a feed that was just found: its gate is its own."""
        self._work(lambda changes: changes.leave())

    def open(self, text: str | None) -> None:
        """Opens it for a time as typed, or says why it stays shut. Raises CommandError for what is no time."""
        seconds = seconds_of(text)
        self._work(lambda changes: changes.open(seconds))

    def shut(self) -> None:
        self._work(lambda changes: changes.close())

    def _work(self, what: "Callable[[Changes], Coroutine[Any, Any, Leave]]") -> None:
        """Beside the screen: who is asking may have to be asked of AWS first."""
        self._app.run_worker(
            self._done(what), exclusive=True, exit_on_error=False, group="gate", description="the write gate"
        )

    async def _done(self, what: "Callable[[Changes], Coroutine[Any, Any, Leave]]") -> None:
        try:
            leave = await what(self.changes)
        except SmtopError as error:
            self._say(str(error))
        else:
            self._take(leave)
            if leave.said:
                self._say(leave.said)

    @property
    def changes(self) -> "Changes":
        """Raises RefusedError without a connection."""
        if self._follower.feed is None:
            raise RefusedError(OFFLINE)
        return self._follower.feed.changes

    def _take(self, leave: "Leave") -> None:
        self._until = self._clock.monotonic() + leave.left_s
        self._why_not = leave.why_not or READ_ONLY  # again, once the time is over
        if self._countdown is None and self._left_s > 0:
            self._countdown = self._app.set_interval(LOOK_S, self._look)
        self._look()

    def _look(self) -> None:
        left = time_left(self._left_s)
        if not left and self._countdown is not None:
            self._countdown.stop()
            self._countdown = None
        if left != self._shown:
            self._shown = left
            self._show(left)
