"""The dialog that helps to sign in: an MFA code is typed here, a command is run in another terminal."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from smtop.metrics.errors import SignIn
from smtop.tui.messages import CopyWanted
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.sign_in import CODE_DIGITS, sign_in_lines
from smtop.tui.widgets.lines import Lines


class SignInDialog(ModalScreen[str | None]):
    """Ends with the code that was typed, or with None. Until then polling goes on, and may make it unnecessary."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("q", "dismiss(None)", show=False),
        Binding("c", "copy_command", show=False),
    ]
    DEFAULT_CSS = """
    SignInDialog { align: center middle; background: $background 60%; }
    SignInDialog Vertical { width: 72; max-width: 100%; height: auto; max-height: 100%; padding: 1; }
    SignInDialog Vertical { background: $panel; }
    SignInDialog Input { height: 1; border: none; padding: 0 1; width: 12; }
    """

    def __init__(self, sentence: str, sign_in: SignIn, paint: Paint) -> None:
        super().__init__()
        self.sign_in = sign_in
        self._sentence = sentence
        self._paint = paint

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Lines(id="sign-in-text")
            if self.sign_in.wants_code:
                yield Input(restrict="[0-9]*", max_length=CODE_DIGITS, compact=True, id="sign-in-code")

    def on_mount(self) -> None:
        if self.sign_in.wants_code:
            self.query_one(Input).focus()

    def on_resize(self) -> None:
        width = max(min(self.size.width, 72) - 2, 10)
        self.query_one("#sign-in-text", Lines).show(sign_in_lines(self._sentence, self.sign_in, width, self._paint))

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        if len(event.value) == CODE_DIGITS:
            self.dismiss(event.value)

    def action_copy_command(self) -> None:
        if self.sign_in.command:
            self.post_message(CopyWanted("the command", self.sign_in.command))
            self.dismiss(None)
