"""The part of the app that passes on what is to be changed."""

from functools import cached_property
from typing import TYPE_CHECKING

from textual import on
from textual.worker import Worker

from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.tui.follower import Follower
from smtop.tui.messages import ActWanted, FeedFound, FinishWanted, MuteWanted, PastOpened, UndoWanted
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.teller import Teller
from smtop.tui.terminal_app import TerminalApp

if TYPE_CHECKING:  # imported after the first paint
    from smtop.tui.deputy import Deputy
    from smtop.tui.gatekeeper import Gatekeeper
    from smtop.tui.muter import Muter


class ChangingApp(TerminalApp):
    """Whoever inherits it makes the follower, what is around, and the teller."""

    _follower: Follower
    _around: Surroundings
    _teller: Teller
    _wants_to_leave = False

    @cached_property
    def _gatekeeper(self) -> "Gatekeeper":
        from smtop.tui.gatekeeper import Gatekeeper

        return Gatekeeper(self, self._follower, self._around.clock, self._show_gate, self._teller.say)

    @cached_property
    def _deputy(self) -> "Deputy":
        from smtop.tui.deputy import Deputy

        return Deputy(self, self._follower, self._gatekeeper, self._around, self._teller)

    @cached_property
    def _muter(self) -> "Muter":
        from smtop.tui.muter import Muter

        return Muter(self, self._follower, self._teller)

    @on(FeedFound)
    def _feed_found(self) -> None:
        self._gatekeeper.ask()
        self._deputy.foreman.look_back()

    def _show_gate(self, time_left: str) -> None:
        self._teller.writable(time_left)
        self._deputy.rights_moved()

    def _changes_heard(self, snapshot: FleetSnapshot) -> None:
        self._deputy.foreman.heard(snapshot)

    def _changes_failed(self, worker: Worker[None]) -> None:
        self._deputy.foreman.failed(worker)

    @on(ActWanted)
    def _act_wanted(self, event: ActWanted) -> None:
        self._deputy.act(event)

    @on(UndoWanted)
    def _undo_wanted(self, event: UndoWanted) -> None:
        self._deputy.undo(*event.change_ids)

    @on(FinishWanted)
    def _finish_wanted(self, event: FinishWanted) -> None:
        self._deputy.finish(event.entry)

    @on(PastOpened)
    def _past_opened(self, event: PastOpened) -> None:
        self._deputy.foreman.open_past(event.entry)

    @on(MuteWanted)
    def _mute_wanted(self, event: MuteWanted) -> None:
        if event.muting:
            self._muter.mute(event.muting)
        elif event.endpoints:
            self._muter.unmute(event.endpoints)

    async def action_leave(self) -> None:
        """Quits; while something is being changed only when it is wanted twice."""
        under_way = self._deputy.foreman.under_way
        if under_way and not self._wants_to_leave:
            self._wants_to_leave = True
            self._teller.say(f"{under_way} goes on without smtop; the journal keeps it. Once more quits.")
        else:
            await self.action_quit()

    def action_undo(self, change_id: str | None = None) -> None:
        self._deputy.undo(*([change_id] if change_id else []))

    def action_watch(self) -> None:
        self._deputy.foreman.watch()

    def action_changes(self) -> None:
        self._deputy.foreman.list_past()

    def action_write(self, time: str | None = None) -> None:
        """Allows changes for a time. Raises CommandError for what is no time."""
        self._gatekeeper.open(time)

    def action_read_only(self) -> None:
        self._gatekeeper.shut()
