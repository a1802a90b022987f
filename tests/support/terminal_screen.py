"""A terminal's screen: what stands in its cells after a program has written."""

import re
from typing import NamedTuple

from rich.cells import get_character_cell_size

_WORDS = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.|([^\x1b])", re.DOTALL)


class Look(NamedTuple):
    """A character with the colours and signs that were in force when it was written."""

    text: str = " "
    front: str = ""
    back: str = ""
    signs: frozenset[str] = frozenset()


RUBBISH = Look("#")

ENDED = {"22": {"1", "2"}, "23": {"3"}, "24": {"4"}, "27": {"7"}, "29": {"9"}}
"""The signs that a number takes back."""


SHOWN_ON_BLANK = {"4", "7", "9"}


def _seen(character: str, style: Look) -> Look:
    """A space shows its ground alone, unless it is underlined, struck through, or reversed."""
    if character == " " and not style.signs & SHOWN_ON_BLANK:
        return Look(" ", back=style.back)
    return style._replace(text=character)


class TerminalScreen:
    """Knows places (H, C), styles (m), margins (r), lines taken out and put in (M, L), and text."""

    def __init__(self, columns: int, lines: int) -> None:
        self.cells = [[RUBBISH] * columns for _ in range(lines)]
        self._y = self._x = 0
        self._top, self._bottom = 0, lines
        self._style = Look()

    @property
    def lines(self) -> list[str]:
        return ["".join(look.text for look in line) for line in self.cells]

    def feed(self, written: bytes) -> None:
        for word in _WORDS.finditer(written.decode()):
            numbers, command, character = word.groups()
            if character and character >= " ":
                self._put(character)
            elif command == "m":
                self._restyle(numbers.split(";"))
            elif command == "H":
                self._y, self._x = (int(number) - 1 for number in [*numbers.split(";"), "1"][:2])
            elif command == "C":
                self._x += int(numbers or 1)
            elif command == "r":
                top, bottom = (int(number) for number in numbers.split(";")) if numbers else (1, len(self.cells))
                self._top, self._bottom, self._y, self._x = top - 1, bottom, 0, 0
            elif command in ("M", "L"):
                self._move_lines(int(numbers), out=command == "M")

    def _move_lines(self, count: int, *, out: bool) -> None:
        """From the cursor's line to the lower margin; lines that come in are rubbish until somebody writes there."""
        assert self._top <= self._y < self._bottom
        below = self.cells[self._y : self._bottom]
        blank = [[RUBBISH] * len(line) for line in below[:count]]
        self.cells[self._y : self._bottom] = [*below[count:], *blank] if out else [*blank, *below[:-count]]

    def _put(self, character: str) -> None:
        width = get_character_cell_size(character)
        if not width:
            before = max(x for x in range(self._x) if self.cells[self._y][x].text)
            look = self.cells[self._y][before]
            self.cells[self._y][before] = look._replace(text=look.text + character)
            return
        self.cells[self._y][self._x] = _seen(character, self._style)
        for half in range(1, width):
            self.cells[self._y][self._x + half] = self._style._replace(text="")
        self._x += width

    def _restyle(self, numbers: list[str]) -> None:
        while numbers:
            number = numbers.pop(0)
            if number in ("", "0"):
                self._style = Look()
            elif number in ENDED:
                self._style = self._style._replace(signs=self._style.signs - ENDED[number])
            elif number == "39":
                self._style = self._style._replace(front="")
            elif number == "49":
                self._style = self._style._replace(back="")
            elif number in ("38", "48"):
                count = 4 if numbers[0] == "2" else 2
                colour, numbers = ";".join(numbers[:count]), numbers[count:]
                old = self._style
                self._style = old._replace(front=colour) if number == "38" else old._replace(back=colour)
            else:
                self._style = self._style._replace(signs=self._style.signs | {number})
