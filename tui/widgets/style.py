"""The style names of the view models as terminal styles, in the colours of the dark palette."""

from collections.abc import Iterable, Mapping

from rich.segment import Segment
from rich.style import Style

from smtop.tui.view_models.cells import Line
from smtop.tui.view_models.palette import DARK

STYLES: Mapping[str, Style] = {
    "normal": Style(),
    "dim": Style(color=DARK.dim),
    "bold": Style(bold=True),
    "title": Style(bold=True, color=DARK.accent),
    "accent": Style(color=DARK.accent),
    "key": Style(bold=True, color=DARK.accent),
    "reverse": Style(bold=True, reverse=True),
    "found": Style(bold=True, reverse=True),
    "banner": Style(bold=True, color=DARK.on_warning, bgcolor=DARK.warning),
    "critical": Style(bold=True, color=DARK.critical),
    "warning": Style(color=DARK.warning),
    "changing": Style(color=DARK.changing),
    "unknown": Style(color=DARK.unknown),
    "idle": Style(color=DARK.dim),
    "ok": Style(),
    "account-red": Style(bold=True, reverse=True, color=DARK.critical),
    "account-yellow": Style(bold=True, reverse=True, color=DARK.warning),
    "account-green": Style(bold=True, reverse=True, color=DARK.changing),
    "account-blue": Style(bold=True, reverse=True, color=DARK.accent),
    "account-magenta": Style(bold=True, reverse=True, color=DARK.unknown),
    "account-grey": Style(bold=True, reverse=True, color=DARK.dim),
}

CURSOR = Style(bgcolor=DARK.cursor)
CURSOR_WITHOUT_COLOUR = Style(reverse=True)


def segments(line: Line) -> Iterable[Segment]:
    """A line as Rich segments; nothing in it is read as markup."""
    return (Segment(cell.text, STYLES[cell.style]) for cell in line)
