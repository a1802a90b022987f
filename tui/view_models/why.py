"""Why a row is where it is: its findings with their numbers, or what there is to know of a healthy endpoint."""

from collections.abc import Iterator, Sequence

from smtop.metrics.domain.endpoint import Component, Endpoint, Moving, Variant
from smtop.metrics.domain.finding import Finding
from smtop.metrics.domain.series import SampleState
from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import MARKS, NOT_ASKED, SEVERITY_STYLES, Cell, Line, Paint
from smtop.tui.view_models.columns import Column, weight


def why(
    view: EndpointView | None, *, width: int, height: int, paint: Paint, columns: Sequence[Column] = ()
) -> list[Line]:
    """The reasons in at most `height` lines of at most `width` cells.

    Where values of `columns` were not collected, the last lines say why.
    """
    if view is None:
        return []
    body = list(finding_lines(view, width, paint)) or list(_facts(view.endpoint, width, paint))
    missing = list(_missing(view, columns, width, paint))[: height // 2]
    room = height - len(missing)
    if len(body) > room:
        body = [*body[: room - 1], (Cell(f"  {paint.glyphs.ellipsis} {len(body) - room + 1} more lines", "dim"),)]
    return [*body, *missing]


def _missing(view: EndpointView, columns: Sequence[Column], width: int, paint: Paint) -> Iterator[Line]:
    """`x SPILL, COLD: not asked while idle`: the reasons, each with the columns that lack a value for it."""
    titles: dict[str, list[str]] = {}
    for column in columns:
        told = column.pick(view) if column.pick and column.metrics else None
        if told is not None and told.state is SampleState.NOT_COLLECTED:
            titles.setdefault(told.why or "no reason is known", []).append(column.title)
    for reason, names in titles.items():
        yield from _wrapped(f"  {NOT_ASKED.text} {', '.join(names)}: ", reason, width, paint, style="dim")


def title(view: EndpointView | None, *, width: int, paint: Paint) -> Line:
    """A rule with the endpoint's name."""
    if view is None:
        return (Cell(paint.glyphs.rule * width, "dim"),)
    name = fmt.cut_middle(paint.plain(view.endpoint.name), max(width - 12, 1), paint.glyphs)
    lead = f"{paint.glyphs.rule * 2} {'WHY' if view.findings else 'ABOUT'} "
    rule = paint.glyphs.rule * max(width - fmt.cells(lead) - fmt.cells(name) - 1, 0)
    return (Cell(lead, "dim"), Cell(name, SEVERITY_STYLES[view.severity]), Cell(f" {rule}", "dim"))


def finding_lines(view: EndpointView, width: int, paint: Paint) -> Iterator[Line]:
    """Every finding with its evidence and what to do."""
    for finding in view.findings:
        yield from _finding(finding, width, paint)
    reason = view.endpoint.status_reason
    said = any(reason in evidence for finding in view.findings for evidence in finding.evidence) if reason else True
    if view.findings and reason and not said:
        yield from _wrapped("  AWS says: ", reason, width, paint)


def _finding(finding: Finding, width: int, paint: Paint) -> Iterator[Line]:
    mark, style = MARKS[finding.severity], SEVERITY_STYLES[finding.severity]
    where = f" ({paint.plain(finding.variant)})" if finding.variant else ""
    tail = f"  {finding.id}{_since(finding, paint)}"
    lines = fmt.wrap(f"{mark} {paint.plain(finding.title)}{where}", width)
    fits = fmt.cells(lines[-1]) + len(tail) <= width
    for line in lines[:-1] if fits else lines:
        yield (Cell(line, style),)
    yield (Cell(lines[-1], style), Cell(tail, "dim")) if fits else (Cell(fmt.cut(tail, width, paint.glyphs), "dim"),)
    if finding.evidence:
        yield from _wrapped("  ", "; ".join(finding.evidence), width, paint)
    if finding.next:
        yield from _wrapped(f"  {paint.glyphs.arrow} ", finding.next, width, paint, style="bold")


def _since(finding: Finding, paint: Paint) -> str:
    if finding.since is None:
        return ""
    earlier = " or earlier" if finding.or_earlier else ""
    return f"  since {fmt.moment(finding.since, paint.now)}{earlier} ({fmt.age(paint.now - finding.since)} ago)"


def _wrapped(lead: str, text: str, width: int, paint: Paint, style: str = "normal") -> Iterator[Line]:
    for index, part in enumerate(fmt.wrap(paint.plain(text), max(width - len(lead), 10))):
        yield (Cell((lead if index == 0 else " " * len(lead)) + part, style),)


def _facts(endpoint: Endpoint, width: int, paint: Paint) -> Iterator[Line]:
    if not endpoint.described:
        yield from _wrapped("  ", f"{endpoint.status}; not described yet", width, paint)
        return
    config = f", config {endpoint.config}" if endpoint.config else ""
    yield from _wrapped("  ", f"{endpoint.kind.value}, {endpoint.status}{config}", width, paint)
    if endpoint.status_reason:
        yield from _wrapped("  AWS says: ", endpoint.status_reason, width, paint)
    yield from part_lines(endpoint, width, paint)


def part_lines(endpoint: Endpoint, width: int, paint: Paint) -> Iterator[Line]:
    """A line for every variant and every component."""
    for variant in endpoint.variants:
        yield from _wrapped("  ", _variant(variant), width, paint)
    for component in endpoint.components:
        yield from _wrapped("  ", _component(component), width, paint)


def _variant(variant: Variant) -> str:
    parts = [f"shadow {variant.name}" if variant.shadow else variant.name]
    if (own := weight(variant)) is not None:
        parts.append(f"weight {own:g}")
    if variant.instances:
        kind = variant.instances.type or f"type unknown ({variant.instances.type_why or 'not said'})"
        parts.append(f"{_moving(variant.instances.count)} x {kind}")
    if variant.serverless:
        settings = variant.serverless
        parts.append(f"{settings.memory_mb} MB, max concurrency {settings.max_concurrency}")
        if settings.provisioned_concurrency:
            parts.append(f"provisioned concurrency {settings.provisioned_concurrency}")
    if variant.model:
        parts.append(f"model {variant.model}")
    return ", ".join(parts)


def _component(component: Component) -> str:
    return f"component {component.name}, {component.status}, copies {_moving(component.copies)}"


def _moving(value: Moving[int]) -> str:
    if value.current is None:
        return "?" if value.desired is None else f"{value.desired} wanted"
    if value.desired in (None, value.current):
        return f"{value.current}"
    return f"{value.current} of {value.desired} wanted"
