"""Pages of text over the fleet: help, and the list of problems."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen

from smtop.tui.keymap import ACTIONS, Action, Scope, of_view
from smtop.tui.messages import CopyWanted, FilterClosed, FilterEdited
from smtop.tui.screens.bindings import bindings
from smtop.tui.view_models.cells import Cell, Line, text_of
from smtop.tui.view_models.find import marked, matches
from smtop.tui.view_models.keys import footer
from smtop.tui.widgets.filter_bar import FilterBar
from smtop.tui.widgets.lines import Lines, stands


class PageScreen(Screen[None]):
    """Text that is made for the width of the terminal, scrolls, and can be searched."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.TEXT)]
    AUTO_FOCUS = ""

    VIEW: ClassVar = Scope.TEXT

    def __init__(
        self,
        name: str,
        heading: str,
        text: Callable[[int], Sequence[Line]],
        actions: Sequence[Action] = ACTIONS,
        whole: Callable[[], str] | None = None,
    ) -> None:
        super().__init__(name=name)
        self.heading = heading
        self._text = text
        self._whole = whole
        self._footed = of_view(Scope.TEXT, actions)
        self._lines: Sequence[Line] = ()
        self._found: list[int] = []
        self._wanted = ""
        self._said = ""
        self._at = 0

    def compose(self) -> ComposeResult:
        yield Lines(id="page-title")
        with VerticalScroll(id="page-body", can_focus=False):
            yield Lines(id="page-text")
        yield FilterBar(id="filter")
        yield Lines(id="footer")

    def on_resize(self) -> None:
        self.redo()

    def redo(self) -> None:
        """Makes the text anew; what is in sight and what is looked for stay."""
        if stands(self):
            self._lines = self._text(self.size.width)
            self._find(self._wanted)

    def _find(self, text: str) -> None:
        self._wanted = text
        self._found = matches(self._lines, text)
        self.query_one("#page-text", Lines).show([marked(line, text) for line in self._lines])
        self._tell()

    def _tell(self) -> None:
        """The heading, with how many lines have the text that is looked for."""
        line = [Cell(f" {self.heading} ", "reverse"), Cell("  Esc goes back", "dim")]
        if self._wanted:
            place = f"{self._at + 1} of {len(self._found)} lines" if self._found else "not found"
            line.append(Cell(f"   /{self._wanted}  {place}", "bold" if self._found else "warning"))
        self.query_one("#page-title", Lines).show([tuple(line)])
        typing = self.query_one(FilterBar).display
        keys = (Cell(f" {self._said}", "bold"),) if self._said else footer(self.size.width, self._footed)
        self.query_one("#footer", Lines).show([] if typing else [keys])

    def say(self, sentence: str) -> None:
        """An answer to a key, in place of the keys; an empty one ends it."""
        if sentence != self._said:
            self._said = sentence
            if stands(self):
                self._tell()

    def _go(self, place: int) -> None:
        """Brings one of the lines that were found into sight."""
        if self._found:
            self._at = place % len(self._found)
            body = self.query_one("#page-body")
            body.scroll_to(y=max(self._found[self._at] - body.size.height // 3, 0), animate=False)
        self._tell()

    @on(FilterEdited)
    def _find_edited(self, event: FilterEdited) -> None:
        self._find(event.text)
        self._go(0)

    @on(FilterClosed)
    def _find_closed(self, event: FilterClosed) -> None:
        self.query_one(FilterBar).close()
        self._find(self._wanted if event.kept else "")

    def action_find(self) -> None:
        self.query_one(FilterBar).open("")
        self._tell()

    def action_match(self, step: int) -> None:
        self._go(self._at + step)

    def action_scroll(self, lines: int) -> None:
        self.query_one("#page-body").scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        body = self.query_one("#page-body")
        body.scroll_relative(y=pages * body.size.height, animate=False)

    def action_edge(self, direction: int) -> None:
        body = self.query_one("#page-body")
        body.scroll_to(y=0 if direction < 0 else body.max_scroll_y, animate=False)

    def action_copy_page(self) -> None:
        text = self._whole() if self._whole else "".join(f"{text_of(line).rstrip()}\n" for line in self._lines)
        self.post_message(CopyWanted("the page", text))

    def action_close(self) -> None:
        self.dismiss()
