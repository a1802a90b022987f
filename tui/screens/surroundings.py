"""What a screen takes over from the app."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import NamedTuple

from smtop.metrics.clock import Clock
from smtop.tui.keymap import ACTIONS, Action
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.fmt import Glyphs


class Surroundings(NamedTuple):
    """Time, signs, the place before it is known, the zone of time axes (None: the machine's), and the keys."""

    clock: Clock
    glyphs: Glyphs
    place: str = ""
    zone: tzinfo | None = None
    actions: Sequence[Action] = ACTIONS

    @property
    def paint(self) -> Paint:
        """What drawing depends on, as of now."""
        return Paint(self.clock.wall(), self.glyphs)
