"""The Textual app: one worker reads snapshots, the screen shows them."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, cast

from rich.console import RenderableType
from textual import events, on, work
from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import Worker, WorkerCancelled, WorkerFailed, WorkerState

from smtop.metrics.clock import Clock, SystemClock
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.metrics.errors import SmtopError
from smtop.tui.commands import CommandError
from smtop.tui.desk import Desk, view_of
from smtop.tui.garbage import Garbage
from smtop.tui.keymap import ACTIONS, Scope, of_view
from smtop.tui.messages import (
    CommandGiven,
    CopyWanted,
    DetailsWanted,
    EndpointCopyWanted,
    EndpointOpened,
    FeedLost,
    FleetStateChanged,
    HistoryWanted,
    KnownWanted,
    LookMoved,
    QuotesWanted,
    Said,
    SnapshotArrived,
)
from smtop.tui.porter import Porter
from smtop.tui.preferences import Preferences
from smtop.tui.screens.bindings import bindings, keymap
from smtop.tui.screens.fleet import FleetScreen
from smtop.tui.screens.pages import PageScreen
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.terminal_app import TerminalApp
from smtop.tui.view_models.cells import Line, Paint
from smtop.tui.view_models.fmt import ASCII, BLOCKS
from smtop.tui.view_models.keys import help_lines
from smtop.tui.view_models.markdown import TEXTS, WORDS
from smtop.tui.view_models.problems import problem_lines
from smtop.tui.view_state import FeedState
from smtop.tui.widgets.canvas import Canvas

if TYPE_CHECKING:  # imported after the first paint
    from smtop.metrics.ports import FleetFeed
    from smtop.tui.screens.endpoint import EndpointScreen

Connect: TypeAlias = "Callable[[], Awaitable[FleetFeed]]"

_PAGE = "smtop.tui.screens.endpoint"

RECONNECT_S = 15
SAY_S = 6
"""How long an answer to a key stands in the last line."""
REMEMBER_S = 2
"""How long changes of the view are gathered before they are written down."""
TIDY_S = 10
_TOUCHES = (events.Key, events.Paste, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp)
_SYSTEM_CLOCK = SystemClock()


class SmtopApp(TerminalApp):
    """Paints `first` (what the cache remembers) at once, then follows the feed that `connect` makes.

    `connect` and the feed may raise SmtopError, whose text is shown as it is; the app then tries again every 15 s.
    `place` is shown until the first snapshot says whose fleet it is. `zone` is that of the time axes, by default the
    machine's own. `preferences` are the operator's own.
    """

    CSS_PATH = "styles/app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.ROOT, Scope.VIEWS, Scope.ALWAYS)]

    def __init__(
        self,
        connect: Connect,
        first: FleetSnapshot | None = None,
        *,
        ascii_only: bool = False,
        clock: Clock = _SYSTEM_CLOCK,
        place: str = "",
        zone: tzinfo | None = None,
        preferences: Preferences | None = None,
    ) -> None:
        preferences = preferences or Preferences()
        keys = preferences.keys
        super().__init__(preferences.terminal)
        self.feed_state = FeedState(notes=keys.notes)
        self._glyphs = glyphs = ASCII if ascii_only else BLOCKS
        self._memory = preferences.memory
        self._around = Surroundings(clock, glyphs, place, zone, keys.actions)
        self.fleet = FleetScreen(first, self._around, self._memory.state)
        self.fleet.feed_state = self.feed_state
        self.endpoint: EndpointScreen | None = None
        self._reading: tuple[HistoryWanted, Worker[None]] | None = None
        self._connect = connect
        self._clock = clock
        self._feed: FleetFeed | None = None
        self._look: LookMoved | None = None
        self._newest: FleetSnapshot | None = first
        self._follower: Worker[None] | None = None
        self._garbage = Garbage(clock)
        self._to_remember: Timer | None = None
        self._canvas = Canvas()
        self._actions = keys.actions
        self._desk = Desk(self, keys.actions, preferences.history, self.fleet.choices, self._paint)
        if keys.actions != ACTIONS:
            self.set_keymap(keymap(keys.actions))
        self._saying: Timer | None = None
        self._porter = Porter(self, self._paint, self._give_code, self.say)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Textual's way to the terminal, on which only cells that look different are sent."""
        super()._display(screen, cast("RenderableType", self._canvas.only_changes(renderable)))

    def _resumed(self, _app: App[Any]) -> None:
        """Back from the shell, which has written to the same terminal."""
        self._canvas.forget()
        self.screen.refresh()

    def get_default_screen(self) -> Screen[None]:
        return self.fleet

    def on_mount(self) -> None:
        self._garbage.hold()
        self.app_resume_signal.subscribe(self, self._resumed)
        self.set_interval(TIDY_S, self._garbage.collect_at_leisure)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Follows the fleet as soon as the first picture stands: what the engine imports would hold it up."""
        self._follower = self._follow()
        self.run_worker(self._desk.read_history(), group="commands")

    @work(thread=True, group="page", description="load the page of an endpoint")
    def _fetch_page(self) -> None:
        """The first paint does without it, and the key that opens it shall not wait."""
        importlib.import_module("smtop.tui.screens.endpoint")

    async def on_unmount(self) -> None:
        """Waits until the feed has let go of its connections."""
        self._garbage.release()
        self._memory.remember(self.fleet.state)
        if self._follower is None:
            return
        self._follower.cancel()
        with suppress(WorkerCancelled, WorkerFailed):
            await self._follower.wait()

    @work(exclusive=True, exit_on_error=False, group="feed", description="follow the fleet")
    async def _follow(self) -> None:
        while True:
            self.post_message(FeedLost(await self._read_until_lost()))
            await self._clock.sleep(RECONNECT_S)

    async def _read_until_lost(self) -> str:
        """Passes snapshots on for as long as they come; returns the sentence that says why they no longer do."""
        try:
            feed = await self._connect()
            try:
                await self._read(feed)
            finally:
                await feed.close()
        except SmtopError as error:
            return str(error)
        return "The flow of snapshots has ended."

    async def _read(self, feed: "FleetFeed") -> None:
        self._feed = feed
        self._tell_look()
        self._fetch_page()
        try:
            async for snapshot in feed.snapshots():
                self.post_message(SnapshotArrived(snapshot))
        finally:
            self._feed = None

    @on(SnapshotArrived)
    def _snapshot_arrived(self, event: SnapshotArrived) -> None:
        self._newest = event.snapshot
        self._porter.heard(event.snapshot)
        if self.feed_state.fault is not None:
            self._set_feed(replace(self.feed_state, fault=None))
        if not self.feed_state.paused:
            self._show(event.snapshot)

    def _show(self, snapshot: FleetSnapshot) -> None:
        self.fleet.show(snapshot)
        if self.endpoint is not None:
            self.endpoint.show(snapshot)

    @on(LookMoved)
    def _look_moved(self, event: LookMoved) -> None:
        self._look = event
        self._tell_look()

    @on(FleetStateChanged)
    def _fleet_state_changed(self) -> None:
        if self._to_remember is None:
            self._to_remember = self.set_timer(REMEMBER_S, self._remember_state)

    async def _remember_state(self) -> None:
        self._to_remember = None
        fault = await asyncio.to_thread(self._memory.remember, self.fleet.state)
        if fault is not None:
            self._note(fault)

    def _tell_look(self) -> None:
        if self._feed is not None and self._look is not None:
            self._feed.look(self._look.focused, self._look.visible, self._look.wanted)

    async def on_event(self, event: events.Event) -> None:
        """Whatever somebody does with keys or mouse shows that somebody is there.

        Where nothing is being typed, a key is heeded before the next one is looked at: over a slow connection `:q`
        arrives at once, and the q belongs to the line that the colon opens.
        """
        if isinstance(event, _TOUCHES):
            self._garbage.touched()
            if self._feed is not None:
                self._feed.touched()
        if not (isinstance(event, events.Key) and not event.is_forwarded and await self._heeded(event.key)):
            await super().on_event(event)

    async def _heeded(self, key: str) -> bool:
        """Whether a key means something to the view in front; then its action has run."""
        bound = self.screen.active_bindings.get(key) if self.screen.focused is None else None
        return bound is not None and await self.run_action(bound.binding.action, bound.node)

    @on(FeedLost)
    def _feed_lost(self, event: FeedLost) -> None:
        self._set_feed(replace(self.feed_state, fault=event.sentence))

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        if event.state is not WorkerState.ERROR:
            return
        if event.worker is self._follower:
            fault = f"smtop stopped reading, which is a fault of its own: {event.worker.error!r}. Ctrl+r starts again."
            self._set_feed(replace(self.feed_state, fault=fault))
        elif event.worker.group == "history":
            self._say_of_history(f"a fault of smtop's own: {event.worker.error!r}")
        elif event.worker.group == "details" and self.endpoint is not None:
            self.endpoint.say_of_details(f"a fault of smtop's own: {event.worker.error!r}")

    def _set_feed(self, state: FeedState) -> None:
        self.feed_state = state
        self.fleet.set_feed(state)
        if self.endpoint is not None:
            self.endpoint.set_feed(state)

    @on(EndpointOpened)
    def _endpoint_opened(self, event: EndpointOpened) -> None:
        self.endpoint = importlib.import_module(_PAGE).EndpointScreen(
            event.endpoint, self._around, self.fleet.snapshot, self.feed_state, zoomed=event.zoomed
        )
        self.push_screen(self.endpoint, self._endpoint_closed)

    def _endpoint_closed(self, _result: None) -> None:
        self.endpoint = None
        self.workers.cancel_group(self, "history")
        self.workers.cancel_group(self, "details")

    @on(HistoryWanted)
    def _history_wanted(self, event: HistoryWanted) -> None:
        """Reads it, unless the same is being read already."""
        if self._reading is not None:
            wanted, worker = self._reading
            if worker.is_running and wanted.what == event.what:
                return
        self._reading = (event, self._read_histories(event))

    @work(exclusive=True, exit_on_error=False, group="history", description="read a history")
    async def _read_histories(self, wanted: HistoryWanted) -> None:
        """The present first, then earlier days, each with its price while it is read."""
        from smtop.tui.view_models.chart_page import Reading

        feed, page = self._feed, self.endpoint
        if feed is None or page is None:
            self._say_of_history("not connected to AWS yet")
            return
        for ago_s in (0, *wanted.earlier):
            what = (wanted.endpoint, wanted.range_s, ago_s)
            page.metrics.set_reading(Reading(await feed.quote(*what), ago_s=ago_s))
            page.metrics.show_history(await feed.history(*what), wanted.range_s, ago_s)

    @on(KnownWanted)
    @work(exclusive=True, exit_on_error=False, group="known", description="look up what was read")
    async def _known_wanted(self, event: KnownWanted) -> None:
        if self._feed is not None:
            self.fleet.inspector.show_history(await self._feed.known(event.endpoint, event.range_s))

    @on(DetailsWanted)
    @work(exclusive=True, exit_on_error=False, group="details", description="read details")
    async def _details_wanted(self, event: DetailsWanted) -> None:
        feed, page = self._feed, self.endpoint
        if page is None:
            return
        if feed is None:
            page.say_of_details("not connected to AWS yet")
            return
        page.show_details(await feed.details(event.endpoint, anew=event.anew))

    @on(QuotesWanted)
    @work(exclusive=True, exit_on_error=False, group="history-prices", description="ask what histories cost")
    async def _quotes_wanted(self, event: QuotesWanted) -> None:
        feed, page = self._feed, self.endpoint
        if feed is not None and page is not None:
            prices = {ago_s: await feed.quote(event.endpoint, event.range_s, ago_s) for ago_s in event.earlier}
            page.metrics.set_prices(prices)

    def _say_of_history(self, sentence: str) -> None:
        from smtop.tui.view_models.chart_page import Reading

        if self.endpoint is not None:
            self.endpoint.metrics.set_reading(Reading(said=sentence))

    @on(EndpointCopyWanted)
    def _endpoint_copy_wanted(self, event: EndpointCopyWanted) -> None:
        if self.fleet.snapshot is not None:
            text = TEXTS[event.what](event.view, self.fleet.snapshot, self._paint())
            self.post_message(CopyWanted(WORDS[event.what], text))

    def action_sign_in(self) -> None:
        self._porter.asked(self._newest)

    def _give_code(self, code: str) -> None:
        if self._feed is not None:
            self._feed.sign_in(code)

    @on(Said)
    def _said(self, event: Said) -> None:
        self.say(event.sentence)

    def say(self, sentence: str) -> None:
        """Puts a sentence into the last line for a while."""
        if self._saying is not None:
            self._saying.stop()
        self._set_feed(replace(self.feed_state, said=sentence))
        if sentence:
            self._saying = self.set_timer(SAY_S, lambda: self.say(""))

    @on(CommandGiven)
    async def _command_given(self, event: CommandGiven) -> None:
        if event.line:
            self._remember(event.line)
        await self._desk.carry_out(event.order, event.line)

    @work(exit_on_error=False, group="commands", description="keep the history of commands")
    async def _remember(self, line: str) -> None:
        try:
            await self._desk.remember(line)
        except OSError as error:
            self._note(f"Commands are not remembered over a restart: {error.strerror}: {error.filename}.")

    def _note(self, sentence: str) -> None:
        self._set_feed(replace(self.feed_state, notes=tuple(dict.fromkeys((*self.feed_state.notes, sentence)))))

    async def action_command(self, text: str = "") -> None:
        await self._desk.type(text)

    async def action_palette(self) -> None:
        await self._desk.look()

    async def action_to_fleet(self) -> None:
        await self._desk.to_fleet()

    async def action_to_endpoint(self, name: str) -> None:
        """Opens an endpoint from anywhere. Raises CommandError for one that is not there."""
        if name not in self.fleet.choices("NAME"):
            raise CommandError(f"There is no endpoint {name} here.")
        await self._desk.to_fleet()
        self.post_message(EndpointOpened(name))

    def action_help(self) -> None:
        """The help of the view in front; from the help itself, back to that."""
        actions = of_view(view_of(self.screen), self._actions)
        self._turn_to("help", "Keys and signs", lambda width: help_lines(actions, width, self._paint()))

    def action_problems(self) -> None:
        self._turn_to(
            "problems",
            "What could not be asked",
            lambda width: problem_lines(self._newest, self.feed_state, width=width, paint=self._paint()),
        )

    def _turn_to(self, name: str, heading: str, text: Callable[[int], Sequence[Line]]) -> None:
        """Opens a page, or closes it if it is in front."""
        if self.screen.name == name:
            self.screen.dismiss()
        else:
            self.push_screen(PageScreen(name, heading, text, self._actions))

    def _paint(self) -> Paint:
        return Paint(self._clock.wall(), self._glyphs)

    def action_pause(self) -> None:
        self._set_feed(replace(self.feed_state, paused=not self.feed_state.paused))
        if not self.feed_state.paused and self._newest is not None:
            self._show(self._newest)

    def action_refresh_feed(self) -> None:
        """Asks for a poll; without a feed, connects at once instead of waiting."""
        if self._feed is not None:
            self._feed.refresh()
            if self.endpoint is not None:
                self.endpoint.ask_anew()
        elif self.feed_state.fault is not None:
            self._follower = self._follow()
