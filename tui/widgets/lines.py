"""Ready lines on the screen; only those that changed are painted again."""

from collections.abc import Sequence

from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from smtop.tui.view_models.cells import Line, width_of
from smtop.tui.widgets.style import segments


def is_placed(widget: Widget) -> bool:
    """Whether it is a part of a page: what was read for one that was taken out meanwhile comes to it all the same."""
    return widget.is_mounted and widget.is_attached


def stands(widget: Widget) -> bool:
    """Whether a widget has its parts: they come with it, and when it is taken down they go first."""
    return widget.is_mounted and widget.display


class Lines(Widget):
    """As high as its lines are many, and absent without any."""

    DEFAULT_CSS = """
    Lines { height: auto; width: 1fr; }
    """
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.lines: tuple[Line, ...] = ()
        self.display = False

    def show(self, lines: Sequence[Line]) -> None:
        """Shows these lines from now on."""
        old, self.lines = self.lines, tuple(lines)
        self.display = bool(self.lines)
        if len(old) != len(self.lines) or self.styles.is_auto_width:
            self.refresh(layout=True)
            return
        changed = [y for y, line in enumerate(self.lines) if line != old[y]]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return max((width_of(line) for line in self.lines), default=0)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.lines)

    def render_line(self, y: int) -> Strip:
        if y >= len(self.lines):
            return Strip.blank(self.size.width, self.rich_style)
        strip = Strip(segments(self.lines[y])).adjust_cell_length(self.size.width)
        return strip.apply_style(self.rich_style)
