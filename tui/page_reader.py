"""Opens the page of an endpoint, and reads for it and for the inspector what their charts and tabs ask for."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from textual.app import App
from textual.worker import Worker

from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.tui.follower import Follower
from smtop.tui.messages import DetailsWanted, EndpointOpened, HistoryWanted, KnownWanted, QuotesWanted
from smtop.tui.screens.inspector import Inspector
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.view_state import FeedState

if TYPE_CHECKING:  # imported after the first paint
    from smtop.tui.screens.endpoint import EndpointScreen

ReadingWanted: TypeAlias = HistoryWanted | KnownWanted | DetailsWanted | QuotesWanted

_OFFLINE = "not connected to AWS yet"
_OF_PAGE = ("history", "details")


class PageReader:
    """`page` is the one that is open; `closed` is told when it no longer is."""

    def __init__(
        self,
        app: App[None],
        follower: Follower,
        around: Surroundings,
        inspector: Inspector,
        closed: Callable[[], None],
    ) -> None:
        self.page: EndpointScreen | None = None
        self._app = app
        self._follower = follower
        self._around = around
        self._inspector = inspector
        self._tell_closed = closed
        self._reading: tuple[HistoryWanted, Worker[None]] | None = None

    def open(self, wanted: EndpointOpened, snapshot: FleetSnapshot | None, feed_state: FeedState) -> None:
        from smtop.tui.screens.endpoint import EndpointScreen

        self.page = EndpointScreen(wanted.endpoint, self._around, snapshot, feed_state, wanted)
        self._app.push_screen(self.page, self._closed)

    def _closed(self, _result: None) -> None:
        self.page = None
        for group in _OF_PAGE:
            self._app.workers.cancel_group(self._app, group)
        self._tell_closed()

    def failed(self, worker: Worker[None]) -> None:
        """Says on the page that reading has ended in a fault, if it was for the page."""
        sentence = f"a fault of smtop's own: {worker.error!r}"
        if worker.group == "history":
            self._say_of_history(sentence)
        elif worker.group == "details" and self.page is not None:
            self.page.say_of_details(sentence)

    def read(self, wanted: ReadingWanted) -> None:
        """Begins to read; what comes of it goes to the page or the inspector."""
        match wanted:
            case HistoryWanted():
                self._read_history(wanted)
            case KnownWanted():
                self._work(partial(self._look_up, wanted), "known")
            case DetailsWanted():
                self._work(partial(self._read_details, wanted), "details")
            case QuotesWanted():
                self._work(partial(self._read_prices, wanted), "history-prices")

    def _read_history(self, wanted: HistoryWanted) -> None:
        """Reads it, unless the same is being read already."""
        if self._reading is not None:
            before, worker = self._reading
            if worker.is_running and before.what == wanted.what:
                return
        self._reading = (wanted, self._work(partial(self._read_histories, wanted), "history"))

    async def _read_histories(self, wanted: HistoryWanted) -> None:
        """The present first, then earlier days, each with its price while it is read."""
        from smtop.tui.view_models.chart_page import Reading

        feed, page = self._follower.feed, self.page
        if feed is None or page is None:
            self._say_of_history(_OFFLINE)
            return
        for ago_s in (0, *wanted.earlier):
            what = (wanted.endpoint, wanted.range_s, ago_s)
            page.metrics.set_reading(Reading(await feed.quote(*what), ago_s=ago_s))
            page.metrics.show_history(await feed.history(*what), wanted.range_s, ago_s)
        if wanted.beside is not None:
            other = (wanted.beside, wanted.range_s)
            page.metrics.set_reading(Reading(await feed.quote(*other), beside=wanted.beside))
            page.metrics.show_beside(await feed.history(*other), wanted.range_s)

    def _say_of_history(self, sentence: str) -> None:
        from smtop.tui.view_models.chart_page import Reading

        if self.page is not None:
            self.page.metrics.set_reading(Reading(said=sentence))

    async def _look_up(self, wanted: KnownWanted) -> None:
        from smtop.metrics.domain.history import LOOK_S

        if self._follower.feed is not None:
            self._inspector.show_history(await self._follower.feed.known(wanted.endpoint, LOOK_S))

    async def _read_details(self, wanted: DetailsWanted) -> None:
        feed, page = self._follower.feed, self.page
        if page is None:
            return
        if feed is None:
            page.say_of_details(_OFFLINE)
            return
        page.show_details(await feed.details(wanted.endpoint, anew=wanted.anew))

    async def _read_prices(self, wanted: QuotesWanted) -> None:
        feed, page = self._follower.feed, self.page
        if feed is not None and page is not None:
            prices = {ago_s: await feed.quote(wanted.endpoint, wanted.range_s, ago_s) for ago_s in wanted.earlier}
            page.metrics.set_prices(prices)

    def _work(self, job: Callable[[], Coroutine[None, None, None]], group: str) -> Worker[None]:
        """A coroutine itself would complain where its worker is cancelled, by the next one, before it has begun."""
        return self._app.run_worker(job, exclusive=True, exit_on_error=False, group=group, description=group)
