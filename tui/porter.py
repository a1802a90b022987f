"""Helps to sign in: opens the dialog when nobody could enter yet, and passes on what was typed there."""

from collections.abc import Callable

from textual.app import App

from smtop.metrics.domain.snapshot import FleetSnapshot, Problem, Source
from smtop.tui.screens.sign_in import SignInDialog
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.sign_in import is_in_the_way, obstacle, whoami


class Porter:
    """`give` gets the code that was typed; `say` tells the operator."""

    def __init__(
        self,
        app: App[None],
        paint: Callable[[], Paint],
        give: Callable[[str, Source | None], None],
        say: Callable[[str], None],
    ) -> None:
        self._app = app
        self._paint = paint
        self._give = give
        self._say = say
        self._helped_with = ""
        self._source: Source | None = None
        self._declined = False

    def heard(self, snapshot: FleetSnapshot) -> None:
        """Opens the dialog where nothing could be read yet, until somebody closes it; closes it when all is well."""
        found = obstacle(snapshot)
        dialog = self._app.screen
        if isinstance(dialog, SignInDialog):
            if found is None or found.source != self._source:
                dialog.dismiss("")
        elif found is not None and is_in_the_way(found, snapshot) and self._is_worth_asking(found):
            self._open(found)

    def asked(self, snapshot: FleetSnapshot | None) -> None:
        """Opens the dialog if signing in would help, or else says who is asking."""
        found = obstacle(snapshot)
        if found is None:
            self._say(whoami(snapshot))
        else:
            self._open(found)

    def _is_worth_asking(self, found: Problem) -> bool:
        """Not again what was just answered, and nothing of somebody who has closed the dialog."""
        return found.message != self._helped_with and not self._declined

    def _open(self, found: Problem) -> None:
        if found.sign_in is not None:
            self._helped_with, self._source = found.message, found.source
            self._app.push_screen(SignInDialog(found.message, found.sign_in, self._paint()), self._closed)

    def _closed(self, code: str | None) -> None:
        self._declined = code is None
        if code:
            self._give(code, self._source)
            self._say("AWS is asked with this code.")
