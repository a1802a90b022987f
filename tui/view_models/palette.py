"""The colours of the screen: one palette for each theme, by what they mean.

Widgets draw in the colours of DARK; for another theme each of them is replaced on its way to the terminal.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Palette(NamedTuple):
    """Colours as `#rrggbb`, or, for a terminal that has its own, as Rich writes styles.

    `ground` lies under everything, `cursor` under the row that is pointed at, `warning` under `on_warning` in the
    banner. The others are colours of text on `ground` or `cursor`.
    """

    ground: str
    cursor: str
    text: str
    dim: str
    accent: str
    critical: str
    warning: str
    on_warning: str
    changing: str
    unknown: str
    dark: bool = True

    @property
    def is_native(self) -> bool:
        """Whether the terminal's own colours are meant, whatever they are."""
        return not self.ground

    @property
    def colours(self) -> Mapping[str, str]:
        """The colours by what they mean."""
        return {name: value for name, value in self._asdict().items() if name != "dark"}


DARK = Palette(
    ground="#16181d",
    cursor="#303030",
    text="#c8ccd4",
    dim="#a3a8b1",
    accent="#87afff",
    critical="#ff8787",
    warning="#e0af68",
    on_warning="#1a1b26",
    changing="#4fd6be",
    unknown="#c3a6ff",
)
LIGHT = Palette(
    ground="#fbfbfa",
    cursor="#ebebeb",
    text="#24292f",
    dim="#565c66",
    accent="#1f4fbf",
    critical="#af0000",
    warning="#7a4b00",
    on_warning="#ffffff",
    changing="#0b6057",
    unknown="#6b2fb3",
    dark=False,
)
DARK_SAFE = Palette(
    ground="#16181d",
    cursor="#303030",
    text="#c8ccd4",
    dim="#a3a8b1",
    accent="#9db8d9",
    critical="#ff8a3d",
    warning="#f7ec6e",
    on_warning="#1a1b26",
    changing="#56b4ff",
    unknown="#e08fd8",
)
LIGHT_SAFE = Palette(
    ground="#fbfbfa",
    cursor="#ebebeb",
    text="#1c1c1c",
    dim="#565c66",
    accent="#3d4f6b",
    critical="#6e0a1e",
    warning="#806600",
    on_warning="#ffffff",
    changing="#0050c8",
    unknown="#9b2f8a",
    dark=False,
)
TERMINAL = Palette(
    ground="",
    cursor="reverse",
    text="default",
    dim="dim default",
    accent="cyan",
    critical="red",
    warning="yellow",
    on_warning="black",
    changing="green",
    unknown="magenta",
)

PALETTES: Mapping[str, Palette] = {
    "dark": DARK,
    "light": LIGHT,
    "dark-safe": DARK_SAFE,
    "light-safe": LIGHT_SAFE,
    "terminal": TERMINAL,
}
"""By the name of the theme. `safe` ones can be told apart by the colour-blind; `terminal` has the terminal's own."""

AUTO = "auto"
_LIGHT_GROUNDS = ("7", "15")


def chosen(wanted: str, *, colours: int, environment: Mapping[str, str]) -> str:
    """The name of the theme for a terminal with so many colours. Sixteen are the terminal's own, whatever is wanted.

    `auto` is light where the terminal says that it is (COLORFGBG), and dark elsewhere.
    """
    if colours <= 16:
        return "terminal"
    if wanted != AUTO:
        return wanted
    ground = environment.get("COLORFGBG", "").rpartition(";")[2]
    return "light" if ground in _LIGHT_GROUNDS else "dark"
