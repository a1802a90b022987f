"""What the terminal shows, cell by cell, so that only cells that look different are written to it.

Textual writes each line again from its beginning to whatever changed in it, once for every change, and takes every
style back after its text. Over SSH that is most of what is sent.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from itertools import count, repeat
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console, RenderableType
from rich.style import Style
from textual.app import App
from textual.strip import Strip

from smtop.tui.widgets.shift import UNKNOWN, Glyph, Shift, shift_of

try:
    from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
except ImportError:  # what another Textual shows is none of these, and is shown as it comes

    class CompositorUpdate: ...  # type: ignore[no-redef]

    class LayoutUpdate(CompositorUpdate): ...  # type: ignore[no-redef]

    class ChopsUpdate(CompositorUpdate): ...  # type: ignore[no-redef]


Shown: TypeAlias = RenderableType | CompositorUpdate | None
"""What Textual displays; it passes its own updates for renderables, which they are not."""

PLAIN = Style()
_NEAR = 4
"""Cells that are cheaper written again than jumped over."""
_KEPT = 512


def why_not() -> str | None:
    """Why updates, which are no documented interface of Textual, are shown as they come; None where they are not."""
    parts = ((LayoutUpdate, ("strips", "region")), (ChopsUpdate, ("chops", "spans")))
    for update, needed in parts:
        code = getattr(update.__init__, "__code__", None)
        if code is None or not {*needed} <= {*code.co_varnames}:
            return f"textual._compositor.{update.__name__} has no {' and '.join(needed)}"
    return None if hasattr(App, "_display") else "textual.app.App has no _display"


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
        self._is_known = why_not() is None

    def forget(self) -> None:
        """Something else has written to the terminal, or cleared it."""
        self._lines.clear()

    def only_changes(self, update: Shown) -> Shown:
        """The update of a screen, without what is there already when it is written."""
        if self._is_known and isinstance(update, LayoutUpdate | ChopsUpdate):
            return Changes(self, update)
        return update

    def written(self, update: LayoutUpdate | ChopsUpdate) -> tuple[Shift | None, Iterator[Piece]]:
        """What brings the terminal up to this update, lines that move and then cells; from then on it is there."""
        if isinstance(update, LayoutUpdate):
            self.forget()
            return None, self._whole(_of_layout(update))
        pieces = list(_of_chops(update))
        top, old, new = self._block(pieces)
        shift = shift_of(top, old, new)
        if shift is None or any(UNKNOWN in line for line in new):
            return None, self._changed(pieces)
        self._lines.update(enumerate(shift.moved(old), top))
        others = [piece for piece in pieces if not shift.top <= piece.y <= shift.bottom]
        return shift, self._changed([*(Piece(y, 0, line) for y, line in enumerate(new, top)), *others])

    def _block(self, pieces: Sequence[Piece]) -> tuple[int, Sequence[list[Glyph]], Sequence[list[Glyph]]]:
        """The most adjoining lines with anything drawn anew: the first of them, and all as they are and shall be."""
        block = max(_adjoining({piece.y for piece in pieces}), key=len, default=range(0))
        drawn = [piece for piece in pieces if piece.y in block]
        for piece in drawn:
            self._line_of(piece)
        old = [self._lines[y] for y in block]
        new = [line[:] for line in old]
        for y, x, glyphs in drawn:
            new[y - block.start][x : x + len(glyphs)] = glyphs
        return block.start, old, new

    def _line_of(self, piece: Piece) -> list[Glyph]:
        """The line of a piece, at least as long as that needs it."""
        line = self._lines.setdefault(piece.y, [])
        line.extend(repeat(UNKNOWN, piece.x + len(piece.glyphs) - len(line)))
        return line

    def _whole(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Everything, as nothing of it is known to be there."""
        for piece in pieces:
            self._line_of(piece)[piece.x : piece.x + len(piece.glyphs)] = piece.glyphs
            yield piece

    def _changed(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        for piece in pieces:
            line, (y, x, glyphs) = self._line_of(piece), piece
            old = line[x : x + len(glyphs)]
            if old != glyphs:
                line[x : x + len(glyphs)] = glyphs
                yield from (Piece(y, x + start, glyphs[start:end]) for start, end in runs(old, glyphs))


def _adjoining(lines: Set[int]) -> Iterator[range]:
    """The stretches of numbers without a gap."""
    for first in sorted(line for line in lines if line - 1 not in lines):
        yield range(first, next(line for line in count(first) if line not in lines))


class Changes(CompositorUpdate):
    """An update of which only the changes are written, with as few words about place and style as it takes."""

    def __init__(self, canvas: Canvas, update: LayoutUpdate | ChopsUpdate) -> None:
        self._canvas = canvas
        self._update = update

    def render_segments(self, console: Console) -> str:
        colours = COLOR_SYSTEMS[console.color_system or "truecolor"]
        shift, pieces = self._canvas.written(self._update)
        said = [shift.words] if shift else []
        here, style = (-1, -1), PLAIN
        for y, x, glyphs in pieces:
            said.append(_move(here, (y, x)))
            for text, new in glyphs:
                if new is not style and not (text == " " and _is_blank_alike(style, new, colours)):
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
    """The parts of lines that were drawn anew: those of None were not, and beside the spans there may be bare ground
    where a widget stands that was not asked."""
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for y, start, end in update.spans:
        spans[y].append((start, end))
    for y in sorted(spans):
        parts: Mapping[int, Strip | None] = update.chops[y]
        for x, strip in parts.items():
            if strip is not None and any(x < end and start < x + strip.cell_length for start, end in spans[y]):
                yield Piece(y, x, _glyphs(strip))


def _glyphs(strip: Strip) -> list[Glyph]:
    return [glyph for text, style, _ in strip for glyph in _split(text, style or PLAIN)]


@lru_cache(_KEPT)
def _split(text: str, style: Style) -> Sequence[Glyph]:
    """A glyph for each cell; what has no width of its own belongs to the character before it."""
    if text.isascii():
        return list(zip(text, repeat(style)))
    glyphs: list[Glyph] = []
    for character in text:
        width = cell_len(character)
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
def _is_blank_alike(one: Style, other: Style, colours: ColorSystem) -> bool:
    """Whether a space looks the same in both."""
    was, wanted = _codes(one, colours), _codes(other, colours)
    return was.back == wanted.back and was.signs | wanted.signs <= _UNSEEN_ON_BLANK


@lru_cache(_KEPT)
def _change(old: Style, new: Style, colours: ColorSystem) -> str:
    """The shortest way from one style to another: what differs, or everything from the beginning."""
    was, wanted = _codes(old, colours), _codes(new, colours)
    if was == wanted:
        return ""
    anew = ["0" if was != _codes(PLAIN, colours) else "", *sorted(wanted.signs), wanted.front, wanted.back]
    ways = [anew, _difference(was, wanted)] if was.signs - wanted.signs <= _ENDS.keys() else [anew]
    said = min((";".join(filter(None, way)) for way in ways), key=len)
    return f"\x1b[{said if said != '0' else ''}m"


_UNSEEN_ON_BLANK = frozenset({"1", "2", "3"})
"""Bold, dim, italic."""

_ENDS: Mapping[str, str] = {"1": "22", "2": "22", "3": "23", "4": "24", "7": "27", "9": "29"}
"""What takes a sign back; one number takes back bold and dim."""


def _difference(was: "Codes", wanted: "Codes") -> list[str]:
    ends = {_ENDS[sign] for sign in was.signs - wanted.signs}
    begins = {sign for sign in wanted.signs if sign not in was.signs or _ENDS.get(sign) in ends}
    front = (wanted.front or "39") if wanted.front != was.front else ""
    back = (wanted.back or "49") if wanted.back != was.back else ""
    return [*sorted(ends), *sorted(begins), front, back]


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
