"""All tabs, and the line that names them. Another tab is a row of the key table's `TABS`, and its text here."""

from collections.abc import Callable, Mapping

from smtop.metrics.domain.details import EndpointDetails
from smtop.tui.keymap import TABS
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Line, Paint, width_of
from smtop.tui.view_models.header import cut_line, spread
from smtop.tui.view_models.tabs.configs import configs
from smtop.tui.view_models.tabs.overview import overview
from smtop.tui.view_models.tabs.page import Page
from smtop.tui.view_models.tabs.scaling import scaling
from smtop.tui.view_models.tabs.variants import variants

METRICS = "metrics"
CONFIG = "config"

TEXTS: Mapping[str, Callable[[Page], list[Line]]] = {
    "overview": overview,
    "variants": variants,
    "scaling": scaling,
    CONFIG: configs,
}
"""What stands on each tab but the charts, which are no text."""


def tab_text(tab: str, page: Page) -> list[Line]:
    """What stands on a tab, no line wider than the page; nothing for the charts, which are no text."""
    lines = TEXTS[tab](page) if tab in TEXTS else []
    return [cut_line(line, page.width, page.paint) for line in lines]


def next_tab(current: str, step: int) -> str:
    """The id of the tab so many places further, round and round."""
    ids = list(TABS)
    return ids[(ids.index(current) + step) % len(ids)]


def tab_line(current: str, about: Line, *, width: int, paint: Paint) -> Line:
    """Every tab with its key, the open one in brackets; on a narrow terminal only that one has its name."""
    named = _all_named(current)
    if width_of(named) > width:
        numbers = (Cell(f" {number} ", "dim") for number in range(1, len(TABS) + 1))
        named = tuple(
            full if tab == current else number for tab, full, number in zip(TABS, named, numbers, strict=True)
        )
    return spread(named, about, width, paint)


def _all_named(current: str) -> Line:
    return tuple(
        Cell(f"[{number} {title}]", "bold") if tab == current else Cell(f" {number} {title} ", "dim")
        for number, (tab, title) in enumerate(TABS.items(), start=1)
    )


def freshness(details: EndpointDetails | None, said: str, paint: Paint) -> Line:
    """How old the details are, or why there are none."""
    if said:
        return (Cell(paint.plain(said), "warning"),)
    if details is None:
        return (Cell("reading", "changing"),)
    return (Cell(f"read {fmt.age(paint.now - details.read_at)} ago", "dim"),)
