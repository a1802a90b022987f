"""Pages of text over the fleet: help, and the list of problems."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen

from smtop.tui.view_models.cells import Cell, Line
from smtop.tui.widgets.lines import Lines


class PageScreen(Screen[None]):
    """Text that is made for the width of the terminal, and scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(("escape", "q", "?", "f1", "f12", "backspace")), "dismiss", show=False),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
        Binding("g", "edge(-1)", show=False),
        Binding("G", "edge(1)", show=False),
    ]

    def __init__(self, title: str, text: Callable[[int], Sequence[Line]]) -> None:
        super().__init__()
        self._heading = title
        self._text = text

    def compose(self) -> ComposeResult:
        yield Lines(id="page-title")
        with VerticalScroll(id="page-body"):
            yield Lines(id="page-text")

    def on_mount(self) -> None:
        self.query_one("#page-title", Lines).show(
            [(Cell(f" {self._heading} ", "reverse"), Cell("  Esc goes back", "dim"))]
        )
        self.query_one("#page-body").focus()

    def on_resize(self) -> None:
        self.query_one("#page-text", Lines).show(self._text(self.size.width))

    def action_scroll(self, lines: int) -> None:
        self.query_one("#page-body").scroll_relative(y=lines, animate=False)

    def action_edge(self, direction: int) -> None:
        body = self.query_one("#page-body")
        body.scroll_to(y=0 if direction < 0 else body.max_scroll_y, animate=False)
