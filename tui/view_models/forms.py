"""The one form of all changes: what is live left, what is proposed right. A change describes its form as data."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Generic, TypeAlias, TypeVar

from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Line, Paint
from smtop.tui.view_models.plan_dialog import fit_line, wrapped

T = TypeVar("T")

Values: TypeAlias = Mapping[str, str]
"""What stands in each field, by its id; empty where nothing is wanted."""


class Entering(Enum):
    """How a value gets into a field."""

    NUMBER = "number"
    TEXT = "text"
    CHOICE = "choice"


@dataclass(frozen=True)
class Field:
    """One line. `now` is what is live, as text; `start` what is proposed at first, by default the same.

    `choices` can be walked through with Left and Right; a TEXT with choices can be typed as well. `step` is what Left
    and Right add to a number, `least` and `most` are its bounds; `whole` is one without a fraction. `note` stands
    behind it.
    """

    id: str
    label: str
    now: str = ""
    entering: Entering = Entering.NUMBER
    choices: tuple[str, ...] = ()
    start: str | None = None
    step: float = 1
    least: float = 0
    most: float = math.inf
    whole: bool = True
    note: str = ""

    @property
    def proposed(self) -> str:
        return self.now if self.start is None else self.start

    def complaint(self, text: str) -> str | None:
        """What is wrong with a value, in a sentence."""
        if not text:
            return None
        if self.entering is Entering.CHOICE and text not in self.choices:
            return f"{self.label}: choose one of {', '.join(self.choices)}."
        return self._number_complaint(text) if self.entering is Entering.NUMBER else None

    def _number_complaint(self, text: str) -> str | None:
        number = number_of(text)
        if number is None:
            return f"{self.label}: {text} is no number."
        if self.whole and number != int(number):
            return f"{self.label} is a whole number."
        if number < self.least:
            return f"{self.label} is at least {self.least:g}."
        return f"{self.label} is at most {self.most:g}." if number > self.most else None

    def stepped(self, text: str, step: int) -> str:
        """The value after Left (-1) or Right (1)."""
        if self.choices:
            here = self.choices.index(text) if text in self.choices else -1 if step > 0 else 0
            return self.choices[(here + step) % len(self.choices)]
        if self.entering is not Entering.NUMBER:
            return text
        number = number_of(text) or 0.0
        return f"{min(max(round(number + step * self.step, 6), self.least), self.most):g}"


def number_of(text: str) -> float | None:
    """A number as typed; None for anything else."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _nothing(_: Values) -> Sequence[str]:
    return ()


def _no_complaint(_: Values) -> str | None:
    return None


@dataclass(frozen=True)
class Form(Generic[T]):
    """The form of a change. `changes` makes the changes of valid values, one an endpoint.

    `about` are sentences that follow the values, like the share of each variant. `complaint` is what is wrong with the
    values together. `works_as_it_is` says that it can be sent without a change. `turned` is another form, and values
    for it, where a field means another thing for the rest: a preset, or another variant.
    """

    title: str
    fields: tuple[Field, ...]
    changes: Callable[[Values], Sequence[T]]
    about: Callable[[Values], Sequence[str]] = _nothing
    complaint: Callable[[Values], str | None] = _no_complaint
    works_as_it_is: bool = False
    turned: Callable[[str, Values], "tuple[Form[T], Values] | None"] = lambda _id, _values: None


