"""Opens the texts that are read about an endpoint: all that is known of it, and what AWS answers about it."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from textual.app import App
from textual.worker import Worker

from smtop.metrics.domain.details import EndpointDetails
from smtop.metrics.domain.documents import Document
from smtop.tui.follower import Follower
from smtop.tui.messages import DossierWanted
from smtop.tui.screens.pages import PageScreen
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.text_pages import TextPages
from smtop.tui.view_models.cells import Cell, Line
from smtop.tui.view_models.dossier import answer_lines, answers_text, described
from smtop.tui.view_models.tabs.page import Page
from smtop.tui.view_state import PageState

_OFFLINE = "Not connected to AWS yet: this is what is known without asking."
_READING = "reading"

V = TypeVar("V")


@dataclass
class _Reading(Generic[V]):
    """What was read, and until then why there is nothing."""

    said: str
    told: V | None = None


class Dossiers:
    """A page opens at once, and is made anew when what it lacks was read."""

    def __init__(self, app: App[None], follower: Follower, texts: TextPages, around: Surroundings) -> None:
        self._app = app
        self._follower = follower
        self._texts = texts
        self._around = around
        self._latest: tuple[_Reading[Any], PageScreen] | None = None

    def open(self, wanted: DossierWanted) -> None:
        if wanted.raw:
            self._open_answers(wanted)
        else:
            self._open_description(wanted)

    def failed(self, worker: Worker[None]) -> None:
        """Says on the page that reading has ended in a fault, if it was for one of these."""
        if worker.group == "dossier" and self._latest is not None:
            reading, page = self._latest
            reading.said = f"a fault of smtop's own: {worker.error!r}"
            page.redo()

    def _open_description(self, wanted: DossierWanted) -> None:
        reading: _Reading[EndpointDetails] = self._begun()

        def text(width: int) -> list[Line]:
            page = Page(wanted.view, reading.told, PageState(), width, self._around.paint, self._around.zone)
            return described(page, reading.said)

        page = self._texts.turn_to("describe", wanted.view.endpoint.title, text)
        feed = self._follower.feed
        if page is not None and feed is not None:
            self._read(partial(feed.details, wanted.view.key), reading, page)

    def _open_answers(self, wanted: DossierWanted) -> None:
        reading: _Reading[Sequence[Document]] = self._begun()

        def text(width: int) -> list[Line]:
            said: list[Line] = [(Cell(reading.said, "changing"),)] if reading.said else []
            return [*said, *answer_lines(reading.told or (), width, self._around.paint)]

        heading = f"{wanted.view.endpoint.title}, as AWS answers"
        page = self._texts.turn_to("raw", heading, text, lambda: answers_text(reading.told or ()))
        feed = self._follower.feed
        if page is not None and feed is not None:
            self._read(partial(feed.documents, wanted.view.key), reading, page)

    def _begun(self) -> _Reading[Any]:
        return _Reading(_OFFLINE if self._follower.feed is None else _READING)

    def _read(self, ask: Callable[[], Coroutine[Any, Any, V]], reading: _Reading[V], page: PageScreen) -> Worker[None]:
        async def read() -> None:  # begun by its worker: as a coroutine, it would complain of one that never begins
            reading.told, reading.said = await ask(), ""
            page.redo()

        self._latest = reading, page
        return self._app.run_worker(
            read, exclusive=True, exit_on_error=False, group="dossier", description="read a text"
        )
