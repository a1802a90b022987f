"""The line in which a time is typed, with what is wrong with it beside it."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from smtop.tui.messages import SeekClosed, TimeEntered
from smtop.tui.view_models.cells import Cell
from smtop.tui.widgets.lines import Lines
from smtop.tui.widgets.typed_line import TypedLine

_EXAMPLES = "  14:02, -2h, 2026-11-19 14:00Z, nothing for now"


class SeekBar(Horizontal):
    """Shown while a time is being typed: Enter reports it, Escape drops it."""

    DEFAULT_CSS = """
    SeekBar { height: 1; display: none; }
    SeekBar Lines { width: 1; }
    SeekBar TypedLine { width: 1fr; height: 1; border: none; padding: 0; background: $background; }
    SeekBar #seek-word { width: auto; max-width: 70%; }
    """

    def compose(self) -> ComposeResult:
        yield Lines(id="seek-prompt")
        yield TypedLine(own_key=self._ends, id="seek-input")
        yield Lines(id="seek-word")

    def on_mount(self) -> None:
        self.query_one("#seek-prompt", Lines).show([(Cell("@", "key"),)])

    def open(self) -> None:
        """Starts typing."""
        field = self.query_one(TypedLine)
        field.clear()
        self._say(Cell(_EXAMPLES, "dim"))
        self.display = True
        field.take_keys()

    def close(self) -> None:
        """Stops typing."""
        self.query_one(TypedLine).blur()
        self.display = False

    def complain(self, sentence: str) -> None:
        """Says what is wrong with the text, which can be mended."""
        self._say(Cell(f" {sentence}", "warning"))
        self.query_one(TypedLine).take_keys()

    def _ends(self, key: str) -> bool:
        """Escape drops the time."""
        if key == "escape":
            self.screen.set_focus(None)
            self.post_message(SeekClosed())
        return key == "escape"

    def _say(self, word: Cell) -> None:
        self.query_one("#seek-word", Lines).show([(word,)])

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(TimeEntered(event.value))
