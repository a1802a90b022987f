"""Why a row is where it is: its findings with their numbers, or what there is to know of a healthy endpoint."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from smtop.metrics.domain.finding import Finding, SharedCause
from smtop.metrics.domain.series import SampleState
from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import MARKS, NOT_ASKED, SEVERITY_STYLES, Cell, Line, Paint, text_of
from smtop.tui.view_models.columns import Column
from smtop.tui.view_models.finding import Canvas, brief, fitted, tails, whole, wrapped
from smtop.tui.view_models.parts import facts
from smtop.tui.view_models.speaking import advice, is_quietened, muted, speaking

_LEAST_COUNTING = 4
"""Lines below which none is spent on what there is more."""

ROOMY = 9
"""Lines from which on what is shared with others has a line above what is the endpoint's own."""


class _Block(NamedTuple):
    """One thing to say: in full and in one line; what it is called where there is not even room for that.

    `finding` is what can be told in any number of lines between.
    """

    full: Sequence[Line]
    brief: Line
    name: str
    finding: Finding | None = None

    def lines(self, room: int, canvas: Canvas) -> Sequence[Line]:
        """As much as there is room for."""
        if len(self.full) <= room:
            return self.full
        return [self.brief] if self.finding is None or room == 1 else fitted(self.finding, canvas, room)


