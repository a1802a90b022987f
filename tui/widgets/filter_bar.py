"""The line in which a filter is typed, with what is wrong with it beside it."""

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from smtop.tui.messages import FilterClosed, FilterEdited
from smtop.tui.view_models.cells import Cell
from smtop.tui.view_models.fmt import plain
from smtop.tui.widgets.lines import Lines


class FilterInput(Input):
    """Gives the Escape key to the filter line; what is pasted cannot speak to the terminal."""

    def insert_text_at_cursor(self, text: str) -> None:
        super().insert_text_at_cursor(plain(text))

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.stop()
            self.post_message(FilterClosed(kept=False))
            return
        await super()._on_key(event)


class FilterBar(Horizontal):
    """Shown while a filter is being typed: every edit is reported, Enter keeps it, Escape drops it."""

    DEFAULT_CSS = """
    FilterBar { height: 1; display: none; }
    FilterBar Lines { width: 1; }
    FilterBar FilterInput { width: 1fr; height: 1; border: none; padding: 0; background: $background; }
    FilterBar #filter-fault { width: auto; max-width: 70%; }
    """

    def compose(self) -> ComposeResult:
        yield Lines(id="filter-prompt")
        yield FilterInput(compact=True, select_on_focus=False, id="filter-input")
        yield Lines(id="filter-fault")

    def on_mount(self) -> None:
        self.query_one("#filter-prompt", Lines).show([(Cell("/", "key"),)])

    def open(self, text: str) -> None:
        """Starts typing, from the filter that is in force."""
        field = self.query_one(FilterInput)
        self.display = True
        with field.prevent(Input.Changed):
            field.value = text
        field.cursor_position = len(text)
        field.focus()

    def close(self) -> None:
        """Stops typing."""
        self.complain(None)
        self.query_one(FilterInput).blur()
        self.display = False

    def complain(self, sentence: str | None) -> None:
        """Says what is wrong with the text, or that nothing is."""
        fault = self.query_one("#filter-fault", Lines)
        fault.show([(Cell(f" {sentence}", "warning"),)] if sentence else [])

    @on(Input.Changed)
    def _edited(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(FilterEdited(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(FilterClosed(kept=True))
