"""Every theme can be read, by the colour-blind too, and nothing is said by colour alone."""

from itertools import combinations, product

import pytest
from rich.color import Color, ColorSystem

from smtop.metrics.domain.finding import Severity
from smtop.tui.view_models.cells import MARKS
from smtop.tui.view_models.palette import PALETTES, Palette, chosen

TEXTS = ("text", "dim", "accent", "critical", "warning", "changing", "unknown")
READABLE = 4.5
"""WCAG 2.2, level AA, for text."""

APART = 18.0
"""CIE76; somebody who looks at two colours side by side notices about 2.3."""

PAINTED = {name: palette for name, palette in PALETTES.items() if not palette.is_native}
BLINDNESS = {  # Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
Linear = tuple[float, ...]


def linear(colour: str, system: ColorSystem = ColorSystem.TRUECOLOR) -> Linear:
    """Linear RGB of what a terminal with these colours shows."""
    shown = Color.parse(colour).downgrade(system).get_truecolor()
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in shown))


def contrast(one: Linear, other: Linear) -> float:
    lightness = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (one, other))
    return (lightness[1] + 0.05) / (lightness[0] + 0.05)


def lab(colour: Linear) -> Linear:
    r, g, b = colour
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def seen(colour: str, blindness: str) -> Linear:
    """The colour in CIELAB as somebody with this blindness sees it."""
    light = linear(colour)
    rows = BLINDNESS[blindness]
    return lab(tuple(min(max(sum(a * c for a, c in zip(row, light, strict=True)), 0.0), 1.0) for row in rows))


@pytest.mark.parametrize("system", [ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT])
@pytest.mark.parametrize("palette", PAINTED.values(), ids=PAINTED)
def test_every_text_is_readable_on_every_ground(palette: Palette, system: ColorSystem) -> None:
    for text, ground in product(TEXTS, ("ground", "cursor")):
        found = contrast(linear(palette.colours[text], system), linear(palette.colours[ground], system))
        assert found >= READABLE, f"{text} on {ground}: {found:.2f}"
    assert contrast(linear(palette.on_warning, system), linear(palette.warning, system)) >= READABLE


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("name", ["dark-safe", "light-safe"])
def test_the_safe_themes_can_be_told_apart_by_the_colour_blind(name: str, blindness: str) -> None:
    for one, other in combinations(("critical", "warning", "changing"), 2):
        pair = [seen(PALETTES[name].colours[role], blindness) for role in (one, other)]
        distance = sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) ** 0.5
        assert distance >= APART, f"{one} and {other}: {distance:.0f}"


def test_the_measure_would_notice_colours_that_cannot_be_told_apart() -> None:
    pair = [seen(colour, "deuteranopia") for colour in ("#b4151c", "#7a4b00")]
    assert sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) ** 0.5 < APART


@pytest.mark.parametrize("palette", PAINTED.values(), ids=PAINTED)
def test_each_meaning_has_a_colour_of_its_own(palette: Palette) -> None:
    colours = list(palette.colours.values())
    assert len(set(colours)) == len(colours)


def test_every_severity_has_a_sign_of_its_own() -> None:
    assert set(MARKS) == set(Severity)
    assert len(set(MARKS.values())) == len(Severity)


@pytest.mark.parametrize(
    ("wanted", "colours", "environment", "name"),
    [
        ("auto", 1 << 24, {}, "dark"),
        ("auto", 256, {"COLORFGBG": "0;15"}, "light"),
        ("auto", 256, {"COLORFGBG": "15;default;0"}, "dark"),
        ("light-safe", 256, {}, "light-safe"),
        ("dark", 16, {}, "terminal"),
        ("auto", 16, {"COLORFGBG": "0;15"}, "terminal"),
    ],
)
def test_the_theme_suits_the_terminal(wanted: str, colours: int, environment: dict[str, str], name: str) -> None:
    assert chosen(wanted, colours=colours, environment=environment) == name
