"""A place for widgets, with nothing of its own to show."""

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Frame(Widget):
    """Lays out its children; what they leave free shows the screen behind.

    Textual's containers draw all their lines, which their children then cover: half of what a picture takes.
    """

    DEFAULT_CSS = """
    Frame { width: 1fr; height: 1fr; layout: vertical; overflow: hidden hidden; }
    """

    def render_lines(self, crop: Region) -> list[Strip]:
        return []
