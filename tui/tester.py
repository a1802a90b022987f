"""Sends a test invocation and shows what comes back."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App

from smtop.metrics.errors import RefusedError, SmtopError
from smtop.tui.gatekeeper import Gatekeeper
from smtop.tui.screens.pages import PageScreen
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.teller import Teller

if TYPE_CHECKING:  # imported after the first paint
    from smtop.metrics.actions.invoke import Answer, Invocation
    from smtop.tui.view_models.change_forms.invoke import Trial

WAIT_S = 300.0
"""How long an asynchronous answer is waited for."""


class Tester:
    """Never while smtop is read-only: a model answers, and that counts and costs."""

    def __init__(self, app: App[None], gatekeeper: Gatekeeper, around: Surroundings, teller: Teller) -> None:
        self._app = app
        self._gatekeeper = gatekeeper
        self._around = around
        self._teller = teller

    def try_out(self, call: "Trial") -> None:
        """Sends it; the answer is a page, what goes wrong a sentence."""
        self._app.run_worker(
            self._try(call), exclusive=True, exit_on_error=False, group="test call", description="test invocation"
        )

    async def _try(self, call: "Trial") -> None:
        if self._gatekeeper.closed is not None:
            self._teller.say(self._gatekeeper.closed)
            return
        self._teller.say(f"Waiting for an answer of {call.endpoint}...")
        try:
            wanted = await asyncio.to_thread(_invocation, call)
            answer = await self._gatekeeper.changes.invoke(wanted, WAIT_S)
        except SmtopError as error:
            self._teller.say(str(error))
        else:
            self._teller.say("")
            self._show(call.endpoint, answer)

    def _show(self, endpoint: str, answer: "Answer") -> None:
        from smtop.tui.view_models.reply import reply_lines

        paint = self._around.paint
        heading = f"Answer of {paint.plain(endpoint)}"
        page = PageScreen("reply", heading, lambda width: reply_lines(answer, width, paint), self._around.actions)
        self._app.push_screen(page)


def _invocation(call: "Trial") -> "Invocation":
    """With the payload, which is read here. Raises RefusedError where it cannot be."""
    from smtop.metrics.actions.invoke import Invocation

    members = {name: value for name, value in vars(call).items() if name != "path"}
    try:
        payload = Path(call.path).expanduser().read_bytes()
    except OSError as error:
        raise RefusedError(f"The payload cannot be read: {error.strerror}: {call.path}") from error
    return Invocation(payload=payload, **members)
