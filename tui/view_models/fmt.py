"""Numbers, ages and foreign text as they are shown, in block characters or in pure ASCII."""

import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from math import ceil
from typing import NamedTuple, TypeAlias

from smtop.metrics.domain.series import Point, Points


class Glyphs(NamedTuple):
    """The signs that differ between a terminal with block characters and one with ASCII alone.

    `bar` runs from an empty cell to a full one, `spark` from the lowest level to the highest.
    """

    ascii_only: bool
    ellipsis: str
    bar: str
    spark: str
    rule: str
    arrow: str


BLOCKS = Glyphs(False, "…", "·▏▎▍▌▋▊▉█", "▁▂▃▄▅▆▇█", "─", "→")
ASCII = Glyphs(True, "~", ".#", "_.-=#", "-", "=>")

_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Mn", "Me", "Mc"})
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
"""Letters by which some terminals turn round the whole line, the columns beside them included."""
_DISPUTED_WIDTH = (
    range(0x1160, 0x1200),  # parts of Hangul syllables
    range(0x2630, 0x2638),
    range(0x268A, 0x2690),
    range(0x3164, 0x3165),
    range(0x4DC0, 0x4E00),
    range(0xD7B0, 0xD800),
    range(0xFFA0, 0xFFA1),
    range(0x1D300, 0x1D380),
    range(0x1F1E6, 0x1F200),  # halves of flags
    range(0x1F3FB, 0x1F400),  # colours of skin
)
"""Characters that some terminals draw in no cell, some in one and some in two."""


@lru_cache(maxsize=8192)
def plain(text: str, *, ascii_only: bool = False) -> str:
    """Text that is not ours, safe to print.

    What is invisible, reorders the line, or has not the same width on every terminal is shown as its escape.
    """
    composed = unicodedata.normalize("NFC", text)
    return "".join(_visible(character, ascii_only) for character in composed)


def _visible(character: str, ascii_only: bool) -> str:
    if " " <= character <= "~":
        return character
    if ascii_only or _is_treacherous(character):
        return character.encode("unicode_escape").decode("ascii")
    return " " if unicodedata.category(character) == "Zs" else character


def _is_treacherous(character: str) -> bool:
    return (
        unicodedata.category(character) in _INVISIBLE
        or unicodedata.bidirectional(character) in _RIGHT_TO_LEFT
        or any(ord(character) in disputed for disputed in _DISPUTED_WIDTH)
    )


