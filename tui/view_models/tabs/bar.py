"""All tabs in order, and the line that names them. Another tab is another row of the table."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from smtop.metrics.domain.details import EndpointDetails
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Line, Paint, width_of
from smtop.tui.view_models.header import cut_line, spread
from smtop.tui.view_models.tabs.configs import configs
from smtop.tui.view_models.tabs.overview import overview
from smtop.tui.view_models.tabs.page import Page
from smtop.tui.view_models.tabs.scaling import scaling
from smtop.tui.view_models.tabs.variants import variants


class Tab(NamedTuple):
    """One tab; `lines` is None for the charts, which are no text."""

    id: str
    title: str
    lines: Callable[[Page], list[Line]] | None


METRICS = "metrics"
CONFIG = "config"

TABS: Sequence[Tab] = (
    Tab("overview", "Overview", overview),
    Tab(METRICS, "Metrics", None),
    Tab("variants", "Variants", variants),
    Tab("scaling", "Scaling", scaling),
    Tab(CONFIG, "Config", configs),
)

BY_ID = {tab.id: tab for tab in TABS}


def tab_text(tab: str, page: Page) -> list[Line]:
    """What stands on a tab, no line wider than the page; nothing for the charts, which are no text."""
    lines = BY_ID[tab].lines
    return [cut_line(line, page.width, page.paint) for line in lines(page)] if lines else []


def next_tab(current: str, step: int) -> str:
    """The id of the tab so many places further, round and round."""
    place = TABS.index(BY_ID[current])
    return TABS[(place + step) % len(TABS)].id


def tab_line(current: str, about: Line, *, width: int, paint: Paint) -> Line:
    """Every tab with its key, the open one in brackets; on a narrow terminal only that one has its name."""
    named = tuple(_shown(tab, number, tab.id == current) for number, tab in enumerate(TABS, start=1))
    if width_of(named) > width:
        named = tuple(
            _shown(tab, number, True) if tab.id == current else Cell(f" {number} ", "dim")
            for number, tab in enumerate(TABS, start=1)
        )
    return spread(named, about, width, paint)


def _shown(tab: Tab, number: int, is_open: bool) -> Cell:
    return Cell(f"[{number} {tab.title}]", "bold") if is_open else Cell(f" {number} {tab.title} ", "dim")


def freshness(details: EndpointDetails | None, said: str, paint: Paint) -> Line:
    """How old the details are, or why there are none."""
    if said:
        return (Cell(paint.plain(said), "warning"),)
    if details is None:
        return (Cell("reading", "changing"),)
    return (Cell(f"read {fmt.age(paint.now - details.read_at)} ago", "dim"),)
