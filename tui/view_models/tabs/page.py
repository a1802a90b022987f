"""What every tab is made from, and the pieces that tabs have in common."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from smtop.metrics.domain.details import EndpointDetails, Topic
from smtop.metrics.domain.series import Sample
from smtop.metrics.domain.snapshot import EndpointView, Vitals
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Line, Paint, sample
from smtop.tui.view_state import PageState


@dataclass(frozen=True, eq=False)
class Page:
    """One endpoint as far as it is known; `zone` is that of local times, None for the machine's own."""

    view: EndpointView | None
    details: EndpointDetails | None
    state: PageState
    width: int
    paint: Paint
    zone: tzinfo | None = None

    def plain(self, text: str) -> str:
        """Text that is not ours."""
        return self.paint.plain(text)

    def ago(self, at: float) -> str:
        """`2026-11-20 14:02Z, 7m ago`."""
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%MZ}, {fmt.age(self.paint.now - at)} ago"


LABEL_CELLS = 14
"""The first column of a block of values."""


class Vital(NamedTuple):
    """One number of an endpoint or of a part of it, with its unit in its label."""

    label: str
    pick: Callable[[Vitals], Sample]
    number: fmt.Number

    def cell(self, vitals: Vitals, paint: Paint) -> Cell:
        """The number, or the sign of what is missing."""
        return sample(self.pick(vitals), self.number, 12, paint)


NUMBERS = (
    Vital("requests/min", lambda vitals: vitals.requests_per_minute, fmt.count),
    Vital("errors 5xx %", lambda vitals: vitals.server_error_ratio, fmt.percent),
    Vital("errors 4xx %", lambda vitals: vitals.client_error_ratio, fmt.percent),
    Vital("p50 ms", lambda vitals: vitals.p50_ms, fmt.milliseconds),
    Vital("p99 ms", lambda vitals: vitals.p99_ms, fmt.milliseconds),
)


def heading(text: str, more: str = "") -> Line:
    """The title of a block, and what is said about all of it."""
    return (Cell(f" {text}", "title"), Cell(f"  {more}" if more else "", "dim"))


def value(page: Page, label: str, text: str, style: str = "normal", *, indent: int = 3) -> Iterator[Line]:
    """A labelled value, over as many lines as it needs."""
    lead = f"{'':{indent}}{label:<{LABEL_CELLS}}"
    room = max(page.width - len(lead), 10)
    for number, part in enumerate(fmt.wrap(page.plain(text), room) or [""]):
        yield (Cell(lead if number == 0 else " " * len(lead), "dim"), Cell(part, style))


def sentence(page: Page, text: str, style: str = "normal", *, lead: str = "   ") -> Iterator[Line]:
    """A text over as many lines as it needs."""
    for number, part in enumerate(fmt.wrap(page.plain(text), max(page.width - len(lead), 10))):
        yield (Cell((lead if number == 0 else " " * len(lead)) + part, style),)


def notes(page: Page, *topics: Topic) -> Iterator[Line]:
    """What could not be asked."""
    for text in page.details.about(*topics) if page.details else ():
        yield from sentence(page, text, "warning", lead=" x ")


def waiting(page: Page) -> Sequence[Line]:
    """What stands where nothing is known yet."""
    return [(Cell("   not read yet", "dim"),)] if page.details is None else []
