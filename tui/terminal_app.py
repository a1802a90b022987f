"""A Textual app for the terminals that there are: its colours, its clipboard, and what it shows when it fails."""

import os
from collections.abc import Sequence

from textual import on, work
from textual.app import App
from textual.filter import LineFilter
from textual.theme import Theme

from smtop.tui.messages import CopyWanted, Said
from smtop.tui.terminal import Terminal
from smtop.tui.view_models.palette import AUTO, chosen
from smtop.tui.widgets.theme import textual_theme, tint


class TerminalApp(App[None]):
    """What it has to say it posts as Said."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        name = self._nearest(terminal.theme)
        self._tint, theme = tint(name), textual_theme(name)
        # Said before Textual reads its first style sheet, which it would otherwise read again for another theme.
        self._themes = {theme.name: theme}
        self.set_reactive(App.theme, theme.name)
        # Native colours let Textual's NO_COLOR filter drop every colour; otherwise it turns them into greys.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)

    @property
    def crash(self) -> Exception | None:
        """The fault of our own that has ended the app, if one has."""
        found: Exception | None = getattr(self, "_exception", None)
        return found

    def _fatal_error(self) -> None:
        """Textual would print the values of variables, among which there may be secrets."""
        getattr(self, "_close_messages_no_wait", self.exit)()

    @property
    def available_themes(self) -> dict[str, Theme]:
        return super().available_themes | self._themes

    def use_theme(self, wanted: str) -> str:
        """Shows everything in the colours of a theme, or of the nearest that this terminal has; returns its name."""
        name = self._nearest(wanted)
        theme = textual_theme(name)
        self._tint = tint(name)
        self._themes[theme.name] = theme
        self.theme = theme.name
        return name

    def _nearest(self, wanted: str) -> str:
        return chosen(wanted, colours=self._terminal.colours, environment=os.environ)

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = super().get_line_filters()
        return filters if self._tint is None or self.no_color else [self._tint, *filters]

    def action_theme(self, wanted: str) -> None:
        name = self.use_theme(wanted)
        own = "This terminal has sixteen colours: its own are used." if name != wanted != AUTO else ""
        self.post_message(Said(own or f'The theme is {name}; theme = "{wanted}" in the configuration file keeps it.'))

    @on(CopyWanted)
    @work(exit_on_error=False, group="copy", description="copy")
    async def _copy_wanted(self, event: CopyWanted) -> None:
        self.post_message(Said(await self._terminal.clipboard.copy(event.what, event.text, self._write)))

    def copy_to_clipboard(self, text: str) -> None:
        """Textual's own would be lost in a tmux or screen."""
        self._clipboard = text
        self._write(self._terminal.clipboard.sequence(text))

    def _write(self, text: str) -> None:
        """Straight to the terminal, beside the picture."""
        if self._driver is not None:
            self._driver.write(text)
