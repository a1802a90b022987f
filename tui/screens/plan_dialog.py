"""The dialog that shows a plan, and asks."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.binding import BindingType

from smtop.metrics.domain.plan import Plan
from smtop.tui.keymap import Scope
from smtop.tui.messages import CopyWanted
from smtop.tui.screens.bindings import bindings
from smtop.tui.screens.dialog import Dialog, line_edited
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.view_models.cells import Cell, Line
from smtop.tui.view_models.plan_dialog import Question, Spot, answer_lines, cli_commands, question_lines


class PlanDialog(Dialog[Question | None]):
    """Ends with the question once it is confirmed, or with None."""

    VIEW = Scope.PLAN
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.PLAN, Scope.VIEWS)]

    def __init__(self, question: Question, around: Surroundings) -> None:
        super().__init__(around)
        self.question = question

    def show(self, plans: Sequence[Plan]) -> None:
        """The plans that were made."""
        self._become(replace(self.question, plans=tuple(plans)))

    def fail(self, sentence: str) -> None:
        """There is no plan."""
        self._become(replace(self.question, fault=sentence))

    def set_closed(self, closed: str | None) -> None:
        """The write gate was opened or shut."""
        self._become(replace(self.question, closed=closed))

    def _become(self, question: Question) -> None:
        self.question = question
        self.redraw()

    def title_line(self, width: int) -> Line:
        word = "DRY RUN" if self.question.dry else "PLAN"
        return (Cell(f" {word} ", "reverse"), Cell(" before anything is sent", "dim"))

    def text_lines(self, width: int) -> Sequence[Line]:
        return question_lines(self.question, width, self.around.paint)

    def answer_lines(self, width: int) -> Sequence[Line]:
        return answer_lines(self.question, width, self.around.paint)

    def typed(self, key: str, character: str | None) -> bool:
        if self.question.at is not Spot.FIELD:
            return False
        text = line_edited(self.question.typed, key, character)
        if text is not None:
            self._become(self.question.edited(text))
        return text is not None

    def pasted(self, text: str) -> None:
        if self.question.at is Spot.FIELD:
            self._become(self.question.edited(self.question.typed + text))

    def action_step(self, step: int) -> None:
        self._become(self.question.moved(step))

    def action_turn(self) -> None:
        if self.question.at is Spot.GO_ON:
            self._become(self.question.turned())

    def action_press(self) -> None:
        """Presses the button in focus; in the field Enter is the button that does it."""
        at = self.question.at
        if at is Spot.CANCEL:
            self.dismiss(None)
        elif at is Spot.GO_ON:
            self.action_turn()
        elif self.question.is_confirmed:
            self.dismiss(self.question)
        else:
            self._become(self.question.refused())

    def action_copy_calls(self) -> None:
        commands = cli_commands(self.question.plans)
        if commands:
            self.post_message(CopyWanted("the calls", commands))
