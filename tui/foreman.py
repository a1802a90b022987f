"""Has changes carried out, one plan after the other, and keeps what is known of each for whoever looks."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.app import App
from textual.timer import Timer
from textual.worker import Worker

from smtop.metrics.clock import Clock
from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot
from smtop.metrics.errors import AwsError, FaultKind, SmtopError
from smtop.tui.gatekeeper import Gatekeeper
from smtop.tui.screens.surroundings import Surroundings
from smtop.tui.teller import Teller

if TYPE_CHECKING:  # imported after the first paint
    from smtop.metrics.actions.allowed import Rights
    from smtop.metrics.domain.plan import Plan
    from smtop.metrics.journal import Entry
    from smtop.tui.screens.past import PastScreen
    from smtop.tui.screens.watch import WatchPanel
    from smtop.tui.view_models.undertaking import Step, Undertaking

GROUP = "changes"
LOOK_S = 1.0
"""How often the line about what is under way is brought up to the present; its time moves in steps of ten seconds."""

_CUT_OFF = "smtop has lost sight of it; :changes tells what the journal knows."


class Foreman:
    """`moved` is called when there is something new about what may be changed, `changed` when something was changed."""

    def __init__(
        self,
        app: App[None],
        gatekeeper: Gatekeeper,
        around: Surroundings,
        teller: Teller,
        moved: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self._app = app
        self._gatekeeper = gatekeeper
        self._around = around
        self._teller = teller
        self._moved = moved
        self._changed = changed
        self._undertakings: dict[str, Undertaking] = {}
        self._newest: Sequence[EndpointView] = ()
        self._panel: WatchPanel | None = None
        self._list: PastScreen | None = None
        self._refused: dict[str, str] = {}
        self._granted: set[str] = set()
        self._ticking: Timer | None = None

    @property
    def _clock(self) -> Clock:
        return self._around.clock

    @property
    def rights(self) -> "Rights":
        """What is known of what may be changed."""
        from smtop.metrics.actions.allowed import Rights

        return Rights(self._gatekeeper.closed, dict(self._refused), frozenset(self._granted))

    def heard(self, snapshot: FleetSnapshot) -> None:
        """The newest picture: what is watched is compared with it."""
        self._newest = snapshot.endpoints
        views, now = self._views() if self._undertakings else {}, self._clock.wall()
        for one in list(self._undertakings.values()):
            self._keep(one.seen(views, now))

    def _views(self) -> "Mapping[str, EndpointView]":
        """By address; of thousands that takes long, so only where a change is watched."""
        return {view.endpoint.summary.address: view for view in self._newest}

    def _look(self) -> None:
        """Brings the line about what is under way up to the present."""
        from smtop.tui.view_models.watch import summary

        under_way = [one for one in self._undertakings.values() if not one.is_over]
        self._teller.under_way(summary(under_way[-1], self._clock.wall()) if under_way else "")

    @property
    def under_way(self) -> str:
        """What is being changed at the moment, by name; empty where nothing is."""
        pending = [one.current.plan for one in self._undertakings.values() if not one.is_over]
        return ", ".join(f"{plan.change} {plan.endpoint}" for plan in pending)

    # Carrying out

    def begin(self, plans: "Sequence[Plan]", *, go_on: bool = False, half_done: bool = False) -> None:
        """Has these plans carried out, or what is left of them, and opens the panel."""
        from smtop.tui.view_models.undertaking import Step, Undertaking, vitals_by_part

        views = self._views()
        before = {plan.id: vitals_by_part(views.get(plan.address)) for plan in plans}
        steps = tuple(Step(plan, before=before[plan.id], goes_on=half_done) for plan in plans)
        undertaking = Undertaking(steps, go_on)
        self._keep(undertaking)
        if self._ticking is None:
            self._ticking = self._app.set_interval(LOOK_S, self._look)
        self._app.run_worker(
            self._carry_out(undertaking.id), exit_on_error=False, group=GROUP, description="carry out a change"
        )
        self._open(undertaking)

    async def _carry_out(self, undertaking_id: str) -> None:
        for step in self._undertakings[undertaking_id].steps:
            done = await self._step(undertaking_id, replace(step, began_at=self._clock.wall()))
            if not done.is_well and not self._undertakings[undertaking_id].go_on:
                break
        self._end(undertaking_id)

    async def _step(self, undertaking_id: str, step: "Step") -> "Step":
        self._progress(undertaking_id, step)
        try:
            changes = self._gatekeeper.changes
            told = changes.finish(step.plan.id) if step.goes_on else changes.apply(step.plan)
            async with aclosing(told) as news:
                async for entry in news:
                    self._learn(entry)
                    step = replace(self._undertakings[undertaking_id].step(step.plan.id), entry=entry)
                    self._progress(undertaking_id, step)
        except SmtopError as error:
            step = replace(step, fault=str(error))
        except asyncio.CancelledError:
            self._progress(undertaking_id, replace(step, fault=_CUT_OFF))
            self._keep(replace(self._undertakings[undertaking_id], is_over=True))
            raise
        if not step.has_ended:
            step = replace(step, fault=(step.entry.error if step.entry else None) or _CUT_OFF)
        self._progress(undertaking_id, replace(step, ended_at=self._clock.wall()))
        return step

    def _progress(self, undertaking_id: str, step: "Step") -> None:
        self._keep(self._undertakings[undertaking_id].having(step))

    def _end(self, undertaking_id: str) -> None:
        from smtop.tui.view_models.watch import ending

        undertaking = replace(self._undertakings[undertaking_id], is_over=True)
        self._keep(undertaking)
        if not self.under_way and self._ticking is not None:
            self._ticking.stop()
            self._ticking = None
        self._teller.say(ending(undertaking))
        self._changed()
        self.look_back()

    def _keep(self, undertaking: "Undertaking") -> None:
        self._undertakings[undertaking.id] = undertaking
        if self._panel is not None and self._panel.undertaking.id == undertaking.id:
            self._panel.show(undertaking)
        self._look()

    def failed(self, worker: Worker[None]) -> None:
        """A fault of smtop's own, while it carried something out or looked for the journal."""
        if worker.group == GROUP:
            self._teller.note(f"A fault of smtop's own: {worker.error!r}. :changes tells what the journal knows.")

    # What is known of rights

    def _learn(self, entry: "Entry") -> None:
        for key, made in entry.calls.items():
            if made.done and key.isdecimal():
                name = entry.plan.calls[int(key)].name
                self._granted.add(name)
                self._refused.pop(name, None)
        if entry.denied is not None:
            self._refused[entry.denied] = entry.error or ""
            self._granted.discard(entry.denied)
        self._moved()

    def refused(self, error: SmtopError) -> None:
        """Remembers what AWS did not permit."""
        if isinstance(error, AwsError) and error.kind is FaultKind.PERMISSION:
            self._refused[error.operation] = str(error)
            self._moved()

    # Looking

    def watch(self) -> None:
        """Opens the panel of the newest undertaking."""
        if self._undertakings:
            self._open(list(self._undertakings.values())[-1])
        else:
            self._teller.say("Nothing was changed from this screen yet; :changes lists what was changed before.")

    def _open(self, undertaking: "Undertaking") -> None:
        from smtop.tui.screens.watch import WatchPanel

        self._panel = WatchPanel(undertaking, self._around)
        self._app.push_screen(self._panel, self._closed)

    def _closed(self, _: None) -> None:
        self._panel = None

    def list_past(self) -> None:
        """Opens the page of all changes."""
        from smtop.tui.screens.past import PastScreen

        self._list = PastScreen(self._around)
        self._app.push_screen(self._list, self._left_list)
        self.look_back()

    def _left_list(self, _: None) -> None:
        self._list = None

    def open_past(self, entry: "Entry") -> None:
        """Opens the panel of an earlier change, with its numbers if it was made from here."""
        from smtop.tui.view_models.undertaking import Step, Undertaking

        made_here = next(
            (one for one in self._undertakings.values() if any(step.plan.id == entry.id for step in one.steps)), None
        )
        self._open(made_here or Undertaking((Step(entry.plan, entry),), is_over=True))

    def look_back(self) -> None:
        """Reads the journal: for the page of changes, and for what was left half done."""
        self._app.run_worker(
            self._look_back(), exclusive=True, exit_on_error=False, group="past", description="read the journal"
        )

    async def _look_back(self) -> None:
        from smtop.tui.view_models.past import reminders

        try:
            past = await self._gatekeeper.changes.past()
        except SmtopError as error:
            if self._list is not None:
                self._list.fail(str(error))
            return
        self._teller.left(reminders(past, self._clock.wall()))
        if self._list is not None:
            self._list.show(past)
