"""The part of the app that passes on what is to be changed."""

from textual import on

from smtop.tui.deputy import Deputy
from smtop.tui.gatekeeper import Gatekeeper
from smtop.tui.messages import ActWanted, FinishWanted, PastOpened, UndoWanted
from smtop.tui.teller import Teller
from smtop.tui.terminal_app import TerminalApp


class ChangingApp(TerminalApp):
    """Whoever inherits it makes the gatekeeper, the deputy and the teller."""

    _gatekeeper: Gatekeeper
    _deputy: Deputy
    _teller: Teller
    _wants_to_leave = False

    def show_gate(self, time_left: str) -> None:
        """For how long changes are allowed yet."""
        self._teller.writable(time_left)
        self._deputy.rights_moved()

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

    def action_undo(self, change_id: str | None = None) -> None:
        self._deputy.undo(*([change_id] if change_id else []))

    async def action_leave(self) -> None:
        """Quits; while something is being changed only when it is wanted twice."""
        under_way = self._deputy.foreman.under_way
        if under_way and not self._wants_to_leave:
            self._wants_to_leave = True
            self._teller.say(f"{under_way} goes on without smtop; the journal keeps it. Once more quits.")
        else:
            await self.action_quit()

    def action_watch(self) -> None:
        self._deputy.foreman.watch()

    def action_changes(self) -> None:
        self._deputy.foreman.list_past()

    async def action_write(self, time: str | None = None) -> None:
        """Allows changes for a time. Raises CommandError and RefusedError."""
        await self._gatekeeper.open(time)

    async def action_read_only(self) -> None:
        await self._gatekeeper.shut()
