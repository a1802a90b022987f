"""The panel that shows what comes of a change."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from smtop.tui.keymap import Scope
from smtop.tui.messages import CopyWanted, UndoWanted
from smtop.tui.screens.bindings import bindings
from smtop.tui.screens.dialog import Dialog
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.view_models.cells import Cell, Line
from smtop.tui.view_models.plan_dialog import cli_commands
from smtop.tui.view_models.undertaking import Undertaking
from smtop.tui.view_models.watch import watch_lines

LOOK_S = 1.0
"""How often times are brought up to the present; they move in steps of ten seconds."""


class WatchPanel(Dialog[None]):
    """Shows one undertaking; the change goes on when it is closed."""

    VIEW = Scope.WATCH
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.WATCH, Scope.VIEWS)]

    def __init__(self, undertaking: Undertaking, around: Surroundings) -> None:
        super().__init__(around)
        self.undertaking = undertaking

    def on_mount(self) -> None:
        self.set_interval(LOOK_S, self.redraw)

    def show(self, undertaking: Undertaking) -> None:
        """The same, further on."""
        self.undertaking = undertaking
        self.redraw()

    def title_line(self, width: int) -> Line:
        ended = "DONE" if self.undertaking.current.has_ended else "LEFT"
        word = ended if self.undertaking.is_over else "CHANGING"
        return (Cell(f" {word} ", "reverse"), Cell("  Esc looks away, and stops nothing", "dim"))

    def text_lines(self, width: int) -> Sequence[Line]:
        return watch_lines(self.undertaking, self.around.clock.wall(), width, self.around.paint)

    def action_undo(self) -> None:
        """All that was begun, the last first."""
        begun = [step.plan.id for step in reversed(self.undertaking.steps) if step.entry is not None]
        if begun:
            self.post_message(UndoWanted(*begun))
            self.dismiss(None)

    def action_copy_calls(self) -> None:
        plans = [step.plan for step in self.undertaking.steps]
        self.post_message(CopyWanted("the calls", cli_commands(plans)))
