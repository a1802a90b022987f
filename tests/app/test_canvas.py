"""What reaches the terminal, byte by byte: as little as it takes, and nothing less."""

import random
from collections.abc import Mapping, Sequence
from typing import Literal

import pytest
from rich.console import COLOR_SYSTEMS, Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from smtop.tui.widgets.canvas import Canvas, Changes
from tests.support.terminal_screen import Look, TerminalScreen

WIDTH, HEIGHT, CUT = 24, 4, 9
STYLES = (
    Style(),
    Style(color="#ff0000", bgcolor="#101010"),
    Style(color="#ff0000", bgcolor="#202020", bold=True),
    Style(color="#00ff00", bgcolor="#101010"),
    Style(reverse=True),
    Style(bold=True, reverse=True, bgcolor="#101010"),
    Style(dim=True, color="#ff0000"),
    Style(bold=True, dim=True, italic=True),
    Style(underline=True, strike=True, bgcolor="#202020"),
)
ACCENT = "\u0301"
TEXTS = ("a", "bc", "    ", "12.5", "漢", "é", f"e{ACCENT}x", "▇█·")
RESET = "\x1b[0m"
COLOURS = Console(color_system="truecolor", force_terminal=True)


def strip(rng: random.Random, width: int) -> Strip:
    """So many cells of anything."""
    segments = [Segment(rng.choice(TEXTS), rng.choice(STYLES)) for _ in range(width)]
    return Strip(segments).crop(0, width)


def edited(rng: random.Random, old: Strip) -> Strip:
    """Another strip of the same width, which differs in a few places."""
    width = old.cell_length
    at = rng.randrange(width)
    new = strip(rng, rng.randrange(1, width - at + 1))
    return Strip.join([old.crop(0, at), new, old.crop(at + new.cell_length, width)])


def full(lines: Sequence[Sequence[Strip]]) -> LayoutUpdate:
    """Every line, each in parts."""
    return LayoutUpdate(list(lines), Region(0, 0, WIDTH, len(lines)))


def part(y: int, x: int, strip: Strip) -> ChopsUpdate:
    """A part of one line, drawn anew."""
    chops: list[dict[int, Strip | None]] = [{x: strip if line == y else None} for line in range(HEIGHT)]
    end = x + strip.cell_length
    return ChopsUpdate(chops, [(y, x, end)], [[end]] * HEIGHT)


def below_each_other(strips: Mapping[int, Strip], x: int = 0) -> ChopsUpdate:
    """Lines from the same column on, drawn anew."""
    lines = max(strips) + 1
    chops: list[dict[int, Strip | None]] = [{x: strips.get(y)} for y in range(lines)]
    return ChopsUpdate(chops, [(y, x, WIDTH) for y in strips], [[WIDTH]] * lines)


def written(canvas: Canvas, update: LayoutUpdate | ChopsUpdate) -> bytes:
    changes = canvas.only_changes(update)
    assert isinstance(changes, Changes)
    return changes.render_segments(COLOURS).encode()


def as_rich_says_it(lines: Sequence[Sequence[Strip]]) -> bytes:
    """Every line, each segment in its style and out of it again; no accent that lost its letter."""
    said = []
    for y, strips in enumerate(lines):
        parts = ((text.lstrip(ACCENT), style or Style()) for strip in strips for text, style, _ in strip)
        said.append(f"\x1b[{y + 1};1H" + "".join(style.render(text) for text, style in parts))
    return "".join(said).encode()


@pytest.mark.parametrize("seed", range(20))
def test_a_terminal_that_gets_only_changes_shows_what_one_shows_that_gets_everything(seed: int) -> None:
    rng = random.Random(seed)
    lines = [[strip(rng, CUT), strip(rng, WIDTH - CUT)] for _ in range(HEIGHT)]
    canvas, thrifty = Canvas(), TerminalScreen(WIDTH, HEIGHT)
    thrifty.feed(written(canvas, full(lines)))
    for _ in range(10):
        y, side = rng.randrange(HEIGHT), rng.randrange(2)
        lines[y][side] = edited(rng, lines[y][side])
        thrifty.feed(written(canvas, part(y, side * CUT, lines[y][side])))
    lavish = TerminalScreen(WIDTH, HEIGHT)
    lavish.feed(as_rich_says_it(lines))
    assert thrifty.cells == lavish.cells
    assert Look("#") not in [look for line in lavish.cells for look in line]


