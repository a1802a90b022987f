"""What all dialogs of changes look like: a title, text that scrolls, what is asked below it, and the keys."""

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget

from smtop.tui.keymap import Scope, of_view
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.view_models.cells import Cell, Line
from smtop.tui.view_models.fmt import plain
from smtop.tui.view_models.keys import footer
from smtop.tui.widgets.lines import Lines, stands

T = TypeVar("T")

_FRAME = 2
_AROUND = 2
"""Lines of a dialog beside its text and answer: the title and the keys."""

_LEAST_FRAMED = 10
"""Lines of a terminal below which a frame costs too much."""


class Dialog(ModalScreen[T]):
    """Subclasses give the lines. Letters that nothing is bound to, and all of them while a text is typed, go to
    `typed`; the next key is looked at only then.
    """

    VIEW: ClassVar[Scope]
    MOST_CELLS: ClassVar[int] = 118
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog #dialog { height: auto; border: solid $primary; background: $panel; }
    Dialog #dialog.-bare { border: none; }
    Dialog #dialog Lines { background: $panel; }
    Dialog #dialog-body { scrollbar-size: 0 0; }
    """

    def __init__(self, around: Surroundings) -> None:
        super().__init__()
        self.around = around
        self._fits = True
        self._text_lines = 0

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Lines(id="dialog-title")
            with VerticalScroll(id="dialog-body", can_focus=False):
                yield Lines(id="dialog-text")
            yield Lines(id="dialog-rest")
            yield Lines(id="dialog-answer")
            yield Lines(id="dialog-keys")

    def title_line(self, width: int) -> Line:
        """The first line, which stays."""
        raise NotImplementedError

    def text_lines(self, width: int) -> Sequence[Line]:
        """What scrolls."""
        raise NotImplementedError

    def answer_lines(self, width: int) -> Sequence[Line]:
        """What stays below it."""
        return ()

    def typed(self, key: str, character: str | None) -> bool:
        """Takes a key that belongs to a text; says whether it did."""
        return False

    def pasted(self, text: str) -> None:
        """Takes a text that was pasted."""

    def on_resize(self) -> None:
        self.redraw()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.pasted(plain(" ".join(event.text.splitlines())))

    def redraw(self) -> None:
        """Brings everything up to the present; what looks the same is not painted."""
        if not stands(self):
            return
        framed = self.size.height >= _LEAST_FRAMED
        width = min(self.size.width, self.MOST_CELLS)
        inner = max(width - (_FRAME if framed else 0), 1)
        keys = footer(inner, of_view(self.VIEW, self.around.actions))
        text, answer = self.text_lines(inner), self.answer_lines(inner)
        box = self.query_one("#dialog")
        box.set_class(not framed, "-bare")
        box.styles.width = width
        room = self.size.height - len(answer) - _AROUND - (_FRAME if framed else 0)
        self._fits = len(text) <= room
        self._text_lines = len(text)
        self._body.styles.height = max(min(len(text), room if self._fits else room - 1), 0)
        self._tell_rest()
        for name, lines in (("title", [self.title_line(inner)]), ("text", text), ("answer", answer), ("keys", [keys])):
            self.query_one(f"#dialog-{name}", Lines).show(lines)

    @property
    def _body(self) -> Widget:
        return self.query_one("#dialog-body")

    def _tell_rest(self) -> None:
        """How much of the text is out of sight: nobody shall confirm what he could not know to be there."""
        height = int(self._body.styles.height.value) if self._body.styles.height else 0
        below = self._text_lines - round(self._body.scroll_target_y) - height
        told = f"{below} more lines below: j, PgDn" if below > 0 else "the end; k, PgUp"
        self.query_one("#dialog-rest", Lines).show(
            [] if self._fits else [(Cell(told, "warning" if below > 0 else "dim"),)]
        )

    def action_scroll(self, lines: int) -> None:
        self._body.scroll_relative(y=lines, animate=False)
        self._tell_rest()

    def action_page(self, pages: int) -> None:
        self._body.scroll_relative(y=pages * self._body.size.height, animate=False)
        self._tell_rest()

    def action_close(self) -> None:
        self.dismiss(None)


def line_edited(text: str, key: str, character: str | None) -> str | None:
    """A text after a key; None for a key that changes no text."""
    if key == "backspace":
        return text[:-1]
    if character is not None and len(character) == 1 and character.isprintable():
        return text + character
    return None
