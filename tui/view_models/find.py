"""Finding a text in lines, whatever the case."""

from collections.abc import Iterator, Sequence

from smtop.tui.view_models.cells import Cell, Line, text_of

FOUND = "found"


def matches(lines: Sequence[Line], text: str) -> list[int]:
    """The numbers of the lines that contain the text; none for an empty one."""
    wanted = text.lower()
    return [y for y, line in enumerate(lines) if wanted and wanted in text_of(line).lower()]


def marked(line: Line, text: str) -> Line:
    """The line with every occurrence of the text standing out; where case folding changes lengths, as it is."""
    whole, wanted = text_of(line).lower(), text.lower()
    if not wanted or len(whole) != len(text_of(line)):
        return line
    spots = set(_spots(whole, wanted))
    return tuple(_cells(line, spots)) if spots else line


def _spots(whole: str, wanted: str) -> Iterator[int]:
    """The places of all characters that belong to an occurrence."""
    start = whole.find(wanted)
    while start >= 0:
        yield from range(start, start + len(wanted))
        start = whole.find(wanted, start + len(wanted))


def _cells(line: Line, spots: set[int]) -> Iterator[Cell]:
    """The line's cells, split where an occurrence begins or ends."""
    place = 0
    for cell in line:
        start = 0
        for end in range(1, len(cell.text) + 1):
            found = place + start in spots
            if end == len(cell.text) or (place + end in spots) is not found:
                yield Cell(cell.text[start:end], FOUND if found else cell.style)
                start = end
        place += len(cell.text)