@pytest.mark.parametrize("up", [-4, -3, -1, 1, 2, 4])
@pytest.mark.parametrize("seed", range(3))
def test_lines_that_have_moved_together_are_moved_by_the_terminal(seed: int, up: int) -> None:
    """Between a line above and one below that stay; a line that is marked loses its mark on the way."""
    rng = random.Random(seed)
    texts = [strip(rng, WIDTH) for _ in range(24)]
    first, count = 8, 10
    marked = 4
    canvas, thrifty = Canvas(), TerminalScreen(WIDTH, count + 2)
    before = [texts[0], *texts[first : first + count], texts[-1]]
    before[marked] = before[marked].apply_style(Style(reverse=True))
    thrifty.feed(written(canvas, full([[line] for line in before])))
    shown = texts[first + up : first + up + count]
    said = written(canvas, below_each_other(dict(enumerate(shown, 1))))
    thrifty.feed(said)
    lavish = TerminalScreen(WIDTH, count + 2)
    lavish.feed(as_rich_says_it([[line] for line in [texts[0], *shown, texts[-1]]]))
    assert thrifty.cells == lavish.cells
    came_in = [place for place in range(count) if not 0 <= place + up < count]
    afresh = written(Canvas(), below_each_other({y: line for y, line in enumerate(shown) if y in came_in}))
    assert len(said) < len(afresh) + 10 * WIDTH


def test_what_is_not_known_is_never_moved() -> None:
    """Something else may stand beside the lines."""
    rng = random.Random(0)
    texts = [strip(rng, WIDTH - 2) for _ in range(9)]
    canvas, screen = Canvas(), TerminalScreen(WIDTH, 8)
    screen.feed("".join(f"\x1b[{y + 1};1H{y}." for y in range(8)).encode())
    for first in range(2):
        screen.feed(written(canvas, below_each_other(dict(enumerate(texts[first : first + 8])), x=2)))
    assert screen.lines == [f"{y}.{text.text}" for y, text in enumerate(texts[1:])]


def test_what_is_there_already_is_not_written_again() -> None:
    canvas = Canvas()
    line = Strip([Segment("endpoint   12.5", STYLES[1])])
    written(canvas, full([[line]]))
    assert written(canvas, part(0, 0, line)) == b""
    changed = Strip([Segment("endpoint   13.5", STYLES[1])])
    assert written(canvas, part(0, 0, changed)) == b"\x1b[1;13H\x1b[38;2;255;0;0;48;2;16;16;16m3\x1b[m"


def test_bare_ground_beside_what_was_drawn_anew_is_not_written_over_a_widget() -> None:
    """Textual draws the ground of the whole line, and of the widgets on it only those that were asked."""
    canvas = Canvas()
    written(canvas, full([[Strip([Segment("chart    ")]), Strip([Segment("old text")])]]))
    chops: list[dict[int, Strip | None]] = [{0: Strip([Segment(" " * CUT)]), CUT: Strip([Segment("new text")])}]
    told = written(canvas, ChopsUpdate(chops, [(0, CUT, CUT + 8)], [[CUT, CUT + 8]]))
    assert b"new" in told
    assert b" " * 3 not in told


def test_a_whole_picture_is_written_whole_because_something_else_may_stand_there() -> None:
    canvas = Canvas()
    line = Strip([Segment("abc", STYLES[0])])
    assert written(canvas, full([[line]])) == written(canvas, full([[line]])) == b"\x1b[1;1Habc"


def test_an_update_that_textual_drops_does_not_count_as_written() -> None:
    canvas = Canvas()
    written(canvas, full([[Strip([Segment("abc")])]]))
    new = part(0, 0, Strip([Segment("abd")]))
    canvas.only_changes(new)
    assert written(canvas, new) == b"\x1b[1;3Hd"


@pytest.mark.parametrize("system", ["standard", "256", "truecolor", None])
def test_every_number_of_colours_has_its_own_words(system: Literal["standard", "256", "truecolor"] | None) -> None:
    canvas = Canvas()
    console = Console(color_system=system, force_terminal=True, legacy_windows=False)
    changes = canvas.only_changes(full([[Strip([Segment("a", STYLES[1])])]]))
    assert isinstance(changes, Changes)
    seen = changes.render_segments(console)
    style = Style(color="#ff0000", bgcolor="#101010")
    expected = style.render("a", color_system=COLOR_SYSTEMS[system or "truecolor"])
    assert seen == f"\x1b[1;1H{expected.removesuffix(RESET)}\x1b[m"
