"""The fleet as a plain table on standard output: the screen's columns, and what is wrong below them."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping

import click

from smtop.metrics.domain.snapshot import EndpointView, FleetSnapshot
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import MARKS, Cell, Paint
from smtop.tui.view_models.columns import where
from smtop.tui.view_models.layout import Slot, layout
from smtop.tui.view_models.views import TRIAGE, chosen
from smtop.tui.view_state import ViewState

PIPED_WIDTH = 160
_LEAST_WIDTH = 40

_STYLES: Mapping[str, Mapping[str, object]] = {
    "critical": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow"},
    "changing": {"fg": "cyan"},
    "title": {"bold": True},
    "dim": {"dim": True},
    "idle": {"dim": True},
    "unknown": {"dim": True},
}


def print_table(taken: FleetSnapshot, *, ascii_only: bool) -> None:
    """One line an endpoint; colours only on a terminal that may have them."""
    paint = Paint(taken.generated_at.timestamp(), fmt.ASCII if ascii_only else fmt.BLOCKS)
    colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    slots = layout(_width(), chosen(TRIAGE, ViewState(), where(taken.endpoints)))
    for line in _lines(taken, slots, paint):
        click.echo(_painted(line) if colours else "".join(cell.text for cell in line).rstrip(), color=colours)


def _width() -> int:
    if not sys.stdout.isatty():
        return PIPED_WIDTH
    return max(shutil.get_terminal_size().columns, _LEAST_WIDTH)


def _lines(taken: FleetSnapshot, slots: tuple[Slot, ...], paint: Paint) -> Iterator[list[Cell]]:
    yield _line(slots, [Cell(slot.column.title, "title") for slot in slots])
    for view in taken.endpoints:
        yield _line(slots, [slot.column.draw(view, slot.width, paint) for slot in slots])
    for view in taken.endpoints:
        yield from _found(view, paint)


def _found(view: EndpointView, paint: Paint) -> Iterator[list[Cell]]:
    for finding in view.findings:
        who = paint.plain(view.endpoint.title)
        evidence = paint.plain("; ".join(finding.evidence))
        style = finding.severity.value
        yield [
            Cell(f"{MARKS[finding.severity]} {who}: {finding.id}: {paint.plain(finding.title)}", style),
            Cell(f" ({evidence})"),
        ]


def _line(slots: tuple[Slot, ...], cells: list[Cell]) -> list[Cell]:
    """Cells at their columns; the widths are those of the layout."""
    line: list[Cell] = []
    for slot, cell in zip(slots, cells, strict=True):
        text = fmt.pad(cell.text, slot.width, right=slot.column.right)
        line += [Cell(text, cell.style), Cell(" ")]
    return line


def _painted(line: list[Cell]) -> str:
    return "".join(click.style(cell.text, **_STYLES.get(cell.style, {})) for cell in line)  # type: ignore[arg-type]
