"""The dialog between a plan and its being carried out: what is shown, what must be confirmed, where the focus is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from smtop.metrics.actions.gate import READ_ONLY
from smtop.metrics.domain.plan import Confirm, Plan
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Line, Paint
from smtop.tui.view_models.plan import cost, value_text

_UNDO = "undo"
_CAN_BE_OPENED = "Read-only: this is a dry run. Type :write 15m, and it can be done from here."


class Spot(Enum):
    """What can be in focus."""

    CANCEL = "Cancel"
    FIELD = "field"
    GO_ON = "go on"
    DO = "Do it"


@dataclass(frozen=True)
class Question:
    """Plans that wait for the operator. `fault` says why there are none, `said` what was wrong with the last answer.

    `closed` says why nothing may be changed, `dry` that nobody wants to. `go_on` is for several: whether the rest is
    done where one fails.
    """

    plans: tuple[Plan, ...] = ()
    fault: str = ""
    dry: bool = False
    closed: str | None = None
    focus: Spot = Spot.CANCEL
    typed: str = ""
    go_on: bool = False
    said: str = ""

    @property
    def possible(self) -> tuple[Plan, ...]:
        """The plans that nothing stands against."""
        return tuple(plan for plan in self.plans if not plan.blockers)

    @property
    def obstacle(self) -> str | None:
        """Why it cannot be done from here; None where it can."""
        if self.fault:
            return self.fault
        if not self.plans:
            return ""
        if not self.possible:
            return "Nothing can be done: see above."
        if self.dry:
            return "A dry run: nothing is changed."
        return self._shut

    @property
    def _shut(self) -> str | None:
        """Why the write gate keeps it back; for the way back of one's own change it is open unless it is forbidden."""
        if self.closed == READ_ONLY:
            return _CAN_BE_OPENED if any(plan.change != _UNDO for plan in self.plans) else None
        return f"{self.closed} This is a dry run." if self.closed else None

    @property
    def confirm(self) -> Confirm:
        """What is asked for all of them together."""
        if len(self.plans) > 1:
            return Confirm.TYPE_COUNT
        return self.plans[0].confirm if self.plans else Confirm.NONE

    @property
    def confirm_text(self) -> str:
        """What has to be typed; empty where a yes will do."""
        if self.confirm.level < Confirm.TYPE_NAME.level:
            return ""
        if len(self.plans) == 1:
            return self.plans[0].confirm_text or self.plans[0].endpoint
        kinds = sorted({plan.place.kind_word for plan in self.possible} - {""})
        return " ".join([str(len(self.possible)), *kinds])

    @property
    def spots(self) -> tuple[Spot, ...]:
        """Where the focus can be."""
        if self.obstacle is not None:
            return (Spot.CANCEL,)
        field = (Spot.FIELD,) if self.confirm_text else ()
        several = (Spot.GO_ON,) if len(self.plans) > 1 else ()
        return (Spot.CANCEL, *field, *several, Spot.DO)

    @property
    def at(self) -> Spot:
        """Where the focus is."""
        return self.focus if self.focus in self.spots else Spot.CANCEL

    @property
    def is_confirmed(self) -> bool:
        return self.obstacle is None and self.typed.strip() == self.confirm_text

    def moved(self, step: int) -> "Question":
        """The focus so many spots further."""
        here = self.spots.index(self.at)
        return replace(self, focus=self.spots[(here + step) % len(self.spots)], said="")

    def edited(self, typed: str) -> "Question":
        return replace(self, typed=typed, said="")

    def turned(self) -> "Question":
        """Goes on after a failure, or stops there."""
        return replace(self, go_on=not self.go_on)

    def refused(self) -> "Question":
        """Somebody wants it done and has not confirmed it."""
        return replace(self, focus=Spot.FIELD, said=f"Type {self.confirm_text} to do it; nothing was changed.")


def cli_commands(plans: Sequence[Plan]) -> str:
    """All calls as commands of the AWS CLI, a line each."""
    return "\n".join(call.cli for plan in plans for call in plan.calls)


# Drawing


def question_lines(question: Question, width: int, paint: Paint) -> list[Line]:
    """All that is known of the plans, in lines of at most `width` cells."""
    if not question.plans:
        return [] if question.fault else [(Cell("Describing what is live...", "dim"),)]
    lines: list[Line] = list(_summary(question, width, paint)) if len(question.plans) > 1 else []
    for plan in question.plans:
        lines += [*plan_block(plan, width, paint), ()]
    return lines[:-1]


def plan_block(plan: Plan, width: int, paint: Paint) -> Iterator[Line]:
    """One plan: before and after, calls, what it touches and costs, what is against it, the way back."""
    yield _title(plan, width, paint)
    yield from _fields(plan, width, paint)
    for sentence in plan.blockers:
        yield from wrapped("! ", sentence, width, paint, "critical")
    for sentence in plan.warnings:
        yield from wrapped("~ ", sentence, width, paint, "warning")
    busy = "?" if plan.requests_per_minute is None else fmt.count(plan.requests_per_minute)[0]
    yield (Cell("  requests a minute now ", "dim"), Cell(busy, "bold"), Cell("   cost ", "dim"), Cell(cost(plan)))
    if plan.calls:
        for number, call in enumerate(plan.calls, 1):
            yield from wrapped(f"  {number}. " if len(plan.calls) > 1 else "  $ ", call.cli, width, paint)
            for other in call.otherwise:
                yield from wrapped("     if AWS refuses that: ", other.cli, width, paint, "dim")
    if not plan.blockers:
        yield from wrapped("  undo ", _way_back(plan), width, paint, "normal" if plan.undo is not None else "warning")


