"""How an exercise stands, and how it went: the page on the screen and the text that is left behind."""

from collections.abc import Iterator
from typing import NamedTuple

from smtop.metrics.clock import utc
from smtop.tui.drill.exercise import Exercise
from smtop.tui.drill.grading import DIAGNOSED_MIN, REMEDIED_MIN, Result, Trouble, judged, right_answer
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Line, Paint, text_of
from smtop.tui.view_models.fmt import BLOCKS

_STYLES = {"A": "ok", "B": "ok", "C": "warning", "D": "warning", "F": "critical"}
_GRADING = (
    f"Grades A, B, C, D by minutes from the onset: diagnosis {'/'.join(f'{limit:g}' for limit in DIAGNOSED_MIN)}, "
    f"remedy {'/'.join(f'{limit:g}' for limit in REMEDIED_MIN)}; F is later or never. Each wrong answer lowers the "
    "diagnosis by one, to D at most. The worse of the two counts."
)


class Row(NamedTuple):
    """A lead, and a text that hangs beside it. `style` is that of the lead."""

    lead: str = ""
    text: str = ""
    style: str = "normal"


def page(exercise: Exercise, width: int, paint: Paint) -> list[Line]:
    """What `:drill` shows: the standing while it lasts, and the report after it."""
    rows = _standing(exercise) if exercise.ended_at is None else _report(exercise)
    return [line for row in rows for line in _lines(row, width, paint)]


def text(exercise: Exercise, width: int) -> str:
    """The report as text of that width, with a line break at its end."""
    paint = Paint(exercise.now, BLOCKS)
    lines = (line for row in _report(exercise) for line in _lines(row, width, paint))
    return "".join(f"{text_of(line).rstrip()}\n" for line in lines)


def _standing(exercise: Exercise) -> Iterator[Row]:
    """Nothing that is not known already."""
    yield Row(
        text=f"{_minutes(exercise.now - exercise.started_at)} since the start. One or two things go wrong on this "
        "fleet, or those that were asked for, and others only look like it. What smtop finds is hidden; all numbers, "
        "charts, pages and changes are there."
    )
    yield Row()
    yield Row("  :diagnose NAME RULE  ", "answers; :rule RULE tells what a rule means", "key")
    yield Row("  :give-up             ", "ends the drill and shows what it was", "key")
    yield Row()
    yield Row(text="Answers" if exercise.answers else "No answer yet.")
    for place, answer in enumerate(exercise.answers):
        worth = judged(answer, exercise.troubles, exercise.answers[:place])
        at = _minutes(answer.at - exercise.started_at)
        yield Row(f"  {at:>9}  ", f"{answer.endpoint} {answer.rule}: {worth}")
    for trouble in exercise.troubles:
        if right_answer(trouble, exercise.answers) is not None:
            yield Row("  ", f"{trouble.endpoint}: {_remedy_stands(trouble)}")


def _remedy_stands(trouble: Trouble) -> str:
    if not trouble.can_end:
        return trouble.ungraded
    if trouble.ended_at is not None:
        return "remedied"
    return "not remedied yet: it counts when you have changed something and its harm has been gone for 3 minutes"


def _report(exercise: Exercise) -> Iterator[Row]:
    how = "given up" if exercise.gave_up else "done"
    yield Row(text=f"Drill {how} after {_minutes(exercise.now - exercise.started_at)}.")
    found = exercise.results
    for result in found:
        yield Row()
        yield from _told(result)
    yield Row()
    yield Row(text=_GRADING if found else "Nothing had gone wrong yet: there is nothing to grade.")


def _told(result: Result) -> Iterator[Row]:
    trouble = result.trouble
    yield Row(f"{result.grade}  ", f"{trouble.endpoint}: {trouble.cause}, {trouble.severity}", _STYLES[result.grade])
    yield Row("   what       ", trouble.note)
    yield Row("   onset      ", f"{utc(trouble.began_at):%H:%M:%S} UTC")
    wrong = f", {result.wrong} wrong" if result.wrong else ""
    yield Row("   diagnosis  ", f"{result.diagnosis} {_after(result.diagnosed_min, 'not told')}{wrong}")
    yield Row("   remedy     ", _remedy(result))
    yield Row("   smtop      ", _opinion(result))


def _remedy(result: Result) -> str:
    if result.remedy is None:
        return f"- {result.trouble.ungraded}"
    return f"{result.remedy} {_after(result.remedied_min, 'not done')}"


def _opinion(result: Result) -> str:
    told, trouble = result.opinion, result.trouble
    if told is None:
        return f"had said nothing of it yet; right would be {' or '.join(trouble.rules)}"
    only = "" if told.rule in trouble.rules else ", a consequence"
    after = _after((told.at - trouble.began_at) / 60.0, "")
    return f"{told.rule}{only} ({told.severity}) {after}: {told.title}"


def _after(minutes: float | None, never: str) -> str:
    return never if minutes is None else f"after {minutes:.1f} min"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60.0:.1f} min"


def _lines(row: Row, width: int, paint: Paint) -> Iterator[Line]:
    indent = len(row.lead)
    first, *others = fmt.wrap(paint.plain(row.text), max(width - indent, 12)) or [""]
    yield (Cell(row.lead, row.style), Cell(first))
    for part in others:
        yield (Cell(" " * indent), Cell(part))
