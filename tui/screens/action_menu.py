"""The small menu of what can be done."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from smtop.metrics.actions.allowed import Act, Rights
from smtop.metrics.domain.endpoint import Endpoint
from smtop.tui.keymap import Scope, shown
from smtop.tui.screens.bindings import bindings
from smtop.tui.screens.dialog import Dialog
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.view_models.acts import WORDS, Entry, menu_lines, title, usual
from smtop.tui.view_models.cells import Line


class ActionMenu(Dialog[Act | None]):
    """Ends with the act that was chosen, or with None."""

    VIEW = Scope.MENU
    MOST_CELLS = 96
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.MENU, Scope.VIEWS)]

    def __init__(self, endpoints: Sequence[Endpoint], rights: Rights, around: Surroundings) -> None:
        super().__init__(around)
        self._endpoints = endpoints
        self._rights = rights
        self._entries = [Entry(act, self._key(act), words) for act, words in WORDS.items()]
        self._at = list(WORDS).index(usual(endpoints[0]))

    def _key(self, act: Act) -> str:
        keys = next(action.keys for action in self.around.actions if action.id == f"menu-{act.value}")
        return shown(keys[0]) if keys else " "

    def set_rights(self, rights: Rights) -> None:
        """More is known of what may be changed."""
        self._rights = rights
        self.redraw()

    def title_line(self, width: int) -> Line:
        return title(self._endpoints, width, self.around.paint)

    def text_lines(self, width: int) -> Sequence[Line]:
        return menu_lines(self._entries, self._at, self._endpoints, self._rights, width, self.around.paint)

    def action_step(self, step: int) -> None:
        self._at = (self._at + step) % len(self._entries)
        self.redraw()

    def action_pick(self, word: str) -> None:
        self.dismiss(Act(word))

    def action_enter(self) -> None:
        self.dismiss(self._entries[self._at].act)
