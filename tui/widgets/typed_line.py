"""A line that is typed, even faster than the program follows: over a slow connection many keys arrive at once."""

from collections.abc import Callable

from textual import events
from textual.widgets import Input

from smtop.tui.view_models.fmt import plain


class TypedLine(Input):
    """Enter ends it at once. Keys that reach it after its end are handed back; `own_key` takes those that it likes."""

    def __init__(self, text: str = "", *, own_key: Callable[[str], bool], id: str | None = None) -> None:  # noqa: A002
        super().__init__(text, compact=True, select_on_focus=False, id=id)
        self._own_key = own_key

    def on_unmount(self) -> None:
        """Textual would keep it, and the bar around it, for as long as there is the screen that it was on."""
        self.screen.text_selection_started_signal.unsubscribe(self)

    def insert_text_at_cursor(self, text: str) -> None:
        """What is pasted is shown as text: it could speak to the terminal."""
        super().insert_text_at_cursor(plain(text))

    def take_keys(self) -> None:
        """Takes the keyboard now: `focus()` would leave the next keys to whatever lies below."""
        self.screen.set_focus(self)

    async def _on_key(self, event: events.Key) -> None:
        if self.screen.focused is not self:
            self.app.post_message(events.Key(event.key, event.character))
        elif event.key == "enter":
            self.screen.set_focus(None)
            await self.action_submit()
        elif self._own_key(event.key):
            pass
        elif event.key == "backspace":  # as a binding it would come after the letters behind it
            self.action_delete_left()
        else:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
