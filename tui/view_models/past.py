"""The journal of this user's changes as a list."""

from collections.abc import Sequence

from smtop.metrics.changes import Past
from smtop.metrics.journal import Entry, State
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Line, Paint
from smtop.tui.view_models.plan import where
from smtop.tui.view_models.plan_dialog import fit_line

_STYLES = {State.FAILED: "critical", State.REFUSED: "warning", State.APPLIED: "normal"}


def past_lines(past: Past, at: int, *, width: int, height: int, paint: Paint) -> list[Line]:
    """The changes around the cursor, the newest first, in at most `height` lines."""
    entries: Sequence[Entry] = past.entries
    if not entries:
        return [(Cell("Nothing was changed from here yet."),)]
    first = min(max(at - height // 2, 0), max(len(entries) - height, 0))
    shown = list(enumerate(entries))[first : first + max(height, 1)]
    names = min(max(fmt.cells(paint.plain(entry.plan.endpoint)) for _, entry in shown), max(width // 3, 10))
    return [_line(entry, _urgency(entry, past), number == at, (names, width), paint) for number, entry in shown]


def _urgency(entry: Entry, past: Past) -> str:
    if entry.id in past.left:
        return "LEFT HALF DONE"
    return "DUE" if entry.id in past.due else ""


def _line(entry: Entry, urgency: str, is_cursor: bool, cells: tuple[int, int], paint: Paint) -> Line:
    plan, (names, width) = entry.plan, cells
    style = "reverse" if is_cursor else "normal"
    moment = fmt.moment(entry.planned_at, paint.now)
    head = f"{'>' if is_cursor else ' '}{moment:>18} {plan.change:<16} "
    name = fmt.pad(fmt.cut_middle(paint.plain(plan.endpoint), names, paint.glyphs), names)
    state = urgency or entry.state.value
    state_style = "critical" if urgency else _STYLES.get(entry.state, "changing")
    undone = "  taken back" if entry.undone_by else ""
    about = paint.plain(entry.error or where(plan.place))
    line = (Cell(head, style), Cell(name, style), Cell(f"  {state:<14}", state_style), Cell(undone, "dim"))
    return fit_line((*line, Cell(f"  {about}", "dim")), width, paint)


def reminders(past: Past, now: float) -> list[str]:
    """What the operator has to see to: what was left half done, and what is due."""
    left = [_left_sentence(entry, now) for entry in past.entries if entry.id in past.left]
    return [*left, *(_due_sentence(entry, now) for entry in past.entries if entry.id in past.due)]


def _due_sentence(entry: Entry, now: float) -> str:
    moment = fmt.moment(entry.due_at or 0, now)
    todo = "begun: f does it" if entry.state is State.DEFERRED else "taken back: u does it"
    return f"{entry.plan.change} {entry.plan.endpoint} ({entry.id}) is due since {moment} to be {todo} in :changes."


def _left_sentence(entry: Entry, now: float) -> str:
    plan = entry.plan
    since = fmt.moment(entry.planned_at, now)
    how = "was sent whole and not followed to its end" if entry.state is State.IN_PROGRESS else "was left half done"
    way_out = ":changes shows it; there f finishes it and u takes it back."
    return f"{plan.change} {plan.endpoint} of {since} {how} ({plan.id}). {way_out}"
