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


class TerminalScreen:
    """Knows places (H, C), styles (m) and text, and nothing else that would change a cell."""

    def __init__(self, columns: int, lines: int) -> None:
        self.cells = [[RUBBISH] * columns for _ in range(lines)]
        self._y = self._x = 0
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
                self._y, self._x = (int(number) - 1 for number in numbers.split(";"))
            elif command == "C":
                self._x += int(numbers or 1)

    def _put(self, character: str) -> None:
        width = get_character_cell_size(character)
        if not width:
            before = max(x for x in range(self._x) if self.cells[self._y][x].text)
            look = self.cells[self._y][before]
            self.cells[self._y][before] = look._replace(text=look.text + character)
            return
        self.cells[self._y][self._x] = self._style._replace(text=character)
        for half in range(1, width):
            self.cells[self._y][self._x + half] = self._style._replace(text="")
        self._x += width

    def _restyle(self, numbers: list[str]) -> None:
        while numbers:
            number = numbers.pop(0)
            if number in ("", "0"):
                self._style = Look()
            elif number in ("38", "48"):
                count = 4 if numbers[0] == "2" else 2
                colour, numbers = ";".join(numbers[:count]), numbers[count:]
                old = self._style
                self._style = old._replace(front=colour) if number == "38" else old._replace(back=colour)
            else:
                self._style = self._style._replace(signs=self._style.signs | {number})
