"""What all dialogs of changes look like: a title, text that scrolls, what is asked below it, and the keys."""

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen

from smtop.tui.keymap import Scope, of_view
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.view_models.cells import Line
from smtop.tui.view_models.fmt import plain
from smtop.tui.view_models.keys import footer
from smtop.tui.widgets.lines import Lines

T = TypeVar("T")

_FRAME = 2
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

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Lines(id="dialog-title")
            with VerticalScroll(id="dialog-body", can_focus=False):
                yield Lines(id="dialog-text")
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
        if not self.is_mounted:
            return
        framed = self.size.height >= _LEAST_FRAMED
        width = min(self.size.width, self.MOST_CELLS)
        inner = max(width - (_FRAME if framed else 0), 1)
        keys = footer(inner, of_view(self.VIEW, self.around.actions))
        text, answer = self.text_lines(inner), self.answer_lines(inner)
        box = self.query_one("#dialog")
        box.set_class(not framed, "-bare")
        box.styles.width = width
        taken = len(answer) + 2 + (_FRAME if framed else 0)
        self.query_one("#dialog-body").styles.height = max(min(len(text), self.size.height - taken), 0)
        for name, lines in (("title", [self.title_line(inner)]), ("text", text), ("answer", answer), ("keys", [keys])):
            self.query_one(f"#dialog-{name}", Lines).show(lines)

    def action_scroll(self, lines: int) -> None:
        self.query_one("#dialog-body").scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        body = self.query_one("#dialog-body")
        body.scroll_relative(y=pages * body.size.height, animate=False)

    def action_close(self) -> None:
        self.dismiss(None)


def line_edited(text: str, key: str, character: str | None) -> str | None:
    """A text after a key; None for a key that changes no text."""
    if key == "backspace":
        return text[:-1]
    if character is not None and len(character) == 1 and character.isprintable():
        return text + character
    return None
