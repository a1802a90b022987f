"""Shows the way: to an endpoint from anywhere, and back to where the operator was before."""

from textual.app import App

from smtop.tui.commands import CommandError
from smtop.tui.desk import Desk
from smtop.tui.messages import EndpointOpened, Said
from smtop.tui.page_reader import PageReader
from smtop.tui.screens.fleet_actions import FleetScreen
from smtop.tui.trail import Place, Trail
from smtop.tui.view_models.endpoint import called


class Guide:
    """Keeps the trail of the operator, which begins in `first_view`. What it has to say it posts as Said."""

    def __init__(self, app: App[None], fleet: FleetScreen, desk: Desk, pages: PageReader, first_view: str) -> None:
        self._app = app
        self._fleet = fleet
        self._desk = desk
        self._pages = pages
        self._trail = Trail(Place(first_view))
        self._passing = False

    def arrived(self) -> None:
        """The operator may be elsewhere than a moment ago, unless they are only passing through the fleet."""
        page = self._pages.page
        endpoint = page.endpoint if page is not None and page in self._app.screen_stack else None
        if not self._passing:
            self._trail = self._trail.to(Place(self._fleet.state.view, endpoint))

    def opened(self) -> None:
        """The page of an endpoint is in front."""
        self._passing = False
        self.arrived()

    async def to_endpoint(self, name: str) -> None:
        """Opens its page. Raises CommandError for an endpoint that is not there, and for a name that is there twice."""
        found = called(name, self._fleet.snapshot)
        self._passing = True
        await self._desk.to_fleet()
        self._app.post_message(EndpointOpened(found.key))

    async def back(self) -> None:
        """Goes where the operator was before."""
        before = self._trail.before
        if before is None:
            self._say("There is no view before this one.")
        elif before.endpoint is None:
            await self._to_view(before.view)
        else:
            try:
                await self.to_endpoint(before.endpoint)
            except CommandError as error:
                self._say(str(error))

    async def _to_view(self, view: str) -> None:
        self._passing = True
        await self._desk.to_fleet()
        self._fleet.action_view(view)
        self._passing = False

    def _say(self, sentence: str) -> None:
        self._app.post_message(Said(sentence))
