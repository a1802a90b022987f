"""The Textual app: it passes on what happens on the screen and in the feed to whoever sees to it."""

import asyncio
from datetime import tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events, on, work
from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from smtop.metrics.clock import Clock, SystemClock
from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.tui.changing_app import ChangingApp
from smtop.tui.command_history import CommandHistory
from smtop.tui.follower import Connect, Follower
from smtop.tui.garbage import Garbage
from smtop.tui.keeper import Keeper
from smtop.tui.keymap import ACTIONS, INTERVALS_S, Scope
from smtop.tui.messages import (
    CommandGiven,
    DetailsWanted,
    DossierWanted,
    EndpointCopyWanted,
    EndpointOpened,
    ExportWanted,
    FeedLost,
    FleetStateChanged,
    HistoryWanted,
    KnownWanted,
    LookMoved,
    QuotesWanted,
    RuleWanted,
    Said,
    SnapshotArrived,
)
from smtop.tui.page_reader import PageReader, ReadingWanted
from smtop.tui.preferences import Preferences
from smtop.tui.screens.bindings import bindings, keymap
from smtop.tui.screens.fleet_actions import FleetScreen
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.teller import Teller
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.fmt import ASCII, BLOCKS
from smtop.tui.view_state import DEFAULT_INTERVAL_S, FeedState
from smtop.tui.widgets.canvas import Canvas

if TYPE_CHECKING:  # imported after the first paint
    from smtop.tui.announcer import Announcer
    from smtop.tui.desk import Desk
    from smtop.tui.dossiers import Dossiers
    from smtop.tui.exporter import Exporter
    from smtop.tui.guide import Guide
    from smtop.tui.porter import Porter
    from smtop.tui.screens.endpoint import EndpointScreen
    from smtop.tui.text_pages import TextPages

TIDY_S = 5
_TOUCHES = (events.Key, events.Paste, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp)
_SYSTEM_CLOCK = SystemClock()


_ASKED = "AWS is asked now."
_ASKED_HELD = "AWS is asked now; the picture is held until it follows again (p)."


