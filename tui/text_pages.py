"""Pages of text over whatever is in front: the help of a view, and what could not be asked."""

from collections.abc import Callable, Sequence

from textual.app import App

from smtop.metrics.domain.snapshot import FleetSnapshot
from smtop.tui.desk import view_of
from smtop.tui.keymap import Action, of_view
from smtop.tui.screens.pages import PageScreen
from smtop.tui.view_models.cells import Line, Paint
from smtop.tui.view_models.keys import help_lines
from smtop.tui.view_models.problems import problem_lines
from smtop.tui.view_state import FeedState


class TextPages:
    """A page that is asked for while it is in front is closed."""

    def __init__(self, app: App[None], actions: Sequence[Action], paint: Callable[[], Paint]) -> None:
        self._app = app
        self._actions = actions
        self._paint = paint

    def help(self) -> None:
        """The help of the view in front; from the help itself, back to that."""
        actions = of_view(view_of(self._app.screen), self._actions)
        self.turn_to("help", "Keys and signs", lambda width: help_lines(actions, width, self._paint()))

    def problems(self, newest: Callable[[], tuple[FleetSnapshot | None, FeedState]]) -> None:
        """Everything that could not be asked, as of the moment at which it is drawn."""
        self.turn_to(
            "problems",
            "What could not be asked",
            lambda width: problem_lines(*newest(), width=width, paint=self._paint()),
        )

    def muted(self, newest: Callable[[], FleetSnapshot | None]) -> None:
        """All that is muted, as of the moment at which it is drawn."""
        from smtop.tui.view_models.muting import muted_lines

        self.turn_to("muted", "What is muted", lambda width: muted_lines(newest(), width, self._paint()))

    def rule(self, rule_id: str) -> None:
        """The page about a rule. Raises CommandError where there is none of this name."""
        from smtop.tui.view_models.rule_page import rule_lines, rule_of

        rule = rule_of(rule_id)
        self.turn_to("rule", rule.title, lambda width: rule_lines(rule, width, self._paint()))

    def say(self, sentence: str) -> None:
        """Puts a sentence into the last line of the page in front, if there is one."""
        if isinstance(self._app.screen, PageScreen):
            self._app.screen.say(self._paint().plain(sentence))

    def turn_to(
        self,
        name: str,
        heading: str,
        text: Callable[[int], Sequence[Line]],
        whole: Callable[[], str] | None = None,
    ) -> PageScreen | None:
        """Opens a page, and returns it; or closes it if it is in front.

        `text` gives its lines for a width; `whole` is what is copied, by default the lines.
        """
        if self._app.screen.name == name:
            self._app.screen.dismiss()
            return None
        page = PageScreen(name, self._paint().plain(heading), text, self._actions, whole)
        self._app.push_screen(page)
        return page