def why(
    view: EndpointView | None,
    *,
    width: int,
    height: int,
    paint: Paint,
    columns: Sequence[Column] = (),
    shared: Sequence[SharedCause] = (),
    headed: bool = False,
) -> list[Line]:
    """The reasons in at most `height` lines of at most `width` cells.

    Where values of `columns` were not collected, the last lines say why. `shared` are the causes of several endpoints.
    `headed`: a title stands above that tells all of the first finding's tail.
    """
    if view is None:
        return []
    canvas = Canvas(view, width, paint)
    body = _body(canvas, shared, height, headed=headed)
    missing = list(_missing(view, columns, width, paint))[: height // 2] if len(body) < height else []
    if len(body) + len(missing) > height:
        body = _body(canvas, shared, height - len(missing), headed=headed)
    return [*body, *missing]


def title(view: EndpointView | None, *, width: int, paint: Paint) -> Line:
    """A rule with the endpoint's name, and of the first finding what there is room for: id, onset, how bad it is."""
    if view is None:
        return (Cell(paint.glyphs.rule * width, "dim"),)
    word = "WHY" if speaking(view) else "MUTED" if is_quietened(view) else "ABOUT"
    lead = f"{paint.glyphs.rule * 2} {word} "
    name = fmt.cut_middle(paint.plain(view.endpoint.title), max(width - 12, 1), paint.glyphs)
    tail = _tail(view, width - fmt.cells(lead) - fmt.cells(name), paint)
    rule = paint.glyphs.rule * max(width - fmt.cells(lead) - fmt.cells(name) - len(tail) - 1, 0)
    return (Cell(lead, "dim"), Cell(name, SEVERITY_STYLES[view.severity]), Cell(tail), Cell(f" {rule}", "dim"))


def tells_all(view: EndpointView | None, *, width: int, paint: Paint) -> bool:
    """Whether the title has room for all of the first finding's tail."""
    found = speaking(view) if view else []
    return bool(found) and next(tails(found[0], paint)) in text_of(title(view, width=width, paint=paint))


def _tail(view: EndpointView, room: int, paint: Paint) -> str:
    lead = f" {paint.glyphs.rule * 2} "
    found = speaking(view)[:1]
    told = (f"{lead}{tail}" for finding in found for tail in tails(finding, paint))
    return next((tail for tail in told if len(tail) + 2 <= room), "")


def finding_lines(view: EndpointView, width: int, paint: Paint) -> Iterator[Line]:
    """What counts in full, and what AWS says, what may become a finding, and where it is written what to do."""
    canvas = Canvas(view, width, paint)
    for finding in speaking(view):
        yield from whole(finding, canvas)
    for block in _besides(canvas):
        yield from block.full


def _body(canvas: Canvas, shared: Sequence[SharedCause], height: int, *, headed: bool) -> list[Line]:
    """The first finding and what else there is; the first is cut short only when it must be."""
    view, is_roomy = canvas.view, height >= ROOMY
    found, common = speaking(view), list(_shared(canvas, shared))
    if not found:
        return _about(canvas, common, height)
    lead = [line for block in common for line in block.full] if is_roomy else []
    blocks = [*([] if is_roomy else common), *_others(canvas), *_besides(canvas), *_quiet(canvas)]
    first = whole(found[0], canvas, headed=headed)
    room = height - len(lead) - (1 if blocks and height >= _LEAST_COUNTING else 0)
    if len(first) > room:
        first = fitted(found[0], canvas, room, headed=headed)
    return [*lead, *first, *_rest(blocks, height - len(lead) - len(first), canvas)][:height]


def _about(canvas: Canvas, common: Sequence[_Block], height: int) -> list[Line]:
    """Of an endpoint with which nothing is wrong: what it is, what may be coming, what is muted, advice.

    What was muted comes first where it would be wrong otherwise.
    """
    about = list(facts(canvas.view.endpoint, canvas.width, canvas.paint))
    if is_quietened(canvas.view):
        known = _rest([*_besides(canvas), *_quiet(canvas)], height, canvas)
        return [*known, *about[: height - len(known)]]
    blocks = [*common, *_besides(canvas), *_quiet(canvas)]
    room = height - (1 if blocks and height >= _LEAST_COUNTING else 0)
    if len(about) > room >= _LEAST_COUNTING:
        left_out = len(about) - room + 1
        about = [*about[: room - 1], (Cell(f"  {canvas.paint.glyphs.ellipsis} {left_out} more lines", "dim"),)]
    return [*about[:room], *_rest(blocks, height - len(about[:room]), canvas)]


def _rest(blocks: Sequence[_Block], room: int, canvas: Canvas) -> list[Line]:
    """Each as full as leaves a line for those that follow; the last line names those for which there is none."""
    if room <= 0 or not blocks:
        return []
    if len(blocks) > room:
        named = ", ".join(block.name for block in blocks[room - 1 :])
        more = Cell(canvas.cut(f"  {canvas.paint.glyphs.ellipsis} more: {named}"), "dim")
        return [*(block.brief for block in blocks[: room - 1]), (more,)]
    lines: list[Line] = []
    for place, block in enumerate(blocks):
        lines += block.lines(room - len(lines) - (len(blocks) - place - 1), canvas)
    return lines


def _others(canvas: Canvas) -> Iterator[_Block]:
    for finding in speaking(canvas.view)[1:]:
        yield _Block(whole(finding, canvas), brief(finding, canvas), finding.id, finding)


def _quiet(canvas: Canvas) -> Iterator[_Block]:
    """What does not count: it has what is left."""
    for finding in (*muted(canvas.view), *advice(canvas.view)):
        name = f"{finding.id} ({'muted' if finding.muted else 'advice'})"
        yield _Block(whole(finding, canvas), brief(finding, canvas), name, finding)


def _shared(canvas: Canvas, shared: Sequence[SharedCause]) -> Iterator[_Block]:
    for cause in shared:
        if canvas.view.key in cause.endpoints:
            style = SEVERITY_STYLES[cause.finding.severity]
            text = f"{MARKS[cause.finding.severity]} {canvas.paint.plain(cause.finding.title)}"
            lines = [(Cell(line, style),) for line in fmt.wrap(text, canvas.width)]
            yield _Block(lines, (Cell(canvas.cut(text), style),), "what it shares with others")


def _besides(canvas: Canvas) -> Iterator[_Block]:
    """What AWS says, what may become a finding, and where it is written what to do."""
    view = canvas.view
    if said := _said_by_aws(view):
        yield _note("  AWS says: ", said, canvas, "normal", "AWS says why")
    for hint in view.hints:
        text = f"{canvas.paint.plain(hint.title)} ({hint.id}), by minutes that may still change"
        yield _note("  early signal: ", text, canvas, "dim", "an early signal")
    if speaking(view) and view.endpoint.runbook:
        yield _note("  runbook ", view.endpoint.runbook, canvas, "dim", "runbook")


def _note(lead: str, text: str, canvas: Canvas, style: str, name: str) -> _Block:
    full = list(wrapped(lead, text, canvas.width, canvas.paint, style))
    return _Block(full, (Cell(canvas.cut(f"{lead}{canvas.paint.plain(text)}"), style),), name)


def _said_by_aws(view: EndpointView) -> str | None:
    reason, found = view.endpoint.status_reason, speaking(view)
    is_told = reason and any(reason in evidence for finding in found for evidence in finding.evidence)
    return reason if found and not is_told else None


def _missing(view: EndpointView, columns: Sequence[Column], width: int, paint: Paint) -> Iterator[Line]:
    """`x SPILL, COLD: not asked while idle`: the reasons, each with the columns that lack a value for it."""
    titles: dict[str, list[str]] = {}
    for column in columns:
        told = column.pick(view) if column.pick and column.metrics else None
        if told is not None and told.state is SampleState.NOT_COLLECTED:
            titles.setdefault(told.why or "no reason is known", []).append(column.title)
    for reason, names in titles.items():
        yield from wrapped(f"  {NOT_ASKED.text} {', '.join(names)}: ", reason, width, paint, style="dim")
