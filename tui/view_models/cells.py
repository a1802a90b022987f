"""The smallest pieces of the screen: text with the name of a style, and how a sample becomes one."""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from smtop.metrics.domain.finding import Severity
from smtop.metrics.domain.series import Sample, SampleState
from smtop.tui.view_models import fmt
from smtop.tui.view_models.fmt import Glyphs


class Cell(NamedTuple):
    """Text in one style. Style names: normal, dim, bold, title, reverse, found, and those of the severities."""

    text: str
    style: str = "normal"


Line: TypeAlias = tuple[Cell, ...]


class Paint(NamedTuple):
    """What drawing depends on beside the data: the time (epoch seconds) and the signs of the terminal."""

    now: float
    glyphs: Glyphs

    def plain(self, text: str) -> str:
        """Text that is not ours, safe for this terminal."""
        return fmt.plain(text, ascii_only=self.glyphs.ascii_only)


MARKS: Mapping[Severity, str] = {
    Severity.CRITICAL: "!",
    Severity.WARNING: "~",
    Severity.CHANGING: "*",
    Severity.UNKNOWN: "?",
    Severity.IDLE: "z",
    Severity.OK: ".",
}

MUTED = "m"
"""The mark of what somebody has muted."""

SEVERITY_STYLES: Mapping[Severity, str] = {severity: severity.value for severity in Severity}

NOTHING = Cell("-", "dim")
NOT_ASKED = Cell("x", "dim")
TOO_OLD = Cell("old", "dim")
"""A stale value that has no room for its age."""


def sample(value: Sample, number: fmt.Number, width: int, paint: Paint) -> Cell:
    """A sample in `width` cells: the value, its age where it is stale, or the sign of what is missing."""
    if value.state is SampleState.NOT_COLLECTED:
        return NOT_ASKED
    if value.state is SampleState.NO_DATA or value.value is None:
        return NOTHING
    ways = number(value.value)
    if value.state is SampleState.STALE:
        return _stale([f"{way} {stale_age(value, paint)}" for way in ways], width)
    style = "dim" if value.state is SampleState.PROVISIONAL else "normal"
    return Cell(fmt.fit(ways, width) or ways[-1], style)


def _stale(ways: list[str], width: int) -> Cell:
    text = fmt.fit(ways, width)
    return Cell(text, "dim") if text else TOO_OLD


def stale_age(value: Sample, paint: Paint) -> str:
    """How old a kept value is; empty where its time is not known."""
    return fmt.age(paint.now - value.at) if value.at is not None else ""


def text_of(line: Line) -> str:
    """A line without its styles."""
    return "".join(cell.text for cell in line)


def width_of(line: Line) -> int:
    """How many terminal cells a line takes."""
    return sum(fmt.cells(cell.text) for cell in line)
