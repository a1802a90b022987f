"""What a screen takes over from the app."""

from dataclasses import dataclass
from datetime import tzinfo

from smtop.metrics.clock import Clock
from smtop.tui.view_models.cells import Paint
from smtop.tui.view_models.fmt import Glyphs


@dataclass(frozen=True)
class Surroundings:
    """Time, signs, the place before it is known, and the zone of time axes, where None is the machine's own."""

    clock: Clock
    glyphs: Glyphs
    place: str = ""
    zone: tzinfo | None = None

    @property
    def paint(self) -> Paint:
        """What drawing depends on, as of now."""
        return Paint(self.clock.wall(), self.glyphs)
