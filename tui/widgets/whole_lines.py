"""A line that is cut at its end alone is itself, and Textual has it remember that: it keeps itself alive.

So each line that fills its row would wait, with all that it was cut into, until somebody looks for garbage among what
is old: two kilobytes each, a hundred and more a second of a screen that changes.
"""

from collections.abc import Iterable, Sequence

from textual.strip import Strip

_divide = Strip.divide


def let_die() -> None:
    """From now on a line goes as soon as nobody shows it; said twice it is the same."""
    setattr(Strip, "divide", _divided)  # noqa: B010 - as a method of another's class, mypy takes it for none


def _divided(line: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
    within = [cut for cut in cuts if cut <= line.cell_length]
    return [line] if within == [line.cell_length] else _divide(line, within)
