"""The form in which a change is filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType

from smtop.tui.keymap import Scope
from smtop.tui.screens.bindings import bindings
from smtop.tui.screens.dialog import Dialog, line_edited
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Line
from smtop.tui.view_models.change_forms import Asked
from smtop.tui.view_models.forms import Form, FormState, form_lines


@dataclass(frozen=True)
class Filled:
    """What a form asks for; with `dry` the plan alone."""

    changes: tuple[Asked, ...]
    dry: bool


class ChangeForm(Dialog[Filled | None]):
    """Ends with what was filled in, or with None."""

    VIEW = Scope.FORM
    MOST_CELLS = 96
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.FORM)]

    def __init__(self, form: Form[Asked], around: Surroundings) -> None:
        super().__init__(around)
        self.state = FormState.of(form)

    def title_line(self, width: int) -> Line:
        return (
            Cell(fmt.cut_middle(self.around.paint.plain(self.state.form.title), width, self.around.glyphs), "title"),
        )

    def text_lines(self, width: int) -> Sequence[Line]:
        return form_lines(self.state, width, self.around.paint)

    def typed(self, key: str, character: str | None) -> bool:
        begun = "" if self.state.fresh and key != "backspace" else self.state.text
        text = line_edited(begun, key, character)
        if text is not None and self.state.takes_letters:
            self._become(self.state.edited(text))
        return text is not None

    def pasted(self, text: str) -> None:
        if self.state.takes_letters:
            self._become(self.state.edited(self.state.text + text))

    def _become(self, state: FormState[Asked]) -> None:
        self.state = state
        self.redraw()
        self.query_one("#dialog-body").scroll_to(y=max(state.at + 2 - self.size.height // 2, 0), animate=False)

    def action_step(self, step: int) -> None:
        self._become(self.state.moved(step))

    def action_turn(self, step: int) -> None:
        self._become(self.state.stepped(step))

    def action_clear(self) -> None:
        if self.state.takes_letters:
            self._become(self.state.edited(""))

    def action_send(self, dry: bool) -> None:
        sent = self.state.sent()
        if isinstance(sent, FormState):
            self._become(sent)
        else:
            self.dismiss(Filled(tuple(sent), dry))
