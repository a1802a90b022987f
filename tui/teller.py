"""What the app tells the operator beside the data: how the flow of snapshots stands, notes, and answers to keys."""

from collections.abc import Callable, Iterable, Sequence

from textual.app import App
from textual.timer import Timer

from smtop.tui.view_state import FeedState

SAY_S = 6.0
"""How long an answer to a key stands in the last line."""


class Teller:
    """`show` puts each new `state` on the screens."""

    def __init__(self, app: App[None], show: Callable[[FeedState], None], notes: Sequence[str] = ()) -> None:
        self.state = FeedState(notes=tuple(notes))
        self._app = app
        self._show = show
        self._saying: Timer | None = None

    def say(self, sentence: str) -> None:
        """Puts a sentence into the last line for a while."""
        if self._saying is not None:
            self._saying.stop()
        self._become(said=sentence)
        if sentence:
            self._saying = self._app.set_timer(SAY_S, lambda: self.say(""))

    def note(self, sentence: str) -> None:
        """Something that smtop cannot do here, once."""
        self._become(notes=tuple(dict.fromkeys((*self.state.notes, sentence))))

    def lost(self, fault: str | None) -> None:
        """Why no snapshots come; None when they do again."""
        if fault != self.state.fault:
            self._become(fault=fault)

    def turn_pause(self) -> bool:
        """Holds the picture, or follows again; says whether it is held now."""
        self._become(paused=not self.state.paused)
        return self.state.paused

    def writable(self, time_left: str) -> None:
        """For how long changes are allowed yet; empty where none are."""
        self._become(writable=time_left)

    def under_way(self, summary: str) -> None:
        """What is being changed, in a line; empty where nothing is."""
        if summary != self.state.under_way:
            self._become(under_way=summary)

    def drilling(self, sentence: str) -> None:
        """What to say to somebody who practises; empty where nobody does."""
        self._become(drill=sentence)

    def left(self, sentences: Iterable[str]) -> None:
        """Which changes were left half done."""
        found = tuple(sentences)
        if found != self.state.left:
            self._become(left=found)

    def _become(self, **changes: object) -> None:
        self.state = self.state._replace(**changes)  # type: ignore[arg-type]
        self._show(self.state)
