"""The line in which a filter is typed, with what is wrong with it beside it."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from smtop.tui.messages import FilterClosed, FilterEdited
from smtop.tui.view_models.cells import Cell
from smtop.tui.widgets.lines import Lines
from smtop.tui.widgets.typed_line import TypedLine


class FilterBar(Horizontal):
    """Shown while a filter is being typed: every edit is reported, Enter keeps it, Escape drops it.

    `hint` stands beside it until something is typed.
    """

    DEFAULT_CSS = """
    FilterBar { layer: bar; dock: bottom; height: 1; display: none; }
    FilterBar Lines { width: 1; }
    FilterBar TypedLine { width: 1fr; height: 1; border: none; padding: 0; background: $background; }
    FilterBar #filter-fault { width: auto; max-width: 90%; }
    """

    def __init__(self, *, hint: str = "", id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._hint = hint

    def compose(self) -> ComposeResult:
        yield Lines(id="filter-prompt")
        yield TypedLine(own_key=self._ends, id="filter-input")
        yield Lines(id="filter-fault")

    def on_mount(self) -> None:
        self.query_one("#filter-prompt", Lines).show([(Cell("/", "key"),)])

    def open(self, text: str) -> None:
        """Starts typing, from the filter that is in force."""
        field = self.query_one(TypedLine)
        self.display = True
        with field.prevent(Input.Changed):
            field.value = text
        field.cursor_position = len(text)
        self.complain(None)
        field.take_keys()

    def _ends(self, key: str) -> bool:
        """Escape drops the filter."""
        if key == "escape":
            self.screen.set_focus(None)
            self.post_message(FilterClosed(kept=False))
        return key == "escape"

    def close(self) -> None:
        """Stops typing."""
        self.complain(None)
        self.query_one(TypedLine).blur()
        self.display = False

    def complain(self, sentence: str | None) -> None:
        """Says what is wrong with the text, or that nothing is."""
        hint = "" if self.query_one(TypedLine).value else self._hint
        word = Cell(f" {sentence}", "warning") if sentence else Cell(f"  {hint}", "dim")
        self.query_one("#filter-fault", Lines).show([(word,)] if sentence or hint else [])

    @on(Input.Changed)
    def _edited(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(FilterEdited(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(FilterClosed(kept=True))
