"""Why a row is where it is: its findings with their numbers, or what there is to know of a healthy endpoint."""

from collections.abc import Iterator, Sequence

from smtop.metrics.domain.endpoint import Component, Endpoint, Moving, Variant
from smtop.metrics.domain.finding import Finding, SharedCause
from smtop.metrics.domain.series import SampleState
from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import MARKS, NOT_ASKED, SEVERITY_STYLES, Cell, Line, Paint
from smtop.tui.view_models.columns import Column, weight

_LEAST_COUNTING = 4
"""Lines below which none is spent on how many there are more."""

FIX_KEY = "F"
"""The key that plans what the first finding proposes."""


def why(
    view: EndpointView | None,
    *,
    width: int,
    height: int,
    paint: Paint,
    columns: Sequence[Column] = (),
    shared: Sequence[SharedCause] = (),
) -> list[Line]:
    """The reasons in at most `height` lines of at most `width` cells.

    Where values of `columns` were not collected, the last lines say why. `shared` are the causes of several endpoints.
    """
    if view is None:
        return []
    body = list(_verdict(view, shared, width, height, paint)) or list(_facts(view.endpoint, width, paint))
    missing = list(_missing(view, columns, width, paint))[: height // 2] if len(body) < height else []
    room = height - len(missing)
    if len(body) > room < _LEAST_COUNTING:
        return body[:room]
    if len(body) > room:
        body = [*body[: room - 1], (Cell(f"  {paint.glyphs.ellipsis} {len(body) - room + 1} more lines", "dim"),)]
    return [*body, *missing]


def _verdict(
    view: EndpointView, shared: Sequence[SharedCause], width: int, height: int, paint: Paint
) -> Iterator[Line]:
    """What it shares with others, then its own findings; the first one as short as it must be to be seen whole."""
    lead = list(_shared(view, shared, width, paint))
    first, *others = [list(_finding(finding, width, paint)) for finding in view.findings] or [[]]
    room = height - len(lead) - (1 if others and height >= _LEAST_COUNTING else 0)
    if len(first) > room and view.findings:
        first = list(_short(view.findings[0], width, room, paint))
    yield from (*lead, *first)
    for lines in others:
        yield from lines
    yield from _said_by_aws(view, width, paint)
    yield from _tail(view, width, paint)


def _shared(view: EndpointView, shared: Sequence[SharedCause], width: int, paint: Paint) -> Iterator[Line]:
    for cause in shared:
        if view.endpoint.name in cause.endpoints:
            text = f"{MARKS[cause.finding.severity]} {paint.plain(cause.finding.title)}"
            yield (Cell(fmt.cut(text, width, paint.glyphs), SEVERITY_STYLES[cause.finding.severity]),)


def _tail(view: EndpointView, width: int, paint: Paint) -> Iterator[Line]:
    """What may become a finding, and where it is written what to do."""
    for hint in view.hints:
        text = f"{paint.plain(hint.title)} ({hint.id}), by minutes that may still change"
        yield from _wrapped("  early signal: ", text, width, paint, style="dim")
    if view.findings and view.endpoint.runbook:
        yield from _wrapped("  runbook ", view.endpoint.runbook, width, paint, style="dim")


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
    """Every finding in full: evidence, what was done before, and what to do."""
    for finding in view.findings:
        yield from _finding(finding, width, paint)
    yield from _said_by_aws(view, width, paint)
    yield from _tail(view, width, paint)


def _said_by_aws(view: EndpointView, width: int, paint: Paint) -> Iterator[Line]:
    reason = view.endpoint.status_reason
    said = any(reason in evidence for finding in view.findings for evidence in finding.evidence) if reason else True
    if view.findings and reason and not said:
        yield from _wrapped("  AWS says: ", reason, width, paint)


def _finding(finding: Finding, width: int, paint: Paint) -> Iterator[Line]:
    yield from _head(finding, width, paint)
    if finding.evidence:
        yield from _wrapped("  ", _numbered(finding), width, paint)
    if finding.changes:
        yield from _wrapped("  LAST ", _last(finding, paint), width, paint, style="dim")
    if finding.muted:
        muted = finding.muted
        text = f"muted by {muted.by} until {fmt.moment(muted.until, paint.now)}: {muted.reason}"
        yield from _wrapped("  ", text, width, paint, style="dim")
    if finding.next:
        yield from _wrapped(f"  {paint.glyphs.arrow} ", _to_do(finding), width, paint, style="bold")


def _short(finding: Finding, width: int, height: int, paint: Paint) -> Iterator[Line]:
    """The same in few lines: its name, what to do, and of the rest what there is room for."""
    head = list(_head(finding, width, paint))
    if len(head) >= height:
        title, style = f"{MARKS[finding.severity]} {paint.plain(finding.title)}", SEVERITY_STYLES[finding.severity]
        head = [(Cell(fmt.cut(title, width, paint.glyphs), style),)]
    to_do = f"  {paint.glyphs.arrow} {paint.plain(_to_do(finding))}" if finding.next else ""
    evidence = f"  {paint.plain(_numbered(finding))}" if finding.evidence else ""
    last = f"  LAST {paint.plain(_last(finding, paint))}" if finding.changes else ""
    room = height - len(head)
    wanted = {text: style for text, style in ((to_do, "bold"), (evidence, "normal"), (last, "dim")) if text}
    kept = set(list(wanted)[: max(room, 0)])
    yield from head[:height]
    for text in (evidence, last, to_do):
        if text in kept:
            yield (Cell(fmt.cut(text, width, paint.glyphs), wanted[text]),)


def _head(finding: Finding, width: int, paint: Paint) -> Iterator[Line]:
    mark, style = MARKS[finding.severity], "dim" if finding.muted else SEVERITY_STYLES[finding.severity]
    part = finding.component or finding.variant
    where = f" ({paint.plain(part)})" if part else ""
    lines = fmt.wrap(f"{mark} {paint.plain(finding.title)}{where}", width)
    sure = f"  {finding.confidence.value}"
    lets_down = f"  {finding.impact_per_minute:,.0f} req/min" if finding.impact_per_minute else ""
    tails = [f"  {finding.id}{_since(finding, paint)}{rest}" for rest in (f"{sure}{lets_down}", sure, "")]
    tail = next((tail for tail in tails if fmt.cells(lines[-1]) + len(tail) <= width), None)
    yield from ((Cell(line, style),) for line in (lines[:-1] if tail else lines))
    if tail:
        yield (Cell(lines[-1], style), Cell(tail, "dim"))
    else:
        yield (Cell(fmt.cut(tails[0], width, paint.glyphs), "dim"),)


def _numbered(finding: Finding) -> str:
    if len(finding.evidence) == 1:
        return finding.evidence[0]
    return " ".join(f"({number}) {text}" for number, text in enumerate(finding.evidence, start=1))


def _last(finding: Finding, paint: Paint) -> str:
    """`13:58Z config v6 -> v7 (4m before)`."""
    return "; ".join(f"{fmt.moment(one.at, paint.now)} {one.what}{_before(finding, one.at)}" for one in finding.changes)


def _before(finding: Finding, at: int) -> str:
    if finding.since is None or finding.or_earlier or at >= finding.since:
        return ""
    return f" ({fmt.age(finding.since - at)} before)"


def _to_do(finding: Finding) -> str:
    return f"{finding.next} [{FIX_KEY}] plans it" if finding.change else finding.next or ""


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
