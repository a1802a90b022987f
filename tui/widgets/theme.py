"""Themes: palettes as Textual knows them, and the change of colours on the way to the terminal."""

from dataclasses import replace

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import BUILTIN_THEMES, Theme

from smtop.tui.view_models.palette import DARK, PALETTES, Palette


def textual_theme(name: str) -> Theme:
    """What Textual's own widgets and style sheets use of a palette."""
    palette = PALETTES[name]
    if palette.is_native:
        return replace(BUILTIN_THEMES["ansi-dark"], name=_registered(name))
    return Theme(
        _registered(name),
        primary=palette.accent,
        foreground=palette.text,
        background=palette.ground,
        surface=palette.ground,
        panel=palette.cursor,
        dark=palette.dark,
    )


def _registered(name: str) -> str:
    return f"smtop-{name}"


class Tint(LineFilter):
    """Turns the colours of DARK into those of another palette."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        new = palette.colours
        self._in_front = {RichColor.parse(DARK.colours[role]): Style.parse(new[role]) for role in _IN_FRONT}
        self._behind = {RichColor.parse(DARK.colours[role]): _behind(new[role]) for role in _BEHIND}
        self._known: dict[Style, Style] = {}

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            Segment(text, None if style is None else self._tinted(style), control) for text, style, control in segments
        ]

    def _tinted(self, style: Style) -> Style:
        known = self._known.get(style)
        if known is None:
            front = self._in_front.get(style.color) if style.color else None
            behind = self._behind.get(style.bgcolor) if style.bgcolor else None
            known = self._known[style] = style + (front or _AS_IT_IS) + (behind or _AS_IT_IS)
        return known


_AS_IT_IS = Style()
_IN_FRONT = ("dim", "accent", "critical", "warning", "on_warning", "changing", "unknown")
_BEHIND = ("cursor", "warning")


def _behind(colour: str) -> Style:
    """The ground; a terminal without grounds of its own turns front and back round."""
    return Style(bgcolor="default", reverse=True) if colour == "reverse" else Style(bgcolor=colour)


def tint(name: str) -> Tint | None:
    """What a theme makes of the colours that widgets draw with; None for the one that they are drawn with."""
    palette = PALETTES[name]
    return None if palette is DARK else Tint(palette)
