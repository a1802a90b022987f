"""The Textual app: one worker reads snapshots, the screen shows them."""

import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import tzinfo
from typing import ClassVar, TypeAlias

from textual import events, on, work
from textual.app import App
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import Worker, WorkerCancelled, WorkerFailed, WorkerState

from smtop.metrics.clock import Clock, SystemClock
from smtop.metrics.domain.snapshot import FleetSnapshot, Problem
from smtop.metrics.errors import SmtopError
from smtop.metrics.ports import FleetFeed
from smtop.tui.garbage import Garbage
from smtop.tui.keymap import Scope
from smtop.tui.messages import (
    CommandCopied,
    CopyWanted,
    EndpointOpened,
    FeedLost,
    HistoryWanted,
    LookMoved,
    SnapshotArrived,
)
from smtop.tui.screens.bindings import bindings
from smtop.tui.screens.endpoint import EndpointScreen, Surroundings
from smtop.tui.screens.fleet import FleetScreen
from smtop.tui.screens.sign_in import SignInDialog
from smtop.tui.terminal import Terminal
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.endpoint import Reading
from smtop.tui.view_models.fmt import ASCII, BLOCKS
from smtop.tui.view_models.markdown import TEXTS, WORDS
from smtop.tui.view_models.palette import AUTO, PALETTES, chosen
from smtop.tui.view_models.sign_in import obstacle, whoami
from smtop.tui.view_state import FeedState
from smtop.tui.widgets.theme import TINTS, textual_theme

Connect: TypeAlias = Callable[[], Awaitable[FleetFeed]]

RECONNECT_S = 15
SAY_S = 6
"""How long an answer to a key stands in the last line."""
TIDY_S = 10
_TOUCHES = (events.Key, events.Paste, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp)
_SYSTEM_CLOCK = SystemClock()
_TERMINAL = Terminal()