def cells(text: str) -> int:
    """How many terminal cells a text without invisible characters takes."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def pad(text: str, width: int, *, right: bool = False) -> str:
    """The text in exactly `width` cells, cut at its end where it is longer."""
    text = _head(text, width)
    blank = " " * (width - cells(text))
    return blank + text if right else text + blank


def cut(text: str, width: int, glyphs: Glyphs) -> str:
    """At most `width` cells; a longer text loses its end."""
    return text if cells(text) <= width else _head(text, width - 1) + glyphs.ellipsis[: max(width, 0)]


def cut_middle(text: str, width: int, glyphs: Glyphs) -> str:
    """At most `width` cells; a longer text loses its middle, so that both ends stay readable."""
    if cells(text) <= width:
        return text
    tail = (width - 1) * 3 // 5
    return _head(text, width - 1 - tail) + glyphs.ellipsis + _head(text[::-1], tail)[::-1]


def _head(text: str, width: int) -> str:
    if cells(text) <= width:
        return text
    taken = 0
    for index, character in enumerate(text):
        taken += cells(character)
        if taken > width:
            return text[:index]
    return text


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` cells, broken between words, inside a word only if it is longer."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if cells(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        while cells(word) > width > 1:
            lines.append(_head(word, width))
            word = word[len(lines[-1]) :]  # noqa: PLW2901 - the rest of the word
        line = word
    return [*lines, line] if line else lines


def folded(text: str, width: int) -> list[str]:
    """The text as it is, in lines of at most `width` cells, broken wherever one is full."""
    lines = []
    while cells(text) > width > 1:
        lines.append(_head(text, width))
        text = text[len(lines[-1]) :]
    return [*lines, text]


Number: TypeAlias = Callable[[float], Sequence[str]]
"""The ways to write a value, the most precise first."""


def count(value: float) -> Sequence[str]:
    """A number of things, or a rate: `0.4`, `880`, `1.9k`, `41.2k`."""
    if 0 < value < 0.05:
        return ("<0.1",)
    if value < 9.95 and value != round(value):
        return (f"{value:.1f}", f"{value:.0f}")
    return (f"{value:.0f}",) if round(value) < 1000 else _scaled(value)


def milliseconds(value: float) -> Sequence[str]:
    """A latency: `4.2`, `95`, `2,410`, `12.3k`."""
    if round(value) < 1000:
        return count(value)
    return (f"{value:,.0f}", *_scaled(value)) if round(value) < 10_000 else _scaled(value)


def percent(ratio: float) -> Sequence[str]:
    """A small share: `0.0` is none at all, and what would be rounded to it is `<0.1`."""
    value = ratio * 100
    if 0 < value < 0.05:
        return ("<0.1", "<1")
    return (f"{value:.0f}",) if value >= 99.95 else (f"{value:.1f}", f"{value:.0f}")


def _scaled(value: float) -> Sequence[str]:
    scale, letter = next((scale, letter) for scale, letter in _SCALES if value >= scale * 0.9995)
    return (f"{value / scale:.1f}{letter}", f"{value / scale:.0f}{letter}")


_SCALES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def fit(ways: Sequence[str], width: int) -> str | None:
    """The most precise way that fits into `width` cells."""
    return next((way for way in ways if len(way) <= width), None)


def age(seconds: float) -> str:
    """How long ago: `40s` in steps of ten, then `7m`, `3h`, `2d`."""
    seconds = max(seconds, 0)
    if seconds < 60:
        return f"{seconds // 10 * 10:.0f}s"
    unit, letter = next((unit, letter) for unit, letter in _AGES if seconds >= unit)
    return f"{seconds // unit:.0f}{letter}"


_AGES = ((86_400, "d"), (3_600, "h"), (60, "m"))


def moment(at: float, now: float) -> str:
    """A moment in UTC: `14:02Z`, or with its day when that is more than a day away."""
    when = datetime.fromtimestamp(at, UTC)
    return f"{when:%H:%MZ}" if abs(now - at) < 86_400 else f"{when:%Y-%m-%d %H:%MZ}"


def usd(amount: float) -> str:
    """Money, with the digits that a small amount needs."""
    return f"${amount:.4f}" if amount < 1 else f"${amount:,.2f}"


def region(name: str, cells: int) -> str:
    """`us-east-1`, or `use1` as AWS shortens it in the ids of its zones where there is less room."""
    first, *way, number = name.split("-") if name.count("-") > 1 else (name, "")
    if len(name) <= cells or not way:
        return name
    return f"{first}{''.join(_way(word) for word in way)}{number}"


def _way(word: str) -> str:
    """`se` of southeast, `c` of central, `g` of gov."""
    return word[0] + "".join(side[0] for side in ("east", "west") if word.endswith(side) and word != side)


def account(number: str, *, short: bool) -> str:
    """An account's twelve digits, or their two ends."""
    return f"{number[:4]}..{number[-4:]}" if short and len(number) > 10 else number


def bar(ratio: float, width: int, glyphs: Glyphs) -> str:
    """A gauge of `width` cells. It is full from 1.0 on and never earlier; it is empty at 0 only."""
    steps = len(glyphs.bar) - 1
    most = width * steps
    filled = round(ratio * most)
    if ratio < 1:
        filled = min(filled, most - 1)
    if ratio > 0:
        filled = max(filled, 1)
    whole, rest = divmod(min(max(filled, 0), most), steps)
    partial = glyphs.bar[rest] if rest else ""
    return (glyphs.bar[-1] * whole + partial).ljust(width, glyphs.bar[0])


TREND_S = 3600


def spark_end(now: float, width: int) -> int:
    """The number of the newest cell, counted from the epoch.

    Cells begin at whole multiples of their length, so that the picture moves by a cell and never shimmers.
    """
    return int(now * width // TREND_S)


def spark(points: Points, width: int, last: int, glyphs: Glyphs) -> str:
    """An hour in `width` cells up to the cell `last` of `spark_end`, scaled to its own maximum; a gap stays blank."""
    cell_s = TREND_S / width
    buckets: list[list[float]] = [[] for _ in range(width)]
    for point in points:
        index = _bucket(point, cell_s, last, width)
        if index is not None:
            buckets[index].append(point.value)
    means = [sum(values) / len(values) if values else None for values in buckets]
    top = max((mean for mean in means if mean is not None), default=0.0)
    return "".join(" " if mean is None else _level(mean, top, glyphs.spark) for mean in means)


def _bucket(point: Point, cell_s: float, last: int, width: int) -> int | None:
    index = width - 1 - (last - int(point.at // cell_s))
    return index if 0 <= index < width else None


def _level(value: float, top: float, levels: str) -> str:
    if top <= 0 or value <= 0:
        return levels[0]
    return levels[ceil(value / top * (len(levels) - 1))]
