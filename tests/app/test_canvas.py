"""What reaches the terminal, byte by byte: as little as it takes, and nothing less."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import pytest
from rich.console import COLOR_SYSTEMS, Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from benchmarks.terminal import terminal
from smtop.tui.widgets.canvas import Canvas, Changes
from tests.support.terminal_screen import Look, TerminalScreen

MOST_BYTES_A_MINUTE = 24_000
LEAST_CELLS = 30
WIDTH, HEIGHT, CUT = 24, 4, 9
STYLES = (
    Style(),
    Style(color="#ff0000", bgcolor="#101010"),
    Style(color="#ff0000", bgcolor="#202020", bold=True),
    Style(color="#00ff00", bgcolor="#101010"),
    Style(reverse=True),
    Style(bold=True, reverse=True, bgcolor="#101010"),
)
TEXTS = ("a", "bc", "    ", "12.5", "漢", "é", "e\u0301x", "▇█·")
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


def written(canvas: Canvas, update: LayoutUpdate | ChopsUpdate) -> bytes:
    changes = canvas.only_changes(update)
    assert isinstance(changes, Changes)
    return changes.render_segments(COLOURS).encode()


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
    lavish.feed(written(Canvas(), full(lines)))
    assert thrifty.cells == lavish.cells
    assert Look("#") not in [look for line in lavish.cells for look in line]


def test_what_is_there_already_is_not_written_again() -> None:
    canvas = Canvas()
    line = Strip([Segment("endpoint   12.5", STYLES[1])])
    written(canvas, full([[line]]))
    assert written(canvas, part(0, 0, line)) == b""
    changed = Strip([Segment("endpoint   13.5", STYLES[1])])
    assert written(canvas, part(0, 0, changed)) == b"\x1b[1;13H\x1b[38;2;255;0;0;48;2;16;16;16m3\x1b[m"


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


@pytest.fixture(scope="module")
def minute() -> Iterator[tuple[bytes, bytes, Mapping[str, object]]]:
    """The first picture, what a minute of forty endpoints writes, and what is there at its end."""
    with terminal(["-m", "benchmarks.screen", "smtop", "40"]) as screen:
        first, then = screen.until_mark("shown"), screen.until_mark("minute")
        screen.until(b"\x1b]7777;used:")
        yield first, then, json.loads(screen.until(b"\x07"))


def test_a_minute_of_news_fits_through_a_narrow_line(minute: tuple[bytes, bytes, Mapping[str, object]]) -> None:
    _, then, seen = minute
    assert int(str(seen["cells"])) >= LEAST_CELLS
    assert 0 < len(then) <= MOST_BYTES_A_MINUTE


def test_after_a_minute_the_terminal_shows_what_the_screen_means(
    minute: tuple[bytes, bytes, Mapping[str, object]],
) -> None:
    first, then, seen = minute
    shown = TerminalScreen(120, 40)
    shown.feed(first + then)
    assert shown.lines == seen["lines"]
