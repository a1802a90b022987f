"""A line that is being typed behind `:` or in the palette, and what is offered above it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from smtop.tui.commands import Book, Candidate, CommandError, Order
from smtop.tui.view_models import fmt
from smtop.tui.view_models.cells import Cell, Line, Paint

Likeness: TypeAlias = Callable[[str, str], float]
"""How well a text is found in another; 0 for not at all."""


class Prompt(Protocol):
    """What the operator types, and what is offered for it. Every change makes a new one."""

    @property
    def sign(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def picked(self) -> int | None: ...
    @property
    def offered(self) -> Sequence[Candidate]: ...
    def edited(self, text: str) -> "Prompt": ...
    def tabbed(self, step: int) -> "Prompt": ...
    def moved(self, step: int) -> "Prompt": ...
    def order(self) -> "Order | Prompt":
        """What Enter does: an order, or a prompt that asks for the rest of it. Raises CommandError."""
        ...


@dataclass(frozen=True)
class Typing:
    """Behind `:`. Tab completes, then walks through what is offered; Up and Down walk through what was typed before.

    `base` is what was typed itself, `past` what was typed before, the oldest first, and `back` how far back in it.
    """

    book: Book
    past: tuple[str, ...] = ()
    text: str = ""
    base: str = ""
    picked: int | None = None
    back: int = 0
    sign: str = ":"

    @property
    def offered(self) -> Sequence[Candidate]:
        return self.book.candidates(self.base)

    def edited(self, text: str) -> "Typing":
        return replace(self, text=text, base=text, picked=None, back=0)

    def tabbed(self, step: int) -> "Typing":
        offered = self.offered
        if not offered:
            return self
        further = self.book.completed(self.base)
        if self.picked is None and len(further) > len(self.base):
            return self.edited(further)
        picked = (step > 0) - 1 if self.picked is None else (self.picked + step) % len(offered)
        picked %= len(offered)
        return replace(self, text=offered[picked].text, picked=picked)

    def moved(self, step: int) -> "Typing":
        """An older line (-1) or a newer one (1) of those that begin as what was typed."""
        past = [line for line in self.past if line.startswith(self.base)]
        back = min(max(self.back - step, 0), len(past))
        return replace(self, text=past[-back] if back else self.base, back=back, picked=None)

    def order(self) -> Order:
        return self.book.order(self.text)


@dataclass(frozen=True)
class Looking:
    """In the palette: the actions whose words are like the text, the likest first; Up and Down choose."""

    book: Book
    likeness: Likeness
    past: tuple[str, ...] = ()
    text: str = ""
    picked: int | None = 0
    sign: str = ">"

    @property
    def offered(self) -> Sequence[Candidate]:
        entries = self.book.entries()
        if not self.text.strip():
            return entries
        scored = [(self._score(entry), entry) for entry in entries]
        return [entry for score, entry in sorted(scored, key=lambda one: -one[0]) if score > 0]

    def _score(self, entry: Candidate) -> float:
        words = f"{entry.label} {entry.what}"
        scores = [self.likeness(part, words) for part in self.text.split()]
        return sum(scores) if all(scores) else 0.0

    def edited(self, text: str) -> "Looking":
        return replace(self, text=text, picked=0)

    def tabbed(self, step: int) -> "Looking":
        return self.moved(step)

    def moved(self, step: int) -> "Looking":
        offered = self.offered
        return replace(self, picked=((self.picked or 0) + step) % len(offered) if offered else 0)

    def order(self) -> Order | Typing:
        offered = self.offered
        if not offered:
            raise CommandError(f"No action is like {self.text.strip()}.")
        chosen = offered[self.picked or 0]
        return chosen.order or Typing(self.book, self.past).edited(chosen.text)


def offer_lines(prompt: Prompt, *, width: int, height: int, paint: Paint) -> list[Line]:
    """What is offered, in at most `height` lines around the one that is chosen; the last line tells of the rest."""
    offered = prompt.offered
    if not offered or height < 1:
        return []
    first = min(max((prompt.picked or 0) - height // 2, 0), max(len(offered) - height, 0))
    seen = offered[first : first + height]
    labels = min(max(fmt.cells(candidate.label) for candidate in seen), max(width // 2, 8))
    lines = [_offer(candidate, labels, first + y == prompt.picked, width, paint) for y, candidate in enumerate(seen)]
    if len(offered) > len(seen):
        lines[-1] = _counted(lines[-1], f" {first + len(seen)}/{len(offered)} ", width, paint)
    return lines


def fault_lines(sentence: str, *, width: int, height: int, paint: Paint) -> list[Line]:
    """What is wrong with the line, in at most `height` lines."""
    parts = fmt.wrap(paint.plain(sentence), max(width - 2, 1))[:height]
    return [(Cell(f" {part}", "warning"),) for part in parts]


def _offer(candidate: Candidate, labels: int, is_picked: bool, width: int, paint: Paint) -> Line:
    label = fmt.cut(paint.plain(candidate.label), labels, paint.glyphs)
    head = f" {label}{' ' * (labels - fmt.cells(label))}  "
    what = fmt.cut(paint.plain(candidate.what), max(width - fmt.cells(head), 0), paint.glyphs)
    return (Cell(head + what, "reverse"),) if is_picked else (Cell(head, "key"), Cell(what))


def _counted(line: Line, count: str, width: int, paint: Paint) -> Line:
    """The line with a count at its right end."""
    room = max(width - len(count), 0)
    text = "".join(cell.text for cell in line)
    if fmt.cells(text) <= room:
        return (*line, Cell(" " * (room - fmt.cells(text))), Cell(count, "dim"))
    return (Cell(fmt.cut(text, room, paint.glyphs), line[-1].style), Cell(count, "dim"))
