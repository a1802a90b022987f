"""What the terminal shows, cell by cell, so that only cells that look different are written to it.

Textual writes each line again from its beginning to whatever changed in it, once for every change, and takes every
style back after its text. Over SSH that is most of what is sent.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple, TypeAlias

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console, RenderableType
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

Glyph: TypeAlias = tuple[str, Style]
"""A character in its style; the second half of a wide one is an empty text."""

Shown: TypeAlias = RenderableType | CompositorUpdate | None
"""What Textual displays; it passes its own updates for renderables, which they are not."""

PLAIN = Style()
_UNKNOWN: Glyph = ("unknown", PLAIN)
_NEAR = 4
"""Cells that are cheaper written again than jumped over."""
_KEPT = 512


class Piece(NamedTuple):
    """Cells side by side on one line."""

    y: int
    x: int
    glyphs: Sequence[Glyph]


class Canvas:
    """Remembers what was written. A whole picture is always written whole: whatever was there before is unknown.

    Textual may drop an update; one counts as written when it is asked for its text.
    """

    def __init__(self) -> None:
        self._lines: dict[int, list[Glyph]] = {}

    def forget(self) -> None:
        """Something else has written to the terminal, or cleared it."""
        self._lines.clear()

    def only_changes(self, update: Shown) -> Shown:
        """The update of a screen, without what is there already when it is written."""
        return Changes(self, update) if isinstance(update, LayoutUpdate | ChopsUpdate) else update

    def written(self, update: LayoutUpdate | ChopsUpdate) -> Iterator[Piece]:
        """What must be written to bring the terminal up to this update; from then on it counts as written."""
        if isinstance(update, LayoutUpdate):
            self.forget()
            return self._changed(_of_layout(update))
        return self._changed(_of_chops(update))

    def _changed(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        for y, x, glyphs in pieces:
            line = self._lines.setdefault(y, [])
            line.extend(repeat(_UNKNOWN, x + len(glyphs) - len(line)))
            old = line[x : x + len(glyphs)]
            if old != glyphs:
                line[x : x + len(glyphs)] = glyphs
                yield from (Piece(y, x + start, glyphs[start:end]) for start, end in runs(old, glyphs))


class Changes(CompositorUpdate):
    """An update of which only the changes are written, with as few words about place and style as it takes."""

    def __init__(self, canvas: Canvas, update: LayoutUpdate | ChopsUpdate) -> None:
        self._canvas = canvas
        self._update = update

    def render_segments(self, console: Console) -> str:
        colours = COLOR_SYSTEMS[console.color_system or "truecolor"]
        said: list[str] = []
        here, style = (-1, -1), PLAIN
        for y, x, glyphs in self._canvas.written(self._update):
            said.append(_move(here, (y, x)))
            for text, new in glyphs:
                if new is not style:
                    said.append(_change(style, new, colours))
                    style = new
                said.append(text)
            here = (y, x + len(glyphs))
        said.append(_change(style, PLAIN, colours))
        return "".join(said)


def _of_layout(update: LayoutUpdate) -> Iterator[Piece]:
    for y, strips in enumerate(update.strips, update.region.y):
        yield Piece(y, update.region.x, [glyph for strip in strips for glyph in _glyphs(strip)])


def _of_chops(update: ChopsUpdate) -> Iterator[Piece]:
    """The parts of lines that were drawn anew; those of None were not."""
    for y in sorted({y for y, _, _ in update.spans}):
        parts: Mapping[int, Strip | None] = update.chops[y]
        yield from (Piece(y, x, _glyphs(strip)) for x, strip in parts.items() if strip is not None)


def _glyphs(strip: Strip) -> list[Glyph]:
    return [glyph for text, style, _ in strip for glyph in _split(text, style or PLAIN)]


@lru_cache(_KEPT)
def _split(text: str, style: Style) -> Sequence[Glyph]:
    """A glyph for each cell; what has no width of its own belongs to the character before it."""
    if text.isascii():
        return list(zip(text, repeat(style)))
    glyphs: list[Glyph] = []
    for character in text:
        width = get_character_cell_size(character)
        if width:
            glyphs += [(character, style), *repeat(("", style), width - 1)]
        elif glyphs:
            at = max(place for place, (before, _) in enumerate(glyphs) if before)
            glyphs[at] = (glyphs[at][0] + character, style)
    return glyphs


def runs(old: Sequence[Glyph], new: Sequence[Glyph]) -> Iterator[tuple[int, int]]:
    """Beginnings and ends of what differs; across a short gap in one style, and never through a wide character."""
    start = end = -1
    for at in (at for at, (was, glyph) in enumerate(zip(old, new, strict=True)) if was != glyph):
        if at < end:
            continue
        if end < 0 or not _is_bridge(new[end - 1 : at]):
            if end >= 0:
                yield start, end
            start = at
            while start > 0 and not new[start][0]:
                start -= 1
        end = at + 1
        while end < len(new) and not new[end][0]:
            end += 1
    if end >= 0:
        yield start, end


def _is_bridge(glyphs: Sequence[Glyph]) -> bool:
    """Whether the cells after the first are few and look like it."""
    return len(glyphs) <= _NEAR + 1 and all(style == glyphs[0][1] for _, style in glyphs)


def _move(here: tuple[int, int], there: tuple[int, int]) -> str:
    if here == there:
        return ""
    ahead = there[1] - here[1]
    if here[0] == there[0] and ahead > 0:
        return "\x1b[C" if ahead == 1 else f"\x1b[{ahead}C"
    return f"\x1b[{there[0] + 1};{there[1] + 1}H"


@lru_cache(_KEPT)
def _change(old: Style, new: Style, colours: ColorSystem) -> str:
    """The shortest way from one style to another."""
    if old == new:
        return ""
    was, wanted = _codes(old, colours), _codes(new, colours)
    if was.signs <= wanted.signs and not (was.front and not wanted.front) and not (was.back and not wanted.back):
        parts = [*sorted(wanted.signs - was.signs)]
        parts += [colour for before, colour in ((was.front, wanted.front), (was.back, wanted.back)) if colour != before]
    else:
        parts = ["0", *sorted(wanted.signs), *filter(None, (wanted.front, wanted.back))]
    return f"\x1b[{';'.join(parts)}m" if parts != ["0"] else "\x1b[m"


class Codes(NamedTuple):
    """What a style is for a terminal: signs like bold, and two colours; an empty one is the terminal's own."""

    signs: frozenset[str]
    front: str
    back: str


@lru_cache(_KEPT)
def _codes(style: Style, colours: ColorSystem) -> Codes:
    front = _rendered(Style(color=style.color), colours)
    back = _rendered(Style(bgcolor=style.bgcolor), colours)
    signs = _rendered(style.without_color, colours)
    return Codes(frozenset(signs.split(";")) - {""}, front, back)


def _rendered(style: Style, colours: ColorSystem) -> str:
    """The numbers of Rich's own escape sequence for a style."""
    return style.render("x", color_system=colours).partition("x")[0].removeprefix("\x1b[").removesuffix("m")
