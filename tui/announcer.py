"""Tells of new criticals beyond the screen, where that is wanted: bell, notification of the terminal, webhook."""

import asyncio
from collections.abc import Callable, Sequence

from textual.app import App

from smtop.metrics.config import Notify
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.webhook import post
from smtop.tui.terminal import Terminal
from smtop.tui.view_models import fmt
from smtop.tui.view_models.announcing import Announced, News, in_a_sentence
from smtop.tui.view_models.verdicts import news_json


class Announcer:
    """`write` takes what goes to the terminal, `note` a sentence about what did not work."""

    def __init__(
        self,
        app: App[None],
        notify: Notify,
        terminal: Terminal,
        write: Callable[[str], None],
        note: Callable[[str], None],
    ) -> None:
        self._app = app
        self._notify = notify
        self._terminal = terminal
        self._write = write
        self._note = note
        self._announced = Announced()

    def heard(self, snapshot: FleetSnapshot) -> None:
        """Tells what is new in this picture."""
        news = self._announced.news(snapshot)
        if not news:
            return
        if self._notify.bell:
            self._write("\a")
        if self._notify.osc9:
            self._write(self._terminal.clipboard.notification(fmt.plain(in_a_sentence(news), ascii_only=True)))
        if self._notify.webhook:
            self._app.run_worker(
                self._post(snapshot, news), exit_on_error=False, group="webhook", description="webhook"
            )

    async def _post(self, snapshot: FleetSnapshot, news: Sequence[News]) -> None:
        document = {"text": in_a_sentence(list(news)), **news_json(snapshot, news)}
        failed = await asyncio.to_thread(post, self._notify.webhook or "", document)
        if failed is not None:
            self._note(failed)
