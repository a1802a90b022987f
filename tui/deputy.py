"""The way from a key to a change: the menu, the form, the plan, the answer. What was confirmed goes to the foreman."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import App

from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.errors import RefusedError, SmtopError
from smtop.tui.follower import Follower
from smtop.tui.foreman import Foreman
from smtop.tui.gatekeeper import Gatekeeper
from smtop.tui.messages import ActWanted
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.teller import Teller
from smtop.tui.tester import Tester

if TYPE_CHECKING:  # imported after the first paint
    from smtop.metrics.actions.allowed import Act
    from smtop.metrics.domain.change import Change
    from smtop.metrics.domain.details import EndpointDetails
    from smtop.metrics.journal import Entry
    from smtop.tui.screens.action_menu import ActionMenu
    from smtop.tui.screens.change_form import Filled
    from smtop.tui.screens.plan_dialog import PlanDialog
    from smtop.tui.view_models.change_forms import Asked
    from smtop.tui.view_models.plan_dialog import Question

_GROUP = "plan"
_NOBODY = "There is no endpoint under the cursor."


class Deputy:
    """Nothing is sent before a plan was shown and confirmed."""

    def __init__(
        self, app: App[None], follower: Follower, gatekeeper: Gatekeeper, around: Surroundings, teller: Teller
    ) -> None:
        self._app = app
        self._follower = follower
        self._gatekeeper = gatekeeper
        self._around = around
        self._teller = teller
        self._tester = Tester(app, gatekeeper, around, teller)
        self.foreman = Foreman(app, gatekeeper, around, teller, self.rights_moved, self._look_anew)
        self._menu: ActionMenu | None = None
        self._dialog: PlanDialog | None = None

    def act(self, wanted: ActWanted) -> None:
        """Does what is wanted as far as it is known, and asks for the rest."""
        if not wanted.endpoints:
            self._teller.say(_NOBODY)
        elif wanted.changes:
            self._go(wanted.changes)
        elif wanted.act is not None:
            self._ask(wanted.act, wanted.endpoints)
        else:
            self._offer(wanted.endpoints)

    def rights_moved(self) -> None:
        """More, or something else, is known of what may be changed."""
        if self._menu is not None:
            self._menu.set_rights(self.foreman.rights)
        if self._dialog is not None:
            self._dialog.set_closed(self._gatekeeper.closed)

    def _look_anew(self) -> None:
        """The fleet is no longer what it was."""
        if self._follower.feed is not None:
            self._follower.feed.refresh()

    def _offer(self, endpoints: Sequence[Endpoint]) -> None:
        from smtop.tui.screens.action_menu import ActionMenu

        def picked(act: "Act | None") -> None:
            self._menu = None
            if act is not None:
                self._ask(act, endpoints)

        self._menu = ActionMenu(endpoints, self.foreman.rights, self._around)
        self._app.push_screen(self._menu, picked)

    # The form

    def _ask(self, act: "Act", endpoints: Sequence[Endpoint]) -> None:
        from smtop.tui.view_models.acts import obstacles
        from smtop.tui.view_models.change_forms import WANTS_DETAILS

        why_not = obstacles(act, endpoints)
        if why_not is not None:
            self._teller.say(f"{endpoints[0].title}: {why_not}.")
        elif act in WANTS_DETAILS and len(endpoints) == 1:
            self._app.run_worker(
                self._ask_knowing(act, endpoints), exclusive=True, exit_on_error=False, group=_GROUP, description="form"
            )
        else:
            self._open_form(act, endpoints, None)

    async def _ask_knowing(self, act: "Act", endpoints: Sequence[Endpoint]) -> None:
        """The form, once what it shows is read."""
        feed = self._follower.feed
        self._teller.say("Reading what there is...")
        details = await feed.details(endpoints[0].key) if feed is not None else None
        self._teller.say("")
        self._open_form(act, endpoints, details)

    def _open_form(self, act: "Act", endpoints: Sequence[Endpoint], details: "EndpointDetails | None") -> None:
        from smtop.tui.screens.change_form import ChangeForm
        from smtop.tui.view_models.change_forms import form_of

        try:
            form = form_of(act, endpoints, details, self._around.clock.wall)
        except RefusedError as error:
            self._teller.say(str(error))
            return
        self._app.push_screen(ChangeForm(form, self._around), self._filled)

    def _filled(self, filled: "Filled | None") -> None:
        if filled is not None:
            self._go(filled.changes, dry=filled.dry)

    def _go(self, asked: "Sequence[Asked]", *, dry: bool = False) -> None:
        """Changes are planned; a test invocation is sent, unless it is a dry run."""
        from smtop.tui.view_models.change_forms.invoke import Trial

        calls = [one for one in asked if isinstance(one, Trial)]
        if not calls:
            self.plan([one for one in asked if not isinstance(one, Trial)], dry=dry)
        elif dry:
            self._teller.say("A test invocation has no dry run: nothing was sent.")
        else:
            self._tester.try_out(calls[0])

    # The plan

    def plan(self, changes: "Sequence[Change]", *, dry: bool = False) -> None:
        """Opens the dialog at once, and shows the plans in it as soon as they are made."""
        from smtop.tui.screens.plan_dialog import PlanDialog
        from smtop.tui.view_models.plan_dialog import Question

        self._dialog = PlanDialog(Question(dry=dry, closed=self._gatekeeper.closed), self._around)
        self._app.push_screen(self._dialog, self._answered)
        self._app.run_worker(
            self._make(self._dialog, changes), exclusive=True, exit_on_error=False, group=_GROUP, description="plan"
        )

    def undo(self, *change_ids: str) -> None:
        """The plans that take changes back, in this order; without any, the newest."""
        from smtop.metrics.domain.change import Undo

        self.plan([Undo(one) for one in change_ids or (None,)])

    def finish(self, entry: "Entry") -> None:
        """Shows the plan of a change that was left half done once more, and has the rest of it done."""
        from smtop.tui.screens.plan_dialog import PlanDialog
        from smtop.tui.view_models.plan_dialog import Question

        def answered(answer: "Question | None") -> None:
            self._dialog = None
            if answer is not None:
                self.foreman.begin(answer.possible, half_done=True)

        self._dialog = PlanDialog(Question((entry.plan,), closed=self._gatekeeper.closed), self._around)
        self._app.push_screen(self._dialog, answered)

    async def _make(self, dialog: "PlanDialog", changes: "Sequence[Change]") -> None:
        try:
            plans = [await self._gatekeeper.changes.plan(change) for change in changes]
        except SmtopError as error:
            self.foreman.refused(error)
            dialog.fail(str(error))
        else:
            dialog.show(plans)

    def _answered(self, answer: "Question | None") -> None:
        self._dialog = None
        self._app.workers.cancel_group(self._app, _GROUP)
        if answer is not None:
            self.foreman.begin(answer.possible, go_on=answer.go_on)
