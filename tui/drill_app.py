"""The app with somebody who practises in front of it."""

import asyncio
from collections.abc import Sequence
from typing import Any

from textual import work

from smtop.tui.app import SmtopApp
from smtop.tui.drill.curtain import behind
from smtop.tui.drill.exercise import Exercise
from smtop.tui.drill.grading import Trouble
from smtop.tui.drill.report import page
from smtop.tui.follower import Connect
from smtop.tui.keymap import Remapped
from smtop.tui.keymap.drill import ACTIONS
from smtop.tui.messages import SnapshotArrived
from smtop.tui.preferences import Preferences

_TOLD = "Watch the fleet; findings are hidden. :diagnose NAME RULE answers, :drill helps"


class DrillApp(SmtopApp):
    """`ask_s` is how often the answer key is asked how things stand, in real seconds."""

    def __init__(self, exercise: Exercise, connect: Connect, *args: Any, ask_s: float = 5.0, **options: Any) -> None:
        async def curtained() -> Any:
            return behind(await connect(), exercise.curtain)

        preferences = options.pop("preferences", None) or Preferences()
        keys = preferences.keys
        own = preferences._replace(keys=Remapped((*keys.actions, *ACTIONS), keys.notes))
        super().__init__(curtained, *args, preferences=own, **options)
        self.exercise = exercise
        self._ask_s = ask_s

    def on_mount(self) -> None:
        self._teller.drilling(_TOLD)
        self.set_interval(self._ask_s, self.ask)
        self.ask()

    @work(exclusive=True, exit_on_error=False, group="drill", description="ask the answer key")
    async def ask(self) -> None:
        """Hears how the troubles stand. Nobody who answers is no news: it is asked again."""
        try:
            troubles: Sequence[Trouble] = await asyncio.to_thread(self.exercise.ask)
        except OSError:
            return
        if self.exercise.heard(troubles):
            self._over()

    def action_diagnose(self, answer: str) -> None:
        endpoint, rule = answer.split()
        was_over = self.exercise.ended_at is not None
        self._teller.say(self.exercise.answer(endpoint, rule))
        if self.exercise.ended_at is not None and not was_over:
            self._over()

    def action_drill(self) -> None:
        self._texts.turn_to("drill", "Drill", lambda width: page(self.exercise, width, self._paint()))

    def action_give_up(self) -> None:
        if self.exercise.ended_at is None:
            self.exercise.end(gave_up=True)
            self._over()

    def _over(self) -> None:
        """Findings are seen again, and the report lies over whatever is in front."""
        self._teller.drilling("")
        if self.exercise.curtain.newest is not None:
            self.post_message(SnapshotArrived(self.exercise.curtain.newest))
        if self.screen.name == "drill":
            self.screen.dismiss()
        self.action_drill()
