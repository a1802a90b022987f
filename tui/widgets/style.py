"""The style names of the view models as terminal styles."""

from collections.abc import Iterable, Mapping

from rich.segment import Segment
from rich.style import Style

from smtop.tui.view_models.cells import Line

STYLES: Mapping[str, Style] = {
    "normal": Style(),
    "dim": Style(color="#8a8f98"),
    "bold": Style(bold=True),
    "title": Style(bold=True, color="#7aa2f7"),
    "accent": Style(color="#7aa2f7"),
    "key": Style(bold=True, color="#7aa2f7"),
    "reverse": Style(bold=True, reverse=True),
    "found": Style(bold=True, reverse=True),
    "banner": Style(bold=True, color="#1a1b26", bgcolor="#e0af68"),
    "critical": Style(bold=True, color="#ff6b6b"),
    "warning": Style(color="#e0af68"),
    "changing": Style(color="#4fd6be"),
    "unknown": Style(color="#bb9af7"),
    "idle": Style(color="#8a8f98"),
    "ok": Style(),
}

CURSOR = Style(bgcolor="#2f3549")
CURSOR_WITHOUT_COLOUR = Style(reverse=True)


def segments(line: Line) -> Iterable[Segment]:
    """A line as Rich segments; nothing in it is read as markup."""
    return (Segment(cell.text, STYLES[cell.style]) for cell in line)
