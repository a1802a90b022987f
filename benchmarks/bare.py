"""The least that Textual can show."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("endpoint-00")


if __name__ == "__main__":
    Bare().run()
