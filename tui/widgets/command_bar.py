"""The lines at the bottom in which a command is typed or an action looked for."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.fuzzy import FuzzySearch
from textual.widgets import Input

from smtop.tui.commands import CommandError, Order
from smtop.tui.messages import CommandGiven
from smtop.tui.view_models.cells import Cell, Line, Paint
from smtop.tui.view_models.command_line import Likeness, Prompt, fault_lines, offer_lines
from smtop.tui.widgets.lines import Lines
from smtop.tui.widgets.typed_line import TypedLine

_MOST_LINES = 8
_STEPS = {"up": ("moved", -1), "down": ("moved", 1), "tab": ("tabbed", 1), "shift+tab": ("tabbed", -1)}


def likeness() -> Likeness:
    """Textual's own fuzzy search, with its memory of earlier questions."""
    search = FuzzySearch()
    return lambda text, candidate: search.match(text, candidate)[0]


class CommandBar(Vertical):
    """Lies over the last lines of a screen until Enter or Escape; what was ordered is reported, the bar then goes."""

    DEFAULT_CSS = """
    CommandBar { layer: bar; dock: bottom; height: auto; background: $panel; }
    CommandBar Lines { background: $panel; }
    CommandBar Horizontal { height: 1; background: $background; }
    CommandBar #command-sign { width: 1; background: $background; }
    CommandBar TypedLine { width: 1fr; height: 1; border: none; padding: 0; background: $background; }
    """

    def __init__(self, prompt: Prompt, paint: Paint, fault: str | None = None) -> None:
        super().__init__(id="command-bar")
        self.prompt = prompt
        self._paint = paint
        self._fault = fault

    def compose(self) -> ComposeResult:
        yield Lines(id="command-offers")
        with Horizontal():
            yield Lines(id="command-sign")
            yield TypedLine(self.prompt.text, own_key=self._takes, id="command-input")

    def on_mount(self) -> None:
        self._show(self.prompt)

    def take_keys(self) -> None:
        """Starts typing."""
        self.query_one(TypedLine).take_keys()

    def on_resize(self) -> None:
        self._catch_up()
        self._show(self.prompt)

    def _takes(self, key: str) -> bool:
        """Whether a key is the bar's own; then it has been heeded."""
        self._catch_up()
        if key in _STEPS:
            self._fault = None
            method, step = _STEPS[key]
            self._show(getattr(self.prompt, method)(step))
        elif key == "escape" or (key == "backspace" and not self.prompt.text):
            self.screen.set_focus(None)
            self.remove()
        else:
            return False
        return True

    def _show(self, prompt: Prompt) -> None:
        self.prompt = prompt
        field = self.query_one(TypedLine)
        if field.value != prompt.text:
            with field.prevent(Input.Changed):
                field.value = prompt.text
            field.cursor_position = len(prompt.text)
        self.query_one("#command-offers", Lines).show(self._lines_above())
        self.query_one("#command-sign", Lines).show([(Cell(prompt.sign, "key"),)])

    def _lines_above(self) -> Sequence[Line]:
        """What is offered, or what is wrong with the line."""
        width, height = self.screen.size.width, max(min(_MOST_LINES, self.screen.size.height - 3), 0)
        if self._fault is not None:
            return fault_lines(self._fault, width=width, height=height, paint=self._paint)
        return offer_lines(self.prompt, width=width, height=height, paint=self._paint)

    @on(Input.Changed)
    def _edited(self, event: Input.Changed) -> None:
        event.stop()
        self._catch_up()

    def _catch_up(self) -> None:
        """Takes over what stands in the line; the messages that tell of it come later than the next keys."""
        text = self.query_one(TypedLine).value
        if text != self.prompt.text:
            self._fault = None
            self._show(self.prompt.edited(text))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._catch_up()
        if not self.prompt.text.strip() and self.prompt.picked is None:
            self.remove()
            return
        try:
            given = self.prompt.order()
        except CommandError as error:
            self._fault = str(error)
            self._show(self.prompt)
            self.take_keys()
            return
        if isinstance(given, Order):
            self.post_message(CommandGiven(given, self.prompt.text if self.prompt.sign == ":" else ""))
        else:
            self._show(given)
            self.take_keys()
