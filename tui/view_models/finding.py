"""One finding as lines: what it is called, the numbers that say so, what was done before, and what to do."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from smtop.metrics.domain.finding import Finding, Severity
from smtop.metrics.domain.snapshot import EndpointView
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import MARKS, MUTED, SEVERITY_STYLES, Cell, Line, Paint
from smtop.tui.view_models.speaking import proposal, speaking

FIX_KEY = "F"
"""The key that plans what the first finding proposes."""


class Canvas(NamedTuple):
    """Where it is written: whose findings they are, and how many cells a line has."""

    view: EndpointView
    width: int
    paint: Paint

    def cut(self, text: str) -> str:
        return fmt.cut(text, self.width, self.paint.glyphs)


class _Part(NamedTuple):
    """A piece of a finding. The smaller `rank`, the sooner it gets a line of its own."""

    lines: Sequence[Line]
    rank: int


def whole(finding: Finding, canvas: Canvas, *, headed: bool = False) -> list[Line]:
    """All of it. `headed`: its id and onset stand above already."""
    return [line for part in _parts(finding, canvas, headed=headed) for line in part.lines]


def fitted(finding: Finding, canvas: Canvas, height: int, *, headed: bool = False) -> list[Line]:
    """The same in at most `height` lines: its name, what to do, the numbers, and then what there is room for.

    Each has a line before one has two; what is cut short ends with an ellipsis.
    """
    parts = list(_parts(finding, canvas, headed=headed))
    kept = [0] * len(parts)
    by_rank = sorted(range(len(parts)), key=lambda place: parts[place].rank)
    room = height
    for most in (1, height):
        for place in by_rank:
            more = min(min(most, len(parts[place].lines)) - kept[place], room)
            kept[place] += more
            room -= more
    return [line for part, count in zip(parts, kept, strict=True) for line in _first_lines(part.lines, count, canvas)]


def brief(finding: Finding, canvas: Canvas) -> Line:
    """One line: its name; then its id, if there is room for all of that."""
    name = _title(finding, canvas)
    tail = f"  {finding.id}"
    if fmt.cells(name) + len(tail) <= canvas.width:
        return (Cell(name, _style(finding)), Cell(tail, "dim"))
    return (Cell(canvas.cut(name), _style(finding)),)


def tails(finding: Finding, paint: Paint) -> Iterator[str]:
    """Id, onset, confidence and impact; ever shorter, what is most urgent last."""
    since, sure = _since(finding, paint), f"  {finding.confidence.value} confidence"
    lets_down = f"  {finding.impact_per_minute:,.0f} req/min" if finding.impact_per_minute else ""
    yield f"{finding.id}{since}{sure}{lets_down}"
    yield f"{finding.id}{since}{lets_down}"
    if since:
        yield f"{since}{lets_down}".lstrip()
        yield since.lstrip()
        yield f"{fmt.age(paint.now - (finding.since or 0))} ago"
    yield finding.id


def wrapped(lead: str, text: str, width: int, paint: Paint, style: str = "normal") -> Iterator[Line]:
    """Text that is not ours behind its lead, over as many lines as it needs."""
    for index, part in enumerate(fmt.wrap(paint.plain(text), max(width - len(lead), 10))):
        yield (Cell((lead if index == 0 else " " * len(lead)) + part, style),)


def _parts(finding: Finding, canvas: Canvas, *, headed: bool) -> Iterator[_Part]:
    """In the order in which they are read."""
    width, paint = canvas.width, canvas.paint
    dim = finding.severity is Severity.OK or finding.muted is not None
    name = [(Cell(line, _style(finding)),) for line in fmt.wrap(_title(finding, canvas), width)]
    told = () if headed else tails(finding, paint)
    tail = next((one for one in told if len(one) + 2 <= width), "")
    if tail and name and fmt.cells(name[-1][0].text) + len(tail) + 2 <= width:
        yield _Part([*name[:-1], (*name[-1], Cell(f"  {tail}", "dim"))], 0)
    else:
        yield _Part(name, 0)
        yield _Part([(Cell(f"  {tail}", "dim"),)] if tail else [], 4)
    yield _Part(list(wrapped("  ", _numbered(finding), width, paint, "dim" if dim else "normal")), 2)
    yield _Part(list(wrapped("  LAST ", _last(finding, paint), width, paint, "dim")) if finding.changes else [], 3)
    yield _Part(list(wrapped("  ", _muted(finding, paint), width, paint, "dim")), 1 if finding.muted else 5)
    leads = next(iter(speaking(canvas.view)), None) is finding
    yield _Part(_to_do(finding, canvas, "dim" if dim else "bold" if leads else "normal"), 1)


def _first_lines(lines: Sequence[Line], count: int, canvas: Canvas) -> list[Line]:
    """So many of them; where some are left out, the last one says so."""
    if count >= len(lines) or not count:
        return list(lines[:count])
    last, following = lines[count - 1][0], lines[count][0].text.strip()
    return [*lines[: count - 1], (Cell(canvas.cut(f"{last.text} {following}"), last.style),)]


def _style(finding: Finding) -> str:
    return "dim" if finding.muted or finding.severity is Severity.OK else SEVERITY_STYLES[finding.severity]


def _title(finding: Finding, canvas: Canvas) -> str:
    """With the part that it is about, unless there is only one or the title names it."""
    paint, endpoint = canvas.paint, canvas.view.endpoint
    mark = MUTED if finding.muted else MARKS[finding.severity]
    part = finding.component or finding.variant
    is_one_of_many = bool(finding.component) or len(endpoint.variants) > 1
    names_it = part is not None and part in finding.title
    where = f" ({paint.plain(part)})" if part and is_one_of_many and not names_it else ""
    return f"{mark} {paint.plain(finding.title)}{where}"


def _numbered(finding: Finding) -> str:
    if len(finding.evidence) == 1:
        return finding.evidence[0]
    return " ".join(f"({number}) {text}" for number, text in enumerate(finding.evidence, start=1))


def _last(finding: Finding, paint: Paint) -> str:
    """`13:58Z config v6 -> v7 (4m before)`; without the reason of a change that stands in the evidence already."""
    told = " ".join(finding.evidence)
    changes = [(one.at, one.what, *one.what.partition(": ")[::2]) for one in finding.changes]
    texts = ((at, what if not reason or reason not in told else event) for at, what, event, reason in changes)
    return "; ".join(f"{fmt.moment(at, paint.now)} {text}{_before(finding, at)}" for at, text in texts)


def _before(finding: Finding, at: int) -> str:
    if finding.since is None or finding.or_earlier or at >= finding.since:
        return ""
    return f" ({fmt.age(finding.since - at)} before)"


def _muted(finding: Finding, paint: Paint) -> str:
    muted = finding.muted
    return f"muted by {muted.by} until {fmt.moment(muted.until, paint.now)}: {muted.reason}" if muted else ""


def _to_do(finding: Finding, canvas: Canvas, style: str) -> list[Line]:
    """What to do; with the key that plans it, where that key would plan this and nothing else."""
    if not finding.next:
        return []
    key = f"[{FIX_KEY}] " if proposal(canvas.view) is finding else ""
    return list(wrapped(f"  {canvas.paint.glyphs.arrow} {key}", finding.next, canvas.width, canvas.paint, style))


def onset(finding: Finding, paint: Paint) -> str:
    """When it began, `14:02Z` or `14:02Z or earlier`; empty where that is not known."""
    if finding.since is None:
        return ""
    return fmt.moment(finding.since, paint.now) + (" or earlier" if finding.or_earlier else "")


def _since(finding: Finding, paint: Paint) -> str:
    if finding.since is None:
        return ""
    return f"  since {onset(finding, paint)} ({fmt.age(paint.now - finding.since)} ago)"