def _way_back(plan: Plan) -> str:
    if plan.undo is None:
        return "is not possible: there is no way back"
    changed = [path for path, value in plan.after.items() if plan.before.get(path) != value]
    fields = ", ".join(f"{path} {value_text(plan.before.get(path))}" for path in changed)
    how = f"by {plan.undo.get('change', '')}"
    return f"{how}: {fields}" if fields else how


def _summary(question: Question, width: int, paint: Paint) -> Iterator[Line]:
    blocked = len(question.plans) - len(question.possible)
    several = len({plan.place for plan in question.plans}) > 1
    names = ", ".join(f"{plan.endpoint} in {_where(plan)}" if several else plan.endpoint for plan in question.possible)
    yield from wrapped("", f"{len(question.possible)} changes, one after the other: {names}", width, paint, "bold")
    together = [_total(plan.usd_per_hour[place] for plan in question.possible) for place in (0, 1)]
    yield (Cell("  cost together ", "dim"), Cell(f"{together[0]} -> {together[1]} an hour"))
    if blocked:
        yield (Cell(f"! {blocked} of {len(question.plans)} cannot be done, and are left out", "critical"),)
    yield ()


def _total(amounts: Iterable[float | None]) -> str:
    """The sum, `?` where a part of it is not known."""
    known = list(amounts)
    return "?" if any(amount is None for amount in known) else f"${sum(filter(None, known)):,.3f}"


def _title(plan: Plan, width: int, paint: Paint) -> Line:
    word = paint.plain(plan.place.kind_word)
    kind = (Cell(f" {word} ", "reverse"), Cell(" ")) if word else ()
    room = max(width - sum(fmt.cells(cell.text) for cell in kind), 1)
    text = f"{plan.change} {paint.plain(plan.endpoint)}"
    place = paint.plain(_where(plan))
    head = fmt.cut_middle(text, room, paint.glyphs)
    rest = fmt.cut(f"  {place}", max(room - fmt.cells(head), 0), paint.glyphs)
    return (*kind, Cell(head, "title"), Cell(rest, "dim"))


def _where(plan: Plan) -> str:
    return " ".join(filter(None, (plan.place.label, plan.place.account, plan.place.region)))


def _fields(plan: Plan, width: int, paint: Paint) -> Iterator[Line]:
    """Before and after side by side; what is too long loses its middle."""
    rows = [
        [paint.plain(path), *(paint.plain(value_text(value)) for value in (plan.before.get(path), after))]
        for path, after in plan.after.items()
    ]
    room = max((width - 9) // 3, 6)
    names, befores = (min(max((fmt.cells(row[place]) for row in rows), default=0), room) for place in (0, 1))
    afters = max(width - 9 - names - befores, 6)
    for path, before, after in rows:
        mark, style = (" ", "dim") if before == after else ("*", "bold")
        name, was = (
            fmt.pad(fmt.cut_middle(text, cells, paint.glyphs), cells)
            for text, cells in ((path, names), (before, befores))
        )
        line = (Cell(f"{mark} {name}  ", style), Cell(was), Cell(f" {fmt.pad(paint.glyphs.arrow, 2)} ", "dim"))
        yield fit_line((*line, Cell(fmt.cut_middle(after, afters, paint.glyphs), style)), width, paint)


def fit_line(line: Line, width: int, paint: Paint) -> Line:
    """The line in at most `width` cells."""
    kept: list[Cell] = []
    room = width
    for cell in line:
        if room <= 0:
            break
        kept.append(Cell(fmt.cut(cell.text, room, paint.glyphs), cell.style))
        room -= fmt.cells(kept[-1].text)
    return tuple(kept)


def wrapped(lead: str, text: str, width: int, paint: Paint, style: str = "normal") -> Iterator[Line]:
    """A text that is not ours, behind a lead that only its first line has."""
    indent = fmt.cells(lead)
    for number, part in enumerate(fmt.wrap(paint.plain(text), max(width - indent, 8)) or [""]):
        yield fit_line((Cell(lead if number == 0 else " " * indent, style), Cell(part, style)), width, paint)


def answer_lines(question: Question, width: int, paint: Paint) -> list[Line]:
    """What stands against it, or what has to be confirmed, and the buttons."""
    lines: list[Line] = [(Cell(paint.glyphs.rule * width, "dim"),)]
    obstacle = question.obstacle
    if obstacle:
        lines += wrapped("", obstacle, width, paint, "warning")
    elif obstacle is None and question.confirm_text:
        lines += [_field(question, width, paint)]
    if question.said:
        lines += wrapped("", question.said, width, paint, "warning")
    return [*lines, _buttons(question, width, paint)]


def _field(question: Question, width: int, paint: Paint) -> Line:
    focused = question.at is Spot.FIELD
    typed = f"{paint.plain(question.typed)}{'_' if focused else ' '}"
    style = "reverse" if focused else "bold"
    asked = f"Type {paint.plain(question.confirm_text)} to do it: "
    return fit_line((Cell(asked), Cell(f" {typed} ", style)), width, paint)


def _buttons(question: Question, width: int, paint: Paint) -> Line:
    words = {
        Spot.CANCEL: "Close" if question.obstacle else "Cancel",
        Spot.GO_ON: f"[{'x' if question.go_on else ' '}] go on after a failure",
        Spot.DO: "Do it",
    }
    cells: list[Cell] = []
    for spot in question.spots:
        if spot is not Spot.FIELD:
            style = (
                "reverse"
                if spot is question.at
                else "normal"
                if spot is not Spot.DO or question.is_confirmed
                else "dim"
            )
            cells += [Cell(f"[ {words[spot]} ]", style), Cell("  ")]
    cells.append(Cell("y copies the calls" if cli_commands(question.plans) else "", "dim"))
    return fit_line(tuple(cells), width, paint)
