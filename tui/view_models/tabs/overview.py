"""Overview: what is wrong with the endpoint, who it is, how it does, how it is set up, what could not be asked."""

from collections.abc import Iterator, Sequence

from smtop.metrics.domain.configs import fields
from smtop.metrics.domain.details import Topic
from smtop.metrics.domain.endpoint import Endpoint
from smtop.metrics.domain.finding import Finding
from smtop.metrics.domain.snapshot import Vitals
from smtop.tui.view_models.cells import Cell, Line
from smtop.tui.view_models.console import ConsoleError, console_url
from smtop.tui.view_models.finding import Canvas, whole
from smtop.tui.view_models.parts import part_lines
from smtop.tui.view_models.saturation import saturation_cell
from smtop.tui.view_models.speaking import advice, muted, speaking
from smtop.tui.view_models.tabs.page import LABEL_CELLS, NUMBERS, Page, heading, notes, sentence, value
from smtop.tui.view_models.why import finding_lines


def overview(page: Page) -> list[Line]:
    """All there is to know at a glance."""
    if page.view is None:
        return [*sentence(page, "It is not in the fleet any more."), *notes(page, *Topic)]
    canvas = Canvas(page.view, page.width, page.paint)
    return [
        *_wrong(canvas),
        *_findings("MUTED", muted(page.view), canvas),
        *_identity(page, page.view.endpoint),
        (),
        *_vitals(page, page.view.vitals),
        (),
        *_findings("ADVICE", advice(page.view), canvas),
        heading("PARTS"),
        *part_lines(page.view.endpoint, page.width, page.paint),
        *_settings(page),
        *_refused(page),
    ]


def _identity(page: Page, endpoint: Endpoint) -> Iterator[Line]:
    created, modified = endpoint.summary.created_at.timestamp(), endpoint.summary.modified_at.timestamp()
    yield heading("ENDPOINT")
    yield from value(page, "name", endpoint.name, "bold")
    yield from value(page, "arn", endpoint.summary.arn)
    kind = f"{endpoint.kind.value} ({endpoint.kind.code})" if endpoint.described else "not described yet"
    yield from value(page, "kind", kind)
    status_style = "critical" if endpoint.is_broken else "changing" if endpoint.is_changing else "normal"
    yield from value(page, "status", endpoint.status, status_style)
    if endpoint.status_reason:
        yield from value(page, "AWS says", endpoint.status_reason)
    yield from value(page, "made", page.ago(created))
    yield from value(page, "changed", page.ago(modified))
    yield from value(page, "config", _config(page, endpoint))
    tags = "  ".join(f"{key}={text}" for key, text in sorted(endpoint.tags.items()))
    yield from value(page, "tags", tags or "none known")
    yield from value(page, "console", _console(endpoint))


def _console(endpoint: Endpoint) -> str:
    try:
        return console_url(endpoint.summary.arn)
    except ConsoleError as error:
        return str(error)


def _config(page: Page, endpoint: Endpoint) -> str:
    """The live config, and one that is on its way."""
    name = endpoint.config or "not known"
    deployed = page.details.deployed if page.details else None
    return f"{name}, being replaced by {deployed.pending}" if deployed and deployed.pending else name


def _wrong(canvas: Canvas) -> Iterator[Line]:
    """What counts and what may be coming: that comes before who it is."""
    lines = list(finding_lines(canvas.view, canvas.width, canvas.paint))
    if lines:
        title = "WHAT IS WRONG" if speaking(canvas.view) else "WHAT MAY BE COMING"
        yield from (heading(title), *lines, ())


def _findings(title: str, found: Sequence[Finding], canvas: Canvas) -> Iterator[Line]:
    """What does not count, in full."""
    if found:
        yield from (heading(title), *(line for finding in found for line in whole(finding, canvas)), ())


def _vitals(page: Page, vitals: Vitals) -> Iterator[Line]:
    yield heading("NOW")
    for number in NUMBERS:
        measured = number.pick(vitals)
        why = f"  {page.plain(measured.why)}" if measured.value is None and measured.why else ""
        yield (Cell(f"   {number.label:<{LABEL_CELLS}}", "dim"), number.cell(vitals, page.paint), Cell(why, "dim"))
    yield (Cell(f"   {'saturation':<{LABEL_CELLS}}", "dim"), saturation_cell(vitals.saturation, 26, page.paint))


def _settings(page: Page) -> Iterator[Line]:
    """Asynchronous inference, data capture and the like, as AWS describes them."""
    settings = page.details.deployed.settings if page.details and page.details.deployed else {}
    for name, document in settings.items():
        yield ()
        yield heading(name, "as AWS describes it")
        for _, path, text in fields(document):
            yield from sentence(page, f"{path}: {text}")


def _refused(page: Page) -> Iterator[Line]:
    found = list(notes(page, *Topic))
    if found:
        yield ()
        yield heading("NOT ASKED")
        yield from found