class SmtopApp(App[None]):
    """Paints `first` (what the cache remembers) at once, then follows the feed that `connect` makes.

    `connect` and the feed may raise SmtopError, whose text is shown as it is; the app then tries again every 15 s.
    `place` is shown until the first snapshot says whose fleet it is. `zone` is that of the time axes, by default the
    machine's own.
    """

    CSS_PATH = "styles/app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.ROOT, Scope.ALWAYS)]

    def __init__(
        self,
        connect: Connect,
        first: FleetSnapshot | None = None,
        *,
        ascii_only: bool = False,
        clock: Clock = _SYSTEM_CLOCK,
        place: str = "",
        zone: tzinfo | None = None,
        terminal: Terminal = _TERMINAL,
    ) -> None:
        # Native colours let Textual's NO_COLOR filter drop every colour; otherwise it turns them into greys.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self._themes = {name: textual_theme(name) for name in PALETTES}
        for one in self._themes.values():
            self.register_theme(one)
        self._terminal = terminal
        self.use_theme(terminal.theme)
        self.feed_state = FeedState()
        glyphs = ASCII if ascii_only else BLOCKS
        self.fleet = FleetScreen(first, clock=clock, glyphs=glyphs, place=place)
        self.endpoint: EndpointScreen | None = None
        self._around = Surroundings(clock, glyphs, place, zone)
        self._reading: tuple[HistoryWanted, Worker[None]] | None = None
        self._connect = connect
        self._clock = clock
        self._feed: FleetFeed | None = None
        self._look: LookMoved | None = None
        self._newest: FleetSnapshot | None = first
        self._follower: Worker[None] | None = None
        self._garbage = Garbage(clock)
        self._saying: Timer | None = None
        self._helped_with = ""
        self._sign_in_declined = False

    @property
    def crash(self) -> Exception | None:
        """The fault of our own that has ended the app, if one has."""
        return self._exception

    def _fatal_error(self) -> None:
        """Textual would print the values of variables, among which there may be secrets."""
        self._close_messages_no_wait()

    def get_default_screen(self) -> Screen[None]:
        return self.fleet

    def on_mount(self) -> None:
        self._garbage.hold()
        self.set_interval(TIDY_S, self._garbage.collect_at_leisure)
        self._follower = self._follow()

    async def on_unmount(self) -> None:
        """Waits until the feed has let go of its connections."""
        self._garbage.release()
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

    async def _read(self, feed: FleetFeed) -> None:
        self._feed = feed
        self._tell_look()
        try:
            async for snapshot in feed.snapshots():
                self.post_message(SnapshotArrived(snapshot))
        finally:
            self._feed = None

    @on(SnapshotArrived)
    def _snapshot_arrived(self, event: SnapshotArrived) -> None:
        self._newest = event.snapshot
        self._help_to_sign_in(event.snapshot)
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

    def _tell_look(self) -> None:
        if self._feed is not None and self._look is not None:
            self._feed.look(self._look.focused, self._look.visible)

    async def on_event(self, event: events.Event) -> None:
        """Whatever somebody does with keys or mouse shows that somebody is there."""
        if isinstance(event, _TOUCHES):
            self._garbage.touched()
            if self._feed is not None:
                self._feed.touched()
        await super().on_event(event)

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

    def _set_feed(self, state: FeedState) -> None:
        self.feed_state = state
        self.fleet.set_feed(state)
        if self.endpoint is not None:
            self.endpoint.set_feed(state)

    @on(EndpointOpened)
    def _endpoint_opened(self, event: EndpointOpened) -> None:
        self.endpoint = EndpointScreen(event.endpoint, self._around, self.fleet.snapshot, self.feed_state)
        self.push_screen(self.endpoint, self._endpoint_closed)

    def _endpoint_closed(self, _result: None) -> None:
        self.endpoint = None
        self.workers.cancel_group(self, "history")

    @on(HistoryWanted)
    def _history_wanted(self, event: HistoryWanted) -> None:
        """Reads it, unless the same is being read already."""
        if self._reading is not None:
            wanted, worker = self._reading
            if worker.is_running and (wanted.endpoint, wanted.range_s) == (event.endpoint, event.range_s):
                return
        self._reading = (event, self._read_history(event.endpoint, event.range_s))

    @work(exclusive=True, exit_on_error=False, group="history", description="read a history")
    async def _read_history(self, name: str, range_s: int) -> None:
        feed, page = self._feed, self.endpoint
        if feed is None or page is None:
            self._say_of_history("not connected to AWS yet")
            return
        page.set_reading(Reading(await feed.quote(name, range_s)))
        page.show_history(await feed.history(name, range_s), range_s)

    def _say_of_history(self, sentence: str) -> None:
        if self.endpoint is not None:
            self.endpoint.set_reading(Reading(said=sentence))

    @on(CopyWanted)
    def _copy_wanted(self, event: CopyWanted) -> None:
        if self.fleet.snapshot is not None:
            text = TEXTS[event.what](event.view, self.fleet.snapshot, self._paint())
            self._copy(WORDS[event.what], text)

    @work(exit_on_error=False, group="copy", description="copy")
    async def _copy(self, what: str, text: str) -> None:
        self.say(await self._terminal.clipboard.copy(what, text, self._write))

    def copy_to_clipboard(self, text: str) -> None:
        """Textual's own would be lost in a tmux or screen."""
        self._clipboard = text
        self._write(self._terminal.clipboard.sequence(text))

    def _write(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)

    def use_theme(self, wanted: str) -> str:
        """Shows everything in the colours of a theme, or of the nearest that this terminal has; returns its name."""
        name = chosen(wanted, colours=self._terminal.colours, environment=os.environ)
        self._tint = TINTS[name]
        self.theme = self._themes[name].name
        return name

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = super().get_line_filters()
        return filters if self._tint is None or self.no_color else [self._tint, *filters]

    def action_theme(self, wanted: str) -> None:
        name = self.use_theme(wanted)
        own = "This terminal has sixteen colours: its own are used." if name != wanted != AUTO else ""
        self.say(own or f'The theme is {name}; theme = "{wanted}" in the configuration file keeps it.')

    @on(CommandCopied)
    def _command_copied(self, event: CommandCopied) -> None:
        self._copy("the command", event.command)

    def _help_to_sign_in(self, snapshot: FleetSnapshot) -> None:
        """Opens the dialog where nothing could be read yet, until somebody closes it; closes it when all is well."""
        found = obstacle(snapshot)
        if isinstance(self.screen, SignInDialog):
            if found is None:
                self.screen.dismiss("")
        elif found is not None and snapshot.listed_at is None and self._is_worth_asking(found):
            self._open_sign_in(found)

    def _is_worth_asking(self, found: Problem) -> bool:
        """Not again what was just answered, and nothing of somebody who has closed the dialog."""
        return found.message != self._helped_with and not self._sign_in_declined

    def _open_sign_in(self, found: Problem) -> None:
        if found.sign_in is not None:
            self._helped_with = found.message
            self.push_screen(SignInDialog(found.message, found.sign_in, self._paint()), self._signed_in)

    def _signed_in(self, code: str | None) -> None:
        self._sign_in_declined = code is None
        if code and self._feed is not None:
            self._feed.sign_in(code)
            self.say("AWS is asked with this code.")

    def action_sign_in(self) -> None:
        """Opens the dialog if signing in would help, or else says who is asking."""
        found = obstacle(self._newest)
        if found is None:
            self.say(whoami(self._newest))
        else:
            self._open_sign_in(found)

    def say(self, sentence: str) -> None:
        """Puts a sentence into the last line for a while."""
        if self._saying is not None:
            self._saying.stop()
        self._set_feed(replace(self.feed_state, said=sentence))
        if sentence:
            self._saying = self.set_timer(SAY_S, lambda: self.say(""))

    def _paint(self) -> Paint:
        return Paint(self._clock.wall(), self._around.glyphs)

    def action_help(self) -> None:
        self.push_screen(self.fleet.help_page())

    def action_problems(self) -> None:
        self.push_screen(self.fleet.problems_page())

    def action_pause(self) -> None:
        self._set_feed(replace(self.feed_state, paused=not self.feed_state.paused))
        if not self.feed_state.paused and self._newest is not None:
            self._show(self._newest)

    def action_refresh_feed(self) -> None:
        """Asks for a poll; without a feed, connects at once instead of waiting."""
        if self._feed is not None:
            self._feed.refresh()
        elif self.feed_state.fault is not None:
            self._follower = self._follow()
