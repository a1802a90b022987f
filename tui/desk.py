"""Where orders are taken and carried out: the command line, the palette, and the way to the view that is meant."""

import asyncio
from collections.abc import Callable, Sequence

from textual.actions import parse
from textual.app import App
from textual.screen import Screen

from smtop.metrics.errors import SmtopError
from smtop.tui.command_history import CommandHistory
from smtop.tui.commands import Book, Order, Values
from smtop.tui.keymap import Action, Scope
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.command_line import Looking, Prompt, Typing
from smtop.tui.widgets.command_bar import CommandBar, likeness

_APPS_OWN = (Scope.ALWAYS, Scope.VIEWS, Scope.ROOT)


def view_of(screen: Screen[object]) -> Scope:
    """Which view a screen is."""
    view = getattr(screen, "VIEW", Scope.TEXT)
    return view if isinstance(view, Scope) else Scope.TEXT


class Desk:
    """Opens the bar on the screen in front, and runs what it reports."""

    def __init__(
        self,
        app: App[None],
        actions: Sequence[Action],
        history: CommandHistory,
        values: Values,
        paint: Callable[[], Paint],
    ) -> None:
        self._app = app
        self._actions = actions
        self._history = history
        self._values = values
        self._paint = paint
        self._likeness = likeness()

    async def type(self, text: str = "", fault: str | None = None) -> None:
        """Opens the command line; `fault` says what was wrong with the text."""
        await self._open(Typing(self._book(), self._history.lines).edited(text), fault)

    async def look(self) -> None:
        """Opens the palette."""
        await self._open(Looking(self._book(), self._likeness, self._history.lines))

    async def carry_out(self, order: Order, line: str) -> None:
        """Closes the bar and runs the action where it belongs; what it objects to is said in a new bar."""
        await self._app.screen.query(CommandBar).remove()
        if order.action.scope is Scope.FLEET:
            await self.to_fleet()
        destination, name, parameters = parse(order.action.run)
        if order.argument is not None:
            parameters = (order.argument,)
        own = self._app if order.action.scope in _APPS_OWN else self._app.screen
        try:
            await self._app.run_action((destination, name, parameters), own)
        except SmtopError as error:
            await self.type(line, str(error))

    async def to_fleet(self) -> None:
        """Closes whatever lies over the fleet."""
        while view_of(self._app.screen) is not Scope.FLEET:
            await self._app.screen.dismiss()

    async def remember(self, line: str) -> None:
        """Keeps a line for the next time. Raises OSError where it cannot be kept over a restart."""
        self._history.add(line)
        await asyncio.to_thread(self._history.save)

    def _book(self) -> Book:
        return Book(view_of(self._app.screen), self._safe_values, self._actions)

    def _safe_values(self, takes: str) -> Sequence[str]:
        """Texts that can be typed: a name with control characters in it could upset the line."""
        return [value for value in self._values(takes) if value.isascii() and value.isprintable()]

    async def _open(self, prompt: Prompt, fault: str | None = None) -> None:
        screen = self._app.screen
        await screen.query(CommandBar).remove()
        bar = CommandBar(prompt, self._paint(), fault)
        await screen.mount(bar)
        bar.take_keys()