class SmtopApp(ChangingApp):
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
        if keys.actions != ACTIONS:
            self.set_keymap(keymap(keys.actions))
        self._clock = clock
        self._actions = keys.actions
        self._history = preferences.history or CommandHistory()
        self._exports = preferences.exports
        self._notify = preferences.notify
        self._glyphs = ASCII if ascii_only else BLOCKS
        self._newest: FleetSnapshot | None = first
        self._around = around = Surroundings(clock, self._glyphs, place, zone, keys.actions)
        self._teller = Teller(self, self._show_feed_state, keys.notes)
        self.fleet = FleetScreen(first, around, preferences.memory.state)
        self.fleet.feed_state = self._teller.state
        self._first_view = self.fleet.state.view
        self._follower = Follower(self, connect, clock)
        self._pages = PageReader(self, self._follower, around, self.fleet.inspector, self._page_closed)
        self._keeper = Keeper(self, preferences.memory, lambda: self.fleet.state, self._teller.note)
        self._garbage = Garbage(clock)
        self._canvas = Canvas()
        self._open: frozenset[Screen[Any]] = frozenset()

    @cached_property
    def _texts(self) -> "TextPages":
        from smtop.tui.text_pages import TextPages

        return TextPages(self, self._actions, self._paint)

    @cached_property
    def _desk(self) -> "Desk":
        from smtop.tui.desk import Desk

        return Desk(self, self._actions, self._history, self.fleet.choices, self._paint)

    @cached_property
    def _porter(self) -> "Porter":
        from smtop.tui.porter import Porter

        return Porter(self, self._paint, self._follower.sign_in, self._teller.say)

    @cached_property
    def _dossiers(self) -> "Dossiers":
        from smtop.tui.dossiers import Dossiers

        return Dossiers(self, self._follower, self._texts, self._around)

    @cached_property
    def _exporter(self) -> "Exporter":
        from smtop.tui.exporter import Exporter

        return Exporter(self, self._exports, self._clock, self._teller.say)

    @cached_property
    def _announcer(self) -> "Announcer":
        from smtop.tui.announcer import Announcer

        return Announcer(self, self._notify, self._terminal, self._write, self._teller.note)

    @cached_property
    def _guide(self) -> "Guide":
        from smtop.tui.guide import Guide

        return Guide(self, self.fleet, self._desk, self._pages, self._first_view)

    def _display(self, *shown: Any, **more: Any) -> None:
        """Textual's way to the terminal, on which only cells that look different are sent."""
        super()._display(*map(cast("Any", self._canvas.only_changes), shown), **more)

    def _resumed(self, _app: App[Any]) -> None:
        """Back from the shell, which has written to the same terminal."""
        self.action_redraw()

    def action_redraw(self) -> None:
        self._canvas.forget()
        self.screen.refresh()

    def get_default_screen(self) -> Screen[None]:
        return self.fleet

    @property
    def endpoint(self) -> "EndpointScreen | None":
        """The page of an endpoint, while one is open."""
        return self._pages.page

    @property
    def feed_state(self) -> FeedState:
        """How the flow of snapshots stands."""
        return self._teller.state

    def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, self._resumed)
        self.screen_change_signal.subscribe(self, self._turned_over, immediate=True)
        self.set_interval(TIDY_S, self._tidy)
        self.call_after_refresh(self._begin)

    def _turned_over(self, _page: Screen[Any]) -> None:
        """Another page is on top; what is not open any longer is not drawn again."""
        from smtop.tui.widgets import leftovers

        for closed in self._open.difference(self.screen_stack):
            leftovers.strip(closed)
        self._open = frozenset(self.screen_stack)

    def _tidy(self) -> None:
        from smtop.tui.widgets import leftovers

        leftovers.let_go()
        self._garbage.tidy()

    def _begin(self) -> None:
        """Follows the fleet as soon as the first picture stands: what the engine imports would hold it up."""
        from smtop.tui.widgets import whole_lines

        self._garbage.hold()
        whole_lines.let_die()
        if self.fleet.state.interval_s != DEFAULT_INTERVAL_S:
            self._follower.ask_every(self.fleet.state.interval_s)
        self._follower.follow()
        self.run_worker(asyncio.to_thread(self._history.load), group="commands")

    async def on_unmount(self) -> None:
        self._garbage.release()
        self._keeper.close()
        await self._follower.stop()

    async def on_event(self, event: events.Event) -> None:
        """Whatever somebody does with keys or mouse shows that somebody is there.

        Where nothing is being typed, a key is heeded before the next one is looked at: over a slow connection `:q`
        arrives at once, and the q belongs to the line that the colon opens.
        """
        if isinstance(event, _TOUCHES):
            self._garbage.touched()
            self._follower.touched()
        if not (isinstance(event, events.Key) and not event.is_forwarded and await self._heeded(event)):
            await super().on_event(event)

    async def _heeded(self, event: events.Key) -> bool:
        """Whether a key means something to the view in front; then it was typed there, or its action has run."""
        screen = self.screen
        if screen.focused is not None:
            return False
        typed = getattr(screen, "typed", None)  # a dialog in which something is typed
        if typed is not None and typed(event.key, event.character):
            return True
        bound = screen.active_bindings.get(event.key)
        return bound is not None and await self.run_action(bound.binding.action, bound.node)

    @on(FeedLost)
    def _feed_lost(self, event: FeedLost) -> None:
        self._teller.lost(event.sentence)

    @on(SnapshotArrived)
    def _snapshot_arrived(self, event: SnapshotArrived) -> None:
        if not self.screen_stack:  # smtop is ending, and its screens are gone
            return
        self._newest = event.snapshot
        self._porter.heard(event.snapshot)
        self._changes_heard(event.snapshot)
        if self._notify.is_on:
            self._announcer.heard(event.snapshot)
        self._teller.lost(None)
        if not self._teller.state.paused:
            self._show(event.snapshot)

    def _show(self, snapshot: FleetSnapshot) -> None:
        self.fleet.show(snapshot)
        if self.endpoint is not None:
            self.endpoint.show(snapshot)

    def _show_feed_state(self, state: FeedState) -> None:
        self.fleet.set_feed(state)
        if self.endpoint is not None:
            self.endpoint.set_feed(state)
        if self.is_running and self.screen not in (self.fleet, self.endpoint):
            self._texts.say(state.said)

    @on(LookMoved)
    def _look_moved(self, event: LookMoved) -> None:
        self._follower.look(event)

    @on(FleetStateChanged)
    def _fleet_state_changed(self) -> None:
        self._keeper.changed()
        self._guide.arrived()

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        if event.state is not WorkerState.ERROR:
            return
        if event.worker is self._follower.worker:
            fault = f"smtop stopped reading, which is a fault of its own: {event.worker.error!r}. Ctrl+r starts again."
            self._teller.lost(fault)
        else:
            self._pages.failed(event.worker)
            self._dossiers.failed(event.worker)
            self._changes_failed(event.worker)

    @on(EndpointOpened)
    def _endpoint_opened(self, event: EndpointOpened) -> None:
        self._pages.open(event, self.fleet.snapshot, self._teller.state)
        self._guide.opened()

    def _page_closed(self) -> None:
        self._guide.arrived()

    @on(HistoryWanted)
    @on(KnownWanted)
    @on(DetailsWanted)
    @on(QuotesWanted)
    def _reading_wanted(self, event: ReadingWanted) -> None:
        self._pages.read(event)

    @on(EndpointCopyWanted)
    def _endpoint_copy_wanted(self, event: EndpointCopyWanted) -> None:
        from smtop.tui.copying import copy_of

        if self.fleet.snapshot is not None:
            self.post_message(copy_of(event, self.fleet.snapshot, self._paint()))

    @on(DossierWanted)
    def _dossier_wanted(self, event: DossierWanted) -> None:
        self._dossiers.open(event)

    @on(RuleWanted)
    def _rule_wanted(self, event: RuleWanted) -> None:
        self._texts.rule(event.rule)

    @on(ExportWanted)
    def _export_wanted(self, event: ExportWanted) -> None:
        self._exporter.export(event)

    @on(Said)
    def _said(self, event: Said) -> None:
        self._teller.say(event.sentence)

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
            self._teller.note(f"Commands are not remembered over a restart: {error.strerror}: {error.filename}.")

    def _paint(self) -> Paint:
        return Paint(self._clock.wall(), self._glyphs)

    async def action_command(self, text: str = "") -> None:
        await self._desk.type(text)

    async def action_palette(self) -> None:
        await self._desk.look()

    async def action_to_fleet(self) -> None:
        await self._desk.to_fleet()

    async def action_to_endpoint(self, name: str) -> None:
        await self._guide.to_endpoint(name)

    async def action_last_view(self) -> None:
        await self._guide.back()

    def action_help(self) -> None:
        self._texts.help()

    def action_problems(self) -> None:
        self._texts.problems(lambda: (self._newest, self._teller.state))

    def action_muted(self) -> None:
        self._texts.muted(lambda: self._newest)

    def action_sign_in(self) -> None:
        self._porter.asked(self._newest)

    def action_pause(self) -> None:
        if not self._teller.turn_pause() and self._newest is not None:
            self._show(self._newest)

    def action_interval(self, wanted: str) -> None:
        self.fleet.set_interval_s(INTERVALS_S[wanted])
        self._follower.ask_every(INTERVALS_S[wanted])
        self._teller.say(f"CloudWatch is asked no more often than every {wanted}; the header tells what that costs.")

    def action_refresh_feed(self) -> None:
        """Asks for a poll; without a feed, connects at once instead of waiting."""
        if self._follower.feed is not None:
            self._follower.feed.refresh()
            self._teller.say(_ASKED_HELD if self._teller.state.paused else _ASKED)
            if self.endpoint is not None:
                self.endpoint.ask_anew()
        elif self._teller.state.fault is not None:
            self._follower.follow()
            self._teller.say(_ASKED)