@dataclass(frozen=True)
class FormState(Generic[T]):
    """A form that is being filled in; `at` is the field with the cursor, `said` what was wrong when it was sent.

    `fresh` says that nothing was typed into that field since the cursor came to it: the first letter replaces it.
    """

    form: Form[T]
    values: Values = field(default_factory=dict)
    at: int = 0
    said: str = ""
    fresh: bool = True

    @classmethod
    def of(cls, form: Form[T]) -> "FormState[T]":
        return cls(form, {one.id: one.proposed for one in form.fields})

    @property
    def current(self) -> Field:
        return self.form.fields[self.at]

    @property
    def text(self) -> str:
        """What stands in the field with the cursor."""
        return self.values[self.current.id]

    @property
    def complaint(self) -> str | None:
        """The first thing that is wrong with the values."""
        own = (one.complaint(self.values[one.id]) for one in self.form.fields)
        return next(filter(None, own), None) or self.form.complaint(self.values)

    @property
    def takes_letters(self) -> bool:
        return self.current.entering is not Entering.CHOICE

    def moved(self, step: int) -> "FormState[T]":
        return replace(self, at=(self.at + step) % len(self.form.fields), said="", fresh=True)

    def edited(self, text: str) -> "FormState[T]":
        """Another value in the field with the cursor, and what follows from it."""
        values = {**self.values, self.current.id: text}
        turned = self.form.turned(self.current.id, values)
        form, values = (self.form, values) if turned is None else (turned[0], dict(turned[1]))
        at = next((place for place, one in enumerate(form.fields) if one.id == self.current.id), 0)
        known = {one.id: values.get(one.id, one.proposed) for one in form.fields}
        return FormState(form, known, at, fresh=False)

    def stepped(self, step: int) -> "FormState[T]":
        return self.edited(self.current.stepped(self.text, step))

    def sent(self) -> "Sequence[T] | FormState[T]":
        """The changes, or the same form with what is wrong."""
        untouched = all(self.values[one.id] == one.now for one in self.form.fields)
        idle = "Nothing is different yet." if untouched and not self.form.works_as_it_is else None
        complaint = self.complaint or idle
        return replace(self, said=complaint) if complaint else self.form.changes(self.values)


# Drawing


def form_lines(state: FormState[Any], width: int, paint: Paint) -> list[Line]:
    """A line a field: its name, what is live, what is proposed; below them what follows and what is wrong."""
    fields = state.form.fields
    labels = min(max(fmt.cells(paint.plain(one.label)) for one in fields) + 2, max(width // 3, 10))
    longest = max(fmt.cells(paint.plain(one.now)) for one in fields)
    nows = min(max(longest, 4), max((width - labels) // 3, 6))
    heads = f"{' ' * (labels + 2)}{fmt.pad('NOW', nows)}    AFTER"
    lines: list[Line] = [(Cell(fmt.cut(heads, width, paint.glyphs), "title"),)]
    for number, one in enumerate(fields):
        lines.append(_field(one, state.values[one.id], number == state.at, (labels, nows), width, paint))
        complaint = one.complaint(state.values[one.id])
        if complaint:
            lines += wrapped("    ", complaint, width, paint, "warning")
    lines.append(())
    for sentence in state.form.about(state.values):
        lines += wrapped("", sentence, width, paint)
    alone = any(one.complaint(state.values[one.id]) for one in fields)
    together = None if alone else state.form.complaint(state.values)
    for sentence in dict.fromkeys(filter(None, (together, state.said))):
        lines += wrapped("! ", sentence, width, paint, "warning")
    return lines


def _field(one: Field, text: str, focused: bool, cells: tuple[int, int], width: int, paint: Paint) -> Line:
    labels, nows = cells
    changed = text != one.now and bool(text)
    label = fmt.pad(fmt.cut_middle(paint.plain(one.label), labels - 1, paint.glyphs), labels)
    now = fmt.pad(fmt.cut_middle(paint.plain(one.now or "-"), nows, paint.glyphs), nows)
    room = max(width - labels - nows - 10, 4)
    shown = fmt.cut_middle(paint.plain(text), room, paint.glyphs)
    if one.choices and focused:
        shown = f"< {shown} >"
    elif focused:
        shown = f"{shown}_"
    style = "reverse" if focused else "bold" if changed else "normal"
    mark = "*" if changed else " "
    note = f"  {one.note}" if one.note else ""
    line = (
        Cell(f"{mark} {label}", "bold" if changed else "normal"),
        Cell(f"{now}  ", "dim"),
        Cell(f" {shown} ", style),
    )
    return fit_line((*line, Cell(paint.plain(note), "dim")), width, paint)
